"""Foreign text in Markdown: on one line, and with no character that means anything there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

# What means something inside a line of Markdown or in HTML; "_" does not between two letters or digits.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$&@]|(?<![^\W_])_|_(?![^\W_])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


def one_line(text: object) -> str:
    """Text on one line, without what cannot be printed or written as UTF-8."""
    return " ".join(_UNPRINTABLE.sub(" ", str(text)).split()).encode("utf-8", "replace").decode()


def escaped(text: object) -> Markup:
    """Escape a text for Markdown, on one line, so that no character of it means anything to Markdown or HTML.

    ``Markup`` is our own, and is returned as it is.
    """
    if isinstance(text, Markup):
        return text
    return Markup(_SPECIAL.sub(lambda match: f"&#{ord(match[0])};", one_line(text)))


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the header is our own words, every other cell is escaped."""
    lines = [header, *(map(escaped, row) for row in rows)]
    written = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(header), *written[1:]])
