"""What the engines have in common that run a model on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from loaders.translation.engines.licences import Licence
from loaders.translation.engines.models import ModelOptions, local_model
from loaders.translation.text.pieces import Piece
from loaders.translation.text.sentences import split_sentences
from loaders.translation.text.units import UnitModel, translate_in_units
from workspace.config import default_home
from workspace.hub import MODELS


class LocalTranslator(ABC):
    """An engine that runs a model, sentence by sentence unless it splits otherwise.

    The model is found, and downloaded if need be, when the engine is made. Nothing is loaded before the first text is
    translated.

    Args:
        source_language, target_language: ISO 639 codes.
        default: the model that is run where ``options`` names none.
        needed: the files that a model must have.
        options: which model, and how it may be had.

    Raises:
        ConfigError: there is no such model, or its licence is not accepted.
        MissingPartError: the model is neither on this machine nor to be had.
    """

    def __init__(
        self, source_language: str, target_language: str, default: str, needed: Sequence[str], options: ModelOptions
    ) -> None:
        self.source_language, self.target_language = source_language, target_language
        self._cache = options.get("cache") or default_home() / MODELS
        self.model = local_model(needed, self._cache, {"model": default, **options})

    @property
    def licence(self) -> Licence:
        """The model's licence."""
        return self.model.licence

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text; as many as given, in the same order."""
        return translate_in_units(texts, self._units, self._split) if texts else []

    @property
    @abstractmethod
    def _units(self) -> UnitModel:
        """The loaded model; cached."""

    def _split(self, text: str) -> list[Piece]:
        return split_sentences(text, self.source_language)
