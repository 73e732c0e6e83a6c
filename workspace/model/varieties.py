"""Varieties of a language by BCP 47: ``es-MX`` is the Spanish of Mexico, ``es-419`` that of Latin America (pure).

The one spelling is the language's code in small letters, a hyphen, and the ISO 3166 code of the country in capitals,
or UN M.49's ``419``. What people write for it is read in any case, with accents or without (``variety_code``):
``es_mx``, ``MX``, ``MEX``, ``México``, ``español de México``, ``español mexicano``, ``español latinoamericano``. A
language alone (``es``, ``español``) says no variety, and ``ES`` in capitals is Spain.

A record says its variety in the first of these columns that is not blank (``stated_variety``):

- for the answers: ``variety`` or ``variedad``; a language column with a region (``lang``: ``es-MX``); ``country``,
  ``pais`` or ``pais_origen``.
- for the prompt the country goes first: ``extend`` writes where a prompt happens as ``country``, and in which Spanish
  a model was told to answer as ``variety``.

What a record says stays as it is in its metadata.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workspace.model.h4rmony import LANGUAGE_COLUMNS, metadata_column
from workspace.model.languages import language_code

SPANISH = "es"
LATIN_AMERICA = "419"
VARIETY_KEY = "variety"  # in a record's metadata
_VARIETY = (VARIETY_KEY, "variedad")
_COUNTRY = ("country", "pais", "pais_origen")
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?[-_]([a-z]{2,3}|\d{3})", re.IGNORECASE)
_WORDY = re.compile(r"(?:espanol|castellano|spanish)(?: (?:de la|del|de|en|from|of))? (.+)")
# not countries, though CLDR has names for them
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
_WORDS = {
    "argentino": "AR", "rioplatense": "AR", "boliviano": "BO", "chileno": "CL", "colombiano": "CO",
    "costarricense": "CR", "cubano": "CU", "dominicano": "DO", "ecuatoriano": "EC", "peninsular": "ES",
    "europeo": "ES", "guatemalteco": "GT", "ecuatoguineano": "GQ", "hondureno": "HN", "mexicano": "MX",
    "nicaraguense": "NI", "panameno": "PA", "peruano": "PE", "puertorriqueno": "PR", "paraguayo": "PY",
    "salvadoreno": "SV", "estadounidense": "US", "uruguayo": "UY", "venezolano": "VE",
    "latinoamericano": LATIN_AMERICA, "latino": LATIN_AMERICA, "america latina": LATIN_AMERICA,
    "latin american": LATIN_AMERICA, "latin america": LATIN_AMERICA, "eeuu": "US", "ee uu": "US",
}  # fmt: skip
EXAMPLES = "es-MX, MX or México"


@dataclass(frozen=True)
class Stated:
    """What a record says: the ``code`` of the variety; ``unread`` is a text in its columns that names none."""

    code: str | None = None
    unread: str | None = None


def variety_code(said: str, language: str = SPANISH) -> str | None:
    """The code of a variety, by the rules of this module; None for what names none.

    Args:
        said: what somebody wrote.
        language: the language of which a country alone is a variety.

    >>> [variety_code(said) for said in ("es_mx", "México", "ARG", "español de Perú", "pt-br", "es", "Westeros")]
    ['es-MX', 'es-MX', 'es-AR', 'es-PE', 'pt-BR', None, None]
    """
    said = said.strip()
    if tag := _TAG.fullmatch(said):
        spoken, country = language_code(tag[1]), country_code(tag[2])
        return f"{spoken}-{country}" if spoken and country else None
    folded = _folded(said)
    if (folded == language and not said.isupper()) or (len(folded) > 2 and language_code(folded) == language):
        return None
    if wordy := _WORDY.fullmatch(folded):
        folded, language = wordy[1], SPANISH
    country = country_code(folded) or next(filter(None, map(_WORDS.get, folded.split())), None)
    return f"{language}-{country}" if country else None


def country_code(said: str) -> str | None:
    """The ISO 3166 code of a country, from its code of two or three letters or its name in Spanish or English.

    Latin America is ``419``. None for what is no country.
    """
    folded = _folded(said)
    return _countries().get(folded) or _WORDS.get(folded)


def stated_variety(metadata: Mapping[str, Any], *, of_prompt: bool = False) -> Stated:
    """The variety that a record's metadata state, of its answers or of its prompt; see the top of this module."""
    said = {_folded(metadata_column(key) or ""): cell for key, cell in metadata.items() if isinstance(cell, str)}
    first, last = (_COUNTRY, _VARIETY) if of_prompt else (_VARIETY, _COUNTRY)
    unread = None
    for names in (first, LANGUAGE_COLUMNS, last):
        for cell in filter(None, (said.get(_folded(name), "").strip() for name in names)):
            code = _of_country(cell) if names is _COUNTRY else variety_code(cell)
            if names is LANGUAGE_COLUMNS:  # says the source's language first of all
                code = code if _TAG.fullmatch(cell) and str(code).startswith(f"{SPANISH}-") else None
            elif not code:
                unread = unread or cell
            if code:
                return Stated(code)
    return Stated(unread=unread)


def _of_country(said: str) -> str | None:
    country = country_code(said)
    return f"{SPANISH}-{country}" if country else variety_code(said)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """Words in small letters, without accents, one space between them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain.casefold()))


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Every code and name of a country, folded, with its code of two letters."""
    from babel import Locale
    from babel.core import get_global

    codes: dict[str, str] = {}
    known = {str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code))} - _NO_COUNTRY
    for alias, (code, *others) in sorted(get_global("territory_aliases").items()):
        if code in known and not others and re.fullmatch(r"[A-Z]{2,3}", alias):
            codes[alias.casefold()] = code
    for language in ("en", "es"):
        names = Locale(language).territories
        codes |= {_folded(names[code]): code for code in sorted(known) if code in names}
        codes[_folded(names[LATIN_AMERICA])] = LATIN_AMERICA
    return codes | {code.casefold(): code for code in known} | {LATIN_AMERICA: LATIN_AMERICA}
