"""What a command says if reviewers' words put one prompt on both sides of the split."""

from __future__ import annotations

from collections.abc import Sequence


def both_sides(records: Sequence[tuple[str, str]]) -> str:
    """The warning about final prompts that are in train and in test; ``records`` has one of each side for each."""
    what = "1 final prompt is" if len(records) == 1 else f"{len(records)} final prompts are"
    return (
        f"{what} in train and in test ({' and '.join(records[0])} share one): reviewers gave different source "
        "prompts the same words; correct one of each in Argilla, or leave its rows out"
    )
