"""Cutting a stream into lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
