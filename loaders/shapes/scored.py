"""One answer a row with its rating or its rank; the rows of a prompt together order its answers."""

from __future__ import annotations

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, number_of, places_of
from loaders.shapes.messages import spoken
from loaders.source.table import Row

NAME = "rated rows"


def fits(columns: Columns) -> bool:
    """True if there is an answer a row, and a number that rates or ranks it, in one column alone."""
    return columns.has("prompt", "completion") and bool(_order(columns))


def scored(columns: Columns) -> Shape:
    """The shape of a table with one answer and its rating or rank in a row."""
    completion = columns.need("completion", NAME)
    part, order = _order(columns) or ("ratings", columns.need("ratings", NAME))
    asked = Asked.of(columns, NAME, completion, order, needed=True)
    numbers = [number_of(row.cells.get(order, "")) for row in columns.table.rows]
    places = dict(zip(numbers, places_of(numbers, higher_is_better=part == "ratings"), strict=True))

    def read(row: Row) -> Judged:
        number = number_of(row.cells.get(order, ""))
        if number is None:
            raise Unusable(Reason.NO_ORDER, f"{order!r} is blank; left out")
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(completion, ""), "assistant")], ((places[number],),))

    better = "higher" if part == "ratings" else "lower"
    rule = f"{asked.where}, and of its answers ({completion!r}) one with a {better} {order!r} is better"
    return Shape(NAME, f"{rule}; equal ones tie", asked.columns, read, one_scale=True)


def _order(columns: Columns) -> tuple[str, str] | None:
    """Whether answers have ratings or ranks, and the column that holds the numbers; None if that is doubtful."""
    held = [(part, column) for part in ("ratings", "ranks") if columns.has(part) and (column := columns.find(part))]
    found = [(part, column) for part, column in held if _are_numbers(columns, column)]
    return found[0] if len(found) == 1 else None


def _are_numbers(columns: Columns, column: str) -> bool:
    try:
        return {number_of(row.cells.get(column, "")) for row in columns.table.rows} != {None}
    except Unusable:
        return False
