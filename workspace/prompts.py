"""The key that equal prompts share, whatever their case, accents, punctuation and white space."""

from __future__ import annotations

import re
import unicodedata

GROUP_KEY = "group"  # in a record's metadata: the key of the prompt with which it shares its side of the split


def prompt_key(prompt: str) -> str:
    """The prompt's words, folded; a prompt without any letter or digit is its own key."""
    folded = unicodedata.normalize("NFKD", prompt).casefold()
    if not folded.isascii():
        folded = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(re.findall(r"[^\W_]+", folded)) or " ".join(prompt.split())
