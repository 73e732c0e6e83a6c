"""JSON: one object a line, an array of objects, or one object with the rows or the columns in it.

- Numbers that Python's numbers cannot hold as they are written stay texts: ``1e400`` and ``Infinity``. NaN is blank.
- A key that an object has twice is refused, because one of its values would be lost.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from loaders.source.cells import canonical_cell, json_cells
from loaders.source.content import Content
from loaders.source.location import Location
from loaders.source.table import Row
from loaders.source.text import decoded, lines, opened_text
from workspace.errors import DataError


def read_json(content: Content, location: Location, notes: list[str]) -> Iterator[Row]:
    """The rows of a JSON file; ``notes`` grows by what a person should know.

    Raises:
        DataError: it cannot be read; names the line or the row.
    """
    values: Iterator[tuple[int, Any]]
    start = _first_line(content, location)
    if start and not start.startswith(_BEGINS):
        raise DataError(f"{content.name}: not JSON, as its name says; name it after what it holds, as .csv or .tsv")
    spread = start.startswith("{") and first_object(content, location) is None
    if spread and (objects := _one_after_another(decoded(content, location))):
        notes.append(f"{content.name}: its objects are not one a line; they are read one after another")
        values, unit = enumerate(objects, start=1), "row"
    elif start.startswith("[") or (content.suffix == ".json" and first_object(content, location) is None):
        whole = _parsed(decoded(content, location), content.name)
        values = enumerate(_in_whole(whole, content.name, notes), start=1)
        unit = "row"
    else:
        values, unit = json_lines(content, location), "line"
        first = [*islice(values, 2)]
        if len(first) == 1 and isinstance(first[0][1], dict):
            first = [*enumerate(_in_whole(first[0][1], content.name, notes), start=1)]
        values = chain(first, values)
    for number, (place, value) in enumerate(values, start=1):
        yield row_of(value, number, f"{content.name}, {unit} {place}")


def first_object(content: Content, location: Location) -> dict[str, Any] | None:
    """The object on the first line that is not blank; None if it holds anything else.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        value = json.loads(_first_line(content, location))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_lines(content: Content, location: Location) -> Iterator[tuple[int, Any]]:
    """The number of each line that is not blank, and its value.

    Raises:
        DataError: a line is not JSON; names it.
    """
    with opened_text(content, location) as text:
        for number, line in enumerate(lines(text, content.name), start=1):
            if line.strip():
                yield number, _parsed(line, f"{content.name}, line {number}", is_line=True)


def _one_after_another(text: str) -> list[Any]:
    """The values of several JSON texts with blanks or commas between; nothing if there is one, or anything else."""
    found: list[Any] = []
    place = 0
    try:
        while rest := _BETWEEN.match(text, place):
            if rest.end() == len(text):
                return found if len(found) > 1 else []
            value, place = _DECODER.raw_decode(text, rest.end())
            found.append(value)
    except (ValueError, RecursionError, DataError):
        pass  # said of its line, or of the whole file
    return []


def _first_line(content: Content, location: Location) -> str:
    """The first line that is not blank."""
    with opened_text(content, location) as text:
        return next((line.strip() for line in lines(text, content.name) if line.strip()), "")


def _parsed(text: str, where: str, *, is_line: bool = False) -> Any:
    try:
        return _DECODER.decode(text.strip())
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if is_line else f"line {error.lineno}, column {error.colno}"
        raise DataError(f"{where}: not JSON ({error.msg.removesuffix(' at')} at {place})") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or nesting as deep
        raise DataError(f"{where}: not JSON that can be read ({error})") from error
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise DataError(f"key {twice!r} is there twice; remove one")
    return found


def _float(digits: str) -> float | str:
    number = float(digits)
    return digits if math.isinf(number) else number


def _constant(word: str) -> str | None:
    return None if word == "NaN" else word


_BETWEEN = re.compile(r"[\s,]*")
_BEGINS = ("{", "[", '"', "n", "t", "f", "-", *"0123456789")  # of any JSON
# the keys under which files have their rows; any other list of objects beside other keys is a cell of one row
_SPLITS = ("train", "validation", "test")
_WRAPPERS = ("data", "rows", "records", "examples", "items", "instances", "results", "train", "test", "validation")
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)


def _in_whole(whole: Any, name: str, notes: list[str]) -> Iterable[Any]:
    """The rows of a file that is one JSON value."""
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict):
        raise DataError(f"{name}: objects are needed, one a line or in an array; it holds {type(whole).__name__}")
    if rows := _of_the_viewer(whole, name, notes) or _of_pandas(whole, name, notes) or _of_splits(whole, name, notes):
        return rows
    lists = {key: value for key, value in whole.items() if isinstance(value, list) and value}
    if (
        len(lists) == len(whole)
        and len({*map(len, lists.values())}) == 1
        and not any(map(_has_objects, lists.values()))
    ):
        notes.append(f"{name}: each key is a column, and its list the cells")
        return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]
    tables = [key for key, value in lists.items() if all(isinstance(each, dict) for each in value)]
    is_wrapped = len(whole) == 1 or tables[:1] in ([name] for name in _WRAPPERS)
    if len(tables) == 1 and is_wrapped and not _is_conversation(lists[tables[0]]):
        notes.append(f"{name}: its rows are those of {tables[0]!r}")
        return lists[tables[0]]
    return [whole]


def _of_pandas(whole: Mapping[str, Any], name: str, notes: list[str]) -> list[Any]:
    """The rows of a table as ``DataFrame.to_json`` writes it in one object; nothing if a file is none."""
    if {"columns", "data"} <= whole.keys() <= {"columns", "data", "index"}:
        columns, rows = whole["columns"], whole["data"]
        if isinstance(rows, list) and all(isinstance(row, list) and len(row) == len(columns) for row in rows):
            notes.append(f"{name}: it is as pandas writes a table with orient='split'")
            return [dict(zip(columns, row, strict=True)) for row in rows]
    inner = [*whole.values()]
    if not inner or not all(isinstance(each, dict) and each.keys() == inner[0].keys() for each in inner):
        return []
    for keys, kind in ((inner[0], "columns"), (whole, "index")):
        if keys and all(key.isdecimal() for key in keys):
            notes.append(f"{name}: it is as pandas writes a table with orient={kind!r}")
            return inner if keys is whole else [{column: whole[column][key] for column in whole} for key in keys]
    return []


def _of_splits(whole: Mapping[str, Any], name: str, notes: list[str]) -> list[Any]:
    """The rows of all splits of a dataset, one after another; nothing if a file holds anything else."""
    splits = [split for split in _SPLITS if split in whole]
    tables = [whole[split] for split in splits]
    is_rows = all(isinstance(table, list) and all(isinstance(row, dict) for row in table) for table in tables)
    if len(splits) < 2 or len(splits) < len(whole) or not is_rows:
        return []
    notes.append(f"{name}: its rows are those of {', '.join(map(repr, splits))}")
    return [row for table in tables for row in table]


def _of_the_viewer(whole: Mapping[str, Any], name: str, notes: list[str]) -> list[Any]:
    """The rows of an answer of the Hub's dataset viewer; nothing if a file is none.

    Raises:
        DataError: the viewer has cut a cell.
    """
    found = whole.get("rows")
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        return []
    if not all(isinstance(each.get("row"), dict) and "row_idx" in each for each in found):
        return []
    for number, each in enumerate(found, start=1):
        if cut := each.get("truncated_cells"):
            told = f"the Hub's dataset viewer has cut {cut[0]!r}; give the dataset itself, owner/name"
            raise DataError(f"{name}, row {number}: {told}")
    total = whole.get("num_rows_total", len(found))
    notes.append(f"{name}: {len(found)} of {total} rows, as the Hub's dataset viewer shows them")
    return [each["row"] for each in found]


def _has_objects(values: Sequence[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def _is_conversation(values: Sequence[Mapping[str, Any]]) -> bool:
    return all({"role", "content"} <= value.keys() or {"from", "value"} <= value.keys() for value in values)


def row_of(value: Any, number: int, where: str, text_of: Callable[[Any, str], str] = canonical_cell) -> Row:
    """The row of a mapping, whose cells are the texts that ``text_of`` makes of them.

    Raises:
        DataError: it is none, or a cell cannot be read; says ``where``.
    """
    try:
        return Row(number, json_cells(value, text_of))
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
