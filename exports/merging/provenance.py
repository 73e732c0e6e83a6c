"""What a record says of itself: its issue codes, its language, how it came to be, by whom (pure rules, no I/O)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from exports.merging.settings import SPANISH
from workspace.model.h4rmony import ORIGINS_KEY, stated_language
from workspace.model.languages import language_code
from workspace.model.records import ORIGINAL, Record

Making = Literal["translated", "untranslated", "by_model", "by_people", "in_spanish"]
UNNAMED = "?"  # the name of a model that a record does not name


@dataclass(frozen=True)
class Origin:
    """Who wrote a text first: "model", "human" or "source"; and which model in which role under which licence.

    What is None is not stated, or there is no model.
    """

    by: str | None = None
    model: str | None = None
    role: str | None = None
    licence: str | None = None


def origins(record: Record) -> tuple[Origin, ...]:
    """Who wrote each text of a record, the prompt's first, by ``metadata["origins"]``.

    Where that is missing, or not about as many texts, nothing is known of any. A reviewer who corrects a text does
    not take its model's place: whether it was corrected is told beside it.
    """
    stated = record.metadata.get(ORIGINS_KEY)
    if not isinstance(stated, list | tuple) or len(stated) != len(record.texts):
        return (Origin(),) * len(record.texts)
    return tuple(_origin(each) for each in stated)


def _origin(stated: object) -> Origin:
    if not isinstance(stated, Mapping):
        return Origin()
    by = _said(stated, "by")
    if by != "model":
        return Origin(by)
    return Origin(by, _said(stated, "model") or UNNAMED, _said(stated, "role"), _said(stated, "licence"))


def _said(stated: Mapping[object, object], name: str) -> str | None:
    return str(stated.get(name) or "") or None


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
    by = [origin.by for origin in origins(record)]
    if "model" in by[1:]:
        return "by_model"
    return "by_people" if set(by) == {"human"} else "in_spanish"
