"""The formats of an export: for each, its columns and a pure function from a reviewed record to its rows.

A format is an entry of ``FORMATS``. Its columns have fixed types, so that a table's shape never depends on its rows,
not even where there are none: trainers look at the first row only. No format has a column that a trainer would read
as something else (``margin`` changes a reward loss, ``label``, ``messages`` and ``completion`` change the task).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from exports.explode import source_row
from exports.merge import Pair
from exports.pairs import ReviewedRecord
from workspace.h4rmony import COLUMNS
from workspace.records import Record

Kind = Literal["text", "integer", "flag", "texts", "integers", "messages"]
Row = dict[str, Any]
LANGUAGE = "es"


@dataclass(frozen=True)
class Format:
    """A table that trainers read: its columns in order, each with its kind, and the rows of one record.

    Every kind but ``messages`` may hold null; ``messages`` is a list of ``{"role", "content"}``.
    """

    name: str
    columns: Mapping[str, Kind]
    rows: Callable[[ReviewedRecord], Iterator[Row]]


def dpo_rows(reviewed: ReviewedRecord) -> Iterator[Row]:
    """One row a pair, conversational with an explicit prompt, and where it comes from.

    ``id`` is the record's id with the chosen and the rejected answer's index. ``chosen_rank`` and ``rejected_rank``
    are the reviewers' places, null where the majority settles none; ``compared_ranks`` are the source's, chosen
    first ("R2-R1" is a pair that review turned round), null where the source settles none. ``wins``, ``losses`` and
    ``ties`` are votes seen from the chosen answer, ``reviewers`` is their sum. ``text_choice`` and ``text_support``
    say how the texts of prompt, chosen and rejected answer were settled, in this order; ``reviewed`` is true if
    reviewers submitted all three.
    """
    for pair in reviewed.pairs:
        texts = reviewed.pair_texts(pair)
        prompt, chosen, rejected = (text.text for text in texts)
        yield {
            "prompt": _message("user", prompt),
            "chosen": _message("assistant", chosen),
            "rejected": _message("assistant", rejected),
            **_provenance(reviewed, pair),
            "text_choice": [text.choice for text in texts],
            "text_support": [text.support for text in texts],
            "reviewed": all(text.is_reviewed for text in texts),
        }


def h4rmony_rows(reviewed: ReviewedRecord) -> Iterator[Row]:
    """One row a pair in the source's own columns, all text, with the reviewed Spanish and the reviewers' ranks."""
    for pair in reviewed.pairs:
        prompt, better, worse = (text.text for text in reviewed.pair_texts(pair))
        row = source_row(
            reviewed.record,
            pair.chosen,
            pair.rejected,
            prompt=prompt,
            better_text=better,
            worse_text=worse,
            ranks=reviewed.ranks,
        )
        yield {**{column: row.get(column, "") for column in COLUMNS}, "Language": language(reviewed.record)}


def language(record: Record) -> str:
    """The language of a record's final texts."""
    return record.translation.language if record.translation else LANGUAGE


def _message(role: str, content: str) -> list[dict[str, str]]:
    return [{"role": role, "content": content}]


def _provenance(reviewed: ReviewedRecord, pair: Pair) -> Row:
    """Where a pair comes from, in flat columns that no trainer reads."""
    record = reviewed.record
    source = record.metadata.get("source")
    return {
        "id": f"{record.id}:{pair.chosen}-{pair.rejected}",
        "record_id": record.id,
        "chosen_rank": reviewed.ranks[pair.chosen],
        "rejected_rank": reviewed.ranks[pair.rejected],
        "wins": pair.tally.wins,
        "losses": pair.tally.losses,
        "ties": pair.tally.ties,
        "reviewers": pair.tally.votes,
        "compared_ranks": _compared_ranks(record, pair),
        "language": language(record),
        "issues": _issues(record),
        "type": _text_or_none(record.metadata.get("type")),
        "source": source if isinstance(source, str) and source else record.id.rpartition("-")[0] or None,
        "translation_engine": record.translation.engine if record.translation else None,
    }


def _compared_ranks(record: Record, pair: Pair) -> str | None:
    chosen, rejected = record.ranks[pair.chosen], record.ranks[pair.rejected]
    return None if chosen is None or rejected is None else f"R{chosen}-R{rejected}"


def _issues(record: Record) -> list[str]:
    issues = record.metadata.get("issues")
    return [str(issue) for issue in issues] if isinstance(issues, list | tuple) else []


def _text_or_none(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


_DPO_COLUMNS: dict[str, Kind] = {
    "prompt": "messages",
    "chosen": "messages",
    "rejected": "messages",
    "id": "text",
    "record_id": "text",
    "chosen_rank": "integer",
    "rejected_rank": "integer",
    "wins": "integer",
    "losses": "integer",
    "ties": "integer",
    "reviewers": "integer",
    "compared_ranks": "text",
    "language": "text",
    "issues": "texts",
    "type": "text",
    "source": "text",
    "translation_engine": "text",
    "text_choice": "texts",
    "text_support": "integers",
    "reviewed": "flag",
}
FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("dpo", _DPO_COLUMNS, dpo_rows),
        Format("h4rmony", dict.fromkeys(COLUMNS, "text"), h4rmony_rows),
    )
}
DEFAULT_FORMAT = "dpo"
