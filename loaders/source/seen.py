"""What of a text a reader sees: which texts show nothing, and which two texts look the same.

Texts themselves are never changed by this, but that their line ends become LF.

- A text shows nothing if it holds only blanks, characters that nobody sees (zero-width ones, soft hyphens, byte
  order marks, fillers), HTML's names for them (``&nbsp;``) and empty paragraphs (``<p><br></p>``); or if it is a
  program's mark of no text: ``N/A``, an error of a spreadsheet such as ``#REF!``, ``[deleted]`` or ``[removed]``.
- Two texts look the same if they differ only in such characters, in how accents are composed (Unicode's NFC), in the
  kind of their blanks, in blanks at the ends of lines and of the text, or in one blank or empty lines before it.
  Indentation counts: a tab, or two blanks and more.
- Two prompts are the same if they look the same but for any blanks before and after them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable

_UNSEEN = (  # characters, of which the last are fillers: letters or marks by their category
    "\u00ad\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
)
_JOINERS = "\u200c\u200d"  # change how letters and emoji look, but for Latin letters
_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ODD = re.compile(f"[{_UNSEEN}{_JOINERS}{_BLANKS}]")
_LEFT_OUT = re.compile(f"[{_UNSEEN}]|(?<![^\\x00-\u024f])[{_JOINERS}]+|[{_JOINERS}]+(?![^\\x00-\u024f])")
_BLANK = re.compile(f"[{_BLANKS}]")
_ENDS = re.compile(r"[ \t\f\v]+$", re.MULTILINE)
_BLANK_ENDS = (" \n", "\t\n", "\f\n", "\v\n")
_START = re.compile(r"(?:[ \t\f\v]*\n)* ?(?=\S)|(?:[ \t\f\v]*\n)*([ \t\f\v]*)")
_EMPTY = re.compile(r"<(p|div|span)\b[^<>]*>\s*(?:<br\s*/?>\s*)*</\1>", re.IGNORECASE)
_ERRORS = "ref name value null num div/0 error spill calc ¡ref ¿nombre ¡valor ¡nulo ¡num ¡div/0".split()  # noqa: SIM905
_NO_TEXT = {
    "n/a",
    "#n/a",
    "#n/d",
    "#name?",
    "#¿nombre?",
    "[deleted]",
    "[removed]",
    *(f"#{each}!" for each in _ERRORS),
}
_LONGEST = 200  # characters of a text that may show nothing though it has some


def with_line_ends(text: str) -> str:
    """A text whose lines end in LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def seen(text: str) -> str:
    """What of a text a reader sees: equal for texts that look the same, "" for one that shows nothing.

    >>> seen("Si\u0301.\u200b \\n") == seen("S\u00ed."), seen("  x") == seen("x"), seen("&nbsp;"), seen("N/A")
    (True, False, '', '')
    """
    text = with_line_ends(_plain(text)).rstrip()
    if any(end in text for end in _BLANK_ENDS):
        text = _ENDS.sub("", text)
    if shows_nothing(text):
        return ""
    return _START.sub(r"\1", text, count=1) if text[0].isspace() else text


def prompt_seen(text: str) -> str:
    """What of a prompt a reader sees, without blanks before it; "" for one that shows nothing."""
    return seen(text).lstrip()


def shows_nothing(text: str) -> bool:
    """Whether a reader sees nothing of a text."""
    if len(text) > _LONGEST:
        return not text.strip() or (bool(_ODD.match(text)) and not _plain(text).strip())
    text = text.strip()
    if not text.startswith(("&", "<", "#", "[", "n", "N")):
        return not text or (bool(_ODD.match(text)) and not _plain(text).strip())
    return text.casefold() in _NO_TEXT or not _plain(_EMPTY.sub("", html.unescape(text))).strip()


def kept_text(text: str) -> str:
    """A text as a record has it: as it is, its lines ended by LF; "" if it shows nothing."""
    return "" if shows_nothing(text) else with_line_ends(text)


def is_changed(given: Iterable[str], kept: Iterable[str]) -> bool:
    """Whether one of the texts that are kept is not as it was given."""
    return any(text and text != before for before, text in zip(given, kept, strict=True))


def alike(texts: Iterable[str], look: Callable[[str], str] = seen) -> dict[str, str]:
    """For each text that looks the same as another: the one of them that is commonest, then first by its code.

    Args:
        texts: as often as they are there.
        look: what a reader sees: ``seen``, or ``prompt_seen``.

    >>> alike(["Yes.", "No.", "Yes. ", "Yes."])
    {'Yes. ': 'Yes.'}
    """
    counts = Counter(texts)
    alike_at_a_glance = _groups(counts, _glance)
    versions = [group for group in alike_at_a_glance if len(group) > 1]
    kept: dict[str, str] = {}
    for several in (same for group in versions for same in _groups(group, look) if len(same) > 1):
        best = min(several, key=lambda text: (-counts[text], text))
        kept |= {text: best for text in several if text != best}
    return kept


def _groups(texts: Iterable[str], key: Callable[[str], object]) -> Collection[list[str]]:
    groups: dict[object, list[str]] = defaultdict(list)
    for text in texts:
        groups[key(text)].append(text)
    return groups.values()


def _glance(text: str) -> object:
    """What is equal for all texts that look the same, and quickly told."""
    text = _composed(text)
    return text.count("a"), text.count("e"), text.count("s")


def _plain(text: str) -> str:
    """A text with composed accents and common blanks, without characters that nobody sees."""
    if text.isascii():
        return text
    text = _composed(text)
    return _BLANK.sub(" ", _LEFT_OUT.sub("", text)) if _ODD.search(text) else text


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
