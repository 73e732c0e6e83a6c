"""Texts in pieces, of which some may be translated and the rest stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Lines end at control characters; at half surrogate pairs, which cannot be sent as UTF-8; and at U+FFFE and U+FFFF,
# which Apertium takes for the end of its input.
BREAKS = re.compile("([\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+)")


@dataclass(frozen=True)
class Piece:
    """A part of a text: ``before + text + after``, of which only ``text`` may be translated."""

    text: str
    before: str = ""
    after: str = ""
    translatable: bool = False


def strip(part: str) -> tuple[str, str, str]:
    """The blanks before a text, the text, and the blanks after it."""
    text = part.strip()
    start = part.find(text)
    return part[:start], text, part[start + len(text) :]


def joined(pieces: Iterable[tuple[Piece, str]]) -> str:
    """The text of each piece with its new text."""
    return "".join(f"{piece.before}{text}{piece.after}" for piece, text in pieces)
