"""Answers in columns of their own, each with a rating or a rank: ``generations-0`` and ``generations-0-rating`` ...

So are ``respuesta_a`` and ``rango_a``: a column that is named after what orders the answer, with the same end. The
rating is a number, or a list of what annotators gave, as Argilla exports it: each is a judge. Where nobody gave one,
the suggestion beside it counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, number_of, places_of
from loaders.shapes.messages import loose_value, spoken
from loaders.source.table import Row

NAME = "rated columns"
_NUMBERED = re.compile(r"(.+?)([-_. ]?\d+|[-_. ][A-Ea-e])")
_RANKS = ("rank", "rango", "puesto", "lugar", "posición", "posicion")
_RATINGS = ("rating", "score", "puntuación", "puntuacion", "nota")
_SUGGESTIONS = ("-suggestion", ".suggestion", "_suggestion")
_NOT_GIVEN = ("discarded", "draft", "pending")


def fits(columns: Columns) -> bool:
    """True if two columns or more are named alike but for their end, and each has a rating or a rank."""
    return len(_rated(columns)[0]) > 1


def numbered(columns: Columns) -> Shape:
    """The shape of a table with answers in numbered columns."""
    rated, higher = _rated(columns)
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
        rankings = tuple(places_of([each.get(judge) for each in given], higher_is_better=higher) for judge in judges)
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(name, ""), "assistant") for name in rated], rankings)

    told, what = ", ".join(map(repr, rated)), "a higher rating" if higher else "a lower rank"
    rule = f"{asked.where}, {told} are its answers, and {what} beside one is better; equal ones tie"
    return Shape(NAME, rule, asked.columns, read)


def _rated(columns: Columns) -> tuple[dict[str, str], bool]:
    """The numbered columns that have a rating or a rank, each with its column; of one name, the one with the most.

    And whether a higher number is better, as of ratings.
    """
    names = {name.casefold(): name for name in columns.table.columns}
    words = (*_RATINGS, *_RANKS)
    alike: dict[tuple[str, str], dict[str, str]] = {}
    for name in columns.table.columns:
        match = _NUMBERED.fullmatch(name)
        if not match or match[1].casefold() in words:
            continue
        for word in words:
            beside = (f"{name}-{word}", f"{name}_{word}", f"{word}{match[2]}")
            if found := next((names[each.casefold()] for each in beside if each.casefold() in names), None):
                alike.setdefault((match[1], word), {})[name] = found
    (_, word), rated = max(alike.items(), key=lambda item: len(item[1]), default=(("", ""), {}))
    return rated, word not in _RANKS


def _given(row: Row, rating: str, suggestion: str) -> dict[str, float]:
    """What each judge gave: annotators by their id, "" for a number without a name or a suggestion."""
    cell = row.cells.get(rating, "")
    value = loose_value(cell)
    if isinstance(value, list):
        found = {
            str(each.get("user_id", place)): number
            for place, each in enumerate(value)
            if isinstance(each, Mapping) and each.get("status") not in _NOT_GIVEN
            if (number := number_of(each.get("value"))) is not None
        }
        if found:
            return found
        value = row.cells.get(suggestion, "")
    number = number_of(value)
    return {} if number is None else {"": number}
