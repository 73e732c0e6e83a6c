"""Workbooks of Excel and LibreOffice: the one sheet that has cells, or the one that the user names.

A cell of text is its text. A number is written as Python writes it, a whole one without a point: how the program
shows it is not in the file's cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from loaders.source.cells import canonical_cell
from loaders.source.content import Content
from loaders.source.grid import grid_rows
from loaders.source.location import Location
from loaders.source.table import Row
from workspace.errors import ConfigError, DataError, one_line

MOST_CELLS = 50_000_000  # of a sheet, blank ones too
_ROW, _COLUMN = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=\"(\d{1,7})\""), re.compile(rb" r=\"([A-Z]{1,3})\d")
_LONGEST_TAG = 1000  # bytes


def read_workbook(content: Content, location: Location, notes: list[str]) -> list[Row]:
    """The rows of a sheet; the line of each is the number that the program shows beside it.

    Raises:
        DataError: it cannot be read, has no cells, or several sheets and none is named.
        ConfigError: there is no such sheet.
    """
    import python_calamine as calamine

    for part in content.members(".xml"):
        if "xl/worksheets/" in part.name:
            _check_extent(part, content.name)
        if "xl/worksheets/" in part.name or part.name.endswith(", content.xml"):
            _check_xml(part)
    try:
        with content.open() as file, calamine.load_workbook(file) as book:
            sheet = _sheet(book, content.name, location.sheet)
            cells = sheet.to_python(skip_empty_area=False)
    except calamine.PasswordError as error:
        raise DataError(f"{content.name}: it has a password; save it without one") from error
    except (calamine.CalamineError, OSError) as error:
        raise DataError(f"{content.name}: not a workbook that can be read ({one_line(error)})") from error
    return grid_rows(_filled(cells, content.name), f"{content.name}, sheet {sheet.name}", notes)


def _check_xml(part: Content) -> None:
    """Refuse XML that is broken, of which calamine may never come to an end.

    Raises:
        DataError: it is.
    """
    try:
        with part.open() as file:
            expat.ParserCreate().ParseFile(file)
    except expat.ExpatError as error:
        raise DataError(f"{part.name}: not XML that can be read ({error}); save the workbook again") from error


def _check_extent(part: Content, name: str) -> None:
    """Refuse a sheet of Excel with a cell so far out that what is between would fill the memory: it is all held.

    Raises:
        DataError: there is one.
    """
    last, columns, before = 0, set[bytes](), b""
    with part.open() as file:
        while chunk := file.read(1 << 20):
            text = before + chunk
            last = max([last, *map(int, _ROW.findall(text))])
            columns.update(_COLUMN.findall(text))
            before = text[-_LONGEST_TAG:]
    if last * max(map(_column_number, columns), default=0) > MOST_CELLS:
        raise DataError(
            f"{name}: a sheet has a cell in row {last}, far from all others; delete the rows and columns that are "
            "empty"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _sheet(book: Any, name: str, wanted: str | None) -> Any:
    sheets = {each: book.get_sheet_by_name(each) for each in book.sheet_names}
    filled = [each for each, sheet in sheets.items() if sheet.end is not None]
    if wanted is not None and wanted not in sheets:
        raise ConfigError(f"{name}: it has no sheet {wanted!r}; it has {', '.join(map(repr, sheets))}")
    if wanted is None and len(filled) > 1:
        raise DataError(f"{name}: it has several sheets, {', '.join(map(repr, filled))}; choose one with --sheet")
    if wanted is None and not filled:
        raise DataError(f"{name}: it has no cells")
    return sheets[wanted if wanted is not None else filled[0]]


def _filled(cells: list[list[Any]], name: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each row from the header on, which is the first that has any."""
    is_first = True
    for line, values in enumerate(cells, start=1):
        texts = [canonical_cell(value, f"{place}") for place, value in enumerate(values, start=1)]
        if is_first and not any(texts):
            continue
        is_first = False
        yield line, texts
