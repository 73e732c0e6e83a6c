"""Correct a score by how the judge grades answers whose grade is known (pure, no I/O).

The rules:

- The *matrix* says how often the judge gives each grade to answers that are bad, regular and good. It is measured on
  the dataset's ranked answers: of three answers with three different ranks the first is good, the second regular,
  the third bad.
- A judge may err in another way in another language, so the matrix is that of the languages of the model's answers.
- **The assumption** is that the judge errs on the model's answers as it does on the dataset's. Nothing here can test
  it. A judge that likes length breaks it, because in the dataset the better answer is the longer one.
- What the judge gave to the model's answers is then a mixture of the matrix's rows. The score is that of the mixture
  which is nearest to it.
- The interval has every score of a mixture that the grades do not contradict: one whose distance from what was seen,
  in units of the errors of the grades and of the matrix, is at most that of the nearest and what chance adds
  (Anderson & Rubin 1949, *Annals of Mathematical Statistics* 20). Errors are counted by groups. The judge that knows
  nothing makes all of its rows alike and nearly every score possible, and the interval says so. If the interval is
  wider than ``WEAK`` points, the grades do not settle one direction of the two; then chance may add what it adds in
  both.
- The guard of ``linear.py`` holds for the judge's grades and for each row of the matrix: one more group or answer,
  whose grade may be any.
- The *difference of two models* on the same prompts is found in the same way: what the judge gave to the one less
  what it gave to the other, prompt by prompt, is the difference of two mixtures seen through the matrix. What makes a
  prompt hard for both cancels out, and the less the models differ, the less the errors of the matrix count. It
  assumes that the judge errs on both models' answers as it does on the dataset's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from exports.evaluation.scores.linear import GRADE, LEVEL, TOP, student

if TYPE_CHECKING:
    from exports.evaluation.scores.linear import Array, Codes

STEP = 0.01  # between two mixtures that are tried, in shares
WEAK = 50.0
Rows = tuple[tuple[float, ...], ...]  # how often each known grade (row) got each grade of the judge (column)


@dataclass(frozen=True)
class Matrix:
    """The judge's grades of answers whose grade is known, by language and group of prompts."""

    languages: Mapping[str, Mapping[str, Rows]]

    @property
    def rows(self) -> Rows:
        """All languages and groups together."""
        return _total(each for groups in self.languages.values() for each in groups.values())

    def is_usable(self, languages: Iterable[str]) -> bool:
        """Whether each known grade was graded in these languages, in two groups or more."""
        groups = self.groups(languages)
        return len(groups) > 1 and all(sum(row) > 0 for row in _total(groups.values()))

    def groups(self, languages: Iterable[str]) -> dict[str, Rows]:
        """The rows of each group in these languages."""
        found: dict[str, list[Rows]] = {}
        for language in sorted(set(languages) & self.languages.keys()):
            for name, rows in self.languages[language].items():
                found.setdefault(name, []).append(rows)
        return {name: _total(found[name]) for name in sorted(found)}

    def correct(self, shares: Array, names: Sequence[str], languages: Collection[str]) -> tuple[float, float, float]:
        """The score and its interval, by the answers in the same languages; by all, where those do not suffice.

        Args:
            shares: the shares of the judge's three grades in each group of the model's answers: (groups, 3).
            names: of those groups.
            languages: of the model's answers.
        """
        return correct(shares, *self._known(names, languages))

    def difference(
        self,
        first: Array,
        second: Array,
        names: Sequence[str],
        languages: Collection[str],
        level: float = LEVEL,
    ) -> tuple[float, float, float]:
        """The first model's score minus the second's and its interval; the arguments are as in ``correct``."""
        return correct_difference(first, second, *self._known(names, languages), level)

    def _known(self, names: Sequence[str], languages: Collection[str]) -> tuple[Array, tuple[Codes, Codes]]:
        """The counts of each group that the matrix knows, and which groups are among ``names`` too."""
        import numpy as np

        groups = self.groups(languages if self.is_usable(languages) else self.languages)
        known = {name: place for place, name in enumerate(groups)}
        own = [place for place, name in enumerate(names) if name in known]
        counts = np.array(list(groups.values()), dtype=np.float64)
        return counts, (np.array(own, dtype=np.int64), np.array([known[names[at]] for at in own], dtype=np.int64))


def _total(tables: Iterable[Rows]) -> Rows:
    listed = list(tables)
    return tuple(tuple(sum(each[row][column] for each in listed) for column in range(3)) for row in range(3))


def correct(shares: Array, counts: Array, same: tuple[Codes, Codes] | None = None) -> tuple[float, float, float]:
    """The score of the nearest mixture and the interval, by the rules at the top of this module.

    Args:
        shares: of each group of the model's answers, the shares of the judge's three grades: (groups, 3).
        counts: of each group of the dataset's answers, how often each known grade got each grade of the judge:
            (groups, 3, 3). Each known grade occurs.
        same: where groups are in both, their places in ``shares`` and in ``counts``.
    """
    if len(shares) < 2:
        return float(shares.mean(axis=0) @ [0.0, GRADE, TOP]), 0.0, TOP
    return _corrected(shares, [shares.mean(axis=0)], counts, same, _mixtures(), 0.0, LEVEL)


def correct_difference(
    first: Array, second: Array, counts: Array, same: tuple[Codes, Codes] | None = None, level: float = LEVEL
) -> tuple[float, float, float]:
    """The first model's score minus the second's and its interval, by the rules at the top of this module.

    Args:
        first: of each group of prompts, the shares of the judge's three grades of the first model's answers: (groups,
            3).
        second: those of the second model's, in the same order.
        counts: as in ``correct``.
        same: as in ``correct``.
        level: in so many cases the interval may miss the truth.
    """
    apart, both = first - second, [first.mean(axis=0), second.mean(axis=0)]
    if len(apart) < 2:
        return float(apart.mean(axis=0) @ [0.0, GRADE, TOP]), -TOP, TOP
    return _corrected(apart, both, counts, same, _differences(), -TOP, level)


def _corrected(
    shares: Array,
    about: Sequence[Array],
    counts: Array,
    same: tuple[Codes, Codes] | None,
    tried: tuple[Array, Array, Array],
    lowest: float,
    level: float,
) -> tuple[float, float, float]:
    """The score of what explains the shares best of all that is tried, and the interval.

    Args:
        shares: of each group, or the differences of two models' shares.
        about: the mean shares of each model.
        counts: as in ``correct``.
        same: as in ``correct``.
        tried: what ``_mixtures`` or ``_differences`` returns.
        lowest: the lowest score that there can be.
        level: as in ``correct_difference``.
    """
    import numpy as np

    weights, products, scores = tried
    seen, matrix = shares.mean(axis=0), counts.sum(axis=0)
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    errors = _errors(shares, about, counts, same).transpose(0, 2, 1, 3).reshape(16, 4)
    a, b, _, d = (products @ errors).T
    x, y = (weights @ np.vstack([seen, matrix])[:, :2]).T
    distances = (d * x * x - 2 * b * x * y + a * y * y) / (a * d - b * b)
    added = distances - distances.min()
    freedom = min(len(shares), len(counts)) - 1
    low, high = _range(scores[added <= student(freedom, level) ** 2], lowest)
    if high - low > WEAK:
        low, high = _range(scores[added <= _both_directions(freedom, level)], lowest)
    exact = _exact(seen, matrix, lowest)
    return float(scores[distances.argmin()]) if exact is None else exact, low, high


def _exact(seen: Array, matrix: Array, lowest: float) -> float | None:
    """The score of the mixture, or difference of two, that explains the grades exactly; None if there is none."""
    import numpy as np

    if abs(np.linalg.det(matrix)) <= 1e-9:
        return None
    found = np.linalg.solve(matrix.T, seen)
    is_possible = found.min() >= 0 if lowest == 0 else abs(found).sum() <= 2
    return float(found @ [0.0, GRADE, TOP]) if is_possible else None


def _range(scores: Array, lowest: float) -> tuple[float, float]:
    margin = STEP * GRADE / 2
    return max(lowest, float(scores.min()) - margin), min(TOP, float(scores.max()) + margin)


def _both_directions(freedom: int, level: float) -> float:
    """The point of Hotelling's distribution in two dimensions; without a bound for too few groups."""
    from scipy.special import fdtri

    return float(2 * freedom / (freedom - 1) * fdtri(2, freedom - 1, 1 - level)) if freedom > 1 else float("inf")


def _errors(shares: Array, about: Sequence[Array], counts: Array, same: tuple[Codes, Codes] | None) -> Array:
    """The covariance of the judge's shares and of the matrix's rows, without the last column: (4, 2, 4, 2).

    The first of the four are the shares, or the differences of two models' (then ``about`` has both means, whose
    guards are averaged, as one group more has one guard), the others the rows.
    """
    import numpy as np

    totals = counts.sum(axis=(0, 2))
    matrix = counts.sum(axis=0) / totals[:, None]
    own = (shares - shares.mean(axis=0))[:, :2] / len(shares) * _unbiased(len(shares))
    known = (counts - counts.sum(axis=2, keepdims=True) * matrix)[:, :, :2] / totals[:, None] * _unbiased(len(counts))
    errors = np.zeros((4, 2, 4, 2))
    errors[0, :, 0] = own.T @ own
    errors[1:, :, 1:] = np.tensordot(known, known, axes=(0, 0))
    if same is not None:
        errors[0, :, 1:] = np.tensordot(own[same[0]], known[same[1]], axes=(0, 0))
        errors[1:, :, 0] = np.moveaxis(errors[0, :, 1:], 0, -1)
    errors[0, :, 0] += sum(map(_guard, about)) / len(about) / len(shares) ** 2
    for row, (found, number) in enumerate(zip(matrix, totals, strict=True), start=1):
        errors[row, :, row] += _guard(found) / number**2
    return errors


def _guard(found: Array) -> Array:
    """The covariance of one more grade, which may be any, about these shares."""
    import numpy as np

    any_grade = np.eye(3)[:, :2] - found[:2]
    return any_grade.T @ any_grade / 3


def _unbiased(groups: int) -> float:
    return float((groups / (groups - 1)) ** 0.5) if groups > 1 else 1.0


@lru_cache(maxsize=1)
def _mixtures() -> tuple[Array, Array, Array]:
    """For mixtures of bad, regular and good in steps of ``STEP``: what the shares and rows weigh in their distance,
    the products of two weights, and their scores."""
    import numpy as np

    steps = round(1 / STEP)
    mixtures = np.array([(steps - i - j, i, j) for i in range(steps + 1) for j in range(steps + 1 - i)])
    return _tried(mixtures / steps)


@lru_cache(maxsize=1)
def _differences() -> tuple[Array, Array, Array]:
    """The same for the differences of two mixtures."""
    import numpy as np

    steps = round(1 / STEP)
    first, second = np.mgrid[-steps : steps + 1, -steps : steps + 1].reshape(2, -1)
    apart = np.column_stack([-first - second, first, second])
    return _tried(apart[abs(apart).sum(axis=1) <= 2 * steps] / steps)


def _tried(mixtures: Array) -> tuple[Array, Array, Array]:
    import numpy as np

    weights = np.column_stack([np.ones(len(mixtures)), -mixtures])
    products = (weights[:, :, None] * weights[:, None, :]).reshape(-1, 16)
    return weights, products, mixtures @ np.array([0.0, GRADE, TOP])
