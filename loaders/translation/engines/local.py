"""What the engines have in common that run a model on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from loaders.translation.engines.licences import Licence
from loaders.translation.engines.models import LocalModel
from loaders.translation.text.pieces import Piece
from loaders.translation.text.sentences import split_sentences
from loaders.translation.text.units import UnitModel, translate_in_units


class LocalTranslator(ABC):
    """An engine that runs ``model``, sentence by sentence unless it splits otherwise.

    Nothing is loaded before the first text is translated.
    """

    def __init__(self, source_language: str, target_language: str, model: LocalModel) -> None:
        self.source_language, self.target_language = source_language, target_language
        self.model = model

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
