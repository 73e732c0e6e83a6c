"""Languages by ISO 639: the table of those that the project has names for, and what a source's words for one mean.

A language goes by its ISO 639-1 code, or by its ISO 639-3 code where ISO 639-1 has none, always without a region.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# code -> (ISO 639-3 code, English name)
LANGUAGES: Mapping[str, tuple[str, str]] = {
    "an": ("arg", "Aragonese"),
    "ast": ("ast", "Asturian"),
    "ca": ("cat", "Catalan"),
    "de": ("deu", "German"),
    "en": ("eng", "English"),
    "es": ("spa", "Spanish"),
    "eu": ("eus", "Basque"),
    "fr": ("fra", "French"),
    "gl": ("glg", "Galician"),
    "gn": ("grn", "Guarani"),
    "it": ("ita", "Italian"),
    "oc": ("oci", "Occitan"),
    "pt": ("por", "Portuguese"),
    "qu": ("que", "Quechua"),
}
# what people who fill in a table in Spanish call the two languages of H4rmony's editions
_SPANISH = {"inglés": "en", "ingles": "en", "español": "es", "espanol": "es", "castellano": "es"}
_KNOWN = _SPANISH | {said.lower(): code for code, names in LANGUAGES.items() for said in names}
# ISO 639's words for none or several, and "no answer"
_UNKNOWN = frozenset({"und", "mis", "mul", "zxx", "na", "nan"})
_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.DOTALL)


def language_code(language: str) -> str | None:
    """The code of a language without its region; None for what names no language that is known.

    Names and ISO 639-3 codes are known of the languages in the table; any other code is taken as it is.

    >>> [language_code(said) for said in ("es", "es-MX", "es_419", "spa", "Spanish", "zh_Hant", "Klingon")]
    ['es', 'es', 'es', 'es', 'es', 'zh', None]
    """
    said = language.strip().lower()
    if said in _KNOWN:
        return _KNOWN[said]
    match = _CODE.fullmatch(said)
    if not match or match[1] in _UNKNOWN:
        return None
    return _KNOWN.get(match[1], match[1])


def long_code(code: str) -> str:
    """The ISO 639-3 code of a language; the code itself where the table does not have it."""
    return LANGUAGES[code][0] if code in LANGUAGES else code


def language_name(code: str) -> str:
    """The English name of a language of the table."""
    return LANGUAGES[code][1]
