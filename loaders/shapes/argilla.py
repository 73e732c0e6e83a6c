"""Records of an Argilla 2 dataset, as its SDK writes them: ``fields``, ``responses``, ``suggestions``.

A question whose value ranks names of fields, or names the better one of fields that are named alike, orders these.
Each annotator who submitted one is a judge; where nobody did, the suggestion counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from loaders.shapes.columns import NAMES, Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, by_name
from loaders.shapes.messages import exchange, json_value, loose_value, spoken
from loaders.source.table import Row

NAME = "Argilla records"
_OWN = ("fields", "responses", "suggestions")


def fits(columns: Columns) -> bool:
    """True if rows have fields and what was answered to their questions, as objects."""
    names = {*columns.table.columns}
    return not names.isdisjoint(_OWN[1:]) and bool(_object(columns.table.rows[0].cells.get("fields", "")))


def argilla(columns: Columns) -> Shape:
    """The shape of a table of Argilla's records."""

    def read(row: Row) -> Judged:
        fields, responses, suggestions = (_object(row.cells.get(name, "")) for name in _OWN)
        submitted = [each for given in responses.values() for each in _submitted(given)]
        suggested = (each.get("value") for each in suggestions.values() if isinstance(each, Mapping))
        rankings = list(rankings_in(submitted, fields)) or list(rankings_in(suggested, fields))
        if not rankings:
            raise Unusable(Reason.NO_ORDER, "no question of it ranks its fields; left out")
        names, places = by_name(rankings)
        found = exchange(
            [spoken(fields[name], "assistant") for name in names],
            spoken(fields[prompt_of(fields, names)], "user"),
        )
        cells = {name: json_value(row.cells[name]) for name in _OWN if name in row.cells}
        return Judged(found.prompt, found.answers, places, cells, found.context, (), found.trimmed)

    rule = "the question that ranks names of fields orders their texts, and the field left is the prompt"
    return Shape(NAME, f"{rule}; what annotators submitted counts, else the suggestion", _OWN, read)


def _object(cell: str) -> Mapping[str, Any]:
    value = loose_value(cell)
    return value if isinstance(value, dict) else {}


def _submitted(given: Any) -> Iterator[Any]:
    """The values of the responses to one question that count."""
    for each in given if isinstance(given, list) else ():
        if isinstance(each, Mapping) and each.get("status", "submitted") == "submitted":
            yield each.get("value")


def rankings_in(values: Iterable[Any], fields: Mapping[str, Any]) -> Iterator[Mapping[str, int]]:
    """The place of each field in every value that orders fields: that ranks two or more, or names the better one."""
    for value in values:
        if isinstance(value, str) and value in fields:
            alike = [name for name in fields if _stem(name) == _stem(value)]
            if len(alike) > 1:
                yield {name: 1 if name == value else 2 for name in alike}
        items = as_objects(value) if isinstance(value, Mapping) else value
        if isinstance(items, list) and len(items) > 1:
            ranked = dict(filter(None, (_placed(item, place) for place, item in enumerate(items))))
            if len(ranked) == len(items) and ranked.keys() <= fields.keys():
                yield ranked


def _placed(item: Any, place: int) -> tuple[str, int] | None:
    """A field with its place: a name in the list, or an object with the name and its rank."""
    if isinstance(item, Mapping):
        item, place = item.get("value"), item.get("rank", None)
    return (item, place) if isinstance(item, str) and isinstance(place, int) else None


def as_objects(lists: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Objects whose keys are lists of their values, as ``datasets`` has them; none for any other object.

    >>> as_objects({"value": ["a", "b"], "rank": [2, 1]})
    [{'value': 'a', 'rank': 2}, {'value': 'b', 'rank': 1}]
    """
    if not all(isinstance(each, list) for each in lists.values()):
        return []
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=False)]


def _stem(name: str) -> str:
    """What the names of answers share: a name without the number or the letter at its end."""
    return re.sub(r"[-_. ]?(\d+|(?<![^\W\d_])[A-Ea-e])$", "", name)


def prompt_of(fields: Mapping[str, Any], answers: Sequence[str]) -> str:
    """The field of the prompt: the one that is left, or has a name of a prompt.

    Raises:
        Unusable: nothing tells it.
    """
    left = [name for name in fields if name not in answers]
    named = [name for name in left if name.casefold() in ("prompt", *NAMES["prompt"])]
    for found in (named, left):
        if len(found) == 1:
            return found[0]
    raise Unusable(Reason.NO_TURNS, f"nothing tells which of the fields {', '.join(left)} is the prompt; left out")
