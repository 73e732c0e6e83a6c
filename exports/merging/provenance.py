"""What a record says of itself: its issue codes and its language (pure rules, no I/O)."""

from __future__ import annotations

from workspace.model.h4rmony import stated_language
from workspace.model.languages import language_code
from workspace.model.records import ORIGINAL, Record


def issue_codes(record: Record) -> tuple[str, ...]:
    """The record's issue codes, each once, sorted; a plain string is one code."""
    value = record.metadata.get("issues")
    codes = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(sorted({str(code) for code in codes if str(code).strip()}))


def source_language(record: Record) -> str | None:
    """The code of the language that the source says a record is in; None if it says none, or an unknown one."""
    return stated_language(record.metadata)


def own_language(record: Record) -> str | None:
    """The language of a record that is its own translation, and so has words in one only; None for all others."""
    translation = record.translation
    if translation is None or translation.engine != ORIGINAL:
        return None
    return language_code(translation.language) or translation.language
