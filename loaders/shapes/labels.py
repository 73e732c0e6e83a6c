"""One answer a row, called good or bad: TRL's unpaired preference, which KTO reads."""

from __future__ import annotations

from loaders.shapes.columns import Columns
from loaders.shapes.conversations import asked, prompt_column
from loaders.shapes.judged import Judged, Reason, Shape, Unusable
from loaders.shapes.messages import exchange, json_value, spoken
from loaders.source.table import Row

NAME = "labels"
_GOOD = frozenset({"true", "1", "1.0", "good", "yes", "desirable", "thumbs_up", "chosen", "verdadero", "sí", "buena"})
_BAD = frozenset({"false", "0", "0.0", "-1", "bad", "no", "undesirable", "thumbs_down", "rejected", "falso", "mala"})


def fits(columns: Columns) -> bool:
    """True if there are answers with labels, and each label calls its answer good or bad."""
    if not columns.has("completion", "label"):
        return False
    label = columns.find("label") or ""
    said = {_said(row, label) for row in columns.table.rows} - {""}
    return bool(said) and (said <= _GOOD | _BAD or "label" in columns.told)


def labels(columns: Columns) -> Shape:
    """The shape of a table with one answer and its label in a row."""
    prompt = prompt_column(columns)
    completion, label = (columns.need(part, NAME) for part in ("completion", "label"))
    system = columns.find("system")
    own = tuple(name for name in (prompt, completion, label, system) if name)

    def read(row: Row) -> Judged:
        said = _said(row, label)
        if said not in _GOOD | _BAD:
            raise Unusable(Reason.NO_ORDER, f"{label!r} is {said[:40]!r}, neither true nor false; left out")
        found = exchange(
            [spoken(row.cells.get(completion, ""), "assistant")],
            asked(row, prompt),
            is_asked=prompt is not None,
            system=row.cells.get(system, "") if system else "",
        )
        cells = {name: json_value(row.cells[name]) for name in own if name in row.cells}
        flags = {"True": True, "False": False}
        cells[label] = flags.get(cells[label], cells[label])
        return Judged(
            found.prompt, found.answers, ((1 if said in _GOOD else 2,),), cells, found.context, (), found.trimmed
        )

    where = f"{prompt!r} is the prompt" if prompt else "the last turn of the user is the prompt"
    rule = (
        f"{where}, and an answer ({completion!r}) whose {label!r} is true is better than one whose is false; equal "
    )
    return Shape(NAME, f"{rule}ones tie", own, read, one_scale=True)


def _said(row: Row, label: str) -> str:
    return row.cells.get(label, "").strip().casefold().replace(" ", "_")
