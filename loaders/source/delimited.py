"""CSV and its kin: which character is between the columns, and the cells of each row.

- The separator is the one that splits the header and the first rows into equally many columns, at least two. A first
  line ``sep=;``, which Excel reads, says it too. Where it is doubtful the user has to say it.
- Quotes are CSV's, strictly. In a file with tabs whose quotes are not CSV's they are part of the texts, if so every
  row has as many cells as the header.
- Empty lines are no rows, nor is the Ctrl-Z with which old programs end a file.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from loaders.source.content import DELIMITED, Content
from loaders.source.grid import grid_rows
from loaders.source.location import SEPARATORS, Location
from loaders.source.table import Row
from loaders.source.text import lines, opened_text
from workspace.errors import DataError

_FIRST_ROWS = 20  # after the header, which show the separator
_FIRST_LINES, _FIRST_CHARACTERS = 400, 1 << 20  # in which they are looked for
_CTRL_Z = "\x1a"


class _BadCells(DataError):
    """The quotes or the numbers of cells are not those of a CSV file."""


@dataclass
class _Lines:
    """The lines of a file as they are read; the last one is kept for messages."""

    given: Iterable[str]
    last: str = ""

    def __iter__(self) -> Iterator[str]:
        for line in self.given:
            self.last = line
            yield line


def read_delimited(content: Content, location: Location, notes: list[str]) -> list[Row]:
    """The rows of a CSV file or its kin; ``notes`` grows by what a person should know.

    Raises:
        DataError: it cannot be read; names the line and the remedy.
    """
    with _cells_of_any_size():
        skipped, separator = _separator(content, location)
        if separator != DELIMITED.get(content.suffix):
            notes.append(f"{content.name}: its columns are separated by {_called(separator)}")
        found: list[str] = []
        try:
            rows = _rows(content, location, skipped, separator, found)
        except _BadCells:
            found = [f"{content.name}: its quotes are not those of CSV, so they are part of the texts"]
            unquoted = _rows_without_quotes(content, location, skipped, found) if separator == "tab" else []
            if not unquoted:
                raise
            rows = unquoted
    notes += found
    return rows


def _rows_without_quotes(content: Content, location: Location, skipped: int, notes: list[str]) -> list[Row]:
    """The rows of a file with tabs, its quotes as they are; none if they are not of equal length."""
    try:
        return _rows(content, location, skipped, "tab", notes, csv.QUOTE_NONE)
    except _BadCells:
        return []


def _rows(
    content: Content,
    location: Location,
    skipped: int,
    separator: str,
    notes: list[str],
    quoting: int = csv.QUOTE_MINIMAL,
) -> list[Row]:
    with opened_text(content, location) as text:
        given = _Lines(islice(lines(text, content.name), skipped, None))
        reader = csv.reader(given, delimiter=SEPARATORS[separator], strict=True, quoting=quoting)  # type: ignore[arg-type]
        return grid_rows(_numbered(reader, given, content.name, skipped), content.name, notes)


def _numbered(reader: Any, given: _Lines, name: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row begins, and its cells, as many as the first has."""
    begins, header = skipped + 1, [""]
    is_first = True
    try:
        for cells in reader:
            line, begins = begins, skipped + reader.line_num + 1
            if not cells or cells == [_CTRL_Z]:
                continue
            if is_first:
                header, is_first = cells, False
            elif len(cells) != len(header):
                remedy = _joined(given.last, header) or "quote cells that hold the separator, a quote or a line end"
                raise _BadCells(
                    f"{name}, line {line}: {len(cells)} cells where the header has {len(header)}; {remedy}"
                )
            yield line, cells
    except csv.Error as error:
        remedy = _joined(given.last, header) or _escaped(given.last)
        raise _BadCells(
            f"{name}, line {begins}: a quote is not closed, or is inside a cell without quotes ({error}){remedy}"
        ) from error


def _joined(line: str, header: Sequence[str]) -> str:
    """What to do about a line that ends in the header of another file."""
    is_joined = len(header) > 1 and header[0] in line and line.rstrip().endswith(header[-1])
    return "; it ends with the header of another file: put a line end before it" if is_joined else ""


def _escaped(line: str) -> str:
    """What to do about quotes that are written with a backslash."""
    return """; write a quote in a cell as two quotes: sed 's/\\\\"/""/g'""" if '\\"' in line else ""


def _separator(content: Content, location: Location) -> tuple[int, str]:
    """How many lines stand before the header, and the name of the separator.

    Raises:
        DataError: it is doubtful.
    """
    with opened_text(content, location) as text:
        start = [*_start(lines(text, content.name))]
    stated = [
        name for name, mark in SEPARATORS.items() if start and start[0].strip().lower() == f"sep={mark}".strip()
    ]
    skipped = len(stated)
    if location.separator or stated:
        return skipped, location.separator or stated[0]
    splitting, fitting = [], []
    for name, mark in SEPARATORS.items():
        widths = [*islice(_widths(start, mark), _FIRST_ROWS + 1)]
        if widths and widths[0] > 1:
            splitting.append(name)
            if len({*widths}) == 1:
                fitting.append(name)
    usual = DELIMITED.get(content.suffix, "comma")
    found = fitting or splitting or [usual]
    if len(found) > 1:
        names, options = " or ".join(map(_called, found)), " or ".join(f"--separator {each}" for each in found)
        raise DataError(f"{content.name}: its columns may be separated by {names}; give {options}")
    return skipped, found[0]


def _start(given: Iterable[str]) -> Iterator[str]:
    """The first lines, so many that they show the separator."""
    characters = 0
    for line in islice(given, _FIRST_LINES):
        yield line
        characters += len(line)
        if characters > _FIRST_CHARACTERS:
            return


def _widths(start: Sequence[str], mark: str) -> Iterator[int]:
    """How many cells each row has, as far as the rows can be read."""
    try:
        yield from (len(cells) for cells in csv.reader(start, delimiter=mark, strict=True) if cells)
    except csv.Error:
        return


def _called(separator: str) -> str:
    """A separator as messages call it."""
    return separator if separator == "tab" else f"{separator} ({SEPARATORS[separator]})"


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)  # it is global, so it is put back
    try:
        yield
    finally:
        csv.field_size_limit(before)
