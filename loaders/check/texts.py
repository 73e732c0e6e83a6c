"""Translated records as a table of their texts, to look at the worst translations first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from loaders.check.flags import is_doubtful, text_flags, translated_pairs
from workspace.memory.glossary import Term, load_glossary
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("id", "rank", "source", "translation", "adequacy", "flags", "doubtful")


def texts_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row a text; ``Translated.texts_frame`` says what the columns are, and the order."""
    import pandas as pd

    glossary = load_glossary()
    rows = sorted((row for record in records for row in _rows(record, glossary)), key=_most_doubtful_first)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"rank": "Int64", "adequacy": "Float64", "doubtful": bool})


def _rows(record: Record, glossary: Sequence[Term]) -> Iterator[dict[str, Any]]:
    translation = record.translation
    if translation is None:
        return
    scores = translation.adequacy or (None,) * len(record.texts)
    ranks = (0, *record.ranks)
    for (source, text), rank, score in zip(translated_pairs(record), ranks, scores, strict=False):
        flags = text_flags(source, text, translation.language, glossary)
        values = (record.id, rank, source, text, score, list(flags), is_doubtful(text, flags, glossary))
        yield dict(zip(COLUMNS, values, strict=True))


def _most_doubtful_first(row: dict[str, Any]) -> tuple[bool, float, int, str, int]:
    measured = 1.0 if row["adequacy"] is None else row["adequacy"]
    return not row["doubtful"], measured, -len(row["flags"]), row["id"], row["rank"] or 0
