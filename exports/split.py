"""Decide which side of the split a prompt stands on: by its words alone, so that it never moves.

The rule: prompts that are equal after case, accents, punctuation and white space are taken out are one group, and a
group is on one side. The side is a hash of the group against ``test_share``. So no other record has a say: adding or
removing records moves no prompt, and a larger share only moves prompts from train to test. The words are those of the
source prompt, which review does not change.

Prompts that say the same in other words are found by ``load`` where it has an embedding model: it writes the group of
the prompt that was there first into the metadata of the new one, and never changes it. That group goes before the
prompt's own words. Without it such prompts are not found.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from workspace.prompts import GROUP_KEY, prompt_key
from workspace.records import Record

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
DEFAULT_TEST_SHARE = 0.1
_HEX_DIGITS = 13  # 52 bits: exact in a float


def record_group(record: Record) -> str:
    """The group of a record: what ``load`` settled, else the key of its prompt."""
    group = record.metadata.get(GROUP_KEY)
    return group if isinstance(group, str) and group else prompt_key(record.prompt)


def split_of(group: str, test_share: float = DEFAULT_TEST_SHARE) -> Split:
    """The side of a group of prompts.

    Raises:
        ValueError: ``test_share`` is not from 0 to 1.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share must be from 0 to 1, got {test_share}")
    digest = hashlib.sha256(f"split:{group}".encode()).hexdigest()
    return "test" if int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS < test_share else "train"
