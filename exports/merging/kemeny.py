"""Find Kemeny's orders: the weak orders of the answers that disagree least with all ballots together. Pure, exact.

A weak order is a ranking that may have ties. Its distance to a ballot is a sum over the pairs of answers: 1 if the
two put the pair in opposite orders, 1/2 if only one of them ties it, 0 if they agree (the Kemeny distance on weak
orders). All weak orders are tried: 13 for three answers, 4,683 for six, which is the most answers allowed. Several
may be optimal. All of them are returned, because nobody voted for a choice between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations, product

from exports.merging.majority import Ranking

MAX_ANSWERS = 6
PairCounts = tuple[int | Fraction, int | Fraction, int | Fraction]  # wins, losses, ties of the first of two answers
WeakOrder = tuple[int, ...]  # the dense rank of each answer
_KEPT = 4096


@lru_cache(maxsize=_KEPT)
def optimal_orders(answers: int, counts: tuple[PairCounts, ...]) -> tuple[WeakOrder, ...]:
    """Return all weak orders with the smallest summed distance to the ballots.

    Args:
        answers: how many answers there are, at most ``MAX_ANSWERS``.
        counts: for each pair of ``combinations(range(answers), 2)`` the votes, or their weights.

    Raises:
        ValueError: there are more answers, or ``counts`` has not one item for each pair.
    """
    pairs = list(combinations(range(answers), 2))
    if answers > MAX_ANSWERS or len(counts) != len(pairs):
        raise ValueError(
            f"up to {MAX_ANSWERS} answers and {len(pairs)} pairs are needed, got {answers}, {len(counts)}"
        )
    # twice the cost of putting the first above the second, below it, and level with it
    costs = [(2 * losses + ties, 2 * wins + ties, wins + losses) for wins, losses, ties in counts]
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
    """The rank of each answer; None if it is not the same in all orders."""
    return tuple(ranks[0] if len(set(ranks)) == 1 else None for ranks in zip(*orders, strict=True))


@cache
def weak_orders(answers: int) -> list[tuple[WeakOrder, tuple[int, ...]]]:
    """Every weak order, sorted, with its relation for each pair: 0 if the first is above, 1 if below, 2 if level."""
    pairs = list(combinations(range(answers), 2))
    return [
        (order, tuple(0 if order[i] < order[j] else 1 if order[i] > order[j] else 2 for i, j in pairs))
        for order in product(range(1, answers + 1), repeat=answers)
        if set(order) == set(range(1, max(order, default=0) + 1))
    ]
