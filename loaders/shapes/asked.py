"""The columns around the answers of a row: that of the prompt, and that of the system message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Ranking
from loaders.shapes.messages import exchange, is_asking, json_value, spoken
from loaders.source.table import Row
from workspace.model.conversations import Message

_LOOKED_AT = 20  # cells of a column that may hold the prompts


@dataclass(frozen=True)
class Asked:
    """Where the prompt and the system message of a row are, and all ``columns`` that its shape reads.

    There is no ``prompt`` where the conversations of the answers hold it.
    """

    prompt: str | None
    system: str | None
    columns: tuple[str, ...]

    @classmethod
    def of(cls, columns: Columns, shape: str, *others: str | None, needed: bool = False) -> Asked:
        """The columns of a table, with the ``others`` that its shape reads.

        Raises:
            DataError: several may be the prompt, or none where one is ``needed``; says which ``--map`` settles it.
        """
        prompt = prompt_column(columns) or (columns.need("prompt", shape) if needed else None)
        system = columns.find("system")
        return cls(prompt, system, tuple(name for name in (prompt, *others, system) if name))

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
        found = exchange(
            given,
            spoken(asked, "user") if not isinstance(asked, str) or asked.strip() else [],
            is_asked=self.prompt is not None,
            system=str(cells.get(self.system or "", "")),
        )
        return Judged(found.prompt, found.answers, rankings, cells, found.context, (), found.trimmed)


def prompt_column(columns: Columns) -> str | None:
    """The column of the prompt: of one of its names, else one for conversations, if they end with a user's turn."""
    if found := columns.find("prompt"):
        return found
    held = columns.holding_conversations()
    cells = [cell for row in columns.table.rows if (cell := row.cells.get(held or "", ""))][:_LOOKED_AT]
    return held if cells and all(map(is_asking, cells)) else None
