"""Pairs in plain text, under any names: a prompt, the better answer, the worse one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from loaders.shapes.asked import earlier
from loaders.shapes.columns import OF_AN_EXPORT, Columns
from loaders.shapes.judged import Judged, Shape
from loaders.source.seen import is_changed, kept_text
from loaders.source.table import Row, Table
from workspace.model.conversations import Message
from workspace.model.shapes import Joined

NAME = "text pairs"
_BETWEEN = re.compile(r"\A(\n+| (?! ))")  # a prompt and its answer in one text; the indentation is the answer's


def pairs(columns: Columns) -> Shape:
    """The shape of a table with a better and a worse answer in plain text.

    Columns of these names with ``_es`` after them are their Spanish. The line end that the export
    ``dpo-standard`` puts between a prompt and its answer is no part of the prompt.
    """
    names = tuple(columns.need(part, "pairs") for part in ("prompt", "chosen", "rejected"))
    system = columns.find("system")
    spanish = spanish_names(columns, names)

    def read(row: Row) -> Judged:
        raw = [row.cells.get(name, "") for name in names]
        raw[0] = raw[0].rstrip("\r\n") if ended else raw[0]
        cells: dict[str, Any] = {name: str(row.cells[name]) for name in own if name in row.cells}
        if doubled:
            for place in (1, 2):
                _, between, raw[place] = _BETWEEN.split(raw[place].removeprefix(raw[0]), maxsplit=1)
                cells[names[place]] = Joined((raw[0], between, raw[place]))
        prompt, chosen, rejected = map(kept_text, raw)
        said = row.cells.get(system, "") if system else ""
        return Judged(
            prompt,
            (chosen, rejected),
            ((1, 2),),
            cells,
            (*((Message("system", said),) if said.strip() else ()), *earlier(row.cells.get("history", ""))),
            tuple(kept_text(row.cells.get(name, "")) for name in spanish),
            is_changed(raw, (prompt, chosen, rejected)),
        )

    ended = is_exported(columns.table, names[0])
    doubled = begin_with_prompts(columns.table, names)
    own = (*names, *([system] if system else []))
    rule = f"{names[0]!r} is the prompt, and {names[1]!r} is better than {names[2]!r}"
    rule += ", without the line end that the export puts after it" if ended else ""
    rule += ", each without the prompt that it begins with" if doubled else ""
    rule += f"; {system!r} is the system message" if system else ""
    rule += f"; {', '.join(map(repr, spanish))} are their Spanish" if spanish else ""
    return Shape(NAME, rule, own, read)


def begin_with_prompts(table: Table, names: Sequence[str]) -> bool:
    """True if both answers of every row, of two rows or more, are the prompt, line ends or one blank, and more."""
    rows = [[row.cells.get(name, "") for name in names] for row in table.rows[:2]]
    if len(rows) < 2 or not all(map(_is_doubled, rows)):
        return False
    return all(_is_doubled([row.cells.get(name, "") for name in names]) for row in table.rows)


def _is_doubled(texts: Sequence[str]) -> bool:
    prompt, *answers = texts
    if not prompt.strip() or prompt[-1].isspace() or not all(text.startswith(prompt) for text in answers):
        return False
    rests = [text.removeprefix(prompt) for text in answers]
    return all(rest.strip() and _BETWEEN.match(rest) for rest in rests)


def is_exported(table: Table, prompt: str) -> bool:
    """True if a table is the export ``dpo-standard``: it has its columns, and each prompt ends with a line end."""
    cells = (row.cells.get(prompt, "") for row in table.rows)
    return set(table.columns) >= OF_AN_EXPORT and all(cell.endswith("\n") for cell in cells)


def spanish_names(columns: Columns, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns with the Spanish of others, where there is one for each of them."""
    spanish = tuple(f"{name}_es" for name in names)
    return spanish if set(spanish) <= set(columns.table.columns) else ()
