"""The key that equal prompts share, whatever their case, accents, punctuation and white space."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse

GROUP_KEY = "group"  # in a record's metadata: the key of the prompt with which it shares its side of the split
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1024)  # a prompt's key is asked for several times in a row
def prompt_key(prompt: str) -> str:
    """The prompt's words, folded; a prompt without any letter or digit is its own key."""
    folded = unicodedata.normalize("NFKD", prompt).casefold()
    if not folded.isascii():
        folded = "".join(filterfalse(unicodedata.combining, folded))
    return " ".join(_WORD.findall(folded)) or " ".join(prompt.split())
