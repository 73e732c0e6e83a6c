"""Which models can be told apart, and the ranks that follow (pure, no I/O).

The rules:

- Only scores by one method, one judge, one rubric, and in the same languages stand in one table: others measure
  something else.
- Every two models have a difference with an interval, taken prompt by prompt (``influence.py``). With 95% certainty
  all intervals of a table hold at once (``simultaneous.py``). Two models can be told apart if theirs does not hold 0.
- Scores by the matrix are compared on the prompts that both models answered, by the matrix of the judge's card
  (``matrix.py``), each at the level 5% divided by the number of pairs (Bonferroni), so that all hold at once too.
- Without that card they are told apart where their 95% intervals do not overlap, which finds less. The interval of
  such a difference goes from the one's low end less the other's high end, and holds by itself.
- A rank is a range: from one more than the models that are better for sure, to the models that are not worse for sure
  (Mogstad, Romano, Shaikh & Wilhelm 2024, *Review of Economic Studies* 91). With 95% certainty all ranks of a table
  are within their ranges at once.
- Models that share a letter cannot be told apart (Piepho 2004, *Journal of Computational and Graphical Statistics*
  13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from exports.evaluation.scores.influence import minus
from exports.evaluation.scores.linear import LEVEL, TOP, difference_interval
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.score import Method, Score
from exports.evaluation.scores.simultaneous import joint_level
from workspace.errors import DataError, shown

Test: TypeAlias = Literal["paired", "matrix", "overlap", "alone"]
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
    """The first model's score minus the second's, with its interval.

    ``prompts`` counts the groups of prompts that both answered; None where that is not known.
    """

    first: str
    second: str
    difference: float | None
    low: float
    high: float
    prompts: int | None

    @property
    def is_apart(self) -> bool:
        """Whether the two can be told apart: the interval is wholly on one side of 0."""
        return not self.low <= 0 <= self.high


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


def standings(
    scores: Sequence[tuple[str, Score]], matrices: Mapping[tuple[str, str], Matrix] | None = None
) -> tuple[Standing, ...]:
    """The tables of some models' scores by the rules at the top of this module.

    Args:
        scores: by the models' names.
        matrices: those of the judges' cards, by judge and rubric.

    Raises:
        DataError: a model is in a table twice, or two names have the same grades.
    """
    tables: dict[tuple[Method, str, str, tuple[str, ...]], list[tuple[str, Score]]] = {}
    for name, score in scores:
        tables.setdefault((score.method, score.judge, score.rubric, tuple(sorted(score.languages))), []).append(
            (name, score)
        )
    ordered = sorted(tables, key=lambda key: (_ORDER.index(key[0]), *key[1:]))
    return tuple(_standing(key, tables[key], (matrices or {}).get(key[1:3])) for key in ordered)


def _standing(
    key: tuple[Method, str, str, tuple[str, ...]], scores: Sequence[tuple[str, Score]], matrix: Matrix | None
) -> Standing:
    listed = sorted(scores, key=lambda each: (each[1].overall.score is None, -(each[1].overall.score or 0), each[0]))
    _refuse_twice(listed)
    prompts = [each.prompt_names for _, each in listed if each.prompt_names is not None]
    is_known = len(prompts) == len(listed)
    test = _test(listed, matrix)
    pairs = _by_matrix(listed, matrix, key[3]) if test == "matrix" and matrix else _PAIRS[test](listed)
    names = [name for name, _ in listed]
    groups = letters(names, pairs) if len(names) > 1 else dict.fromkeys(names, ())
    above = {name: {pair.first for pair in pairs if pair.is_apart and pair.second == name} for name, _ in listed}
    below = {name: {pair.second for pair in pairs if pair.is_apart and pair.first == name} for name, _ in listed}
    return Standing(
        *key,
        test,
        len(frozenset.intersection(*prompts)) if is_known else None,
        tuple(
            Place(name, score, 1 + len(above[name]), len(listed) - len(below[name]), groups[name])
            for name, score in listed
        ),
        pairs,
    )


def _refuse_twice(scores: Sequence[tuple[str, Score]]) -> None:
    digests: dict[str, str] = {}
    times = Counter(name for name, _ in scores)
    for name, score in sorted(scores, key=lambda each: each[0]):
        if times[name] > 1:
            raise DataError(f"{shown(name)} is there twice by one judge and method; give one score of each model")
        if score.digest and (other := digests.setdefault(score.digest, name)) != name:
            raise DataError(f"{shown(other)} and {shown(name)} have the same grades; one of them is another's score")


def _test(scores: Sequence[tuple[str, Score]], matrix: Matrix | None) -> Test:
    if len(scores) < 2:
        return "alone"
    if all(each.influence is not None for _, each in scores):
        return "paired"
    return "matrix" if matrix and all(each.shares for _, each in scores) else "overlap"


def _paired(scores: Sequence[tuple[str, Score]]) -> tuple[Pair, ...]:
    """Every two models, the higher score first; all intervals hold at once."""
    prompts = sorted(frozenset[str]().union(*(each.prompt_names or () for _, each in scores)))
    figures = {}
    for (first, one), (second, other) in combinations(scores, 2):
        assert one.influence and other.influence
        figures[first, second] = minus(one.influence, other.influence, prompts)
    level = joint_level(list(figures.values()))
    return tuple(
        Pair(*pair, min(max(figure.value, -TOP), TOP), *difference_interval(figure, level), _common(*both))
        for (pair, figure), both in zip(figures.items(), combinations(scores, 2), strict=True)
    )


def _by_matrix(scores: Sequence[tuple[str, Score]], matrix: Matrix, languages: Collection[str]) -> tuple[Pair, ...]:
    """The same of scores by the matrix, on the prompts that both answered."""
    import numpy as np

    both = list(combinations(scores, 2))
    pairs = []
    for (first, one), (second, other) in both:
        names = sorted(one.shares.keys() & other.shares.keys())
        if not names:
            pairs.append(Pair(first, second, None, -TOP, TOP, 0))
            continue
        own, theirs = (np.array([each.shares[name] for name in names]) for each in (one, other))
        found = matrix.difference(own, theirs, names, languages, LEVEL / len(both))
        pairs.append(Pair(first, second, *found, len(names)))
    return tuple(pairs)


def _overlapping(scores: Sequence[tuple[str, Score]]) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            first,
            second,
            None if None in (a.overall.score, b.overall.score) else (a.overall.score or 0) - (b.overall.score or 0),
            a.overall.low - b.overall.high,
            a.overall.high - b.overall.low,
            _common((first, a), (second, b)),
        )
        for (first, a), (second, b) in combinations(scores, 2)
    )


_PAIRS: Mapping[Test, Callable[[Sequence[tuple[str, Score]]], tuple[Pair, ...]]] = {
    "paired": _paired,
    "overlap": _overlapping,
    "alone": lambda _: (),
}


def _common(one: tuple[str, Score], other: tuple[str, Score]) -> int | None:
    """How many groups of prompts two models both answered."""
    first, second = one[1].prompt_names, other[1].prompt_names
    return None if first is None or second is None else len(first & second)


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
