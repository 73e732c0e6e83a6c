"""Explode: a record back into the rows of its source, or into pairs for training. Pure rules, no files.

Which answer is better is known from the ranks (a lower rank is better, equal ranks are a tie), from the record's
comparisons, and from the labels of their ``ComparedRanks`` (R1 before R2), all taken together transitively.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from exports.provenance import issue_codes
from workspace.errors import DataError
from workspace.h4rmony import (
    ISSUES,
    PAIR_COLUMNS,
    PAIRS_SCHEMA,
    SCHEMA_KEY,
    TEXT_COLUMNS,
    column_order,
    compared_labels,
    comparison_column,
    everything_below,
    metadata_column,
)
from workspace.records import Comparison, Record

Row = dict[str, str]
_ORIGINS = ("BetterCompletionOrigin", "WorseCompletionOrigin")


def is_pairs(record: Record) -> bool:
    """True if the record's source has the columns ``prompt, chosen, rejected`` instead of H4rmony's."""
    return record.metadata.get(SCHEMA_KEY) == PAIRS_SCHEMA


def explode_source(record: Record) -> list[Row]:
    """The rows of the record's source, one a comparison, in the comparisons' order, each with all its columns.

    H4rmony's columns stand in H4rmony's order, all others after them by name; a source of pairs has ``prompt,
    chosen, rejected`` first. A record without comparisons gives a row of ``source_row`` for each known pair.
    """
    if not record.comparisons:
        return [source_row(record, better, worse, ranks=record.ranks) for better, worse in known_pairs(record)]
    pairs = is_pairs(record)
    shared = _shared_columns(record)
    rows = []
    for comparison in record.comparisons:
        columns = {**shared, **_own_columns(comparison)}
        texts = (record.prompt, record.answers[comparison.better].text, record.answers[comparison.worse].text)
        rows.append(_ordered(columns, PAIR_COLUMNS if pairs else TEXT_COLUMNS, texts))
    return rows


def explode_dpo(record: Record) -> list[Row]:
    """``prompt, chosen, rejected`` for every pair of answers whose order is known, in the answers' order.

    A tie, and two answers that nothing compares, give no pair.

    Raises:
        DataError: ranks and comparisons go round in a circle.
    """
    texts = [answer.text for answer in record.answers]
    return [
        dict(zip(PAIR_COLUMNS, (record.prompt, texts[better], texts[worse]), strict=True))
        for better, worse in known_pairs(record)
    ]


def known_pairs(record: Record) -> list[tuple[int, int]]:
    """Every ``(better, worse)`` pair of answers whose order is known, as indices, sorted.

    Raises:
        DataError: ranks and comparisons go round in a circle.
    """
    edges = [(comparison.better, comparison.worse) for comparison in record.comparisons]
    edges += _rank_edges(record.ranks)
    edges += _rank_edges(_labels(record))
    below = everything_below(edges)
    if any(answer in reached for answer, reached in below.items()):
        raise DataError(f"record {record.id!r}: its ranks and comparisons put an answer above itself; mend it")
    return sorted((better, worse) for better, reached in below.items() for worse in reached)


def source_row(
    record: Record,
    better: int,
    worse: int,
    *,
    prompt: str | None = None,
    better_text: str | None = None,
    worse_text: str | None = None,
    ranks: Sequence[int | None] | None = None,
) -> Row:
    """One row in H4rmony's columns for any pair of a record's answers, with other texts if they are given.

    A pair that the source compared keeps the columns of that row (the first, if there are several). Any other pair
    has the columns that all rows share, and "" in those that belong to a row. ``BetterCompletionOrigin`` and
    ``WorseCompletionOrigin`` belong to an answer: they are what the source's rows say of that answer, on whichever
    side it stands there, and "" where they say nothing or contradict each other. With ``ranks``, aligned with the
    answers, ``ComparedRanks`` names theirs, or is "" where one is unknown.

    Args:
        record: where the columns come from.
        better: index of the better answer.
        worse: index of the worse answer.
        prompt, better_text, worse_text: the texts to write; the record's by default.
        ranks: the answers' ranks after review.
    """
    match = next((c for c in record.comparisons if (c.better, c.worse) == (better, worse)), None)
    own = (
        _own_columns(match)
        if match
        else {column: "" for comparison in record.comparisons for column in _own_columns(comparison)}
    )
    if ranks is not None:
        first, second = ranks[better], ranks[worse]
        own["ComparedRanks"] = "" if first is None or second is None else f"R{first}-R{second}"
    texts = (
        record.prompt if prompt is None else prompt,
        record.answers[better].text if better_text is None else better_text,
        record.answers[worse].text if worse_text is None else worse_text,
    )
    columns = {**_shared_columns(record), **own}
    if any(column in columns for column in _ORIGINS):
        columns.update(zip(_ORIGINS, (_origin(record, answer) for answer in (better, worse)), strict=True))
    return _ordered(columns, TEXT_COLUMNS, texts)


def compared_ranks(record: Record, better: int, worse: int) -> str | None:
    """The source's ranks of two answers, the better one's first, like "R1-R3".

    They are the label of the row that compares the two, either way round, the first that can be read; without one
    they are the answers' ranks, or None where the source settles none.
    """
    for pair in ((better, worse), (worse, better)):
        for comparison in record.comparisons:
            if (comparison.better, comparison.worse) == pair and (labels := _row_labels(comparison)):
                first, second = labels if pair == (better, worse) else reversed(labels)
                return f"R{first}-R{second}"
    high, low = record.ranks[better], record.ranks[worse]
    return None if high is None or low is None else f"R{high}-R{low}"


def _ordered(columns: Mapping[str, str], names: Sequence[str], texts: Sequence[str]) -> Row:
    cells = {**columns, **dict(zip(names, texts, strict=True))}
    return {column: cells[column] for column in column_order(cells, pairs=tuple(names) == PAIR_COLUMNS)}


def _own_columns(comparison: Comparison) -> Row:
    return {comparison_column(key): cell for key, cell in comparison.columns.items()}


def _shared_columns(record: Record) -> Row:
    """The columns in the metadata; what is no string there is no column, but for the issue codes."""
    columns: Row = {}
    for key, value in record.metadata.items():
        column = metadata_column(key)
        if column is not None and isinstance(value, str):
            columns[column] = value
    codes = issue_codes(record)
    if codes or isinstance(record.metadata.get("issues"), list):
        columns.update({code: "1" if code in codes else "0" for code in ISSUES})
    return columns


def _origin(record: Record, answer: int) -> str:
    """Who or what wrote an answer, if all the source's rows that say so say the same; "" otherwise."""
    shared = _shared_columns(record)
    cells = {
        comparison.columns.get(column, shared.get(column, ""))
        for comparison in record.comparisons
        for place, column in zip((comparison.better, comparison.worse), _ORIGINS, strict=True)
        if place == answer
    }
    said = {cell for cell in cells if cell.strip()}
    return next(iter(said)) if len(said) == 1 else ""


def _row_labels(comparison: Comparison) -> tuple[int, int] | None:
    return compared_labels(_own_columns(comparison).get("ComparedRanks", ""))


def _rank_edges(ranks: Sequence[int | None]) -> list[tuple[int, int]]:
    places = [(place, rank) for place, rank in enumerate(ranks) if rank is not None]
    return [(first, second) for (first, high), (second, low) in permutations(places, 2) if high < low]


def _labels(record: Record) -> list[int | None]:
    """The label of each answer in the comparisons; none where they disagree about it."""
    found: list[set[int]] = [set() for _ in record.answers]
    for comparison in record.comparisons:
        labels = _row_labels(comparison)
        if labels:
            found[comparison.better].add(labels[0])
            found[comparison.worse].add(labels[1])
    return [next(iter(labels)) if len(labels) == 1 else None for labels in found]
