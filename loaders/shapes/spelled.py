"""Answers in columns of their own, and a column that spells their order out: ``B > C > A``, ``2 > 1 = 3``."""

from __future__ import annotations

import re

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Ranking, Reason, Shape, Unusable
from loaders.shapes.messages import spoken
from loaders.source.table import Row

NAME = "an order in words"
_LETTERED = re.compile(r"(.*?)[-_. ]?(\d+|(?<![^\W\d_])[A-Za-z])")
_ORDER = re.compile(r"\s*\w+(?:\s*[>=]\s*\w+)+\s*")


def fits(columns: Columns) -> bool:
    """True if a column spells out the order of answers, by the ends of their columns' names."""
    return _spelled(columns) is not None


def spelled(columns: Columns) -> Shape:
    """The shape of a table with a column that spells the order of its answers out."""
    answers, order = _spelled(columns) or ({}, "")
    asked = Asked.of(columns, NAME, *answers.values(), order, needed=True)

    def read(row: Row) -> Judged:
        places = _places(row.cells.get(order, ""))
        if not places:
            raise Unusable(Reason.NO_ORDER, f"{order!r} is {row.cells.get(order, '')[:40]!r}, no order; left out")
        cells = asked.cells(row)
        ranking: Ranking = tuple(places.get(end) for end in answers)
        return asked.judged(
            cells, [spoken(cells.get(name, ""), "assistant") for name in answers.values()], (ranking,)
        )

    rule = (
        f"{asked.where}, {', '.join(map(repr, answers.values()))} are its answers, and {order!r} spells their order"
    )
    return Shape(NAME, f"{rule} out, the best first; = is a tie", asked.columns, read)


def _spelled(columns: Columns) -> tuple[dict[str, str], str] | None:
    """The columns of the answers by the ends of their names, and the column that orders these ends."""
    alike: dict[str, dict[str, str]] = {}
    for name in columns.table.columns:
        if match := _LETTERED.fullmatch(name.strip()):
            alike.setdefault(match[1].casefold(), {})[match[2].casefold()] = name
    for order in columns.table.columns:
        cells = [cell for row in columns.table.rows if (cell := row.cells.get(order, "").strip())]
        if not cells or not all(map(_ORDER.fullmatch, cells)):
            continue
        ends = {end for cell in cells for end in _places(cell)}
        for answers in alike.values():
            if len(answers) > 1 and ends and ends <= answers.keys():
                return answers, order
    return None


def _places(text: str) -> dict[str, int]:
    """The place of each end in ``b > a = c``; none if one is there twice, or a text is no order."""
    if not _ORDER.fullmatch(text):
        return {}
    groups = [[end.strip().casefold() for end in group.split("=")] for group in text.split(">")]
    ends = [end for group in groups for end in group]
    if len(ends) > len({*ends}):
        return {}
    return {end: place for place, group in enumerate(groups, start=1) for end in group}
