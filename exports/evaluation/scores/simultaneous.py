"""How sure each of several differences must be so that all of them hold at once (pure, no I/O).

Of many intervals that hold the truth in 95% of cases each, some miss it nearly always. So each is made so wide that
in 95% of cases *all* hold at once (T. Hothorn, F. Bretz & P. Westfall 2008, *Biometrical Journal* 50): the limit is
the point that the largest of the errors, in units of its own standard error, exceeds in 5% of cases. The differences
of some models have errors in common, so this limit is lower than that for as many independent ones. It is simulated
from the parts of the errors (``linear.py``), with the same random numbers each time. Each interval then takes
Student's quantile at the level of this limit, with its own degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence

from exports.evaluation.scores.linear import LEVEL, Linear

DRAWS = 20_000
_NEARLY_NOTHING = 1e-9  # so that errors without a guard, of a file written by hand, have a root too
_AT_ONCE = 1000  # draws, for the memory's sake


def joint_level(figures: Sequence[Linear]) -> float:
    """The level of each interval at which all of them hold at once in 95% of cases.

    Args:
        figures: on the same groups in the same order. Those of which nothing can be said have no part in it.
    """
    import numpy as np
    from scipy.special import ndtr

    known = [figure for figure in figures if figure.freedom >= 1 and figure.variance > 0]
    if len(known) < 2:
        return LEVEL
    parts = np.array([figure.parts for figure in known])
    covariance = parts @ parts.T + np.diag([figure.guard for figure in known])
    errors = covariance.diagonal() ** 0.5
    correlations = covariance / np.outer(errors, errors) + _NEARLY_NOTHING * np.eye(len(known))
    root = np.linalg.cholesky(correlations).T
    random = np.random.default_rng(0)
    draws = (random.standard_normal((_AT_ONCE, len(known))) for _ in range(DRAWS // _AT_ONCE))
    largest = np.concatenate([abs(each @ root).max(axis=1) for each in draws])
    level = 2 * float(ndtr(-np.quantile(largest, 1 - LEVEL)))
    return min(LEVEL, max(LEVEL / len(known), level))  # what Bonferroni's inequality allows in any case
