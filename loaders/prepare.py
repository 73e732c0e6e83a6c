"""Prepare a source for ``load``: its near-duplicates, then each translated record with its flags and adequacy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from loaders.duplicates import THRESHOLD, Duplicates, Prompt, Similar, find_duplicates
from loaders.embeddings import KeptVectors
from loaders.load import Known
from workspace.prompts import GROUP_KEY, prompt_key
from workspace.records import Record

BATCH = 1000  # prompts whose vectors are asked for together
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class PromptGroups:
    """The near-duplicates among a source's prompts and a dataset's, and the groups of the new ones.

    ``said`` are the groups of new prompts that their words, or their source, say; they go before those of duplicates.
    """

    duplicates: Duplicates = field(default_factory=Duplicates)
    said: Mapping[str, str] = field(default_factory=dict)

    def apply(self, records: Iterable[Record]) -> Iterator[Record]:
        """Each record, those of a group with it in ``metadata["group"]``."""
        groups = {**dict(self.duplicates.groups), **self.said}
        for record in records:
            group = groups.get(record.id)
            yield record if group is None else replace(record, metadata={**record.metadata, GROUP_KEY: group})

    @property
    def notes(self) -> list[str]:
        """One line for each pair of prompts that say the same."""
        apart = set(self.duplicates.apart)
        return [_note(pair, is_apart=pair in apart) for pair in self.duplicates.pairs]


def group_prompts(
    records: Iterable[Record], known: Mapping[str, Known], vectors: KeptVectors | None, threshold: float = THRESHOLD
) -> PromptGroups:
    """Find the groups of the new prompts.

    What a dataset knows of a prompt's words goes before all else, with an embedding model or without: a prompt with
    the words of a loaded one takes that one's group, and the words that name a group are of that group
    (``exports/split.py`` says why no prompt may bring another). New prompts with the same words share a group: that
    of the first id for which the source has one, or for which a similar prompt has one. Near-duplicates in other
    words are found by the model alone.

    Args:
        records: the source; it is read once.
        known: what the dataset holds.
        vectors: the embedding model.
        threshold: the least cosine of prompts that say the same.
    """
    loaded = [prompt for name, held in known.items() if (prompt := _loaded(name, held))]
    fresh = [_new(each) for each in records if _is_new(each, known.get(each.id))]
    fresh.sort(key=lambda prompt: prompt.id)
    by_words = _by_words(loaded, fresh)
    listed = [replace(prompt, group=by_words.get(prompt_key(prompt.text))) for prompt in fresh]
    prompts = {prompt.id: prompt for prompt in (*loaded, *listed)}
    duplicates = _near_duplicates(list(prompts.values()), vectors, threshold) if vectors else Duplicates()
    for name, group in duplicates.groups:
        by_words.setdefault(prompt_key(prompts[name].text), group)
    return PromptGroups(duplicates, {prompt.id: said for prompt in fresh if (said := _said(prompt, by_words))})


def _is_new(record: Record, held: Known | None) -> bool:
    return held is None or held.source_hash != record.source_hash


def _new(record: Record) -> Prompt:
    group = record.metadata.get(GROUP_KEY)
    language = _language(record.metadata.get("language"))
    return Prompt(record.id, record.prompt, language, group if isinstance(group, str) and group else None)


def _loaded(name: str, held: Known) -> Prompt | None:
    if not held.settled.prompt:
        return None
    return Prompt(name, held.settled.prompt, _language(held.settled.language), held.settled.group, is_loaded=True)


def _by_words(loaded: Iterable[Prompt], fresh: Iterable[Prompt]) -> dict[str, str]:
    """The groups of words: what a loaded prompt says of them, else their own where a group has that name, else what
    the source says of the first new prompt that has one."""
    groups: dict[str, str] = {}
    names: set[str] = set()
    for prompt in loaded:
        words = prompt_key(prompt.text)
        names |= {words, prompt.own_group}
        if prompt.own_group != words:
            groups[words] = min(prompt.own_group, groups.get(words, prompt.own_group))
    groups |= {name: name for name in names - groups.keys()}
    for prompt in fresh:
        if prompt.group:
            groups.setdefault(prompt_key(prompt.text), prompt.group)
    return groups


def _said(prompt: Prompt, by_words: Mapping[str, str]) -> str | None:
    """The group that goes into a new prompt's metadata; none where its words mean that group by themselves."""
    words = prompt_key(prompt.text)
    group = by_words.get(words)
    return None if group == words and prompt.group is None else group


def _near_duplicates(prompts: Sequence[Prompt], vectors: KeptVectors, threshold: float) -> Duplicates:
    texts = [prompt.text for prompt in prompts]
    rows = [vectors.encode(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    matrix = np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)
    return find_duplicates(prompts, matrix, threshold)


def _language(code: object) -> str:
    """A language without its region: "en-gb" is "en"."""
    return str(code or SOURCE_LANGUAGE).lower().replace("_", "-").split("-")[0]


def _note(pair: Similar, *, is_apart: bool) -> str:
    if not is_apart:
        split = "they share their side of the split"
    elif pair.first.is_loaded and pair.second.is_loaded:
        split = "both were loaded before, so each keeps its side of the split"
    else:
        split = "each has a group by its words or its source, so they may be on both sides of the split"
    return f"{pair.first.id} and {pair.second.id}: their prompts say the same ({pair.cosine:.2f}); {split}"
