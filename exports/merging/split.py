"""Decide which side of the split a prompt stands on: by its words and its group, so that it never moves.

The rule: prompts that are equal after case, accents, punctuation and white space are taken out are one group, and a
group is on one side. The side is a hash of the group's name against ``test_share``: a larger share only moves prompts
from train to test. The words are those of the source prompt, which review does not change.

Prompts that say the same in other words are found by ``load`` where it has an embedding model: it writes the group of
the prompt that was there first into the metadata of the new one, and never changes it. That group goes before the
prompt's own words. Without it such prompts are not found.

A review may hold one prompt several times, with a group and without: an older ``load`` gave it none where it had no
model. ``settle_groups`` puts that right. Names of groups are words of prompts, so words and names are one thing
(``workspace/model/groups.py``):

- Words are an *alias* of the group that a record with them holds; of the first by code points, where records with the
  same words hold several; of none, where none holds another.
- The group of a prompt is what its words *resolve* to: aliases are followed to the last name (in a circle, to its
  first name by code points). So equal prompts always share a group, and what joined a group by one of its prompts
  goes where that prompt goes.

What ``load`` adds moves no prompt that is there, if one load runs at a time: a new prompt whose words are known (as a
record's words, or as a group's name) takes the canonical name of what is known, which leaves all canonical names as
they are; no name is an alias of any other words. Without that no rule could be stable, since nothing says which of
two equal prompts with other groups was there first. What it adds holds the canonical name itself: among such records
there are no chains, and each stays where it is whatever becomes of the others.

The exception are records of older loads, or made by hand, that lean on another one: with equal words but no group or
another one, or with a group that is another's words and an alias. If that other one goes or its prompt is replaced
(``load --replace-changed``), its alias goes with it, and they may change their side.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
DEFAULT_TEST_SHARE = 0.1
_HEX_DIGITS = 13  # 52 bits: exact in a float


def split_of(group: str, test_share: float = DEFAULT_TEST_SHARE) -> Split:
    """The side of a group of prompts.

    Raises:
        ValueError: ``test_share`` is not from 0 to 1.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share must be from 0 to 1, got {test_share}")
    digest = hashlib.sha256(f"split:{group}".encode()).hexdigest()
    return "test" if int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS < test_share else "train"
