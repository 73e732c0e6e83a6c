"""Which of two answers a row prefers: a word, a number on a scale, or a column for each outcome."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from loaders.shapes.columns import Columns, plain
from loaders.shapes.judged import Ranking, Reason, Unusable
from loaders.source.table import Row
from workspace.errors import DataError

_ONE_HOT = ("winner_model_a", "winner_model_b", "winner_tie")
_SHP = "labels"  # beside human_ref_A and human_ref_B: 1 where A is better, 0 where B is
_SCALES = frozenset(
    {"overall_preference", "preference_strength"}
)  # HelpSteer's: -3 the first is better, 3 the second
_SCALED = re.compile(r"-?[0-3]")
_LETTERS = (
    frozenset({"a", "model_a", "left", "first", "izquierda"}),
    frozenset({"b", "model_b", "right", "second", "derecha"}),
)
_TIES = frozenset({"tie", "tie_(bothbad)", "tie_(both_bad)", "both_bad", "bothbad", "both", "equal", "same", "draw",
                   "neither", "none", "empate", "iguales", "ambas", "ninguna"})  # fmt: skip


@dataclass(frozen=True)
class Votes:
    """What a row says of two answers, and the columns that say it."""

    columns: tuple[str, ...]
    read: Callable[[Row], Ranking]


def has_votes(columns: Columns, sides: tuple[str, str]) -> bool:
    """True if a column may say which of two answers is preferred."""
    names = {*columns.table.columns}
    return columns.has("preference") or set(_ONE_HOT) <= names or (is_shp(sides) and _SHP in names)


def is_shp(sides: tuple[str, str]) -> bool:
    """True for the columns of answers that SHP has."""
    return sides[0].casefold().startswith("human_ref")


def votes_of(columns: Columns, sides: tuple[str, str]) -> Votes:
    """How the rows say which of two answers is preferred.

    Raises:
        DataError: it is a number, and nothing tells which answer has it.
    """
    vote = columns.find("preference")
    if vote is None and is_shp(sides) and _SHP in columns.table.columns:
        return _said(_SHP, {"1": (1, 2), "0": (2, 1)})
    if vote is None:
        return Votes(_ONE_HOT, _one_hot)
    return _said(vote, _words(columns, sides, vote))


def _said(vote: str, words: dict[str, Ranking]) -> Votes:
    def read(row: Row) -> Ranking:
        told = row.cells.get(vote, "").strip()
        places = words.get(_word(told)) or _of_models(row, told)
        if places is None:
            raise Unusable(Reason.NO_ORDER, f"{vote!r} is {told[:40]!r}, which prefers neither answer; left out")
        return places

    return Votes((vote,), read)


def _of_models(row: Row, told: str) -> Ranking | None:
    """What the name of a model says, where ``model_a`` and ``model_b`` name both."""
    first, second = (row.cells.get(name, "").strip() for name in ("model_a", "model_b"))
    if not told or first == second or told not in (first, second):
        return None
    return (1, 2) if told == first else (2, 1)


def _word(text: str) -> str:
    number = text.strip().removesuffix(".0")
    return number if _SCALED.fullmatch(number) else plain(number)


def _words(columns: Columns, sides: tuple[str, str], vote: str) -> dict[str, Ranking]:
    """What each word in the column of the preference says of the two answers."""
    said = {_word(row.cells.get(vote, "")) for row in columns.table.rows} - {""}
    ends = tuple(match[0] if (match := re.search(r"\d+$", side)) else "" for side in sides)
    if plain(vote) in _SCALES and ends == ("1", "2") and all(map(_SCALED.fullmatch, said)):
        return {word: _on_scale(int(word)) for word in said}
    numbers = {word for word in said if word in ("0", "1", "2")}
    names: tuple[set[str], set[str]] = (
        {*_LETTERS[0], plain(sides[0]), ends[0]},
        {*_LETTERS[1], plain(sides[1]), ends[1]},
    )
    below = {word for word in said if _SCALED.fullmatch(word) and word.startswith("-")}
    others = numbers - {*ends} if all(ends) else numbers  # that are not the end of an answer's name
    if below or (others and not {*ends} <= numbers):
        if below or all(ends) or "2" not in numbers or "0" in numbers:
            told = " or ".join(sorted(numbers | below))
            raise DataError(
                f"{columns.table.source}: {vote!r} is {told}, which may mean either of {sides[0]!r} and "
                f"{sides[1]!r}; write a, b or tie into it"
            )
        names[0].add("1")
        names[1].add("2")
    words: dict[str, Ranking] = dict.fromkeys(_TIES, (1, 1))
    return words | dict.fromkeys(names[0] - {""}, (1, 2)) | dict.fromkeys(names[1] - {""}, (2, 1))


def _on_scale(number: int) -> Ranking:
    return (1 + (number > 0), 1 + (number < 0))


def _one_hot(row: Row) -> Ranking:
    said = tuple(row.cells.get(name, "").strip() in ("1", "1.0", "True", "true") for name in _ONE_HOT)
    if sum(said) != 1:
        raise Unusable(Reason.NO_ORDER, f"not one of {', '.join(map(repr, _ONE_HOT))} is 1; left out")
    return ((1, 2), (2, 1), (1, 1))[said.index(True)]
