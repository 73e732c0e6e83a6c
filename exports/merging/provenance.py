"""What a record says of itself: its issue codes, its language and how it came to be (pure rules, no I/O)."""

from __future__ import annotations

from typing import Literal

from exports.merging.settings import SPANISH
from workspace.model.h4rmony import stated_language
from workspace.model.languages import language_code
from workspace.model.records import ORIGINAL, Record

Making = Literal["translated", "untranslated", "by_model", "by_people", "in_spanish"]


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


def making(record: Record) -> Making:
    """How the Spanish of a record came to be.

    What was written in Spanish is by a model if ``origins`` in its metadata name one for any of its answers, and by
    people if they name people for every text. Every other record is translated, or not translated yet.
    """
    if SPANISH not in (own_language(record), source_language(record)):
        return "translated" if record.translation else "untranslated"
    origins = record.metadata.get("origins")
    by = [each.get("by") for each in origins if isinstance(each, dict)] if isinstance(origins, list | tuple) else []
    if "model" in by[1:]:
        return "by_model"
    return "by_people" if by and set(by) == {"human"} else "in_spanish"
