"""Near-duplicates: prompts that say the same share a group, and with it their side of the split.

Two prompts in one language say the same if the cosine of their vectors reaches the threshold, and so do all prompts
that such pairs link. A group has the key of one of its prompts as its name (``workspace.model.prompts``), so that
this prompt needs no other group. A group never changes:

- a prompt that was loaded before keeps the group that it has: the one in its metadata, else its own key
- a new prompt takes the group of the prompt that it is most similar to, among those that have one already; where a
  set of linked prompts is all new, the one with the first id begins
- a new prompt that links two sets of loaded ones joins the more similar; both stay as they are, and it is reported
- prompts with the same words (``prompt_key``) are one prompt, whatever their vectors
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from loaders.check.embeddings import Matrix
from workspace.model.prompts import prompt_key

THRESHOLD = 0.9
_BLOCK = 1024  # prompts compared with all others at a time


@dataclass(frozen=True)
class Prompt:
    """A prompt among others; ``group`` is what it already has (None: none yet), ``is_loaded`` that it stays so."""

    id: str
    text: str
    language: str
    group: str | None = None
    is_loaded: bool = False

    @property
    def own_group(self) -> str:
        """The group by which it is split if nothing else is said."""
        return self.group or prompt_key(self.text)


@dataclass(frozen=True)
class Similar:
    """Two prompts that say the same, and how similar they are; ``first`` has the smaller id."""

    first: Prompt
    second: Prompt
    cosine: float


@dataclass(frozen=True)
class Duplicates:
    """The pairs found, sorted by id; the group of each new prompt that has one by similarity."""

    pairs: tuple[Similar, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()


def find_duplicates(prompts: Sequence[Prompt], rows: Matrix, threshold: float = THRESHOLD) -> Duplicates:
    """Find the prompts that say the same and settle their groups.

    Args:
        prompts: all prompts, loaded and new, each id once.
        rows: their vectors, of length 1, in the same order.
        threshold: the least cosine.
    """
    order = sorted(range(len(prompts)), key=lambda index: prompts[index].id)
    ordered = [prompts[index] for index in order]
    pairs = tuple(sorted(_pairs(ordered, rows[order], threshold), key=lambda p: (p.first.id, p.second.id)))
    return Duplicates(pairs, tuple(sorted(_groups(ordered, pairs).items())))


def _pairs(prompts: Sequence[Prompt], rows: Matrix, threshold: float) -> Iterator[Similar]:
    for language in sorted({prompt.language for prompt in prompts}):
        places = [index for index, prompt in enumerate(prompts) if prompt.language == language]
        matrix = rows[places]
        for start in range(0, len(places), _BLOCK):
            cosines = matrix[start : start + _BLOCK] @ matrix[start:].T
            for one, other in np.argwhere(np.triu(cosines >= threshold, 1)):
                first, second = prompts[places[start + one]], prompts[places[start + other]]
                yield Similar(first, second, round(float(cosines[one, other]), 3))


def _groups(prompts: Sequence[Prompt], pairs: Iterable[Similar]) -> dict[str, str]:
    """The groups of the new prompts that are linked, settled from the most similar pair down.

    Prompts with the same words are one: it is called by the first id among them.
    """
    first_of: dict[str, str] = {}
    one_of = {prompt.id: first_of.setdefault(prompt_key(prompt.text), prompt.id) for prompt in prompts}
    own = {one_of[prompt.id]: prompt_key(prompt.text) for prompt in prompts}
    links: dict[str, list[tuple[float, str]]] = {}
    for pair in pairs:
        first, second = one_of[pair.first.id], one_of[pair.second.id]
        if first != second:
            links.setdefault(first, []).append((pair.cosine, second))
            links.setdefault(second, []).append((pair.cosine, first))
    settled: dict[str, str] = {}
    for prompt in sorted(prompts, key=lambda prompt: not prompt.is_loaded):
        if prompt.is_loaded or prompt.group:
            settled.setdefault(one_of[prompt.id], prompt.own_group)
    given: dict[str, str] = {}
    reached = [(-cosine, other, name) for name in settled for cosine, other in links.get(name, ())]
    heapify(reached)
    for first in sorted(links):  # where nothing settled is linked, the first id begins
        if first not in settled:
            heappush(reached, (0.0, first, first))  # after all that is similar to something settled
        while reached:
            _, name, nearest = heappop(reached)
            if name not in settled:
                settled[name] = given[name] = settled.get(nearest, own[name])
                for cosine, other in links[name]:
                    heappush(reached, (-cosine, other, name))
    return {prompt.id: given[one] for prompt in prompts if (one := one_of[prompt.id]) in given}
