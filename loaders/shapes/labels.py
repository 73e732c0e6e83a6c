"""One answer a row, called good or bad: TRL's unpaired preference, which KTO reads."""

from __future__ import annotations

from loaders.shapes.asked import Asked, answered_column, is_asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable
from loaders.shapes.messages import spoken
from loaders.source.table import Row

NAME = "labels"
_GOOD = frozenset({"true", "1", "1.0", "good", "yes", "desirable", "thumbs_up", "👍", "chosen", "positive",
                   "verdadero", "sí", "si", "buena", "bueno", "positiva", "positivo"})  # fmt: skip
_BAD = frozenset({"false", "0", "0.0", "-1", "bad", "no", "undesirable", "thumbs_down", "👎", "rejected", "negative",
                  "falso", "mala", "malo", "negativa", "negativo"})  # fmt: skip
_FLAGS = {"True": True, "False": False}


def fits(columns: Columns) -> bool:
    """True if there are answers with labels, and each label calls its answer good or bad."""
    if not columns.has("label") or not (columns.has("completion") or answered_column(columns)):
        return False
    if not is_asked(columns, columns.find("completion") or answered_column(columns)):
        return False
    label = columns.find("label") or ""
    said = {_said(row, label) for row in columns.table.rows} - {""}
    return bool(said) and (said <= _GOOD | _BAD or "label" in columns.told)


def labels(columns: Columns) -> Shape:
    """The shape of a table with one answer and its label in a row."""
    completion = columns.find("completion") or answered_column(columns) or columns.need("completion", NAME)
    label = columns.need("label", NAME)
    asked = Asked.of(columns, NAME, completion, label)

    def read(row: Row) -> Judged:
        said = _said(row, label)
        if said not in _GOOD | _BAD:
            raise Unusable(Reason.NO_ORDER, f"{label!r} is {said[:40]!r}, neither true nor false; left out")
        cells = asked.cells(row)
        cells[label] = _FLAGS.get(cells[label], cells[label])
        return asked.judged(cells, [spoken(cells.get(completion, ""), "assistant")], ((1 if said in _GOOD else 2,),))

    rule = f"{asked.where}, and an answer ({completion!r}) whose {label!r} is true is better than one whose is false"
    return Shape(NAME, f"{rule}; equal ones tie", asked.columns, read, one_scale=True)


def _said(row: Row, label: str) -> str:
    return row.cells.get(label, "").strip().casefold().replace(" ", "_")
