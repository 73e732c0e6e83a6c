"""Cutting into batches: a stream in its order, or places by length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int, weight: Callable[[Item], int] = lambda _: 1) -> Iterator[list[Item]]:
    """Cut a stream into lists, in its order.

    A list ends as soon as the weights of its items add up to ``size``. An item weighs 1 unless ``weight`` says
    otherwise, so each list has ``size`` items and the last one may be shorter.

    >>> list(batched("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    batch: list[Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += weight(item)
        if total >= size:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def length_batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Cut the places of ``lengths`` into batches of similar length, the longest first.

    The longest item of a batch times the size of the batch is ``most`` at most, unless one item alone is longer.

    >>> list(length_batches([1, 9, 2, 8], 20))
    [[1, 3], [2, 0]]
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
