"""Several good answers against several bad ones: ``chosen`` or ``rejected`` is a list of texts."""

from __future__ import annotations

from typing import Any

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable
from loaders.source.cells import JsonText
from loaders.source.table import Row
from workspace.model.conversations import Message

NAME = "lists"


def is_list_of_texts(cell: str) -> bool:
    """True if a cell is a list of texts in the source."""
    return isinstance(cell, JsonText) and cell.startswith(('["', "[]"))


def lists(columns: Columns) -> Shape:
    """The shape of a table whose better or worse answers are lists."""
    chosen, rejected = (columns.need(part, NAME) for part in ("chosen", "rejected"))
    asked = Asked.of(columns, NAME, chosen, rejected, needed=True)

    def read(row: Row) -> Judged:
        cells = asked.cells(row)
        better, worse = (_texts(cells.get(name, "")) for name in (chosen, rejected))
        places = (1,) * len(better) + (2,) * len(worse)
        return asked.judged(cells, [[Message("assistant", text)] for text in (*better, *worse)], (places,))

    rule = f"{asked.where}, and each text of {chosen!r} is better than each of {rejected!r}; those of one list tie"
    return Shape(NAME, rule, asked.columns, read)


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Unusable(Reason.NOT_TEXT, "a list of answers holds something else than texts; left out")
    return texts
