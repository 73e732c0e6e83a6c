"""How a text is cut for a model that translates sentences: at line breaks, into sentences, and where need be further.

``sentencex`` finds the sentences; it loses no character and needs no data. The pieces joined as they are make exactly
the text again. Line breaks, control characters, the blanks around a sentence and the bullet or number before it are
never shown to the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.translation.text.code import blocks
from loaders.translation.text.pieces import BREAKS, Piece, strip
from workspace.extras import require_packages

# Part of an engine's version, because a changed rule makes other translations.
SPLITTER = "split2"
LONGEST_RUN = 200  # characters without white space; no language writes such words
_MARKER = re.compile(r"(?:[-*+•–—>#]+|\(?(?:\d{1,3}|[A-Za-z])[.)])\s+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.[^\s@]+", re.IGNORECASE)
# Where a sentence may be cut in two, best first.
_CUTS = (re.compile(r"(?<=[;:])\s+"), re.compile(r"(?<=[,)—–])\s+"))
_SPACES = re.compile(r"\s+")


def split_sentences(text: str, language: str) -> list[Piece]:
    """Cut a text into its sentences and what is between them; a fenced block of code is one piece, and stays."""
    return [
        piece
        for part, is_code in blocks(text)
        for piece in ([Piece(part)] if is_code else _of_sentences(part, language))
    ]


def _of_sentences(text: str, language: str) -> list[Piece]:
    return [_piece(part) for line in BREAKS.split(text) for part in _sentences(line, language)]


def split_lines(text: str) -> list[Piece]:
    """Cut a text into its lines and what is between them, for models that take whole paragraphs; code as above."""
    return [
        piece
        for part, is_code in blocks(text)
        for piece in ([Piece(part)] if is_code else map(_piece, BREAKS.split(part)))
    ]


def halves(text: str) -> tuple[Piece, Piece] | None:
    """A sentence cut near its middle: at a semicolon or colon, else a comma, else a blank; None if it has none."""
    middle, quarter = len(text) / 2, len(text) / 4
    for cuts in _CUTS:
        near = [cut for cut in cuts.finditer(text) if abs(cut.start() - middle) <= quarter]
        if near:
            break
    else:
        near = [cut for cut in _SPACES.finditer(text) if cut.start() and cut.end() < len(text)]
    if not near:
        return None
    cut = min(near, key=lambda cut: abs(cut.start() - middle))
    return _piece(text[: cut.end()]), _piece(text[cut.end() :])


def _sentences(line: str, language: str) -> Iterator[str]:
    if not any(character.isalpha() for character in line):
        yield line
        return
    found = _segmented(line, language)
    yield from found if "".join(found) == line else [line]


def _segmented(line: str, language: str) -> list[str]:
    require_packages("cutting a text into sentences", ("sentencex",), "models")
    import sentencex

    return list(sentencex.segment(language, line))


def _piece(part: str) -> Piece:
    before, text, after = strip(part)
    marker = _MARKER.match(text)
    if marker and marker.end() < len(text):
        before, text = before + marker[0], text[marker.end() :]
    return Piece(text, before, after, _says_something(text))


def _says_something(text: str) -> bool:
    if not any(character.isalpha() for character in text):
        return False
    return not _ADDRESS.fullmatch(text) and not (len(text) >= LONGEST_RUN and not _SPACES.search(text))
