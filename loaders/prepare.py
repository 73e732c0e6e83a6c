"""Prepare a source for ``load``: its near-duplicates, then each translated record with its flags and adequacy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from loaders.duplicates import THRESHOLD, Duplicates, Prompt, Similar, find_duplicates
from loaders.embeddings import KeptVectors
from loaders.load import Known
from workspace.prompts import GROUP_KEY
from workspace.records import Record

BATCH = 1000  # prompts whose vectors are asked for together
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class PromptGroups:
    """The near-duplicates among a source's prompts and a dataset's, and the groups of the new ones."""

    duplicates: Duplicates = field(default_factory=Duplicates)

    def apply(self, records: Iterable[Record]) -> Iterator[Record]:
        """Each record, those of a group with it in ``metadata["group"]``."""
        groups = dict(self.duplicates.groups)
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
    """Find the near-duplicates among the records and what the dataset holds; none without an embedding model.

    Args:
        records: the source; it is read once.
        known: what the dataset holds.
        vectors: the embedding model.
        threshold: the least cosine of prompts that say the same.
    """
    if vectors is None:
        return PromptGroups()
    prompts = {name: prompt for name, held in known.items() if (prompt := _loaded(name, held))}
    for record in records:
        held = known.get(record.id)
        if held is None or held.source_hash != record.source_hash:
            group = record.metadata.get(GROUP_KEY)
            prompts[record.id] = Prompt(
                record.id, record.prompt, _language(record.metadata.get("language")), str(group) if group else None
            )
    listed = list(prompts.values())
    texts = [prompt.text for prompt in listed]
    rows = [vectors.encode(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    matrix = np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)
    return PromptGroups(find_duplicates(listed, matrix, threshold))


def _loaded(name: str, held: Known) -> Prompt | None:
    if not held.settled.prompt:
        return None
    return Prompt(name, held.settled.prompt, _language(held.settled.language), held.settled.group, is_loaded=True)


def _language(code: object) -> str:
    """A language without its region: "en-gb" is "en"."""
    return str(code or SOURCE_LANGUAGE).lower().replace("_", "-").split("-")[0]


def _note(pair: Similar, *, is_apart: bool) -> str:
    split = (
        "both were loaded before, so each keeps its side of the split"
        if is_apart
        else "they share their side of the split"
    )
    return f"{pair.first.id} and {pair.second.id}: their prompts say the same ({pair.cosine:.2f}); {split}"
