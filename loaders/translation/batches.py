"""Cutting texts into batches: a stream in its order, or places by length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def _one(_: object) -> int:
    return 1


def in_batches(items: Iterable[Item], size: int, weight: Callable[[Item], int] = _one) -> Iterator[list[Item]]:
    """Lists of the items in order, each ended as soon as its weights sum up to ``size`` or more.

    By default an item weighs 1, so the lists have ``size`` items each, the last one fewer.
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
    """Places of ``lengths`` in batches of like length; a batch's longest times its size is ``most`` at the most."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
