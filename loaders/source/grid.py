"""Rows of cells below a header, as a CSV file or a sheet has them, become rows of a table.

- The header again, as of a file that was put behind another, is no row. Nor are blank rows at the end.
- A column without a name is dropped if it is blank, or numbers the rows as pandas does; so is ``Unnamed: 0``, which
  pandas calls it.
- Names lose the marks that nobody sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from loaders.source.table import Row, checked_names
from workspace.errors import DataError, count_of, shown

# byte order mark, zero-width space, word joiner, soft hyphen
_UNSEEN = str.maketrans("", "", "\ufeff\u200b\u2060\u00ad")
_UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?")
_WHOLE = re.compile(r"\d*(\.0)?")
_SHOWN = 5  # lines that a note names


def grid_rows(found: Iterator[tuple[int, list[str]]], name: str, notes: list[str]) -> list[Row]:
    """The rows below the first, which is the header.

    Args:
        found: the line of each row, and its cells, as many as the header has.
        name: what messages call the file.
        notes: grows by what a person should know.

    Raises:
        DataError: there is no header, two columns have one name, or one that holds texts has none.
    """
    line, header = next(found, (0, []))
    names = [cell.translate(_UNSEEN).strip(" \u00a0") for cell in header]
    if not any(names):
        raise DataError(f"{name}: the file is empty" if not header else f"{name}, line {line}: the header is blank")
    checked_names([each for each in names if each], f"{name}, line {line}")
    heading = _as_header(header)
    grid, again = [], []
    for line, cells in found:
        if cells[0].translate(_UNSEEN).strip() == heading[0] and _as_header(cells) == heading:
            again.append(line)
        else:
            grid.append((line, cells))
    whole = len(grid)
    while grid and not any(map(str.strip, grid[-1][1])):
        grid.pop()
    if again:
        notes.append(f"{name}: the header is there again at {_lines(again)}; that is no row")
    if blank := whole - len(grid):
        notes.append(f"{name}: {count_of(blank, 'blank row')} at the end passed over")
    if len(names) > 2 and sum(map(bool, names)) == 1:  # a title
        for line, cells in grid[:_SHOWN]:
            if all(map(str.strip, cells)):
                raise DataError(f"{name}: line {line} looks like the header; remove the lines before it")
    kept = _kept_columns(names, [cells for _, cells in grid], name, notes)
    names = [*compress(names, kept)]
    return [
        Row(number, dict(zip(names, compress(cells, kept), strict=True)), line)
        for number, (line, cells) in enumerate(grid, start=1)
    ]


def _as_header(cells: Iterable[str]) -> list[str]:
    return [cell.translate(_UNSEEN).strip() for cell in cells]


def _kept_columns(names: Sequence[str], grid: Sequence[Sequence[str]], name: str, notes: list[str]) -> list[bool]:
    """Whether each column is kept."""
    kept = [True] * len(names)
    for place, column in enumerate(names):
        if column and not _UNNAMED.fullmatch(column):
            continue
        cells = [cells[place] for cells in grid]
        if other := next((cell for cell in cells if not _WHOLE.fullmatch(cell.strip())), None):
            if column:
                continue
            raise DataError(f"{name}: column {place + 1} has no name, and holds {shown(other)}; name it or remove it")
        kept[place] = False
        what = "an index" if any(cells) else "blank"
        called = f", {column!r}," if column else " has no name and"
        notes.append(f"{name}: column {place + 1}{called} is {what}; it is dropped")
    return kept


def _lines(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:_SHOWN]))}{more}"
