"""What a translation engine is to the rest of the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Translator(Protocol):
    """A translation engine for one pair of languages.

    The four names identify what it does: the translation memory keys on them, so ``version`` must change whenever
    the engine would translate otherwise, and must not change when it would not.
    """

    @property
    def engine(self) -> str:
        """The engine's name, for instance ``apertium``."""

    @property
    def version(self) -> str:
        """What of the engine decides on its translations: program, model, prompt; may be empty."""

    @property
    def source_language(self) -> str:
        """The language it translates from, as ISO 639-1 code."""

    @property
    def target_language(self) -> str:
        """The language it translates to, as ISO 639-1 code."""

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text; as many as given, in the same order. An empty text means "no translation".

        Raises:
            TranslationError: the engine failed; the message names the first text concerned.
        """


@dataclass(frozen=True, order=True)
class EngineId:
    """The four names under which the translation memory keeps what an engine translated."""

    engine: str
    version: str
    source_language: str
    target_language: str

    @classmethod
    def of(cls, translator: Translator) -> EngineId:
        """The names of ``translator``."""
        return cls(translator.engine, translator.version, translator.source_language, translator.target_language)

    @property
    def label(self) -> str:
        """What stands as ``engine`` in a record's translation, for instance ``apertium 3.8.3/eng-spa 0.8.1``."""
        return f"{self.engine} {self.version}".strip()


def shown(text: str, length: int = 60) -> str:
    """The beginning of ``text``, quoted on one line, to name it in a message."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")
