"""How a text goes into Apertium's stream format and comes out again, without a character lost.

In the stream ``[...]`` is a blank that is passed through, and ``[ ] { } ^ $ / \\ @ < >`` mean something unless a
backslash comes before them.
"""

from __future__ import annotations

import re
import unicodedata

from loaders.translation.text.code import FORMULA, INLINE, TAG, blocks
from loaders.translation.text.pieces import BREAKS, Piece, strip

_RESERVED = re.compile(r"([\[\]{}^$/\\@<>])")
# What is passed through as a numbered blank: code, formulas and tags in a line; runs so long that Apertium's time for
# them grows with their square; addresses; and what Apertium loses: tilde and soft hyphen always; a circumflex after
# the last word, and the end of the unit with it, even behind a backslash or in a blank.
_PASSED = re.compile(
    rf"({INLINE.pattern}|{FORMULA.pattern}|{TAG.pattern}|"
    r"\S{200,}|(?:https?://|www\.)\S*[^\s.,;:!?]|[^\s@]+@[^\s@]+\.[^\s@]*\w|[~\u00ad^]+)",
    re.IGNORECASE,
)
_STREAM = re.compile(r"\\(.)|\[([0-9]+)\]", re.DOTALL)


def split(text: str) -> list[Piece]:
    """Cut a text into its lines and what is between them; joined as they are, they make exactly the text again.

    A fenced block of code is one piece, which stays as it is.
    """
    pieces: list[Piece] = []
    for part, is_code in blocks(text):
        parts = [("", part, "")] if is_code else map(strip, BREAKS.split(part))
        pieces += (Piece(line, before, after, not is_code and _says_something(line)) for before, line, after in parts)
    return pieces


def _says_something(line: str) -> bool:
    return any(character.isalnum() for character in _PASSED.sub("", line))


def escaped(line: str) -> str:
    """A line in the stream format; composed (NFC), because Apertium's dictionaries are."""
    return "".join(
        f"[{number // 2}]" if number % 2 else _RESERVED.sub(r"\\\1", unicodedata.normalize("NFC", part))
        for number, part in enumerate(_PASSED.split(line))
    )


def unescaped(stream: str, line: str) -> str:
    """The translation of ``line`` that ``stream`` holds; ``line`` itself where it holds none, or lost a blank.

    White space that Apertium adds at the ends and beside words that it drops is taken away again.
    """
    waiting = dict(enumerate(_PASSED.findall(line)))

    def plain(match: re.Match[str]) -> str:
        return match[1] if match[2] is None else waiting.pop(int(match[2]), "")

    text = _STREAM.sub(plain, stream).strip()
    if not text or waiting:
        return line
    return text if "  " in line else re.sub(" {2,}", " ", text)
