"""What a translation engine is to the rest of the project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from workspace.errors import ConfigError, shown
from workspace.licences import Licence
from workspace.memory.store import EngineId

__all__ = ["EngineId", "Translator", "check_languages", "shown"]


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

    @property
    def licence(self) -> Licence:
        """Under what its translations are made: the licence of its model or program."""

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text; as many as given, in the same order. An empty text means "no translation".

        Raises:
            TranslationError: the engine failed; the message names the first text concerned.
        """


def check_languages(
    engine: str, source: str, target: str, *, sources: Collection[str], targets: Collection[str]
) -> None:
    """Refuse languages that an engine does not know.

    Raises:
        ConfigError: lists what it knows.
    """
    if source not in sources or target not in targets or source == target:
        raise ConfigError(
            f"the {engine} translator goes from {', '.join(sources)} to {', '.join(targets)}, not {source} to "
            f"{target}; give another --language or another --translator"
        )
