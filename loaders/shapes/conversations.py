"""Pairs of conversations: TRL's conversational format, ShareGPT, OpenAI's preferences, UltraFeedback binarized.

The prompt is in a column of its own, as a text or a conversation, or it is what the two conversations share.
"""

from __future__ import annotations

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Shape
from loaders.shapes.messages import spoken
from loaders.source.table import Row

NAME = "conversations"


def conversations(columns: Columns) -> Shape:
    """The shape of a table whose prompt or answers are conversations."""
    sides = tuple(columns.need(part, NAME) for part in ("chosen", "rejected"))
    asked = Asked.of(columns, NAME, *sides)

    def read(row: Row) -> Judged:
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(name, ""), "assistant") for name in sides], ((1, 2),))

    turn = f"of {asked.prompt!r}" if asked.prompt else "before the answers, which both share,"
    rule = f"the last turn {turn} is the prompt, what is before it the context"
    return Shape(
        NAME, f"{rule}, and the last turn of {sides[0]!r} is better than that of {sides[1]!r}", asked.columns, read
    )
