"""Two answers and which one is preferred, as arenas have it; a tie is a tie."""

from __future__ import annotations

import re

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Ranking, Reason, Shape, Unusable
from loaders.shapes.messages import spoken
from loaders.source.table import Row
from workspace.errors import DataError

NAME = "two answers and a preference"
_WHAT = ("response", "answer", "completion", "output", "generation", "conversation", "respuesta", "candidate")
_SIDES = (("_a", "_b"), ("_1", "_2"), ("1", "2"), ("_0", "_1"), ("a", "b"))
_ONE_HOT = ("winner_model_a", "winner_model_b", "winner_tie")
_LETTERS = (
    frozenset({"a", "model_a", "left", "first", "izquierda"}),
    frozenset({"b", "model_b", "right", "second", "derecha"}),
)
_TIES = frozenset({"tie", "tie_(bothbad)", "tie_(both_bad)", "both_bad", "bothbad", "both", "equal", "same", "draw",
                   "neither", "none", "empate", "iguales", "ambas", "ninguna"})  # fmt: skip


def fits(columns: Columns) -> bool:
    """True if there are two answers and a column that may say which one is preferred."""
    return sides_of(columns) is not None and (columns.has("preference") or set(_ONE_HOT) <= {*columns.table.columns})


def preferred(columns: Columns) -> Shape:
    """The shape of a table with two answers and a preference in a row.

    Raises:
        DataError: the preference is a number, and nobody says which answer has it.
    """
    sides = sides_of(columns) or (columns.need("answer_a", NAME), columns.need("answer_b", NAME))
    votes = (columns.find("preference"),) if columns.has("preference") else _ONE_HOT
    said = _words(columns, sides, str(votes[0])) if len(votes) == 1 else {}
    asked = Asked.of(columns, NAME, *sides, *votes)

    def read(row: Row) -> Judged:
        places = said.get(_plain(row.cells.get(str(votes[0]), ""))) if said else _one_hot(row)
        if places is None:
            told = row.cells.get(str(votes[0]), "").strip()[:40]
            raise Unusable(Reason.NO_ORDER, f"{votes[0]!r} is {told!r}, which prefers neither answer; left out")
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(name, ""), "assistant") for name in sides], (places,))

    rule = f"{asked.where}, and {votes[0]!r} says which of {sides[0]!r} and {sides[1]!r} is better, or that they tie"
    return Shape(NAME, rule, asked.columns, read)


def sides_of(columns: Columns) -> tuple[str, str] | None:
    """The columns of the two answers: what the user says, else two that are named alike."""
    first, second = columns.find("answer_a"), columns.find("answer_b")
    if first and second:
        return first, second
    plain = {_plain(name): name for name in columns.table.columns}
    for ends in _SIDES:
        for what in _WHAT:
            names = [f"{what}{end}" for end in ends]
            if all(name in plain for name in names):
                return plain[names[0]], plain[names[1]]
    return None


def _words(columns: Columns, sides: tuple[str, str], vote: str) -> dict[str, Ranking]:
    """What each word in the column of the preference says of the two answers."""
    said = {_plain(row.cells.get(vote, "")) for row in columns.table.rows} - {""}
    numbers = {word for word in said if word in ("0", "1", "2")}
    ends = tuple(match[0] if (match := re.search(r"\d+$", side)) else "" for side in sides)
    names: tuple[set[str], set[str]] = (
        {*_LETTERS[0], _plain(sides[0]), ends[0]},
        {*_LETTERS[1], _plain(sides[1]), ends[1]},
    )
    if numbers and not all(ends):
        if "2" not in numbers or "0" in numbers:
            raise DataError(
                f"{columns.table.source}: {vote!r} is {' or '.join(sorted(numbers))}, which may mean either of "
                f"{sides[0]!r} and {sides[1]!r}; write a, b or tie into it"
            )
        names[0].add("1")
        names[1].add("2")
    words: dict[str, Ranking] = dict.fromkeys(_TIES, (1, 1))
    return words | dict.fromkeys(names[0] - {""}, (1, 2)) | dict.fromkeys(names[1] - {""}, (2, 1))


def _one_hot(row: Row) -> Ranking | None:
    said = tuple(row.cells.get(name, "").strip() in ("1", "1.0", "True", "true") for name in _ONE_HOT)
    if sum(said) != 1:
        return None
    return ((1, 2), (2, 1), (1, 1))[said.index(True)]


def _plain(text: str) -> str:
    plain = text.strip().casefold().replace(" ", "_").replace("-", "_")
    return plain.removesuffix(".0")
