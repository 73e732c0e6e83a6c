"""Three answers in a row, better, ambivalent and worse, as H4rmony's own notebook implodes its pairs."""

from __future__ import annotations

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Shape
from loaders.source.seen import is_changed, kept_text
from loaders.source.table import Row
from workspace.model.conversations import Message

NAME = "three answers"


def middle(columns: Columns) -> Shape:
    """The shape of a table with a better, a middle and a worse answer in plain text, of which one may be blank."""
    names = tuple(columns.need(part, NAME) for part in ("prompt", "chosen", "middle", "rejected"))
    system = columns.find("system")
    own = (*names, *([system] if system else []))

    def read(row: Row) -> Judged:
        raw = [row.cells.get(name, "") for name in names]
        prompt, *answers = map(kept_text, raw)
        said = row.cells.get(system, "") if system else ""
        return Judged(
            prompt,
            tuple(answers),
            ((1, 2, 3),),
            {name: str(row.cells[name]) for name in own if name in row.cells},
            (Message("system", said),) if said.strip() else (),
            trimmed=is_changed(raw, (prompt, *answers)),
        )

    rule = (
        f"{names[0]!r} is the prompt, and {names[1]!r} is better than {names[2]!r}, which is better than {names[3]!r}"
    )
    return Shape(NAME, rule, own, read)
