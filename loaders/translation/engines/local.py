"""What the engines have in common that run a model on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from loaders.translation.engines.licences import check_licence
from loaders.translation.text.pieces import Piece
from loaders.translation.text.sentences import split_sentences
from loaders.translation.text.units import UnitModel, translate_in_units
from workspace.config import default_home
from workspace.hub import MODELS
from workspace.licences import UNKNOWN, Licence
from workspace.local.models import LocalModel, local_model


class ModelOptions(TypedDict, total=False):
    """Which model an engine runs, and how it may be had.

    Attributes:
        model: the id on the Hugging Face Hub, with ``@REVISION`` if need be, or a folder; each engine has a default.
        cache: where converted models, and hashes of large local files, are kept.
        accept_licence: take also a model that forbids commercial use or states no licence.
        read_only: download and write nothing; for a dry run.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.
    """

    model: str
    cache: Path | None
    accept_licence: bool
    read_only: bool
    hub_cache: Path | None


def translator_model(needed: Sequence[str], cache: Path, options: ModelOptions) -> LocalModel:
    """The model that ``options`` name, if its licence is accepted.

    Raises:
        ConfigError: there is no such model, it lacks a file, or its licence is not accepted.
        MissingPartError: the Hub cannot be reached and the model is not on this machine.
    """

    def accept(licence: Licence | None, what: str) -> None:
        check_licence(licence or UNKNOWN, what, accepted=options.get("accept_licence", False))

    return local_model(
        options["model"],
        needed,
        cache=cache,
        other=", or choose another --translator",
        hub_cache=options.get("hub_cache"),
        read_only=options.get("read_only", False),
        accept=accept,
    )


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
        self.model = translator_model(needed, self._cache, {"model": default, **options})

    @property
    def licence(self) -> Licence:
        """The model's licence."""
        return self.model.licence or UNKNOWN

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text; as many as given, in the same order."""
        return translate_in_units(texts, self._units, self._split) if texts else []

    @property
    @abstractmethod
    def _units(self) -> UnitModel:
        """The loaded model; cached."""

    def _split(self, text: str) -> list[Piece]:
        return split_sentences(text, self.source_language)
