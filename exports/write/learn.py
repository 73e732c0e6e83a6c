"""Learn what reviewers approved: from a review into the translation memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exports.merging.approved import approved_texts
from exports.review.files import Review
from workspace.memory.store import MEMORY_FILE, TranslationMemory

SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class Learned:
    """Counts of approved texts (see ``Approvals``), and how many are new in the memory or replace another one."""

    approved: int
    changed_by_reviewers: int
    kept_by_reviewers: int
    disputed: int
    below_support: int
    new: int
    replaced: int


def learn(
    review: Review, home: Path, target_language: str = "es", *, min_support: int = 1, dry_run: bool = False
) -> Learned:
    """Add the texts that reviewers approved to the memory in ``home``; they win over every engine.

    Raises:
        DataError: the memory cannot be read or written.
    """
    found = approved_texts(review, target_language, min_support=min_support)
    with TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory:
        new, replaced = memory.approve(SOURCE_LANGUAGE, target_language, found.texts)
    return Learned(len(found.texts), found.changed, found.kept, found.disputed, found.below_support, new, replaced)
