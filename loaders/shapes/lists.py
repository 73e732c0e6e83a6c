"""Several good answers against several bad ones: ``chosen`` or ``rejected`` is a list of texts."""

from __future__ import annotations

import json
from typing import Any

from loaders.shapes.columns import Columns
from loaders.shapes.conversations import asked, prompt_column
from loaders.shapes.judged import Judged, Reason, Shape, Unusable
from loaders.shapes.messages import exchange, json_value
from loaders.source.cells import JsonText
from loaders.source.table import Row
from workspace.model.conversations import Message

NAME = "lists"


def is_list_of_texts(cell: str) -> bool:
    """True if a cell is a list of texts in the source."""
    return isinstance(cell, JsonText) and cell.startswith(('["', "[]"))


def lists(columns: Columns) -> Shape:
    """The shape of a table whose better or worse answers are lists."""
    prompt = prompt_column(columns) or columns.need("prompt", NAME)
    chosen, rejected = (columns.need(part, NAME) for part in ("chosen", "rejected"))
    system = columns.find("system")
    own = tuple(name for name in (prompt, chosen, rejected, system) if name)

    def read(row: Row) -> Judged:
        better, worse = (_texts(row.cells.get(name, "")) for name in (chosen, rejected))
        found = exchange(
            [[Message("assistant", text)] for text in (*better, *worse)],
            asked(row, prompt),
            system=row.cells.get(system, "") if system else "",
        )
        places = (1,) * len(better) + (2,) * len(worse)
        cells = {name: json_value(row.cells[name]) for name in own if name in row.cells}
        return Judged(found.prompt, found.answers, (places,), cells, found.context, (), found.trimmed)

    rule = f"{prompt!r} is the prompt, and each text of {chosen!r} is better than each of {rejected!r}; those of one "
    return Shape(NAME, f"{rule}list tie", own, read)


def _texts(cell: str) -> list[str]:
    value: Any = json.loads(cell) if isinstance(cell, JsonText) else [cell]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise Unusable(Reason.NOT_TEXT, "a list of answers holds something else than texts; left out")
    return value
