"""Texts that Argilla's page shows and returns exactly as they are, whatever they contain.

Argilla 2.8 builds the frame of a custom field by pasting the whole record, as JSON, into a page with JavaScript's
``String.replace``. So ``</script>`` or ``<!--`` anywhere in the record ends or breaks the page's script, and
``$&``, ``$'``, ``$``` `` ``, ``$$`` and ``#TEMPLATE#`` are replaced. Two rules make every text harmless:

* a *field* is HTML-escaped (``escape``), and the template has it in triple braces; ``html.unescape`` undoes it;
* a *suggestion* is raw text, so an invisible word joiner (U+2060) after the first character of exactly those
  patterns takes their meaning away (``guard``); ``unguard`` removes exactly what ``guard`` added.

Hidden data goes through ``embed``: JSON with ``<``, ``$`` and ``#`` written as JSON escapes.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

WORD_JOINER = "\u2060"
# Word joiners that such a pattern has already belong to it, so that unguard removes only the one that guard added.
_PATTERNS = r"<(?=J*(?:/?script|!--))|\$(?=J*[$&`'])|#(?=J*TEMPLATE#)".replace("J", WORD_JOINER)
_RISKY = re.compile(_PATTERNS, re.IGNORECASE)
_GUARDED = re.compile(_PATTERNS.replace("(?=", f"{WORD_JOINER}(?="), re.IGNORECASE)


def escape(text: str) -> str:
    """The text as HTML for a custom field; ``html.unescape`` restores it exactly."""
    return html.escape(text).replace("$", "&#36;").replace("#TEMPLATE#", "&#35;TEMPLATE#")


def unescape(text: str) -> str:
    """Undo ``escape``."""
    return html.unescape(text)


def guard(text: str) -> str:
    """The text as a suggestion: it looks the same and has no power over the page."""
    return _RISKY.sub(lambda match: match[0] + WORD_JOINER, text)


def unguard(text: str) -> str:
    """Undo ``guard``; a text without guarded patterns is returned as it is."""
    return _GUARDED.sub(lambda match: match[0][0], text)


def embed(value: Any) -> str:
    """A JSON value as one harmless string, for metadata that only programs read."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("$", "\\u0024").replace("#", "\\u0023")


def unembed(text: str) -> Any:
    """Undo ``embed``."""
    return json.loads(text)


def final_text(response: str, suggestion: str | None) -> str:
    """What a text box says, exactly: the box may add newlines at the end and changes CRLF to LF.

    A response that differs from the suggestion in nothing else is the suggestion, byte for byte. The key that opens
    an empty box may add a newline at the beginning, which stays only where the suggestion has one.
    """
    text = unguard(response)
    if not (suggestion or "").startswith(("\n", "\r")):
        text = text.lstrip("\n")
    if suggestion is not None and _box_form(text) == _box_form(suggestion):
        return suggestion
    return text.rstrip("\n")


def _box_form(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
