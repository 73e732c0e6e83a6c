"""Measure whether the known ranking (anchoring) or the order of the answers (position bias) influenced reviewers.

The rules (pure, no I/O); the same votes and records count as in ``exports/measure/agreement.py``:

- *Anchoring*: ``verify`` records had the source's ranking filled in, ``blind`` records did not; a hash of the id
  chose between the two. So if reviewers agree with the source more on ``verify`` records, the filled-in ranking
  influenced them. The modes are compared by the mean of tau-b and by the share of votes that are exactly the source's
  ranking (ties included); the difference is verify minus blind. Records that the source does not rank in full are
  left out, because they are always blind.
- *Position bias*: the slots are shuffled by a hash of the id, so without bias all slots get the same number of first
  places. A vote adds one credit to its best answer; answers that tie for the first place share it evenly. A record's
  credit is the mean over its votes, because votes on one record depend on the same texts; so the chi-square test has
  one observation for each record. Ties make it conservative. It needs ``LEAST_EXPECTED`` expected first places in
  every slot (Cochran 1954, *Some methods for strengthening the common chi-square tests*, Biometrics 10(4)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.measure.agreement import RankedRecord, kendall
from exports.measure.estimates import Estimate, Reason, difference, estimate, mean
from workspace.model.ballots import Ballot, Mode
from workspace.model.slots import letters, slot_order

if TYPE_CHECKING:
    from exports.measure.estimates import Array

LEAST_EXPECTED = 5


@dataclass(frozen=True)
class SourceAgreement:
    """How far the votes in one mode agree with the source; items are votes."""

    tau: Estimate
    exact: Estimate
    records: int
    votes: int


@dataclass(frozen=True)
class Anchoring:
    """The agreement with the source in both modes, and the difference, verify minus blind."""

    verify: SourceAgreement
    blind: SourceAgreement
    tau_difference: Estimate
    exact_difference: Estimate


@dataclass(frozen=True)
class SlotShare:
    """One slot: its share of the first places, and the share that it would have without bias."""

    slot: str
    share: Estimate
    expected: float


@dataclass(frozen=True)
class PositionBias:
    """The first places by slot and the chi-square test against an even share.

    If the test cannot be made, ``chi_square``, ``degrees`` and ``p`` are None, and ``reason`` says why.
    """

    slots: tuple[SlotShare, ...]
    records: int
    votes: int
    chi_square: float | None
    degrees: int | None
    p: float | None
    reason: Reason | None = None


def anchoring(records: Iterable[RankedRecord]) -> Anchoring:
    """Compare the agreement with the source between verify and blind records."""
    ranked = [record for record in records if record.source_ranks is not None]
    tau = {mode: _mode_terms(ranked, mode, _tau_term) for mode in ("verify", "blind")}
    exact = {mode: _mode_terms(ranked, mode, _exact_term) for mode in ("verify", "blind")}
    sides = {mode: _side(tau[mode], exact[mode]) for mode in ("verify", "blind")}
    return Anchoring(
        verify=sides["verify"],
        blind=sides["blind"],
        tau_difference=difference(
            tau["verify"], tau["blind"], mean, sides["verify"].tau.items + sides["blind"].tau.items
        ),
        exact_difference=difference(
            exact["verify"], exact["blind"], mean, sides["verify"].votes + sides["blind"].votes
        ),
    )


def _side(tau: Array, exact: Array) -> SourceAgreement:
    votes = round(exact[:, 1].sum())
    undefined: Reason = "constant_ranks" if votes else "no_votes"
    return SourceAgreement(
        tau=estimate(tau, mean, undefined, round(tau[:, 1].sum())),
        exact=estimate(exact, mean, "no_votes", votes),
        records=len(exact),
        votes=votes,
    )


def _mode_terms(records: Iterable[RankedRecord], mode: Mode, term: Callable[..., float | None]) -> Array:
    """A total and a count for each record that has votes in this mode."""
    import numpy as np

    rows = []
    for ranked in records:
        values = [term(vote, ranked) for vote in ranked.votes if vote.mode == mode]
        defined = [value for value in values if value is not None]
        if defined:
            rows.append([sum(defined), len(defined)])
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _tau_term(vote: Ballot, ranked: RankedRecord) -> float | None:
    assert ranked.source_ranks is not None
    return kendall(vote.ranks, ranked.source_ranks)


def _exact_term(vote: Ballot, ranked: RankedRecord) -> float:
    return float(vote.ranks == ranked.source_ranks)


def position_bias(records: Iterable[RankedRecord], mode: Mode | None = None) -> PositionBias:
    """Count the first places by slot, over all votes or those in one mode, and test them against an even share."""
    import numpy as np

    voted = [
        (ranked, votes)
        for ranked in records
        if (votes := [vote for vote in ranked.votes if mode in (None, vote.mode)])
    ]
    if not voted:
        return PositionBias((), 0, 0, None, None, None, "no_votes")
    slots = max(len(ranked.record.answers) for ranked, _ in voted)
    credit = np.array([first_places(ranked, votes, slots) for ranked, votes in voted])
    shown = np.array([len(ranked.record.answers) for ranked, _ in voted])
    chances = np.where(np.arange(slots) < shown[:, None], 1 / shown[:, None], 0)
    expected = chances.sum(axis=0)
    ones = np.ones(len(voted))
    votes_cast = sum(len(votes) for _, votes in voted)
    shares = tuple(
        SlotShare(
            slot,
            estimate(np.stack([credit[:, place], ones], axis=1), mean, "no_votes", votes_cast),
            float(expected[place] / len(voted)),
        )
        for place, slot in enumerate(letters(slots))
    )
    return PositionBias(shares, len(voted), votes_cast, *_chi_square(credit.sum(axis=0), expected))


def first_places(ranked: RankedRecord, votes: Sequence[Ballot], slots: int) -> list[float]:
    """The mean credit of each slot over the votes on one record; the credits sum to 1."""
    order = slot_order(ranked.record.id, len(ranked.record.answers))
    credit = [0.0] * slots
    for vote in votes:
        best = [place for place, answer in enumerate(order) if vote.ranks[answer] == 1]
        for place in best:
            credit[place] += 1 / len(best) / len(votes)
    return credit


def _chi_square(observed: Array, expected: Array) -> tuple[float | None, int | None, float | None, Reason | None]:
    """Pearson's chi-square, its degrees of freedom, its p-value, or why there is none."""
    if expected.min() < LEAST_EXPECTED - 1e-9:  # floating-point thirds do not add up exactly
        return None, None, None, "few_expected"
    from scipy.stats import chisquare

    # The sums are equal except for rounding, but scipy refuses a relative difference above 1e-8.
    test = chisquare(observed * (expected.sum() / observed.sum()), expected)
    return float(test.statistic), len(expected) - 1, float(test.pvalue), None
