"""Cutting streams into batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workspace.files.batches import batched, length_batches


@given(st.lists(st.integers(0, 5)), st.integers(1, 7))
def test_nothing_is_lost_and_only_the_last_batch_is_lighter(weights: list[int], size: int) -> None:
    batches = list(batched(weights, size, lambda weight: weight))
    assert [weight for batch in batches for weight in batch] == weights
    assert all(sum(batch) >= size > sum(batch[:-1]) for batch in batches[:-1])


def test_a_batch_is_given_before_the_next_one_is_read() -> None:
    read = []
    batches = batched((read.append(number) or number for number in range(5)), 2)
    assert next(batches) == [0, 1]
    assert read == [0, 1]


def test_batches_of_similar_length() -> None:
    assert list(length_batches([1, 9, 2, 10, 3], 20)) == [[3, 1], [4, 2, 0]]
    assert list(length_batches([30], 20)) == [[0]]
    assert list(length_batches([], 20)) == []
