"""Decide which side of the split a prompt is on: by its words and its group, so that it never moves.

The rule: prompts that are equal without case, accents, punctuation and white space are one group, and a group is on
one side. The side is a hash of the group's name compared with ``test_share``: a larger share only moves prompts from
train to test. The words are the source prompt's, which review does not change.

Prompts that say the same in other words are found by ``load``, if it has an embedding model: it writes the group of
the older prompt into the metadata of the new one, and never changes it. That group replaces the prompt's own words.
Without a model such prompts are not found.

A review may have one prompt several times, with a group and without, because an older ``load`` wrote none without a
model. ``settle_groups`` corrects that. A group is named by the words of a prompt, so words and names are the same
thing (``workspace/model/groups.py``):

- Words are an *alias* of the group in the metadata of a record with these words. If several records with the same
  words have different groups, it is the first of these by code points.
- The group of a prompt is what its words *resolve* to: aliases are followed to the last name (in a circle, to its
  first name by code points). So equal prompts always share a group, and a prompt that joined a group through one of
  its prompts is always on the side of that prompt.

``load`` never moves a prompt that is already there, if one load runs at a time: a new prompt whose words are known
(as a record's words or as a group's name) takes the canonical name of what is known. So no canonical name changes,
and no name becomes an alias of other words. Any other rule would be unstable, since nothing says which of two equal
prompts with different groups is older. New records have the canonical name itself, so there are no chains among them,
and none depends on what happens to the others.

The exception is a record of an older load, or one made by hand, that depends on another record: it has the same words
but no group or a different one, or its group is an alias by the other's words. If that other record is deleted, or
its prompt is replaced (``load --replace-changed``), the alias is gone, and the first record may change sides.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
DEFAULT_TEST_SHARE = 0.1
_HEX_DIGITS = 13  # 52 bits: exact in a float


def split_of(group: str, test_share: float = DEFAULT_TEST_SHARE) -> Split:
    """Return the side of a group of prompts.

    Raises:
        ValueError: ``test_share`` is not from 0 to 1.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share must be from 0 to 1, got {test_share}")
    digest = hashlib.sha256(f"split:{group}".encode()).hexdigest()
    return "test" if int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS < test_share else "train"
