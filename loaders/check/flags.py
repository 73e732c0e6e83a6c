"""Flags: what looks wrong with a translation, found by rules alone (no model is asked).

Each flag has one rule for one text and its translation, below; docs/how-to/quality.md has them in a line each. They
help reviewers to find work, so they prefer to be silent: the tests state the precision and recall of each on
hand-made cases. A text without a source gets none. A rule's thresholds are in its docstring.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from loaders.check.languages import is_other_language
from loaders.check.markup import changes_markup, without_code
from loaders.check.spelling import unknown_words
from workspace.memory.glossary import LANGUAGE, Term, missed_terms
from workspace.model.h4rmony import UNSUGGESTED_KEY
from workspace.model.records import ORIGINAL, Record

KEY = "flags"
# flags of a text that nobody may approve unread
SEVERE = frozenset({"repeated", "truncated", "untranslated", "wrong_language"})


def text_flags(source: str, translation: str, language: str, glossary: Iterable[Term] = ()) -> tuple[str, ...]:
    """The flags of one translation into ``language`` (ISO 639-1), in alphabetical order.

    An empty translation is ``untranslated`` and nothing else. Code and formulas are in no language, so
    ``markup_changed`` alone looks at them.
    """
    if not source.strip():
        return ()
    if not translation.strip():
        return ("untranslated",)
    markup_changed = changes_markup(source, translation)
    source, translation = without_code(source), without_code(translation)
    if not source.strip():
        return ("markup_changed",) if markup_changed else ()
    found = {
        "glossary_missed": language == LANGUAGE and bool(missed_terms(source, translation, glossary)),
        "length_ratio": has_odd_length(source, translation),
        "markup_changed": markup_changed,
        "missing_inverted": language in _INVERTED and lacks_inverted(source, translation),
        "numbers_lost": loses_numbers(source, translation),
        "repeated": repeats_itself(source, translation),
        "truncated": is_truncated(source, translation),
        "unknown_words": language == LANGUAGE and bool(unknown_words(_without_urls(translation), glossary)),
        "untranslated": is_untranslated(source, translation),
        "urls_lost": loses_urls(source, translation),
        "wrong_language": is_other_language(translation, language),
    }
    return tuple(sorted(flag for flag in found if found[flag]))


TextPair = tuple[str, str, str]  # a text, its translation, and the language of that


@dataclass(frozen=True)
class Checked:
    """What was found in one translation: its flags, and whether it is so doubtful that it is not filled in."""

    flags: tuple[str, ...]
    doubtful: bool


def check_text(source: str, translation: str, language: str, glossary: Sequence[Term] = ()) -> Checked:
    """Check one translation, as ``flagged`` does each of a record."""
    flags = text_flags(source, translation, language, glossary)
    return Checked(flags, bool(translation.strip()) and is_doubtful(translation, flags, glossary))


def check_pairs(record: Record) -> list[TextPair]:
    """What of a record is checked."""
    language = record.translation.language if record.translation else ""
    return [(*pair, language) for pair in translated_pairs(record)]


def flagged(record: Record, glossary: Sequence[Term] = (), checked: Sequence[Checked] | None = None) -> Record:
    """The record with ``metadata["flags"]``: those of any of its texts, sorted; no such key where there are none.

    ``metadata["unsuggested"]`` has the places of its doubtful texts (0 is the prompt), if there are any: reviewers
    are shown these, but nothing is filled in for them. What the record had of both is replaced. A record without a
    translation, or that is its own translation, has none. ``checked`` is what was found of ``check_pairs``, if it is
    known.
    """
    if checked is None:
        checked = [check_text(*pair, glossary) for pair in check_pairs(record)]
    found = {
        KEY: sorted({flag for each in checked for flag in each.flags}),
        UNSUGGESTED_KEY: [place for place, each in enumerate(checked) if each.doubtful],
    }
    metadata = {key: value for key, value in record.metadata.items() if key not in found}
    metadata |= {key: value for key, value in found.items() if value}
    return record if metadata == record.metadata else replace(record, metadata=metadata)


def is_doubtful(translation: str, flags: Iterable[str], glossary: Iterable[Term] = ()) -> bool:
    """True if a translation with these flags is so likely wrong that nobody should approve it by a key.

    It has a flag of ``SEVERE``; or two unknown words, or one among ten words or fewer.
    """
    if not SEVERE.isdisjoint(flags):
        return True
    unknown = unknown_words(_without_urls(translation), glossary) if "unknown_words" in flags else ()
    return len(unknown) >= 2 or 10 * len(unknown) >= len(_words(translation)) > 0


def translated_pairs(record: Record) -> list[tuple[str, str]]:
    """Each text and its translation; none where the record is its own translation."""
    translation = record.translation
    if translation is None or translation.engine == ORIGINAL:
        return []
    return list(zip(record.texts, (translation.prompt, *translation.answers), strict=True))


# -- the rules ---------------------------------------------------------------------------------------------------

_INVERTED = frozenset({"es", "ast"})
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'«»“”]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLOSERS = re.compile(r"[?!]+")
_OPENERS = re.compile(r"[¿¡]+")
_NUMBER = re.compile(r"(?<![\w.,])[+-]?\d+(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d+)?|\d+")
_DIGIT = re.compile(r"\d")
_ROMAN_NUMBER = re.compile(r"\b[IVXLC]+\b")
_END = re.compile(r"[.!?…。:;][\"'”’»)\]*_]*$|[\"”’»)\]*_]$")
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\"'”’»)\]]*(?:\s|$))")
_DANGLING = re.compile(
    r"(?:[,(\[{«“¿¡-]|(?<!\w)(?:y|e|o|u|de|del|la|el|los|las|un|una|unos|unas|que|con|por|para|en|al|sin|sobre|entre|su|"
    r"sus|se|pero|como|cuando|the|and|of|to|a|i|amb|per|em|com|da|do))$",
    re.IGNORECASE,
)


def is_untranslated(source: str, translation: str) -> bool:
    """At least 4 words, of which 80 % or more are words of the source.

    Also fewer words, if they are the source's, word for word, and one of them is an English function word.
    """
    ours, theirs = _words(translation), _words(source)
    if len(ours) < 4:
        return ours == theirs and not _ENGLISH.isdisjoint(ours)
    least = 0.8 * len(ours)
    if sum(map({*theirs}.__contains__, ours)) < least:  # cheaper, and never less than what is shared
        return False
    return sum((Counter(ours) & Counter(theirs)).values()) >= least


_ENGLISH = frozenset(
    "the a an of and or to in on is are was were be it its this that these those what why how who when where do does "  # noqa: SIM905
    "did you your we our they their he she his her with for from not yes".split()
)


def has_odd_length(source: str, translation: str) -> bool:
    """Fewer than 0.55 or more than 2.1 characters for one of the source, after 15 are added to both.

    Spanish of English has about 1.2; the 15 keep short texts quiet.
    """
    ratio = (len(translation.strip()) + 15) / (len(source.strip()) + 15)
    return not 0.55 <= ratio <= 2.1


def lacks_inverted(source: str, translation: str) -> bool:
    """More runs of ``?`` or ``!`` than of ``¿`` or ``¡``, outside addresses and brackets; or the source ends in ``?``
    and the translation has no ``¿``.
    """
    text = re.sub(r"\([?!]+\)", "", _without_urls(translation))
    if len(_CLOSERS.findall(text)) > len(_OPENERS.findall(text)):
        return True
    return source.rstrip("\"'”’») \n").endswith("?") and "¿" not in text


def loses_numbers(source: str, translation: str) -> bool:
    """A number of the source, outside addresses, is not in the translation, nor written another usual way.

    Separators count for nothing (1,000.5 is 1.000,5). Usual ways: in words up to twenty, tens and round numbers; in
    Roman numerals (the 19th century); a "billion" as a thousand "millones"; an afternoon hour by 24; a decade without
    its century (the 1990s, los 90).
    """
    plain, text = _without_urls(source), _without_urls(translation)
    if not _DIGIT.search(plain):
        return False
    there = Counter(_digits(match[0]) for match in _NUMBER.finditer(text))
    for match in _NUMBER.finditer(plain):
        number = _digits(match[0])
        if there[number]:
            there[number] -= 1
        elif not _other_way(number, plain[match.end() : match.end() + 12].lower(), there, text):
            return True
    return False


def loses_urls(source: str, translation: str) -> bool:
    """A web or mail address of the source is not in the translation, character for character."""
    if not _may_hold_urls(source):
        return False
    kept = Counter(_URL.findall(translation))
    return bool(Counter(_URL.findall(source)) - kept)


def repeats_itself(source: str, translation: str) -> bool:
    """A word or phrase follows itself three times or more, or one of 4 to 12 words twice, more often than in the
    source; or one of 6 words occurs three times in all, and at least twice more than any does in the source.
    """
    ours, theirs = _words(translation), _words(source)
    if any((row := _in_a_row(ours, length)) >= 3 and row > _in_a_row(theirs, length) for length in (1, 2, 3)):
        return True
    if _most(ours, 4) < 2:  # then no longer phrase occurs twice
        return False
    if any((row := _in_a_row(ours, length)) >= 2 and row > _in_a_row(theirs, length) for length in range(4, 13)):
        return True
    return (most := _most(ours, 6)) >= 3 and most >= _most(theirs, 6) + 2


def is_truncated(source: str, translation: str) -> bool:
    """The source ends as a sentence does and the translation does not, and it ends in a comma, an open bracket or a
    word such as "de", or has fewer than 0.75 characters for one of the source (15 added to both); or the source has
    3 sentences or more, and the translation at most half as many and fewer than 0.7 characters for one.
    """
    source, translation = source.strip(), translation.strip()
    ratio = len(translation) / len(source)
    is_short = (len(translation) + 15) / (len(source) + 15) < 0.75
    if _END.search(source) and not _END.search(translation) and (_DANGLING.search(translation) or is_short):
        return True
    sentences = len(_SENTENCE_END.findall(source))
    return sentences >= 3 and len(_SENTENCE_END.findall(translation)) <= sentences / 2 and ratio < 0.7


# -- parts of the rules --------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)  # several rules ask for the words of the same two texts
def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_without_urls(text))]


def _may_hold_urls(text: str) -> bool:
    return "://" in text or "@" in text or "www." in text.lower()


def _without_urls(text: str) -> str:
    return _URL.sub(" ", text) if _may_hold_urls(text) else text


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number).lstrip("0") or "0"


_IN_WORDS = {
    "0": ("cero", "ningún", "ninguna", "ninguno"), "1": ("un", "uno", "una", "primer", "primero", "primera"),
    "2": ("dos", "ambos", "ambas", "segundo", "segunda"), "3": ("tres", "tercer", "tercero", "tercera"),
    "4": ("cuatro", "cuarto", "cuarta"), "5": ("cinco", "quinto", "quinta"), "6": ("seis", "sexto", "sexta"),
    "7": ("siete", "séptimo", "séptima"), "8": ("ocho", "octavo", "octava"), "9": ("nueve", "noveno", "novena"),
    "10": ("diez", "décimo", "décima", "decena"), "11": ("once",), "12": ("doce", "docena", "mediodía"),
    "13": ("trece",), "14": ("catorce",), "15": ("quince",), "16": ("dieciséis",), "17": ("diecisiete",),
    "18": ("dieciocho",), "19": ("diecinueve",), "20": ("veinte", "veintena"), "30": ("treinta",),
    "40": ("cuarenta",), "50": ("cincuenta", "mitad"), "60": ("sesenta",), "70": ("setenta",), "80": ("ochenta",),
    "90": ("noventa",), "100": ("cien", "ciento", "centenar"), "1000": ("mil", "millar"),
    "1000000": ("millón", "millones"),
}  # fmt: skip
_ROMAN = dict(
    enumerate("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI XXII".split(), start=1)  # noqa: SIM905
)


def _other_way(number: str, after: str, there: Counter[str], text: str) -> bool:
    ways = {number}
    if re.match(r"\s*(?:billion|bn)\b", after):
        ways |= {f"{number}000", f"{number}00"}  # 2 billion is 2000 millones, 1.5 billion is 1500
    if re.match(r"\s*(?::\d\d\s*)?p\.?m\b", after) and int(number) < 12:
        ways.add(str(int(number) + 12))
    if after.startswith(("s", "'s", "’s")) and len(number) == 4:
        ways.add(number[2:])
    if any(there[way] for way in ways):
        return True
    words = set(_words(text)) | set(_ROMAN_NUMBER.findall(text))
    return any(not words.isdisjoint((*_IN_WORDS.get(way, ()), _ROMAN.get(int(way), ""))) for way in ways)


def _in_a_row(words: Sequence[str], length: int) -> int:
    """How many times in a row a phrase of ``length`` words is repeated, at most."""
    if len(words) < length:
        return 0
    same = bytes(map(operator.eq, words, words[length:]))  # 1 where a word comes again ``length`` words later
    return 1 + max(map(len, same.split(b"\0"))) // length


def _most(words: Sequence[str], length: int) -> int:
    """How often the commonest phrase of ``length`` words occurs."""
    counts = Counter(zip(*(words[start:] for start in range(length)), strict=False))
    return max(counts.values(), default=0)
