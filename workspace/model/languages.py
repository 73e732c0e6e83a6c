"""Which language a source says that a text is in."""

from __future__ import annotations

import re

# what H4rmony's editions, and people who fill in a table, call the two languages of this project
_NAMES = {
    "eng": "en", "english": "en", "inglés": "en", "ingles": "en",
    "spa": "es", "spanish": "es", "español": "es", "espanol": "es", "castellano": "es",
}  # fmt: skip
_UNKNOWN = frozenset(
    {"und", "mis", "mul", "zxx", "na", "nan"}
)  # ISO 639's words for none or several, and "no answer"
_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.DOTALL)


def language_code(language: str) -> str | None:
    """The ISO 639 code of a language without its region: "es" for "es", "es-MX", "es_419", "spa" and "Spanish".

    Of other languages only codes are known; None for a name, and for what says no language.
    """
    said = language.strip().lower()
    if said in _NAMES:
        return _NAMES[said]
    match = _CODE.fullmatch(said)
    if not match or match[1] in _UNKNOWN:
        return None
    return _NAMES.get(match[1], match[1])
