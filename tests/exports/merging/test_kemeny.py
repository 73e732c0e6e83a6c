"""Kemeny's orders against their definition, ballot by ballot."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.merging.kemeny import optimal_orders, settled_places, weak_orders
from exports.merging.votes import tally
from workspace.model.ballots import dense_ranks


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> Fraction:
    """Summed over the pairs: half the difference of the two signs."""
    total = 0
    for i, j in combinations(range(len(one)), 2):
        signs = [(ranks[i] > ranks[j]) - (ranks[i] < ranks[j]) for ranks in (one, other)]
        total += abs(signs[0] - signs[1])
    return Fraction(total, 2)


def counted(answers: int, rankings: list[tuple[int, ...]]) -> tuple[Any, ...]:
    found = [tally(rankings, i, j) for i, j in combinations(range(answers), 2)]
    return tuple((votes.wins, votes.losses, votes.ties) for votes in found)


def test_there_are_as_many_weak_orders_as_fubini_says() -> None:
    assert [len(weak_orders(answers)) for answers in range(1, 7)] == [1, 3, 13, 75, 541, 4683]


@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.tuples(*[st.integers(1, n)] * n), max_size=6)))
def test_the_optimal_orders_are_those_with_the_smallest_distance(rankings: list[tuple[int, ...]]) -> None:
    answers = len(rankings[0]) if rankings else 2
    costs = {
        order: sum((distance(order, ballot) for ballot in rankings), Fraction(0)) for order, _ in weak_orders(answers)
    }
    wanted = {order for order, cost in costs.items() if cost == min(costs.values())}
    assert set(optimal_orders(answers, counted(answers, rankings))) == wanted


@given(st.lists(st.integers(1, 6), min_size=6, max_size=6))
def test_one_ballot_on_six_answers_is_its_own_order(ranks: list[int]) -> None:
    assert optimal_orders(6, counted(6, [tuple(ranks)])) == (dense_ranks(ranks),)


def test_places_that_differ_are_not_settled() -> None:
    assert settled_places([(1, 2, 3), (1, 3, 2)]) == (1, None, None)


@pytest.mark.parametrize(("answers", "pairs"), [(7, 21), (3, 2)])
def test_it_ends_at_six_answers_and_needs_every_pair(answers: int, pairs: int) -> None:
    with pytest.raises(ValueError, match="up to 6 answers"):
        optimal_orders(answers, ((1, 0, 0),) * pairs)
