"""Pairs of transcripts, as HH-RLHF has them, of which the last exchange is compared.

``\\n\\nHuman: ...\\n\\nAssistant: ...\\n\\nHuman: ...\\n\\nAssistant: ...``
"""

from __future__ import annotations

import re

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Shape
from loaders.shapes.messages import exchange
from loaders.source.table import Row, canonical_text
from workspace.model.conversations import Message, Role
from workspace.model.shapes import Joined

NAME = "transcripts"
_TURN = re.compile(r"(\A\s*|\n\n)(Human|Assistant):")
_ROLES: dict[str, Role] = {"Human": "user", "Assistant": "assistant"}


def is_transcript(cell: str) -> bool:
    """True if a text begins as a transcript does, and the assistant speaks in it."""
    found = _TURN.match(cell)
    return bool(found and found[2] == "Human" and "\n\nAssistant:" in cell)


def transcripts(columns: Columns) -> Shape:
    """The shape of a table whose better and worse answers end a transcript."""
    chosen, rejected = (columns.need(part, NAME) for part in ("chosen", "rejected"))
    prompt = columns.find("prompt")
    own = tuple(name for name in (prompt, chosen, rejected) if name)

    def read(row: Row) -> Judged:
        cells = {name: row.cells[name] for name in own if name in row.cells}
        found = exchange(
            [turns_of(cells.get(name, ""), "assistant") for name in (chosen, rejected)],
            [turn for turn in turns_of(cells.get(prompt or "", ""), "user") if turn.content.strip()],
            is_asked=prompt is not None,
        )
        joined = {name: Joined(pieces(cell)) for name, cell in cells.items()}
        return Judged(found.prompt, found.answers, ((1, 2),), joined, found.context, (), found.trimmed)

    rule = "the last turn of Human is the prompt, what is before it the context, and the last turn of Assistant in "
    return Shape(NAME, f"{rule}{chosen!r} is better than that in {rejected!r}", own, read)


def turns_of(cell: str, role: Role) -> list[Message]:
    """The turns of a transcript; any other text is one turn, of this role."""
    if not cell or not _TURN.match(cell):
        return [Message(role, canonical_text(cell))] if cell else []
    _, *parts = _TURN.split(cell)
    return [Message(_ROLES[parts[at + 1]], canonical_text(parts[at + 2])) for at in range(0, len(parts), 3)]


def pieces(cell: str) -> tuple[str, ...]:
    """The text in pieces, of which those without white space around them may be texts of a record."""
    if not _TURN.match(cell):
        return _spaced(cell)
    _, *parts = _TURN.split(cell)
    pieces: list[str] = []
    for at in range(0, len(parts), 3):
        pieces += (f"{parts[at]}{parts[at + 1]}:", *_spaced(parts[at + 2]))
    return tuple(pieces)


def _spaced(text: str) -> tuple[str, ...]:
    core = text.strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return tuple(piece for piece in (before, core, after) if piece)
