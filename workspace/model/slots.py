"""Slots (the letters under which answers are shown), the review mode, batches: all depend on a record's id alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from string import ascii_lowercase
from typing import TypeVar

from workspace.model.ballots import Mode

Item = TypeVar("Item")


def letters(count: int) -> tuple[str, ...]:
    """The slots of a record with ``count`` answers: a, b, c, ..."""
    return tuple(ascii_lowercase[:count])


def slot_order(record_id: str, count: int) -> tuple[int, ...]:
    """Which answer is shown in each slot: ``order[0]`` is the index of the answer shown as "a".

    The answers are sorted by the SHA-256 of the record's id and their index: every machine shuffles in the same way,
    and over many ids every permutation is equally likely.
    """
    return tuple(sorted(range(count), key=lambda index: _digest(f"slot:{record_id}:{index}")))


def to_slots(values: Sequence[Item], order: Sequence[int]) -> dict[str, Item]:
    """Put values that are aligned with the answers under their letters."""
    return {letter: values[index] for letter, index in zip(letters(len(order)), order, strict=True)}


def from_slots(slotted: dict[str, Item], order: Sequence[int]) -> tuple[Item | None, ...]:
    """Undo ``to_slots``: the values in the answers' order, None where a letter has none."""
    return tuple(slotted.get(letter) for _, letter in sorted(zip(order, letters(len(order)), strict=True)))


def review_mode(record_id: str, is_ranked: bool, blind_share: float) -> Mode:
    """``blind`` for this share of the ids, and for every record without a full ranking; else ``verify``.

    A larger share keeps every record blind that is blind with a smaller one.
    """
    fraction = int(_digest(f"blind:{record_id}")[:13], 16) / 16**13
    return "verify" if is_ranked and fraction >= blind_share else "blind"


def batch_of(record_id: str, batches: int) -> str:
    """Which of so many batches a record is in, from "1" on; it stays there when others are added."""
    return str(1 + int(_digest(f"batch:{record_id}"), 16) % batches)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
