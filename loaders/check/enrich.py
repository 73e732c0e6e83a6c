"""Enrich translated records before review: flags always, adequacy where there is an embedding model.

The adequacy of a text is the cosine of its vector and its translation's, from 0 to 1 (a negative one is 0), to
three decimals. An empty translation says nothing: 0. A record that is its own translation has none. Without a model a
record keeps the adequacy that it came with, which somebody measured; nothing is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from loaders.check.embeddings import Encoder, Matrix
from loaders.check.flags import KEY, check_pairs, flagged, text_flags, translated_pairs
from loaders.check.kept_flags import KeptFlags
from loaders.translation.tables import TranslatedRow
from workspace.files.batches import batched
from workspace.memory.glossary import Term
from workspace.model.records import Record

BATCH = 200  # records whose texts are read by the model together
DECIMALS = 3


@dataclass
class EnrichCounts:
    """What was found; it grows while the stream is read.

    Attributes:
        flags: how many records or rows have each flag.
        lowest: the lowest adequacy of all, None where there is none.
    """

    flags: Counter[str] = field(default_factory=Counter)
    lowest: float | None = None

    def count(self, flags: Iterable[str], scores: Sequence[float]) -> None:
        """Count one record or row: its flags, each once, and the adequacy of its texts."""
        self.flags.update(flags)
        if scores:
            self.lowest = min(scores if self.lowest is None else (*scores, self.lowest))

    def to_json(self, adequacy: str) -> dict[str, Any]:
        """The lines of a summary; ``adequacy`` says which model measured it, or why none did."""
        return {
            "flags": dict(sorted(self.flags.items())),
            "lowest_adequacy": self.lowest,
            "adequacy": adequacy,
        }


def enrich(
    records: Iterable[Record], flags: KeptFlags, vectors: Encoder | None, counts: EnrichCounts
) -> Iterator[Record]:
    """Each record with its flags and its adequacy, in order, in a stream.

    Args:
        records: translated records.
        flags: what finds the flags.
        vectors: the embedding model, or None.
        counts: grows while the stream is read.
    """
    for batch in batched(records, BATCH):
        pairs = [check_pairs(record) for record in batch]
        checked = iter(flags.check([pair for each in pairs for pair in each]))
        measured = _measured(batch, vectors) if vectors else batch
        for record, own in zip(measured, pairs, strict=True):
            done = flagged(record, checked=[next(checked) for _ in own])
            scores = done.translation.adequacy if done.translation else ()
            counts.count(done.metadata.get(KEY, ()), scores)
            yield done


def enrich_rows(
    rows: Iterable[TranslatedRow], glossary: Sequence[Term], vectors: Encoder | None, counts: EnrichCounts
) -> Iterator[dict[str, Any]]:
    """Each translated row as a JSON object with, where there are any, the flags and the adequacy of its columns.

    ``{"row": 1, ..., "translation": {..., "flags": {COLUMN: [...]}, "adequacy": {COLUMN: 0.9}}}``
    """
    for batch in batched(rows, BATCH):
        pairs = [(row.source[column], text) for row in batch for column, text in row.checked.items()]
        scores = iter(_scores(pairs, vectors) if vectors else [None] * len(pairs))
        for row in batch:
            data = row.to_json()
            flags = {
                column: list(found)
                for column, text in row.checked.items()
                if (found := text_flags(row.source[column], text, row.language, glossary))
            }
            measures = {column: score for column in row.checked if (score := next(scores)) is not None}
            data["translation"] |= {"flags": flags} if flags else {}
            data["translation"] |= {"adequacy": measures} if measures else {}
            counts.count({flag for each in flags.values() for flag in each}, tuple(measures.values()))
            yield data


def adequacy(source: Matrix, translation: Matrix) -> float:
    """The cosine of two rows of length 1, from 0 to 1."""
    return round(min(max(float(np.dot(source, translation)), 0.0), 1.0), DECIMALS)


def _measured(records: Sequence[Record], vectors: Encoder) -> Iterator[Record]:
    """The records with the adequacy of their translations."""
    pairs = [translated_pairs(record) for record in records]
    scores = iter(_scores([pair for each in pairs for pair in each], vectors))
    for record, each in zip(records, pairs, strict=True):
        found = tuple(next(scores) or 0.0 for _ in each)
        changed = record.translation and found and replace(record.translation, adequacy=found)
        yield replace(record, translation=changed) if changed else record


def _scores(pairs: Sequence[tuple[str, str]], vectors: Encoder) -> list[float | None]:
    """The adequacy of each pair of a text and its translation; None where there is no text."""
    whole = dict.fromkeys(pair for pair in pairs if all(map(str.strip, pair)))
    texts = list(dict.fromkeys(text for pair in whole for text in pair))
    rows = dict(zip(texts, vectors.encode(texts), strict=True))
    scores = {(source, text): adequacy(rows[source], rows[text]) for source, text in whole}
    return [scores.get(pair, 0.0 if pair[0].strip() else None) for pair in pairs]
