"""Find the cycles of the majority relation between a record's answers, and the ranks that it settles. Pure rules."""

from __future__ import annotations

from functools import lru_cache

Ranking = tuple[int | None, ...]
Relation = tuple[int, ...]  # for each answer the set of answers that it is related to, as bits
_KEPT = 4096  # three answers have 27 majority relations: most records share theirs with others


@lru_cache(maxsize=_KEPT)
def circles(beaten: Relation) -> list[tuple[int, ...]]:
    """For each answer the members of its cycle, itself included; empty if it is not in one."""
    reached = _closure(beaten)
    answers = range(len(beaten))
    return [tuple(j for j in answers if reached[i] >> j & 1 and reached[j] >> i & 1) for i in answers]


@lru_cache(maxsize=_KEPT)
def places(beaten: Relation) -> Ranking:
    """The dense rank of each answer; None if the majority relation does not settle it.

    "Beats or ties" relates every two answers, so the strongly connected components of this relation have one order.
    The number of answers that an answer reaches falls from each component to the next, so it says the rank.
    """
    answers = range(len(beaten))
    at_least = tuple(sum(1 << other for other in answers if not beaten[other] >> answer & 1) for answer in answers)
    reached = _closure(at_least)
    sizes = sorted({bits.bit_count() for bits in reached}, reverse=True)
    ranks: list[int | None] = []
    for answer in answers:
        peers = sum(1 << other for other in answers if reached[other] == reached[answer])
        settled = not any(beaten[other] & peers for other in answers if peers >> other & 1)
        ranks.append(sizes.index(reached[answer].bit_count()) + 1 if settled else None)
    return tuple(ranks)


def _closure(relation: Relation) -> list[int]:
    """The transitive closure of a relation held as bits (Warshall's algorithm)."""
    reached = list(relation)
    for middle in range(len(reached)):
        for start in range(len(reached)):
            if reached[start] >> middle & 1:
                reached[start] |= reached[middle]
    return reached
