"""Anchoring and position bias: by hand, on data with a known effect, and where there is too little."""

from __future__ import annotations

import random
from typing import Any

import pytest

from exports.measure.agreement import RankedRecord, ranked_records
from exports.measure.anchoring import LEAST_EXPECTED, anchoring, first_places, position_bias
from exports.review.files import Review
from tests.exports.cases import record, vote
from workspace.model.ballots import Ballot
from workspace.model.records import Answer
from workspace.model.slots import slot_order

pytestmark = pytest.mark.extras


def ranked(*ballots: Ballot) -> tuple[RankedRecord, ...]:
    """Ballots on records that are made as they are named."""
    ids = {ballot.record_id for ballot in ballots}
    return ranked_records(Review(tuple(record(int(name.split("-")[1])) for name in ids), ballots))


def ballot(number: int, *ranks: int, **changes: Any) -> Ballot:
    return vote(*ranks, record_id=f"h4rmony-{number}", **changes)


def test_verify_and_blind_by_hand() -> None:
    found = anchoring(
        ranked(
            ballot(1, 1, 2, 3), ballot(1, 1, 2, 3, reviewer="b"),
            ballot(2, 1, 2, 3), ballot(2, 1, 3, 2, reviewer="b"),
            ballot(3, 1, 2, 3, mode="blind"), ballot(3, 3, 2, 1, reviewer="b", mode="blind"),
            ballot(4, 1, 3, 2, mode="blind"),
        )
    )  # fmt: skip
    assert found.verify.tau.value == pytest.approx((3 + 1 / 3) / 4)
    assert found.verify.exact.value == pytest.approx(3 / 4)
    assert found.blind.tau.value == pytest.approx((1 - 1 + 1 / 3) / 3)
    assert found.blind.exact.value == pytest.approx(1 / 3)
    assert found.tau_difference.value == pytest.approx((3 + 1 / 3) / 4 - 1 / 9)
    assert found.exact_difference.value == pytest.approx(3 / 4 - 1 / 3)
    assert (found.verify.votes, found.verify.records, found.blind.votes, found.blind.records) == (4, 2, 3, 2)
    assert (found.tau_difference.items, found.tau_difference.records) == (7, 4)


def test_a_tied_source_is_matched_by_the_same_ties() -> None:
    tied = record(1, answers=(Answer("A", 1), Answer("B", 1), Answer("C", 3)), comparisons=(), translation=None)
    review = Review((tied,), (ballot(1, 1, 1, 2), ballot(1, 1, 2, 3, reviewer="b")))
    assert anchoring(ranked_records(review)).verify.exact.value == 0.5


def test_records_that_the_source_does_not_rank_are_left_out() -> None:
    unranked = record(2, answers=(Answer("A", None), Answer("B", None), Answer("C", None)), comparisons=())
    review = Review((record(1), unranked), (ballot(1, 1, 2, 3), ballot(2, 3, 2, 1, mode="blind")))
    found = anchoring(ranked_records(review))
    assert (found.blind.votes, found.blind.tau.reason) == (0, "no_votes")
    assert found.tau_difference.reason == found.exact_difference.reason == "one_mode"
    assert found.verify.tau.reason == "one_record"


def test_one_record_in_each_mode_has_a_difference_without_an_interval() -> None:
    found = anchoring(ranked(ballot(1, 1, 2, 3), ballot(2, 1, 3, 2, mode="blind"))).tau_difference
    assert (found.value, found.low, found.reason) == (pytest.approx(2 / 3), None, "one_record")


def test_anchored_votes_are_found_and_honest_ones_are_not() -> None:
    chance = random.Random(5)
    orders = [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)]

    def votes(anchored: float) -> list[Ballot]:
        return [
            ballot(number, *((1, 2, 3) if not blind and chance.random() < anchored else chance.choice(orders)),
                   mode="blind" if blind else "verify")
            for number in range(300)
            if (blind := number % 3 == 0) in (True, False)
        ]  # fmt: skip

    moved, honest = (anchoring(ranked(*votes(share))).tau_difference for share in (0.5, 0.0))
    exact = anchoring(ranked(*votes(0.5))).exact_difference
    assert (exact.low or 0) < (exact.value or 0) < (exact.high or 0)
    assert moved.low is not None
    assert moved.high is not None
    assert 0 < moved.low < (moved.value or 0) < moved.high
    assert honest.low is not None
    assert honest.high is not None
    assert honest.low < 0 < honest.high


def slotted(number: int, slot: int) -> tuple[int, ...]:
    """The ranking that puts the answer of a slot first and ties the others."""
    best = slot_order(f"h4rmony-{number}", 3)[slot]
    return tuple(1 if index == best else 2 for index in range(3))


def test_a_tie_for_the_first_place_shares_the_credit() -> None:
    (one,) = ranked(ballot(7, 1, 1, 1))
    assert first_places(one, one.votes, 3) == pytest.approx([1 / 3] * 3)
    (two,) = ranked(ballot(7, *slotted(7, 0)), ballot(7, *slotted(7, 2), reviewer="b"))
    assert first_places(two, two.votes, 3) == pytest.approx([0.5, 0, 0.5])


def test_the_test_is_scipy_s_on_one_observation_a_record() -> None:
    from scipy import stats

    slots = [0] * 12 + [1] * 8 + [2] * 4
    ballots = [
        ballot(number, *slotted(number, slot), reviewer=name) for number, slot in enumerate(slots) for name in "abc"
    ]
    found = position_bias(ranked(*ballots))
    expected = stats.chisquare([12, 8, 4])
    assert (found.chi_square, found.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue))
    assert (found.degrees, found.records, found.votes, found.reason) == (2, 24, 72, None)
    assert [slot.share.value for slot in found.slots] == pytest.approx([12 / 24, 8 / 24, 4 / 24])
    assert [(slot.slot, slot.expected) for slot in found.slots] == [(s, pytest.approx(1 / 3)) for s in "abc"]


def test_always_the_first_letter_is_bias() -> None:
    found = position_bias(ranked(*[ballot(number, *slotted(number, 0)) for number in range(40)]))
    assert found.p is not None
    assert found.p < 0.001


@pytest.mark.parametrize(("records", "reason"), [(14, "few_expected"), (15, None)])
def test_the_test_needs_five_expected_first_places(records: int, reason: str | None) -> None:
    found = position_bias(ranked(*[ballot(number, *slotted(number, number % 3)) for number in range(records)]))
    assert LEAST_EXPECTED == 5
    assert found.reason == reason
    assert (found.p is None) == (reason is not None)
    assert len(found.slots) == 3


def test_no_votes_have_no_position() -> None:
    assert position_bias(ranked_records(Review((record(),), ()))).reason == "no_votes"
    assert position_bias(ranked(ballot(1, 1, 2, 3)), "blind").reason == "no_votes"


def test_slots_that_a_record_does_not_show_are_not_expected_of_it() -> None:
    two = record(1, answers=(Answer("A", 1), Answer("B", 2)), comparisons=(), translation=None)
    review = Review((two, record(2)), (ballot(1, 1, 2), ballot(2, 1, 2, 3)))
    found = position_bias(ranked_records(review))
    assert [slot.expected for slot in found.slots] == pytest.approx([5 / 12, 5 / 12, 1 / 6])
