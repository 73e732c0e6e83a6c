"""The majority relation of the answers of one record: its circles, and the places that it settles. Pure rules."""

from __future__ import annotations

from functools import lru_cache

Ranking = tuple[int | None, ...]
Relation = tuple[int, ...]  # for each answer the set of answers that it stands in relation to, as bits
_KEPT = 4096  # three answers have 27 majority relations: most records share theirs with others


@lru_cache(maxsize=_KEPT)
def circles(beaten: Relation) -> list[tuple[int, ...]]:
    """For each answer the members of its cycle, itself among them; nothing if it is in none."""
    reached = _closure(beaten)
    answers = range(len(beaten))
    return [tuple(j for j in answers if reached[i] >> j & 1 and reached[j] >> i & 1) for i in answers]


@lru_cache(maxsize=_KEPT)
def places(beaten: Relation) -> Ranking:
    """The dense rank of each answer, None where the majority relation does not settle it.

    Read with ties ("beats or ties"), the relation compares every two answers, so its strongly connected components
    stand in a line, and what an answer reaches shrinks from each to the next: that gives the places.
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
