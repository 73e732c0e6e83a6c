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

- Words *lead* to the group that a record with them holds; to the first by code points, where records with the same
  words hold several; nowhere, where none holds another.
- The group of a prompt is found by following its words to the end (in a circle, to its first name by code points). So
  equal prompts always share a group, and what joined a group by one of its prompts goes where that prompt goes.

What ``load`` adds moves no prompt that is there, if one load runs at a time: a new prompt whose words are known (as a
record's words, or as a group's name) takes the end of what is known, which leaves all ends as they are; to any other
words nothing leads. Without that no rule could be stable, since nothing says which of two equal prompts with other
groups was there first. What it adds holds the end itself: among such records there are no chains, and each stays
where it is whatever becomes of the others.

The exception are records of older loads, or made by hand, that lean on another one: with equal words but no group or
another one, or with a group that is another's words and leads on. If that other one goes or its prompt is replaced
(``load --replace-changed``), its lead goes with it, and they may change their side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from workspace.model.groups import ends_of, leads_of
from workspace.model.prompts import GROUP_KEY, prompt_key
from workspace.model.records import Record

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
DEFAULT_TEST_SHARE = 0.1
_HEX_DIGITS = 13  # 52 bits: exact in a float


def record_group(record: Record) -> str:
    """The group of a record by itself: what its metadata say, else the key of its prompt."""
    group = record.metadata.get(GROUP_KEY)
    return group if isinstance(group, str) and group else prompt_key(record.prompt)


def settle_groups(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records, those whose group is another one among all the rest with that in their metadata; see above."""
    listed = [(record, prompt_key(record.prompt), record_group(record)) for record in records]
    ends = ends_of(leads_of((words, group) for _, words, group in listed))
    return tuple(
        record
        if (end := ends.get(words, words)) == group
        else replace(record, metadata={**record.metadata, GROUP_KEY: end})
        for record, words, group in listed
    )


def split_of(group: str, test_share: float = DEFAULT_TEST_SHARE) -> Split:
    """The side of a group of prompts.

    Raises:
        ValueError: ``test_share`` is not from 0 to 1.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share must be from 0 to 1, got {test_share}")
    digest = hashlib.sha256(f"split:{group}".encode()).hexdigest()
    return "test" if int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS < test_share else "train"
