"""Decide which side of the split a prompt stands on: by its words alone, so that it never moves.

The rule: prompts that are equal after case, accents, punctuation and white space are taken out are one group, and a
group is on one side. The side is a hash of the group against ``test_share``. So no other record has a say: adding or
removing records moves no prompt, and a larger share only moves prompts from train to test. The words are those of the
source prompt, which review does not change. Prompts that say the same in other words are not found.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Literal

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
DEFAULT_TEST_SHARE = 0.1
_HEX_DIGITS = 13  # 52 bits: exact in a float


def prompt_group(prompt: str) -> str:
    """The key that near-duplicate prompts share; a prompt without any letter or digit is its own group."""
    folded = unicodedata.normalize("NFKD", prompt).casefold()
    if not folded.isascii():
        folded = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(re.findall(r"[^\W_]+", folded)) or " ".join(prompt.split())


def split_of(prompt: str, test_share: float = DEFAULT_TEST_SHARE) -> Split:
    """The side of a source prompt.

    Raises:
        ValueError: ``test_share`` is not from 0 to 1.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share must be from 0 to 1, got {test_share}")
    digest = hashlib.sha256(f"split:{prompt_group(prompt)}".encode()).hexdigest()
    return "test" if int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS < test_share else "train"
