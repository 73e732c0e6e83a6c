"""Slots and modes follow from the id alone, on every machine."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from workspace.model.slots import batch_of, from_slots, review_mode, slot_order, to_slots


@given(st.text(max_size=20), st.integers(2, 26))
def test_slots_are_a_permutation_and_are_undone(record_id: str, count: int) -> None:
    order = slot_order(record_id, count)
    assert sorted(order) == list(range(count))
    values = [f"answer {index}" for index in range(count)]
    assert from_slots(to_slots(values, order), order) == tuple(values)


def test_known_ids_keep_their_slots() -> None:
    """A changed rule would mix up every dataset that is under review: these values may never change."""
    assert [slot_order(f"h4rmony-{number}", 3) for number in (1, 2, 3, 239)] == KNOWN_ORDERS
    assert [review_mode(f"h4rmony-{number}", True, 0.5) for number in (1, 2, 3, 239)] == KNOWN_MODES
    assert [batch_of(f"h4rmony-{number}", 17) for number in (1, 2, 3, 239)] == KNOWN_BATCHES


KNOWN_ORDERS = [(1, 2, 0), (0, 2, 1), (1, 0, 2), (0, 2, 1)]
KNOWN_BATCHES = ["12", "2", "11", "11"]
KNOWN_MODES = ["blind", "verify", "verify", "verify"]


def test_every_order_is_about_equally_likely() -> None:
    orders = Counter(slot_order(f"h4rmony-{number}", 3) for number in range(6000))
    assert len(orders) == 6
    assert all(850 < count < 1150 for count in orders.values())


def test_the_blind_share_is_met_and_a_larger_one_keeps_the_smaller() -> None:
    ids = [f"h4rmony-{number}" for number in range(5000)]
    tenth = {i for i in ids if review_mode(i, True, 0.1) == "blind"}
    half = {i for i in ids if review_mode(i, True, 0.5) == "blind"}
    assert 400 < len(tenth) < 600
    assert tenth < half


def test_the_ends_of_the_share_and_unranked_records() -> None:
    assert {review_mode(str(number), True, 0.0) for number in range(200)} == {"verify"}
    assert {review_mode(str(number), True, 1.0) for number in range(200)} == {"blind"}
    assert review_mode("x", False, 0.0) == "blind"


def test_a_missing_letter_is_none() -> None:
    assert from_slots({"a": 1, "c": 3}, (2, 0, 1)) == (None, 3, 1)
