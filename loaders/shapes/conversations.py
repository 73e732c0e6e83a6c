"""Pairs of conversations: TRL's conversational format, ShareGPT, OpenAI's preferences, UltraFeedback binarized.

The prompt is in a column of its own, as a text or a conversation, or it is what the two conversations share.
"""

from __future__ import annotations

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Shape
from loaders.shapes.messages import exchange, is_conversation, json_value, spoken
from loaders.source.table import Row
from workspace.model.conversations import Message

NAME = "conversations"


def conversations(columns: Columns) -> Shape:
    """The shape of a table whose prompt or answers are conversations."""
    chosen, rejected = (columns.need(part, NAME) for part in ("chosen", "rejected"))
    prompt = prompt_column(columns)
    system = columns.find("system")
    own = tuple(name for name in (prompt, chosen, rejected, system) if name)

    def read(row: Row) -> Judged:
        found = exchange(
            [spoken(row.cells.get(name, ""), "assistant") for name in (chosen, rejected)],
            asked(row, prompt),
            is_asked=prompt is not None,
            system=row.cells.get(system, "") if system else "",
        )
        cells = {name: json_value(row.cells[name]) for name in own if name in row.cells}
        return Judged(found.prompt, found.answers, ((1, 2),), cells, found.context, (), found.trimmed)

    where = f"the last turn of {prompt!r}" if prompt else "the last turn before the answers, which both share,"
    rule = f"{where} is the prompt, what is before it the context, and the last turn of {chosen!r} is better than "
    return Shape(NAME, f"{rule}that of {rejected!r}", own, read)


def prompt_column(columns: Columns) -> str | None:
    """The column of the prompt: of one of its names, else one for conversations, if they end with a user's turn."""
    if found := columns.find("prompt"):
        return found
    held = columns.holding_conversations()
    if held is None:
        return None
    cells = [cell for row in columns.table.rows if (cell := row.cells.get(held, ""))]
    ends = [spoken(cell, "user")[-1:] for cell in cells[:20] if is_conversation(cell)]
    return held if ends and all(turn.role == "user" for end in ends for turn in end) else None


def asked(row: Row, prompt: str | None) -> list[Message]:
    """The turns of the cell of the prompt; none where there is no such column, or it is blank."""
    cell = row.cells.get(prompt, "") if prompt else ""
    return spoken(cell, "user") if cell.strip() else []
