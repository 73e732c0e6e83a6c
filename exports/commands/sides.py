"""What a command says where reviewers brought a prompt to both sides of the split."""

from __future__ import annotations

from collections.abc import Sequence


def both_sides(records: Sequence[tuple[str, str]]) -> str:
    """The warning: for each final prompt that stands in train and in test, a record there and one here."""
    what = "1 final prompt stands" if len(records) == 1 else f"{len(records)} final prompts stand"
    return (
        f"{what} in train and in test ({' and '.join(records[0])} share one): reviewers gave different source "
        "prompts the same words; correct one of each in Argilla, or leave its rows out"
    )
