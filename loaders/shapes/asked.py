"""The columns around the answers of a row: that of the prompt, and that of the system message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Ranking
from loaders.shapes.messages import (
    content_of,
    exchange,
    is_conversation,
    json_value,
    last_speaker,
    loose_value,
    spoken,
)
from loaders.shapes.transcripts import is_transcript, pieces, turns_of
from loaders.source.table import Row
from workspace.model.conversations import Message, Role
from workspace.model.shapes import Joined

_LOOKED_AT = 20  # cells of a column that may hold the prompts


@dataclass(frozen=True)
class Asked:
    """Where the prompt, the system message and what was said before are, and all ``columns`` that a shape reads.

    There is no ``prompt`` where the conversations of the answers hold it.
    """

    prompt: str | None
    system: str | None
    history: str | None
    columns: tuple[str, ...]

    @classmethod
    def of(cls, columns: Columns, shape: str, *others: str | None, needed: bool = False) -> Asked:
        """The columns of a table, with the ``others`` that its shape reads.

        Raises:
            DataError: several may be the prompt, or none where one is ``needed``; says which ``--map`` settles it.
        """
        prompt = prompt_column(columns) or (columns.need("prompt", shape) if needed else None)
        system = columns.find("system")
        history = "history" if "history" in columns.table.columns and prompt != "history" else None
        return cls(prompt, system, history, tuple(name for name in (prompt, *others, system, history) if name))

    @property
    def where(self) -> str:
        """The beginning of a shape's rule."""
        return f"{self.prompt!r} is the prompt" if self.prompt else "the last turn of the user is the prompt"

    def cells(self, row: Row) -> dict[str, Any]:
        """What a row has in these columns, as JSON values."""
        return {name: json_value(row.cells[name]) for name in self.columns if name in row.cells}

    def judged(
        self, cells: Mapping[str, Any], given: Sequence[Sequence[Message]], rankings: tuple[Ranking, ...]
    ) -> Judged:
        """What a row says, whose cells are these, of answers that end these conversations.

        Raises:
            Unusable: as ``exchange``.
        """
        asked = cells.get(self.prompt or "", "")
        system = cells.get(self.system or "", "")
        if isinstance(asked, str) and is_transcript(asked):
            turns = [turn for turn in turns_of(asked, "user") if turn.content.strip()]
            cells = {**cells, str(self.prompt): Joined(pieces(asked))}
        else:
            turns = spoken(asked, "user") if not isinstance(asked, str) or asked.strip() else []
        found = exchange(
            given,
            [*earlier(cells.get(self.history or "")), *turns],
            is_asked=self.prompt is not None,
            system=content_of(system) if isinstance(system, Mapping) else str(system),
        )
        return Judged(found.prompt, found.answers, rankings, cells, found.context, (), found.trimmed)


def earlier(history: Any) -> list[Message]:
    """What was said before, as LLaMA-Factory has it: pairs of question and answer; nothing in any other cell."""
    pairs = loose_value(history) if isinstance(history, str) else history
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        return []
    texts = [text for pair in pairs for text in pair]
    if not all(isinstance(text, str) for text in texts):
        return []
    return [Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)]


def answered_column(columns: Columns) -> str | None:
    """The column of conversations that end with an answer, as ms-swift and LLaMA-Factory have; None without."""
    return _held(columns, "assistant")


def prompt_column(columns: Columns) -> str | None:
    """The column of the prompt: of one of its names, else one for conversations, if they end with a user's turn."""
    if found := columns.find("prompt"):
        return found
    return _held(columns, "user")


def is_asked(columns: Columns, *answers: str | None) -> bool:
    """True if something may hold the prompts: a column of their own, or the conversations of the answers."""
    cells = (row.cells.get(name or "", "") for row in columns.table.rows[:_LOOKED_AT] for name in answers)
    return prompt_column(columns) is not None or any(map(is_conversation, cells))


def _held(columns: Columns, last: Role) -> str | None:
    """The column of conversations in which this role speaks last."""
    held = columns.holding_conversations()
    cells = [cell for row in columns.table.rows if (cell := row.cells.get(held or "", ""))][:_LOOKED_AT]
    return held if cells and all(last_speaker(cell) == last for cell in cells) else None
