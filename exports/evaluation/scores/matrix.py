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
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from exports.evaluation.scores.linear import GRADE, TOP, student

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
        import numpy as np

        groups = self.groups(languages if self.is_usable(languages) else self.languages)
        known = {name: place for place, name in enumerate(groups)}
        own = [place for place, name in enumerate(names) if name in known]
        counts = np.array(list(groups.values()), dtype=np.float64)
        same = np.array(own, dtype=np.int64), np.array([known[names[place]] for place in own], dtype=np.int64)
        return correct(shares, counts, same)


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
    import numpy as np

    if len(shares) < 2:
        return float(shares.mean(axis=0) @ [0.0, GRADE, TOP]), 0.0, TOP
    weights, products, scores = _mixtures()
    seen, matrix = shares.mean(axis=0), counts.sum(axis=0)
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    errors = _errors(shares, counts, same).transpose(0, 2, 1, 3).reshape(16, 4)
    a, b, _, d = (products @ errors).T
    x, y = (weights @ np.vstack([seen, matrix])[:, :2]).T
    distances = (d * x * x - 2 * b * x * y + a * y * y) / (a * d - b * b)
    added = distances - distances.min()
    freedom = min(len(shares), len(counts)) - 1
    low, high = _range(scores[added <= student(freedom) ** 2])
    if high - low > WEAK:
        low, high = _range(scores[added <= _both_directions(freedom)])
    return _nearest(seen, matrix, float(scores[distances.argmin()])), low, high


def _nearest(seen: Array, matrix: Array, tried: float) -> float:
    """The score of the mixture that explains the grades exactly, else of the nearest that was tried."""
    import numpy as np

    if abs(np.linalg.det(matrix)) > 1e-9:
        mixture = np.linalg.solve(matrix.T, seen)
        if mixture.min() >= 0:
            return float(mixture @ [0.0, GRADE, TOP])
    return tried


def _range(scores: Array) -> tuple[float, float]:
    margin = STEP * GRADE / 2
    return max(0.0, float(scores.min()) - margin), min(TOP, float(scores.max()) + margin)


def _both_directions(freedom: int) -> float:
    """The 95% point of Hotelling's distribution in two dimensions; without a bound for too few groups."""
    from scipy.special import fdtri

    return float(2 * freedom / (freedom - 1) * fdtri(2, freedom - 1, 0.95)) if freedom > 1 else float("inf")


def _errors(shares: Array, counts: Array, same: tuple[Codes, Codes] | None) -> Array:
    """The covariance of the judge's shares and of the matrix's rows, without the last column: (4, 2, 4, 2).

    The first of the four are the shares, the others the rows.
    """
    import numpy as np

    totals = counts.sum(axis=(0, 2))
    matrix = counts.sum(axis=0) / totals[:, None]
    seen = shares.mean(axis=0)
    own = (shares - seen)[:, :2] / len(shares) * _unbiased(len(shares))
    known = (counts - counts.sum(axis=2, keepdims=True) * matrix)[:, :, :2] / totals[:, None] * _unbiased(len(counts))
    errors = np.zeros((4, 2, 4, 2))
    errors[0, :, 0] = own.T @ own
    errors[1:, :, 1:] = np.tensordot(known, known, axes=(0, 0))
    if same is not None:
        errors[0, :, 1:] = np.tensordot(own[same[0]], known[same[1]], axes=(0, 0))
        errors[1:, :, 0] = np.moveaxis(errors[0, :, 1:], 0, -1)
    for row, (found, number) in enumerate(zip([seen, *matrix], [len(shares), *totals], strict=True)):
        any_grade = np.eye(3)[:, :2] - found[:2]
        errors[row, :, row] += any_grade.T @ any_grade / 3 / number**2
    return errors


def _unbiased(groups: int) -> float:
    return float((groups / (groups - 1)) ** 0.5) if groups > 1 else 1.0


@lru_cache(maxsize=1)
def _mixtures() -> tuple[Array, Array, Array]:
    """For mixtures of bad, regular and good in steps of ``STEP``: what the shares and rows weigh in their distance,
    the products of two weights, and their scores."""
    import numpy as np

    steps = round(1 / STEP)
    mixtures = np.array([(steps - i - j, i, j) for i in range(steps + 1) for j in range(steps + 1 - i)]) / steps
    weights = np.column_stack([np.ones(len(mixtures)), -mixtures])
    products = (weights[:, :, None] * weights[:, None, :]).reshape(-1, 16)
    return weights, products, mixtures @ np.array([0.0, GRADE, TOP])
