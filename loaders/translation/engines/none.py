"""The engine that translates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.translation.engines.licences import NONE
from loaders.translation.engines.protocol import Translator
from workspace.licences import Licence


@dataclass(frozen=True)
class NoTranslator:
    """Answers "no translation" (an empty text) to every text, so that reviewers write the translation themselves.

    Nothing of it is kept in the memory, because empty texts never are. Under another engine's names it is that
    engine's memory alone: what the memory holds is found, and the rest stays untranslated.
    """

    source_language: str = "en"
    target_language: str = "es"
    engine: str = "none"
    version: str = ""
    licence: Licence = NONE

    def translate(self, texts: Sequence[str]) -> list[str]:
        """An empty text for each text."""
        return [""] * len(texts)


def memory_only(engine: Translator) -> NoTranslator:
    """Finds what the memory holds of ``engine``, and translates nothing."""
    return NoTranslator(engine.source_language, engine.target_language, engine.engine, engine.version, engine.licence)
