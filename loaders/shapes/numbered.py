"""Answers in columns of their own, each with a rating beside: ``generations-0``, ``generations-0-rating`` ...

The rating is a number, or a list of what annotators gave, as Argilla exports it: each is a judge. Where nobody gave
one, the suggestion beside it counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, places_of
from loaders.shapes.messages import loose_value, spoken
from loaders.source.table import Row

NAME = "rated columns"
_NUMBERED = re.compile(r"(.+?)[-_. ]?\d+")
_RATINGS = ("-rating", "_rating", "-score", "_score")
_SUGGESTIONS = ("-suggestion", ".suggestion", "_suggestion")
_NOT_GIVEN = ("discarded", "draft", "pending")


def fits(columns: Columns) -> bool:
    """True if two columns or more are named alike but for a number, and each has a rating."""
    return len(_rated(columns)) > 1


def numbered(columns: Columns) -> Shape:
    """The shape of a table with answers in numbered columns."""
    rated = _rated(columns)
    suggested = {
        rating: name
        for rating in rated.values()
        for end in _SUGGESTIONS
        if (name := f"{rating}{end}") in columns.table.columns
    }
    asked = Asked.of(columns, NAME, *rated, *rated.values(), *suggested.values(), needed=True)

    def read(row: Row) -> Judged:
        given = [_given(row, rating, suggested.get(rating, "")) for rating in rated.values()]
        judges = list(dict.fromkeys(judge for each in given for judge in each))
        if not judges:
            raise Unusable(Reason.NO_ORDER, "no answer has a rating; left out")
        rankings = tuple(places_of([each.get(judge) for each in given], higher_is_better=True) for judge in judges)
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(name, ""), "assistant") for name in rated], rankings)

    told = ", ".join(map(repr, rated))
    rule = f"{asked.where}, {told} are its answers, and a higher rating beside one is better; equal ones tie"
    return Shape(NAME, rule, asked.columns, read)


def _rated(columns: Columns) -> dict[str, str]:
    """The numbered columns that have a rating, each with its column; of one name, the one with the most."""
    names = {*columns.table.columns}
    alike: dict[str, dict[str, str]] = {}
    for name in columns.table.columns:
        match = _NUMBERED.fullmatch(name)
        beside = [f"{name}{end}" for end in _RATINGS]
        beside += [f"{end[1:]}{name.removeprefix(match[1])}" for end in _RATINGS] if match else []
        rating = next((each for each in beside if each in names and each != name), None)
        if match and rating:
            alike.setdefault(match[1], {})[name] = rating
    return max(alike.values(), key=len, default={})


def _given(row: Row, rating: str, suggestion: str) -> dict[str, float]:
    """What each judge gave: annotators by their id, "" for a number without a name or a suggestion."""
    cell = row.cells.get(rating, "")
    value = loose_value(cell)
    if isinstance(value, list):
        found = {
            str(each.get("user_id", place)): number
            for place, each in enumerate(value)
            if isinstance(each, Mapping) and each.get("status") not in _NOT_GIVEN
            if (number := _number(each.get("value"))) is not None
        }
        if found:
            return found
        value = row.cells.get(suggestion, "")
    number = _number(value)
    return {} if number is None else {"": number}


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
