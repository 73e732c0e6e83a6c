"""A text with options, some of which were accepted, as Prodigy has choices: ``options``, ``accept``, ``answer``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable
from loaders.shapes.messages import loose_value, spoken
from loaders.source.table import Row

NAME = "options"
_OWN = ("options", "accept", "answer")


def fits(columns: Columns) -> bool:
    """True if there are options and what was accepted of them."""
    return {"options", "accept"} <= {*columns.table.columns}


def options(columns: Columns) -> Shape:
    """The shape of a table with accepted options."""
    asked = Asked.of(columns, NAME, *(name for name in _OWN if name in columns.table.columns))
    if asked.prompt is None and "text" in columns.table.columns:
        asked = replace(asked, prompt="text", columns=("text", *asked.columns))

    def read(row: Row) -> Judged:
        given, accepted = (loose_value(row.cells.get(name, "")) for name in _OWN[:2])
        if (said := row.cells.get("answer", "")) not in ("", "accept"):
            raise Unusable(Reason.NO_ORDER, f"'answer' is {said!r}, not 'accept'; left out")
        if not isinstance(given, list) or not all(isinstance(each, Mapping) and "id" in each for each in given):
            raise Unusable(Reason.NO_ORDER, "'options' is no list of objects with an id; left out")
        if not isinstance(accepted, list) or not accepted:
            raise Unusable(Reason.NO_ORDER, "no option is accepted; left out")
        places = tuple(1 if each["id"] in accepted else 2 for each in given)
        return asked.judged(asked.cells(row), [spoken(each.get("text"), "assistant") for each in given], (places,))

    rule = f"{asked.where}, and an option whose id is in 'accept' is better than one that is not; equal ones tie"
    return Shape(NAME, rule, asked.columns, read)
