"""A figure whose error is a sum over groups of prompts, and its 95% interval (pure, no I/O).

The rules:

- A score is a mean over groups: each group of prompts counts once, whatever its number of answers.
- The answers of a group are not independent of each other, so the variance is that of the sum of their parts, group
  by group (E. Miller 2024, *Adding Error Bars to Evals*, arXiv 2411.00640, section 2.2).
- *Raw*: the mean of the judge's grades. Its interval holds the judge's opinion, not the truth.
- *PPI++* (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453): the judge's mean over all answers, plus the mean
  error of the judge on the random sample that people graded too. ``power`` is how far the judge is trusted, from 0
  (people's grades alone) to 1; it is the slope of people's grades on the judge's, so a judge that knows nothing has
  no say, and a wrong one makes the interval wider, never wrong. In the paper's words lambda is ``power`` times the
  share of the answers that people did not grade, which is the same estimate and, at that slope, the same variance.
- *The guard*: the variance is that of the figure if one more group had come, a grade (50 points) off. Without it, 30
  equal grades would be a certainty.
- The interval of a score is Wilson's, for as many independent groups as would have its variance (Korn & Graubard
  1998, *Survey Methodology* 24), so it stays within 0 and 100 and is as skewed as the grades. The quantiles are
  Student's, with Satterthwaite's degrees of freedom where a variance has two parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]

TOP = 100.0
LEVEL = 0.05  # of an interval: in so many cases the truth is outside
GRADE = 50.0  # points between two grades
FEWEST_FOR_POWER = 10  # groups with people's grades from which the judge's power is estimated


@dataclass(frozen=True)
class Linear:
    """A figure with each group's part in its error.

    Attributes:
        value: the figure, in points.
        parts: of each group; their squares add up to the variance, but for the guard.
        guard: the variance that one more group, a grade off, would add.
        freedom: the degrees of freedom of the variance.
        groups: how many groups the least certain part of the figure stands on.
    """

    value: float
    parts: Array
    guard: float
    freedom: float
    groups: int

    @property
    def variance(self) -> float:
        """The variance of the figure."""
        return float(self.parts @ self.parts) + self.guard

    def minus(self, other: Linear) -> Linear:
        """The difference to a figure on the same groups in the same order."""
        return Linear(
            self.value - other.value,
            self.parts - other.parts,
            max(self.guard, other.guard),
            min(self.freedom, other.freedom),
            min(self.groups, other.groups),
        )


def group_means(values: Array, groups: Codes, count: int) -> Array:
    """The mean of the values of each group; every group has one."""
    import numpy as np

    sums = np.bincount(groups, values, count)
    return sums / np.bincount(groups, minlength=count)


def raw(grades: Array, groups: Codes) -> Linear:
    """The mean over groups of the judge's grades.

    Args:
        grades: of each answer, from 0 to 100.
        groups: the number of each answer's group, from 0; each number occurs.
    """
    count = int(groups.max()) + 1
    means = group_means(grades, groups, count)
    value = float(means.mean())
    if count < 2:
        return _unknown(value, count)
    parts = (means - value) / count * (count / (count - 1)) ** 0.5
    return Linear(value, parts, (GRADE / count) ** 2, count - 1, count)


@dataclass(frozen=True)
class Rectified:
    """A PPI++ estimate in its two parts, whose errors are summed.

    Attributes:
        value: the estimate.
        judged: the parts of the groups in the error of the judge's mean, times the power.
        errors: their parts in the error of the mean error of the judge.
        power: how far the judge is trusted.
        groups: how many groups there are.
        sampled: how many of them have an answer that people graded.
        estimated: how many figures besides the mean were estimated from what people graded.
    """

    value: float
    judged: Array
    errors: Array
    power: float
    groups: int
    sampled: int
    estimated: int

    def figure(self) -> Linear:
        """The estimate as one figure."""
        return self.with_errors(float(self.errors @ self.errors), self.sampled, self.judged + self.errors)

    def with_errors(self, variance: float, sampled: int, parts: Array) -> Linear:
        """The figure if the mean error had this variance and stood on so many groups.

        Args:
            variance: of the mean error.
            sampled: the groups that it stands on.
            parts: each group's part in the error of the figure.
        """
        guards = (self.power * GRADE / self.groups) ** 2, (GRADE / sampled) ** 2
        two = float(self.judged @ self.judged) + guards[0], variance + guards[1]
        freedom = sampled - 1 - self.estimated
        joint = sum(two) ** 2 / (two[0] ** 2 / (self.groups - 1) + two[1] ** 2 / freedom)
        return Linear(self.value, parts, sum(guards), joint, sampled)


def ppi(grades: Array, groups: Codes, people: Array, power: float | None = None) -> Linear:
    """The PPI++ estimate of the mean over groups of people's grades.

    Args:
        grades: of each answer by the judge, from 0 to 100.
        groups: the number of each answer's group, from 0; each number occurs.
        people: people's grade of each answer, NaN where they gave none. Those that have one must be a random sample
            of these very answers.
        power: how far to trust the judge; None estimates it by ``judge_power``.
    """
    found = rectified(grades, groups, people, power)
    return found.figure() if found.sampled > 1 else _unknown(found.value, found.groups)


def rectified(grades: Array, groups: Codes, people: Array, power: float | None = None) -> Rectified:
    """The same in its two parts; its errors are 0 if fewer than two groups have an answer that people graded."""
    import numpy as np

    count = int(groups.max()) + 1
    graded = np.flatnonzero(~np.isnan(people))
    slope = judge_power(grades, groups, people) if power is None else power
    sampled = len(np.unique(groups[graded]))
    means = slope * group_means(grades, groups, count)
    weights = 1 / np.bincount(groups)[groups][graded]
    error = people[graded] - slope * grades[graded]
    mean_error = float(np.average(error, weights=weights)) if len(graded) else 0.0
    value = float(means.mean()) + mean_error
    estimated = int(power is None and slope > 0)  # the slope takes one degree of freedom
    if sampled < 2:
        return Rectified(value, np.zeros(count), np.zeros(count), slope, count, sampled, estimated)
    judged = (means - means.mean()) / count * (count / (count - 1)) ** 0.5
    unbiased = (sampled / (sampled - 1 - estimated)) ** 0.5
    apart = unbiased * weights / weights.sum() * (error - mean_error)
    errors = np.bincount(groups[graded], apart, count).astype(np.float64)
    return Rectified(value, judged, errors, slope, count, sampled, estimated)


def judge_power(grades: Array, groups: Codes, people: Array) -> float:
    """How far to trust the judge, from 0 to 1: the slope of people's grades on the judge's, by groups' weights.

    It is 0 with fewer than ``FEWEST_FOR_POWER`` groups that people graded, or where the judge gave them one grade.
    """
    import numpy as np

    graded = np.flatnonzero(~np.isnan(people))
    if len(np.unique(groups[graded])) < FEWEST_FOR_POWER:
        return 0.0
    weights = 1 / np.bincount(groups)[groups][graded]
    judge, person = grades[graded], people[graded]
    centred = judge - np.average(judge, weights=weights)
    spread = float(weights @ centred**2)
    return float(np.clip((weights * centred) @ person / spread, 0, 1)) if spread > 0 else 0.0


def score_interval(figure: Linear) -> tuple[float, float]:
    """The 95% interval of a score from 0 to 100; all of it where nothing can be said."""
    if figure.freedom < 1:
        return 0.0, TOP
    middle = (min(max(figure.value, 0.0), TOP) * figure.groups + GRADE) / (figure.groups + 1) / TOP
    square = student(figure.freedom) ** 2 * figure.variance / TOP**2 / (middle * (1 - middle))
    value = min(max(figure.value, 0.0), TOP) / TOP
    centre = (value + square / 2) / (1 + square)
    half = (square * (value * (1 - value) + square / 4)) ** 0.5 / (1 + square)
    return max(0.0, centre - half) * TOP, min(1.0, centre + half) * TOP


def difference_interval(figure: Linear, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a difference of two scores, by default at 95%."""
    if figure.freedom < 1:
        return -TOP, TOP
    half = student(figure.freedom, level) * figure.variance**0.5
    return max(-TOP, figure.value - half), min(TOP, figure.value + half)


def student(freedom: float, level: float = LEVEL) -> float:
    """The point of Student's distribution that is exceeded to either side in ``level`` of all cases."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - level / 2))


def _unknown(value: float, groups: int) -> Linear:
    import numpy as np

    return Linear(value, np.zeros(groups), GRADE**2, 0, groups)
