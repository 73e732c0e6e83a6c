"""Compute a figure with its interval, by resampling the records.

The rules (pure, no I/O):

- A figure is a function of sums over records (for a mean: the total and the count). Records are resampled, not votes,
  because the votes on one record are not independent of each other.
- The interval is the percentile bootstrap's, at 95%: all records are resampled with replacement ``RESAMPLES`` times,
  with a fixed seed, so that the same review always has the same interval (Efron & Tibshirani 1993, *An Introduction
  to the Bootstrap*, chapter 13).
- A figure that cannot be computed is None with the reason, never NaN. An interval needs two records, and a figure
  that is defined in ``DEFINED_SHARE`` of the resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Figure = Callable[[Array], Array]

RESAMPLES = 1000
DEFINED_SHARE = 0.95
_SEED = 20240229
_CELLS = 2_000_000  # resampling weights in memory at one time
Reason = Literal[
    "no_votes",  # nobody ranked anything here
    "one_reviewer",  # agreement needs two
    "no_overlap",  # several reviewers, but no record that two of them ranked
    "no_variation",  # all values are equal, so chance would agree as often
    "constant_ranks",  # every ranking to compare ties all answers
    "no_source_ranking",  # the source does not rank all answers of any of these records
    "one_mode",  # one of the two modes has no figure to subtract
    "few_expected",  # fewer than five first places expected in a slot
    "no_grades",  # no answer has a grade
    "no_two_graders",  # no answer that two people graded
    "no_common",  # no prompt that was graded for both models
    "no_people",  # people graded none of these answers
    "no_texts",  # no reviewed text that had a suggestion
    "one_record",  # an interval needs two records
    "one_prompt",  # an interval needs the votes on two prompts
    "unstable",  # undefined in too many resamples for an interval
]


@dataclass(frozen=True)
class Estimate:
    """A figure: its value and 95% interval, how much it is computed from, and why any of it is missing.

    ``items`` counts what is compared (each function says what that is), on ``records`` records. ``reason`` says why
    ``value`` is None, or else why it has no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    items: int = 0
    records: int = 0
    reason: Reason | None = None


def not_available(reason: Reason, items: int = 0, records: int = 0) -> Estimate:
    """Return a figure that cannot be computed."""
    return Estimate(None, items=items, records=records, reason=reason)


def estimate(terms: Array, figure: Figure, undefined: Reason, items: int) -> Estimate:
    """Compute a figure and its interval.

    Args:
        terms: one row for each record, one column for each term; the figure is a function of the column sums.
        figure: from sums (rows of one column for each term) to one value for each row, NaN if it is undefined.
        undefined: the reason to return if the figure is undefined for all records together.
        items: see ``Estimate``.
    """
    import numpy as np

    records = len(terms)
    value = figure(terms.sum(axis=0, keepdims=True))[0] if records else np.nan
    if np.isnan(value):
        return not_available(undefined, items, records)
    return _with_interval(float(value), resampled(terms, figure), items, records)


def difference(first: Array, second: Array, figure: Figure, items: int) -> Estimate:
    """Compute the figure of one group of records minus that of another; each group is resampled by itself."""
    import numpy as np

    records = len(first) + len(second)
    if not len(first) or not len(second):
        return not_available("one_mode" if records else "no_votes", items, records)
    values = [figure(terms.sum(axis=0, keepdims=True))[0] for terms in (first, second)]
    if np.isnan(values).any():
        return not_available("one_mode", items, records)
    draws = np.empty(0)
    if min(len(first), len(second)) > 1:
        draws = resampled(first, figure, stream=1) - resampled(second, figure, stream=2)
    return _with_interval(float(values[0] - values[1]), draws, items, records)


def resampled(terms: Array, figure: Figure, stream: int = 0) -> Array:
    """The figure in each resample of the records, NaN if it is undefined; empty for fewer than two records."""
    import numpy as np

    if len(terms) < 2:
        return np.empty(0)
    return np.concatenate([figure(weights @ terms) for weights in _weights(len(terms), stream)])


def mean(sums: Array) -> Array:
    """The figure for two terms: a total and a count."""
    import numpy as np

    means: Array = np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)
    return means


def _weights(records: int, stream: int) -> Iterator[Array]:
    """How often each record is in each resample: blocks of (resamples, records)."""
    import numpy as np

    generator = np.random.default_rng([_SEED, stream])
    block = max(1, min(RESAMPLES, _CELLS // records))
    for start in range(0, RESAMPLES, block):
        size = min(block, RESAMPLES - start)
        yield generator.multinomial(records, np.full(records, 1 / records), size=size).astype(np.float64)


def _with_interval(value: float, draws: Array, items: int, records: int) -> Estimate:
    import numpy as np

    if not len(draws):
        return Estimate(value, items=items, records=records, reason="one_record")
    defined = draws[~np.isnan(draws)]
    if len(defined) < DEFINED_SHARE * len(draws):
        return Estimate(value, items=items, records=records, reason="unstable")
    low, high = np.percentile(defined, [2.5, 97.5])
    return Estimate(value, float(low), float(high), items, records)
