"""What a record says of itself: its source, its issue codes and its language (pure rules, no I/O)."""

from __future__ import annotations

import re

from workspace.records import Record

ORIGINAL = "original"  # the engine of a record that is its own translation
_ISO_639_1 = {"spa": "es", "eng": "en"}  # as H4rmony's multilingual edition names its languages
_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.DOTALL)


def source_of(record: Record) -> str:
    """The name of the record's source: that of its metadata, else the beginning of its id; "" if there is neither."""
    source = record.metadata.get("source")
    return source if isinstance(source, str) and source else record.id.rpartition("-")[0]


def issue_codes(record: Record) -> tuple[str, ...]:
    """The record's issue codes, each once, sorted; a plain string is one code."""
    value = record.metadata.get("issues")
    codes = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(sorted({str(code) for code in codes if str(code).strip()}))


def language_code(language: str) -> str | None:
    """The code of a language without its region: "en-GB" and "eng" are "en"; None for what is no code."""
    match = _CODE.fullmatch(language.strip().lower())
    return _ISO_639_1.get(match[1], match[1]) if match else None


def own_language(record: Record) -> str | None:
    """The language of a record that is its own translation, so that it has words in no other; None for all others."""
    translation = record.translation
    if translation is None or translation.engine != ORIGINAL:
        return None
    return language_code(translation.language) or translation.language
