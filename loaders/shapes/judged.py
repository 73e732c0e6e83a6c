"""What a shape is, and what it reads from a row: a prompt, its answers, and how somebody ranks them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from loaders.source.table import Row
from workspace.model.conversations import Message

Ranking = tuple[int | None, ...]
_UNSAID = frozenset({"", "none", "n/a", "na", "nan", "null", "-"})
_ORDINAL = re.compile(r"(\d+)\s*(?:st|nd|rd|th|\.?\s?[ºª°])")


class Reason(StrEnum):
    """Why a row is left out; ``loaders.imploding.audit`` states the rule of each."""

    BLANK = "blank"
    EQUAL_ANSWERS = "equal_answers"
    ONE_ANSWER = "one_answer"
    NOT_TEXT = "not_text"
    NO_TURNS = "no_turns"
    NO_ORDER = "no_order"


class Unusable(Exception):
    """A row that cannot be used, with the reason and a message for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Judged:
    """What one row says.

    Attributes:
        prompt: its text.
        answers: their texts, in the order of the row.
        rankings: one for each judge: the place of each answer, 1 the best, equal places a tie; None says nothing.
        cells: the columns of the shape, as JSON values; a text may be a ``workspace.model.shapes.Joined``.
        context: what came before the prompt.
        translation: the Spanish of the prompt and of each answer, where the row has it.
        trimmed: whether the prompt or an answer lost Windows line ends.
    """

    prompt: str
    answers: tuple[str, ...]
    rankings: tuple[Ranking, ...]
    cells: Mapping[str, Any]
    context: tuple[Message, ...] = ()
    translation: tuple[str, ...] = ()
    trimmed: bool = False


@dataclass(frozen=True)
class Shape:
    """How the rows of a table are read.

    Attributes:
        name: what the summary calls it.
        rule: in one sentence, what is the prompt, what are the answers, and what orders them.
        columns: those that ``read`` reads.
        read: what a row says; raises ``Unusable``.
        one_scale: whether the places in all rows of a prompt are on one scale, as "good" and "bad" are.
    """

    name: str
    rule: str
    columns: tuple[str, ...]
    read: Callable[[Row], Judged]
    one_scale: bool = False


def places_of(values: Sequence[float | None], *, higher_is_better: bool) -> Ranking:
    """The place of each value, 1 the best; equal values tie, and None has no place.

    >>> places_of([4.0, 4.0, 2.0], higher_is_better=True), places_of([0, 1, None], higher_is_better=False)
    ((1, 1, 2), (1, 2, None))
    """
    known = sorted({value for value in values if value is not None}, reverse=higher_is_better)
    places = {value: place for place, value in enumerate(known, start=1)}
    return tuple(None if value is None else places[value] for value in values)


def by_name(rankings: Sequence[Mapping[str, float]]) -> tuple[list[str], tuple[Ranking, ...]]:
    """The names that are ranked, the lowest number the best, and the places of all of them in each ranking.

    >>> by_name([{"b": 1, "a": 2}, {"a": 1, "c": 1}])
    (['b', 'a', 'c'], ((1, 2, None), (None, 1, 1)))
    """
    names = list(dict.fromkeys(name for ranking in rankings for name in ranking))
    places = (places_of([ranking.get(name) for name in names], higher_is_better=False) for ranking in rankings)
    return names, tuple(places)


def number_of(value: Any) -> float | None:
    """A rank or a rating that is a number, also one written as text; None where none was given.

    >>> number_of("2.º"), number_of("4,5"), number_of("N/A")
    (2.0, 4.5, None)

    Raises:
        Unusable: it is something else.
    """
    text = "" if value is None else str(value).strip()
    if text.casefold() in _UNSAID:
        return None
    match = _ORDINAL.fullmatch(text)
    try:
        number = math.nan if isinstance(value, bool) else float(match[1] if match else text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Unusable(Reason.NO_ORDER, f"the rank or rating {text[:40]!r} is no number; left out")
    return number
