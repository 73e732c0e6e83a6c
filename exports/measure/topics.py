"""How far the reviewers agree on the issue codes of the records (pure, no I/O).

For each code Krippendorff's alpha, nominal: a unit is a record, its values are whether a ballot has the code. Only
submitted ballots that name a code count, as in ``exports/merging/topics.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from exports.measure.agreement import RankedRecord, alpha
from exports.measure.estimates import Estimate
from workspace.model.ballots import Ballot
from workspace.model.h4rmony import ISSUES

if TYPE_CHECKING:
    from exports.measure.estimates import Array


def topic_agreement(records: Sequence[RankedRecord]) -> Mapping[str, Estimate]:
    """The agreement on each code, in H4rmony's order; empty if no ballot of the records names one."""
    answered = [given for ranked in records if (given := _answered(ranked.ballots))]
    if not answered:
        return {}
    reviewers = len({ballot.reviewer for given in answered for ballot in given})
    return {code: alpha([_counts(given, code) for given in answered], "nominal", reviewers) for code in ISSUES}


def _answered(ballots: Sequence[Ballot]) -> list[Ballot]:
    return [ballot for ballot in ballots if ballot.is_vote and ballot.issues]


def _counts(given: Sequence[Ballot], code: str) -> Array:
    """How many ballots lack the code, and how many have it: one unit, two values."""
    import numpy as np

    have = sum(code in (ballot.issues or ()) for ballot in given)
    return np.asarray([[len(given) - have, have]], dtype=float)
