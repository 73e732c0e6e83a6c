"""What a judge's grades depend on besides people's (pure, no I/O).

The rules:

- The judge's mean grade of an answer is regressed on people's (one level for each grade, not a straight line) and on
  one thing that should not matter: how often the answer's length doubles, its language, whether judge and model are
  of one family, or the order in which the judge was shown its choices. The coefficient is what that is worth in
  points **at equal grades by people**.
- The variance is the jackknife's, one group of prompts left out at a time (Bell & McCaffrey 2002, *Survey
  Methodology* 28), which holds with few groups, and the guard of ``linear.py``: one more answer, a grade off.
- If people's grades are unsure, and longer answers really are better, then length says something of the truth that
  people's grades lack, and a fair judge looks biased. So do people then: the same coefficient of one reviewer's
  grades at equal grades by another is measured beside it, where two graded the same answers.
- How much that matters: of fair judges of 60 answers, of which the longer are better, by people who err in a quarter
  of the cases, 26 to 82% would be named with one reviewer, and 1 to 3% with two; the length-biased judge is in 93%.
- A judge is *biased* if the 95% interval excludes both 0 and people's own coefficient, on the same side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from exports.evaluation.grades.files import Grade, Key
from exports.evaluation.scores.graded import GradedAnswer, codes, points
from exports.evaluation.scores.linear import GRADE, difference_interval, raw, student

if TYPE_CHECKING:
    from exports.evaluation.scores.linear import Array, Codes


@dataclass(frozen=True)
class Bias:
    """How many points a judge gives to something that should not matter, at equal grades by people.

    ``people`` is what reviewers give to it at equal grades by other reviewers; None if no two graded the same
    answers.
    ``points`` is None, with the ``reason``, where the data cannot tell. ``is_alone`` says that people's own
    coefficient is needed and not known: then a fair judge can be taken for a biased one.
    """

    points: float | None
    low: float | None
    high: float | None
    unit: str
    answers: int
    prompts: int
    people: float | None = None
    reason: str = ""
    is_alone: bool = False

    @property
    def is_found(self) -> bool:
        """Whether the interval excludes 0 and what people give to it, on the same side."""
        if self.low is None or self.high is None:
            return False
        fair = self.people or 0.0
        return self.low > max(0.0, fair) or self.high < min(0.0, fair)


def length_bias(answers: Sequence[GradedAnswer]) -> Bias:
    """The points for a doubled length."""
    from math import log2

    unit = "points for a doubled length"
    return _bias(answers, lambda answer: log2(answer.length) if answer.length else None, unit)


def language_bias(answers: Sequence[GradedAnswer]) -> Bias:
    """The points for Spanish rather than English."""
    both = {"es": 1.0, "en": 0.0}
    return _bias(answers, lambda answer: both.get(answer.language), "points for Spanish rather than English")


def family_bias(answers: Sequence[GradedAnswer], family: str | None) -> Bias:
    """The points for a model of the judge's own family."""
    unit = "points for a model of the judge's family"
    if family is None:
        return Bias(None, None, None, unit, 0, 0, None, "the judge's family is not recorded")
    return _bias(answers, lambda answer: None if answer.family is None else float(answer.family == family), unit)


def _bias(answers: Sequence[GradedAnswer], of: Callable[[GradedAnswer], float | None], unit: str) -> Bias:
    """The effect of one thing on the judge's grades of the answers that people graded and of which it is known."""
    import numpy as np

    used = [
        (answer, value) for answer in answers if answer.judge and answer.people and (value := of(answer)) is not None
    ]
    if not used:
        return Bias(None, None, None, unit, 0, 0, None, "it is not known of any answer that people graded")
    numbers, names = codes([answer for answer, _ in used])
    things = np.array([value for _, value in used])
    judged = np.array([points(answer.judge) for answer, _ in used])
    levels = np.array([answer.people for answer, _ in used], dtype=np.float64)
    found = effect(judged, levels, things, numbers)
    if found is None:
        reason = "it does not vary at equal grades by people, or too few prompts have it"
        return Bias(None, None, None, unit, len(used), len(names), None, reason)
    people = _between_people([answer for answer, _ in used], things, numbers)
    return Bias(*found, unit, len(used), len(names), people, is_alone=people is None)


def _between_people(answers: Sequence[GradedAnswer], things: Array, groups: Codes) -> float | None:
    """The coefficient of one reviewer's grades at equal grades by another, over every two on the same answer."""
    import numpy as np

    pairs = [
        (own, other, place)
        for place, answer in enumerate(answers)
        for (_, own), (_, other) in permutations(answer.reviewers, 2)
    ]
    if not pairs:
        return None
    own, other, places = (np.array(each) for each in zip(*pairs, strict=True))
    used, numbers = np.unique(groups[places], return_inverse=True)
    found = effect(GRADE * own, np.eye(3)[other], things[places], numbers) if len(used) > 1 else None
    return found[0] if found else None


def effect(judged: Array, levels: Array, thing: Array, groups: Codes) -> tuple[float, float, float] | None:
    """The coefficient of ``thing`` and its interval; None if it is not determined.

    Args:
        judged: the judge's grades, in points.
        levels: what is held equal: (answers, columns).
        thing: what should not matter.
        groups: the number of each answer's group, from 0; each number occurs.
    """
    import numpy as np

    count = int(groups.max()) + 1
    levels = levels[:, levels.any(axis=0)]
    design = np.column_stack([thing, levels])
    if count < design.shape[1] + 2:
        return None
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    squares, products = design.T @ design, design.T @ judged
    value = float(np.linalg.solve(squares, products)[0])
    without = []
    for group in range(count):
        rows = groups == group
        left = squares - design[rows].T @ design[rows]
        if np.linalg.matrix_rank(left) == len(left):  # else this group alone settles a level, not the coefficient
            without.append(float(np.linalg.solve(left, products - design[rows].T @ judged[rows])[0]))
    if len(without) < 3:
        return None
    residual = thing - levels @ np.linalg.lstsq(levels, thing, rcond=None)[0]
    guard = (GRADE / (len(thing) * float(residual.std()))) ** 2
    variance = (len(without) - 1) / len(without) * float(((np.array(without) - value) ** 2).sum()) + guard
    half = student(len(without) - 1) * variance**0.5
    return value, value - half, value + half


def order_bias(grades: Iterable[Grade], groups: Mapping[Key, str]) -> dict[str, Bias]:
    """What each order is worth beside the mean of all orders, on the answers that were graded in several."""
    import numpy as np

    given: dict[Key, dict[str, list[int]]] = {}
    for grade in grades:
        if grade.order is not None and grade.points is not None:
            given.setdefault(grade.key, {}).setdefault(grade.order, []).append(grade.points)
    apart: dict[str, list[tuple[str, float]]] = {}
    for key, orders in given.items():
        means = {order: sum(each) / len(each) for order, each in orders.items()}
        middle = sum(means.values()) / len(means)
        if len(means) > 1:
            for order, mean in means.items():
                apart.setdefault(order, []).append((groups[key], mean - middle))
    found = {}
    for order in sorted(apart):
        number = {name: place for place, name in enumerate(sorted({name for name, _ in apart[order]}))}
        figure = raw(
            np.array([each for _, each in apart[order]]), np.array([number[name] for name, _ in apart[order]])
        )
        low, high = difference_interval(figure)
        found[order] = Bias(figure.value, low, high, "points beside all orders", len(apart[order]), len(number))
    return found
