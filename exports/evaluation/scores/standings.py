"""Which models can be told apart, and the ranks that follow (pure, no I/O).

The rules:

- Only scores by one method, one judge, one rubric, and in the same languages stand in one table: others measure
  something else.
- Two models can be told apart if the difference of their scores is more than chance makes it, at 5% for the whole
  table: the p-values of all pairs are corrected by Holm's method (S. Holm 1979, *Scandinavian Journal of Statistics*
  6). The difference is taken prompt by prompt (``influence.py``).
- Scores without the influence of their prompts (by the matrix) are told apart where their 95% intervals do not
  overlap, which finds less.
- A rank is a range: from one more than the models that are better for sure, to the models that are not worse for sure
  (Mogstad, Romano, Shaikh & Wilhelm 2024, *Review of Economic Studies* 91). With 95% certainty all ranks of a table
  are within their ranges at once.
- Models that share a letter cannot be told apart (Piepho 2004, *Journal of Computational and Graphical Statistics*
  13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from exports.evaluation.scores.influence import minus
from exports.evaluation.scores.score import Method, Score
from workspace.errors import DataError, shown

LEVEL = 0.05
Test: TypeAlias = Literal["paired", "overlap", "alone"]
_ORDER: tuple[Method, ...] = ("ppi", "matrix", "raw")


@dataclass(frozen=True)
class Place:
    """A model's score, the best and the worst rank that it may have, and the groups that it is in, as letters.

    A model alone is in no group, and its rank says nothing.
    """

    model: str
    score: Score
    best: int
    worst: int
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """The first model's score minus the second's; ``p`` is corrected, and None where intervals are compared."""

    first: str
    second: str
    difference: float | None
    p: float | None
    is_apart: bool


@dataclass(frozen=True)
class Standing:
    """Models that can be compared, the highest score first.

    Attributes:
        method: how all scores were made.
        judge: who graded all answers.
        rubric: by what.
        languages: of all answers.
        test: how models were told apart; ``alone`` if there is one only.
        common: how many groups of prompts all models answered; None if that is not known.
        places: the models.
        pairs: every two of them.
    """

    method: Method
    judge: str
    rubric: str
    languages: tuple[str, ...]
    test: Test
    common: int | None
    places: tuple[Place, ...]
    pairs: tuple[Pair, ...]


def standings(scores: Sequence[tuple[str, Score]]) -> tuple[Standing, ...]:
    """The tables of some models' scores by the rules at the top of this module.

    Raises:
        DataError: a model is in a table twice, or two names have the same grades.
    """
    tables: dict[tuple[Method, str, str, tuple[str, ...]], list[tuple[str, Score]]] = {}
    for name, score in scores:
        tables.setdefault((score.method, score.judge, score.rubric, tuple(sorted(score.languages))), []).append(
            (name, score)
        )
    ordered = sorted(tables, key=lambda key: (_ORDER.index(key[0]), *key[1:]))
    return tuple(_standing(key, tables[key]) for key in ordered)


def _standing(key: tuple[Method, str, str, tuple[str, ...]], scores: Sequence[tuple[str, Score]]) -> Standing:
    listed = sorted(scores, key=lambda each: (each[1].overall.score is None, -(each[1].overall.score or 0), each[0]))
    _refuse_twice(listed)
    prompts = [each.influence.prompts.keys() for _, each in listed if each.influence is not None]
    is_known = len(prompts) == len(listed)
    test: Test = "alone" if len(listed) < 2 else "paired" if is_known else "overlap"
    pairs = _paired(listed) if test == "paired" else _overlapping(listed)
    names = [name for name, _ in listed]
    groups = letters(names, pairs) if len(names) > 1 else dict.fromkeys(names, ())
    above = {name: {pair.first for pair in pairs if pair.is_apart and pair.second == name} for name, _ in listed}
    below = {name: {pair.second for pair in pairs if pair.is_apart and pair.first == name} for name, _ in listed}
    return Standing(
        *key,
        test,
        len(set.intersection(*map(set, prompts))) if is_known else None,
        tuple(
            Place(name, score, 1 + len(above[name]), len(listed) - len(below[name]), groups[name])
            for name, score in listed
        ),
        pairs,
    )


def _refuse_twice(scores: Sequence[tuple[str, Score]]) -> None:
    digests: dict[str, str] = {}
    for name, score in sorted(scores, key=lambda each: each[0]):
        if list(map(str, (other for other, _ in scores))).count(name) > 1:
            raise DataError(f"{shown(name)} is there twice by one judge and method; give one score of each model")
        if score.digest and (other := digests.setdefault(score.digest, name)) != name:
            raise DataError(f"{shown(other)} and {shown(name)} have the same grades; one of them is another's score")


def _paired(scores: Sequence[tuple[str, Score]]) -> tuple[Pair, ...]:
    """Every two models, the higher score first, with Holm's p-values."""
    found = {}
    for (first, one), (second, other) in combinations(scores, 2):
        assert one.influence and other.influence
        figure = minus(one.influence, other.influence)
        found[first, second] = figure.value, _p_value(figure.value, figure.variance, figure.freedom)
    corrected = holm({pair: p for pair, (_, p) in found.items()})
    return tuple(
        Pair(*pair, difference, corrected[pair], corrected[pair] <= LEVEL) for pair, (difference, _) in found.items()
    )


def _overlapping(scores: Sequence[tuple[str, Score]]) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            first,
            second,
            None if None in (a.overall.score, b.overall.score) else (a.overall.score or 0) - (b.overall.score or 0),
            None,
            a.overall.low > b.overall.high,
        )
        for (first, a), (second, b) in combinations(scores, 2)
    )


def _p_value(value: float, variance: float, freedom: float) -> float:
    from scipy.special import stdtr

    if freedom < 1 or variance <= 0:
        return 1.0
    return 2 * float(stdtr(freedom, -abs(value) / variance**0.5))


def letters(names: Sequence[str], pairs: Sequence[Pair]) -> dict[str, tuple[str, ...]]:
    """The letters of each name: two share one if they cannot be told apart, and else share none."""
    columns = [frozenset(names)]
    for pair in pairs:
        if pair.is_apart:
            both = {pair.first, pair.second}
            parted = {column - {name} for column in columns if both <= column for name in both}
            kept = {column for column in columns if not both <= column} | parted
            columns = [column for column in kept if not any(column < other for other in kept)]
    columns.sort(key=lambda column: sorted(map(names.index, column)))
    return {name: tuple(_letter(place) for place, column in enumerate(columns) if name in column) for name in names}


def _letter(place: int) -> str:
    """a, b, ... z, a2, b2, ..."""
    return "abcdefghijklmnopqrstuvwxyz"[place % 26] + (str(place // 26 + 1) if place >= 26 else "")


def holm(values: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """P-values corrected for their number: each may be held against the level by itself."""
    highest, corrected = 0.0, {}
    for place, (pair, p) in enumerate(sorted(values.items(), key=lambda item: (item[1], item[0]))):
        highest = max(highest, min(1.0, (len(values) - place) * p))
        corrected[pair] = highest
    return corrected
