"""Near-duplicates: prompts that say the same share a group, and with it their side of the split.

Two prompts say the same if the cosine of their vectors reaches the threshold, and so do all prompts that such pairs
link. If they are in two languages, the translation of the one is compared with the other too, and the higher cosine
counts. If the translation of the one has the words of the other, the cosine is 1, without a model too. Translations
are never compared with each other. A group has the key of one of its prompts as its name
(``workspace.model.prompts``), so that this prompt needs no other group. A group never changes:

- a prompt that was loaded before keeps the group that it has: the one in its metadata, else its own key
- a new prompt takes the group of the prompt that it is most similar to, among those that have one already; where a
  set of linked prompts is all new, the one with the first id begins
- a new prompt that links two sets of loaded ones joins the more similar; both stay as they are, and it is reported
- prompts with the same words (``prompt_key``) are one prompt, whatever their vectors
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from loaders.check.embeddings import Matrix
from workspace.model.prompts import prompt_key

THRESHOLD = 0.9
_BLOCK = 1024  # prompts compared with all others at a time


@dataclass(frozen=True)
class Prompt:
    """A prompt among others; ``group`` is what it already has (None: none yet), ``is_loaded`` that it stays so.

    ``translation`` is "" where it has none, or is in the language of the translations itself.
    """

    id: str
    text: str
    language: str
    group: str | None = None
    is_loaded: bool = False
    translation: str = ""

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


def find_duplicates(
    prompts: Iterable[Prompt], encode: Callable[[Sequence[str]], Matrix] | None, threshold: float = THRESHOLD
) -> Duplicates:
    """Find the prompts that say the same and settle their groups.

    Args:
        prompts: all prompts, loaded and new, each id once.
        encode: makes the vectors of texts, of length 1; None where there is no model.
        threshold: the least cosine.
    """
    ordered = sorted(prompts, key=lambda prompt: prompt.id)
    cosines: dict[tuple[int, int], float] = {}
    for one, other, cosine in (*_same_words(ordered), *(_similar(ordered, encode, threshold) if encode else ())):
        pair = min(one, other), max(one, other)
        cosines[pair] = max(cosine, cosines.get(pair, cosine))
    pairs = tuple(Similar(ordered[one], ordered[other], cosines[one, other]) for one, other in sorted(cosines))
    return Duplicates(pairs, tuple(sorted(_groups(ordered, pairs).items())))


def _same_words(prompts: Sequence[Prompt]) -> Iterator[tuple[int, int, float]]:
    """The pairs of which the one has the words of the other's translation, by their places."""
    with_words: dict[str, list[int]] = {}
    for place, prompt in enumerate(prompts):
        with_words.setdefault(prompt_key(prompt.text), []).append(place)
    for place, prompt in enumerate(prompts):
        for other in with_words.get(prompt_key(prompt.translation), ()) if prompt.translation.strip() else ():
            if other != place:
                yield place, other, 1.0


def _similar(
    prompts: Sequence[Prompt], encode: Callable[[Sequence[str]], Matrix], threshold: float
) -> Iterator[tuple[int, int, float]]:
    """The pairs whose cosine reaches the threshold, by their places, with the cosine."""
    if not prompts:
        return
    rows = encode([prompt.text for prompt in prompts])
    yield from _reaching(rows, rows, threshold)
    languages = [prompt.language for prompt in prompts]
    translated = [place for place, prompt in enumerate(prompts) if prompt.translation.strip()]
    if not translated or len(set(languages)) < 2:
        return
    translations = encode([prompts[place].translation for place in translated])
    for row, other, cosine in _reaching(translations, rows, threshold):
        if languages[one := translated[row]] != languages[other]:
            yield one, other, cosine


def _reaching(matrix: Matrix, rows: Matrix, threshold: float) -> Iterator[tuple[int, int, float]]:
    """The places of a row of ``matrix`` and of one of ``rows`` whose cosine reaches the threshold, and the cosine.

    Where the two are one matrix, each pair of its rows comes once.
    """
    once = matrix is rows
    for start in range(0, len(matrix), _BLOCK):
        first = start if once else 0
        cosines = matrix[start : start + _BLOCK] @ rows[first:].T
        reaching = cosines >= threshold
        for one, other in np.argwhere(np.triu(reaching, 1) if once else reaching):
            yield start + int(one), first + int(other), round(float(cosines[one, other]), 3)


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
