"""Slots: the letters under which a record's answers are shown, and the review mode. Both follow from its id alone."""

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
    """Which answer stands in each slot: ``order[0]`` is the index of the answer shown as "a".

    The answers are sorted by the SHA-256 of the record's id and their index, so every machine shuffles alike, and
    every permutation is equally likely over many ids.
    """
    return tuple(sorted(range(count), key=lambda index: _digest(f"slot:{record_id}:{index}")))


def to_slots(values: Sequence[Item], order: Sequence[int]) -> dict[str, Item]:
    """Put values that are aligned with the answers under their letters."""
    return {letter: values[index] for letter, index in zip(letters(len(order)), order, strict=True)}


def from_slots(slotted: dict[str, Item], order: Sequence[int]) -> tuple[Item | None, ...]:
    """Undo ``to_slots``: the values in the answers' order, None where a letter has none."""
    answers: list[Item | None] = [None] * len(order)
    for letter, index in zip(letters(len(order)), order, strict=True):
        answers[index] = slotted.get(letter)
    return tuple(answers)


def review_mode(record_id: str, is_ranked: bool, blind_share: float) -> Mode:
    """``blind`` for the stated share of ids, and wherever there is no full ranking to verify; else ``verify``.

    A larger share keeps every record blind that a smaller one made blind.
    """
    fraction = int(_digest(f"blind:{record_id}")[:13], 16) / 16**13
    return "verify" if is_ranked and fraction >= blind_share else "blind"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
