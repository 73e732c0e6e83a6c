"""Two answers and which one is preferred, as arenas have it; a tie is a tie.

A conversation may also be a list of questions and one of answers, as Kaggle has the arena's votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loaders.shapes.asked import Asked, is_asked
from loaders.shapes.columns import Columns, plain
from loaders.shapes.judged import Judged, Shape
from loaders.shapes.messages import loose_value, spoken
from loaders.shapes.votes import has_votes, is_shp, votes_of
from loaders.source.table import Row
from workspace.model.conversations import Message

NAME = "two answers and a preference"
_WHAT = ("response", "answer", "completion", "output", "generation", "conversation", "respuesta", "candidate")
_SIDES = (("_a", "_b"), ("_1", "_2"), ("1", "2"), ("_0", "_1"), ("a", "b"))


def fits(columns: Columns) -> bool:
    """True if there are two answers and a column that may say which one is preferred."""
    sides = sides_of(columns)
    return sides is not None and has_votes(columns, sides) and (is_shp(sides) or is_asked(columns, *sides))


def preferred(columns: Columns) -> Shape:
    """The shape of a table with two answers and a preference in a row.

    Raises:
        DataError: the preference is a number, and nobody says which answer has it.
    """
    sides = sides_of(columns) or (columns.need("answer_a", NAME), columns.need("answer_b", NAME))
    votes = votes_of(columns, sides)
    asked = Asked.of(columns, NAME, *sides, *votes.columns)
    if asked.prompt is None and asked.history and is_shp(sides):
        asked = replace(asked, prompt=asked.history, history=None)
    prompt = asked.prompt or ""
    are_lists = _are_lists(columns, (prompt, *sides))
    unasked = replace(asked, prompt=None)

    def read(row: Row) -> Judged:
        places, cells = votes.read(row), asked.cells(row)
        if are_lists:
            return unasked.judged(cells, [_listed(row.cells[prompt], row.cells[side]) for side in sides], (places,))
        return asked.judged(cells, [spoken(cells.get(side, ""), "assistant") for side in sides], (places,))

    where = f"the last text in {prompt!r} is the prompt" if are_lists else asked.where
    rule = (
        f"{where}, and {votes.columns[0]!r} says which of {sides[0]!r} and {sides[1]!r} is better, or that they tie"
    )
    return Shape(NAME, rule, asked.columns, read)


def sides_of(columns: Columns) -> tuple[str, str] | None:
    """The columns of the two answers: what the user says, else two that are named alike."""
    first, second = columns.find("answer_a"), columns.find("answer_b")
    if first and second:
        return first, second
    named = {plain(name): name for name in columns.table.columns}
    for ends in _SIDES:
        for what in (*_WHAT, "human_ref"):
            names = [f"{what}{end}" for end in ends]
            if all(name in named for name in names):
                return named[names[0]], named[names[1]]
    return None


def _are_lists(columns: Columns, names: Sequence[str]) -> bool:
    """True if every cell of these columns is a list of texts, in each row as many in each."""
    rows = ([_turns(row.cells.get(name, "")) for name in names] for row in columns.table.rows)
    return all([] not in lists and len({*map(len, lists)}) == 1 for lists in rows)


def _turns(cell: str) -> list[str | None]:
    """The texts of a list, None where a turn is blank; nothing if a cell holds anything else."""
    value = loose_value(cell)
    is_list = isinstance(value, list) and all(text is None or isinstance(text, str) for text in value)
    return value if is_list else []


def _listed(questions: str, answers: str) -> list[Message]:
    """The conversation of a list of questions and one of answers."""
    pairs = zip(_turns(questions), _turns(answers), strict=True)
    return [turn for ask, say in pairs for turn in (Message("user", ask or ""), Message("assistant", say or ""))]
