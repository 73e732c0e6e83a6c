"""The text of a cell, so that equal data are equal whatever they are read from.

A cell that is None, NaN or ``pandas.NA`` is "". True is "True", a date is written as ISO 8601 has it, and a list or
an object is JSON, as a ``JsonText``, so that it is told from a text that looks like JSON. A number is written as
Python writes it; in JSON, JSON Lines, Parquet and ``datasets``, which do not tell 612 from 612.0, a whole number is
"612".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from workspace.errors import DataError

_EXACT = 2**53  # beyond, a float does not tell whole numbers apart


class JsonText(str):
    """The JSON text of a cell that is a list or an object in the source. In CSV each cell is a plain text."""


def canonical_cell(value: Any, column: str) -> str:
    """The text of a cell of a container that does not tell 612 from 612.0.

    >>> canonical_cell(612.0, "Id"), canonical_cell(None, "Id"), canonical_cell([1, 0], "Reward")
    ('612', '', '[1,0]')

    Raises:
        DataError: as ``cell_text``.
    """
    if type(value) is str:
        return checked_text(value, column)
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    if is_whole or (isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()):
        value = int(value)
    return cell_text(value, column)


def cell_text(value: Any, column: str) -> str:
    """The text of one cell, by the rules in the module's docstring.

    >>> cell_text(612.0, "Id"), cell_text(float("nan"), "Id"), cell_text(True, "is_new")
    ('612.0', '', 'True')

    Raises:
        DataError: the cell is bytes, or its text is not valid UTF-8.
    """
    if not isinstance(value, str) and hasattr(value, "tolist"):
        value = value.tolist()  # a value of NumPy as Python has it
    if _is_blank(value):
        return ""
    if isinstance(value, list | tuple | dict):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        return JsonText(checked_text(text, column))
    if isinstance(value, timedelta):
        value = _duration(value)
    if not isinstance(value, str | int | float | Decimal | date | time):
        raise DataError(f"column {column!r} holds {type(value).__name__} where a text is needed")
    return checked_text(str(value), column)


def checked_text(text: str, column: str) -> str:
    """The text itself.

    Raises:
        DataError: it holds a character that no text may hold.
    """
    if "\x00" in text:
        raise DataError(f"column {column!r} holds a NUL character; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"column {column!r} holds half a surrogate pair, which is not text; remove it") from error
    return text


def json_cells(value: Any, text_of: Callable[[Any, str], str] = canonical_cell) -> dict[str, str]:
    """The cells of a row that is a mapping, by column.

    Raises:
        DataError: it is no mapping, two columns have one name, or as ``cell_text``.
    """
    if not isinstance(value, Mapping):
        raise DataError(f"a JSON object is needed, got {type(value).__name__}")
    cells = {checked_text(str(name), str(name)): text_of(cell, str(name)) for name, cell in value.items()}
    if len(cells) < len(value):
        raise DataError("two columns have the same name, as 1 and '1' have; rename one")
    return cells


def _duration(value: timedelta) -> str:
    """A duration as pandas writes it."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    part = f".{value.microseconds:06}" if value.microseconds else ""
    return f"{value.days} days {hours:02}:{minutes:02}:{seconds:02}{part}"


def _is_blank(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # without it there is no NA
    return value is None or bool(pandas and value is pandas.NA) or bool(value != value)
