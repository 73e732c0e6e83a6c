"""How many grades by people are needed (pure, no I/O).

The rules:

- A *pilot* is a model's answers that the judge graded, of which people graded a few. It says how far the judge is
  off from answer to answer, and how far the judge's own mean is unsure. From both follows the interval that PPI++
  would have if people graded ``n`` answers drawn at random (``linear.py``).
- To tell two models apart that are ``difference`` points from each other means that the interval of their difference
  excludes 0 in 80 of 100 cases. Each of both models then needs that many grades. Without the other model's pilot
  both are taken to be as unsure as the first, and nothing is taken to be common to them.
- No plan is for fewer than ``FEWEST_FOR_POWER`` grades, because PPI++ would not trust the judge then.
- Without a pilot the most is taken that can be needed: half of the answers are good, half bad, and the judge knows
  nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from exports.evaluation.scores.graded import GradedAnswer, codes, judged_points, people_points
from exports.evaluation.scores.linear import (
    FEWEST_FOR_POWER,
    GRADE,
    TOP,
    Linear,
    Rectified,
    rectified,
    score_interval,
    student,
)
from exports.evaluation.scores.score import rounded

if TYPE_CHECKING:
    import pandas as pd

POWERFUL = 0.8416  # of a normal distribution, 80% are below
SHOWN = (10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000)
MOST = 5000  # grades that are thought of without a pilot


@dataclass(frozen=True)
class Plan:
    """How many answers people have to grade, for each model.

    Attributes:
        goal: "width" of the interval, or the "difference" of two models, in points.
        wanted: how much of it.
        grades: how many answers people have to grade; None if all that there are do not suffice.
        expected: for some numbers of grades, the width, or the difference that would be found.
        answers: how many there are; None without a pilot.
        prompts: how many groups of them.
        pilot: how many of them people have graded.
        note: what the figures stand on.
    """

    goal: str
    wanted: float
    grades: int | None
    expected: Mapping[int, float]
    answers: int | None
    prompts: int | None
    pilot: int
    note: str

    def to_json(self) -> dict[str, Any]:
        """The plan as ``h4rmony evaluate plan --json`` prints it."""
        return rounded({**asdict(self), "expected": {str(number): each for number, each in self.expected.items()}})

    def to_pandas(self) -> pd.DataFrame:
        """One row for each number of grades, with what is expected of it."""
        import pandas as pd

        return pd.DataFrame(list(self.expected.items()), columns=["grades", self.goal])


def plan_width(answers: Sequence[GradedAnswer], width: float) -> Plan:
    """How many grades make the interval of a score so narrow, from its low end to its high end."""
    expect, note = _figures(answers)
    return _plan("width", width, answers, note, lambda number: _width(expect(number)))


def plan_difference(
    answers: Sequence[GradedAnswer], difference: float, other: Sequence[GradedAnswer] | None = None
) -> Plan:
    """How many grades of each model tell two models apart that differ by so many points."""
    expect, note = _figures(answers)
    second = _figures(other)[0] if other is not None else expect

    def found(number: int) -> float:
        first, last = expect(number), second(number)
        freedom = min(first.freedom, last.freedom)
        if freedom < 1:
            return TOP
        return min(TOP, (student(freedom) + POWERFUL) * math.sqrt(first.variance + last.variance))

    return _plan("difference", difference, answers, note, found)


def _plan(
    goal: str, wanted: float, answers: Sequence[GradedAnswer], note: str, expect: Callable[[int], float]
) -> Plan:
    graded = [answer for answer in answers if answer.judge is not None]
    most = len(graded) or MOST
    needed = next(
        (number for number in range(min(FEWEST_FOR_POWER, most), most + 1) if expect(number) <= wanted), None
    )
    shown = sorted({*(number for number in SHOWN if number <= most), *([needed] if needed else [most])})
    expected = {number: expect(number) for number in shown}
    pilot = sum(answer.people is not None for answer in graded)
    prompts = len({answer.group for answer in graded}) or None
    return Plan(goal, wanted, needed, expected, len(graded) or None, prompts, pilot, note)


def _figures(answers: Sequence[GradedAnswer]) -> tuple[Callable[[int], Linear], str]:
    """What the score would be with a number of grades, and what that stands on."""
    import numpy as np

    graded = [answer for answer in answers if answer.judge is not None]
    if not graded:
        return _worst, "no pilot: the most that can be needed; grade 20 answers at random, and plan again with them"
    numbers, _ = codes(graded)
    found = rectified(judged_points(graded), numbers, people_points(graded))
    if found.sampled < 3:
        return _worst, "people graded too few answers to say how good the judge is: the most that can be needed"
    sizes = np.bincount(numbers)
    spread = float(found.errors @ found.errors) * found.sampled

    def expect(number: int) -> Linear:
        return _expected(found, spread, float((1 - (1 - number / len(graded)) ** sizes).sum()))

    about = f"people graded {found.sampled} prompts of the pilot"
    return expect, f"{about}; the judge is trusted to {found.power:.2f} of 1"


def _expected(found: Rectified, spread: float, sampled: float) -> Linear:
    import numpy as np

    groups = max(2 + found.estimated, round(sampled))
    variance = spread / groups
    parts = np.array([(float(found.judged @ found.judged) + variance) ** 0.5])
    return found.with_errors(variance, groups, parts)


def _worst(number: int) -> Linear:
    import numpy as np

    if number < 2:
        return Linear(GRADE, np.zeros(1), GRADE**2, 0, number)
    return Linear(GRADE, np.array([GRADE / (number - 1) ** 0.5]), (GRADE / number) ** 2, number - 1, number)


def _width(figure: Linear) -> float:
    low, high = score_interval(figure)
    return high - low
