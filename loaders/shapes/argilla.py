"""Records of an Argilla 2 dataset, as its SDK writes them: ``fields``, ``responses``, ``suggestions``.

A question whose value ranks names of fields orders these fields. Each annotator who submitted one is a judge; where
nobody did, the suggestion counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.shapes.columns import NAMES, Columns
from loaders.shapes.judged import Judged, Ranking, Reason, Shape, Unusable, places_of
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
        rankings = list(_rankings(submitted, fields)) or list(_rankings(suggestions.values(), fields))
        if not rankings:
            raise Unusable(Reason.NO_ORDER, "no question of it ranks its fields; left out")
        names = list(dict.fromkeys(name for ranking in rankings for name in ranking))
        found = exchange(
            [spoken(fields[name], "assistant") for name in names],
            spoken(fields[_prompt(fields, names)], "user"),
        )
        places: tuple[Ranking, ...] = tuple(
            places_of([ranking.get(name) for name in names], higher_is_better=False) for ranking in rankings
        )
        cells = {name: json_value(row.cells[name]) for name in _OWN if name in row.cells}
        return Judged(found.prompt, found.answers, places, cells, found.context, (), found.trimmed)

    rule = "the question that ranks names of fields orders their texts, and the field left is the prompt"
    return Shape(NAME, f"{rule}; what annotators submitted counts, else the suggestion", _OWN, read)


def _object(cell: str) -> Mapping[str, Any]:
    value = loose_value(cell)
    return value if isinstance(value, dict) else {}


def _submitted(given: Any) -> Iterator[Any]:
    """The responses to one question that count."""
    for each in given if isinstance(given, list) else ():
        if isinstance(each, Mapping) and each.get("status", "submitted") == "submitted":
            yield each


def _rankings(given: Any, fields: Mapping[str, Any]) -> Iterator[Mapping[str, int]]:
    """The place of each field in every value that ranks two fields or more."""
    for each in given:
        value = each.get("value") if isinstance(each, Mapping) else None
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
            continue
        ranked = {
            item["value"] if isinstance(item, Mapping) else item: item["rank"] if isinstance(item, Mapping) else place
            for place, item in enumerate(value)
            if not isinstance(item, Mapping) or {"value", "rank"} <= item.keys()
        }
        if len(ranked) == len(value) and ranked.keys() <= fields.keys():
            yield ranked


def _prompt(fields: Mapping[str, Any], answers: Sequence[str]) -> str:
    left = [name for name in fields if name not in answers]
    named = [name for name in left if name.casefold() in ("prompt", *NAMES["prompt"])]
    for found in (named, left):
        if len(found) == 1:
            return found[0]
    raise Unusable(Reason.NO_TURNS, f"nothing tells which of the fields {', '.join(left)} is the prompt; left out")
