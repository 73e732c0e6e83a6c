"""Kemeny's orders: the weak orders of the answers that disagree least with all ballots together. Pure, and exact.

A weak order is a ranking that may hold ties. Its distance to a ballot is summed over the pairs of answers: 1 where
they put the two the other way round, 1/2 where one of them ties the two and the other does not, 0 where they agree
(the Kemeny distance on weak orders). All weak orders are tried: 13 for three answers, 4,683 for six, and there it
ends. Several may be optimal; all of them are returned, because a choice between them would be nobody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations, product

from exports.merging.majority import Ranking

MAX_ANSWERS = 6
Votes = tuple[int | Fraction, int | Fraction, int | Fraction]  # wins, losses and ties of the first of two answers
WeakOrder = tuple[int, ...]  # the dense rank of each answer
_KEPT = 4096


@lru_cache(maxsize=_KEPT)
def optimal_orders(answers: int, votes: tuple[Votes, ...]) -> tuple[WeakOrder, ...]:
    """All weak orders with the smallest summed distance to the ballots.

    Args:
        answers: how many answers there are, at most ``MAX_ANSWERS``.
        votes: for each pair of ``combinations(range(answers), 2)`` the votes, or their weights.

    Raises:
        ValueError: there are more answers, or not one item of ``votes`` a pair.
    """
    pairs = list(combinations(range(answers), 2))
    if answers > MAX_ANSWERS or len(votes) != len(pairs):
        raise ValueError(
            f"up to {MAX_ANSWERS} answers and {len(pairs)} pairs are needed, got {answers}, {len(votes)}"
        )
    # twice the cost of putting the first above the second, below it, and level with it
    costs = [(2 * losses + ties, 2 * wins + ties, wins + losses) for wins, losses, ties in votes]
    best: int | Fraction | None = None
    found: list[WeakOrder] = []
    for order, relations in weak_orders(answers):
        cost = sum(cost[relation] for cost, relation in zip(costs, relations, strict=True))
        if best is None or cost < best:
            best, found = cost, [order]
        elif cost == best:
            found.append(order)
    return tuple(found)


def settled_places(orders: Sequence[WeakOrder]) -> Ranking:
    """The rank of each answer that is the same in all orders; None where they differ."""
    return tuple(ranks[0] if len(set(ranks)) == 1 else None for ranks in zip(*orders, strict=True))


@cache
def weak_orders(answers: int) -> list[tuple[WeakOrder, tuple[int, ...]]]:
    """Every weak order, sorted, with its relation for each pair: 0 first above, 1 first below, 2 level."""
    pairs = list(combinations(range(answers), 2))
    return [
        (order, tuple(0 if order[i] < order[j] else 1 if order[i] > order[j] else 2 for i, j in pairs))
        for order in product(range(1, answers + 1), repeat=answers)
        if set(order) == set(range(1, max(order, default=0) + 1))
    ]
