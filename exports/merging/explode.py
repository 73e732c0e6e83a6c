"""Turn a record back into the rows of its source, or into pairs for training (pure rules, no I/O).

The order of two answers is known from the ranks (a lower rank is better, equal ranks are a tie), from the record's
comparisons, and from the labels in their ``ComparedRanks`` (R1 before R2). It is transitive: if A is better than B by
one of these and B than C by another, A is better than C.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from typing import Any

from exports.merging.provenance import issue_codes
from workspace.errors import DataError
from workspace.model.h4rmony import (
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
from workspace.model.records import Comparison, Record
from workspace.model.shapes import ROWS_KEY, filled

SourceRow = dict[str, str]  # a cell for each column of a source of pairs in plain text
AnyRow = dict[str, Any]  # the same of any source, whose cells may be lists and objects
_KEPT = 4096  # most records share their columns and labels with others
_ORIGINS = ("BetterCompletionOrigin", "WorseCompletionOrigin")


def shape_of(record: Record) -> str:
    """The name of the shape of the record's source; "" if it has H4rmony's columns, or is no table."""
    return str(record.metadata.get(SCHEMA_KEY) or "")


def explode_source(record: Record) -> list[AnyRow]:
    """Return the rows of the record's source, in their order, each with all its columns.

    Of pairs in plain text there is one row for each comparison: H4rmony's columns come first, in H4rmony's order,
    then all others by name; a source of pairs has ``prompt, chosen, rejected`` first. Of any other shape they are the
    record's ``source_rows``: the columns that differ in the source's order, then those that do not. A record without
    either has a row of ``SourceRows`` for each known pair.
    """
    if rows := record.metadata.get(ROWS_KEY):
        return [{**filled(row, record.texts, record.context), **_shared_columns(record)} for row in rows]
    if not record.comparisons:
        source = SourceRows(record)
        return [dict(source.row(better, worse, ranks=record.ranks)) for better, worse in known_pairs(record)]
    pairs = shape_of(record) == PAIRS_SCHEMA
    shared = _shared_columns(record)
    found: list[AnyRow] = []
    for comparison in record.comparisons:
        columns = {**shared, **_own_columns(comparison)}
        texts = (record.prompt, record.answers[comparison.better].text, record.answers[comparison.worse].text)
        found.append(dict(_ordered(columns, PAIR_COLUMNS if pairs else TEXT_COLUMNS, texts)))
    return found


def explode_dpo(record: Record) -> list[AnyRow]:
    """Return ``prompt, chosen, rejected`` for every pair of answers whose order is known, in the answers' order.

    Two answers that tie, or that nothing compares, have no row.

    Raises:
        DataError: ranks and comparisons go round in a circle.
    """
    texts = [answer.text for answer in record.answers]
    return [
        dict(zip(PAIR_COLUMNS, (record.prompt, texts[better], texts[worse]), strict=True))
        for better, worse in known_pairs(record)
    ]


def known_pairs(record: Record) -> list[tuple[int, int]]:
    """Return every ``(better, worse)`` pair of answers whose order is known, as indices, sorted.

    Raises:
        DataError: ranks and comparisons go round in a circle.
    """
    edges = [(comparison.better, comparison.worse) for comparison in record.comparisons]
    edges += _rank_edges(record.ranks)
    edges += _rank_edges(_labels(record))
    below = everything_below(edges)
    if any(answer in reached for answer, reached in below.items()):
        raise DataError(f"record {record.id!r}: its ranks and comparisons put an answer above itself; correct them")
    return sorted((better, worse) for better, reached in below.items() for worse in reached)


class SourceRows:
    """Makes rows in H4rmony's columns for any pairs of one record's answers; what they share is computed once.

    A pair that the source compared keeps the columns of that row (the first, if there are several). Any other pair
    has the columns that all rows share, and "" in those that belong to a row.

    ``BetterCompletionOrigin`` and ``WorseCompletionOrigin`` belong to an answer. Their cells come from the row that
    compares the two answers, the same way round if there is one. If there is none, or its cell is blank, they are
    what all the source's rows say of the answer, on either side; "" if these say nothing or contradict each other. A
    record without comparisons counts as if it had a row for each pair that its ranks order, or for each pair if they
    order none.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._shared = _shared_columns(record)
        self._compared: dict[tuple[int, int], Comparison] = {}
        self._blank: SourceRow = {}
        for comparison in record.comparisons:
            self._compared.setdefault((comparison.better, comparison.worse), comparison)
            self._blank.update(dict.fromkeys(_own_columns(comparison), ""))
        self._has_origins = any(column in self._shared or column in self._blank for column in _ORIGINS)
        self._beside: dict[tuple[str, int, int], str] = {}  # by column, answer and the other answer of the row
        self._anywhere: dict[int, set[str]] = {}
        if self._has_origins:
            self._read_origins()

    def row(
        self,
        better: int,
        worse: int,
        *,
        texts: Sequence[str] | None = None,
        ranks: Sequence[int | None] | None = None,
    ) -> SourceRow:
        """Make one row.

        Args:
            better: index of the better answer.
            worse: index of the worse answer.
            texts: the prompt, the better and the worse answer to write; the record's by default.
            ranks: aligned with the answers: ``ComparedRanks`` names theirs, or is "" where one is unknown.
        """
        match = self._compared.get((better, worse))
        columns = {**self._shared, **(_own_columns(match) if match else self._blank)}
        if ranks is not None:
            first, second = ranks[better], ranks[worse]
            columns["ComparedRanks"] = "" if first is None or second is None else f"R{first}-R{second}"
        if self._has_origins:
            better_column, worse_column = _ORIGINS
            columns[better_column] = self._origin(better, worse, _ORIGINS)
            columns[worse_column] = self._origin(worse, better, (worse_column, better_column))
        if texts is None:
            answers = self._record.answers
            texts = (self._record.prompt, answers[better].text, answers[worse].text)
        return _ordered(columns, TEXT_COLUMNS, texts)

    def _read_origins(self) -> None:
        record = self._record
        settled = _rank_edges(record.ranks) or permutations(range(len(record.answers)), 2)
        for row in record.comparisons or [Comparison(*pair) for pair in settled]:
            sides = ((row.better, row.worse), (row.worse, row.better))
            for (answer, other), column in zip(sides, _ORIGINS, strict=True):
                cell = row.columns.get(column, self._shared.get(column, ""))
                if cell.strip():
                    self._beside.setdefault((column, answer, other), cell)
                    self._anywhere.setdefault(answer, set()).add(cell)

    def _origin(self, answer: int, other: int, columns: Sequence[str]) -> str:
        """Who or what wrote an answer; ``columns`` are the column of its side in the row, then the other one."""
        for column in columns:
            if (column, answer, other) in self._beside:
                return self._beside[column, answer, other]
        said = self._anywhere.get(answer, set())
        return next(iter(said)) if len(said) == 1 else ""


def compared_ranks(record: Record, better: int, worse: int) -> str | None:
    """Return the source's ranks of two answers, the better one's first, like "R1-R3".

    They are from the first row that compares the two, either way round, and has a label that can be read. Without
    such a row they are the answers' ranks; None if the source does not rank both.
    """
    for pair in ((better, worse), (worse, better)):
        for comparison in record.comparisons:
            if (comparison.better, comparison.worse) == pair and (labels := _row_labels(comparison)):
                first, second = labels if pair == (better, worse) else reversed(labels)
                return f"R{first}-R{second}"
    high, low = record.ranks[better], record.ranks[worse]
    return None if high is None or low is None else f"R{high}-R{low}"


def _ordered(columns: Mapping[str, str], names: Sequence[str], texts: Sequence[str]) -> SourceRow:
    cells = {**columns, **dict(zip(names, texts, strict=True))}
    return {column: cells[column] for column in _order(tuple(cells), pairs=names is PAIR_COLUMNS)}


@lru_cache(maxsize=_KEPT)
def _order(columns: tuple[str, ...], *, pairs: bool) -> list[str]:
    return column_order(columns, pairs=pairs)


def _own_columns(comparison: Comparison) -> SourceRow:
    return {comparison_column(key): cell for key, cell in comparison.columns.items()}


def _shared_columns(record: Record) -> SourceRow:
    """The columns in the metadata: its strings, and the issue codes."""
    columns: SourceRow = {}
    for key, value in record.metadata.items():
        column = metadata_column(key)
        if column is not None and isinstance(value, str):
            columns[column] = value
    codes = issue_codes(record)
    if codes or isinstance(record.metadata.get("issues"), list):
        columns.update({code: "1" if code in codes else "0" for code in ISSUES})
    return columns


def _row_labels(comparison: Comparison) -> tuple[int, int] | None:
    return _read_labels(comparison.columns.get("ComparedRanks", ""))


_read_labels = lru_cache(maxsize=_KEPT)(compared_labels)


def _rank_edges(ranks: Sequence[int | None]) -> list[tuple[int, int]]:
    places = [(place, rank) for place, rank in enumerate(ranks) if rank is not None]
    return [(first, second) for (first, high), (second, low) in permutations(places, 2) if high < low]


def _labels(record: Record) -> list[int | None]:
    """The label of each answer in the comparisons; None if they do not agree on one."""
    found: list[set[int]] = [set() for _ in record.answers]
    for comparison in record.comparisons:
        labels = _row_labels(comparison)
        if labels:
            found[comparison.better].add(labels[0])
            found[comparison.worse].add(labels[1])
    return [next(iter(labels)) if len(labels) == 1 else None for labels in found]
