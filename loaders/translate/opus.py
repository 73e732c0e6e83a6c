"""OPUS-MT: Marian models of the University of Helsinki, and any other Marian model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from loaders.translate.converted import converted
from loaders.translate.hub import LocalModel, find_model
from loaders.translate.licences import Licence
from loaders.translate.marian import (
    NEEDED,
    CTranslate2Marian,
    Decoding,
    MarianTokens,
    TransformersMarian,
    has_gpu,
)
from loaders.translate.sentences import SPLITTER, split_sentences
from loaders.translate.units import UnitModel, translate_in_units
from workspace.config import default_home
from workspace.errors import MissingPartError

DEFAULT_MODEL = "Helsinki-NLP/opus-mt-tc-big-en-es"
CACHE = "models"  # in the home folder


class OpusTranslator:
    """Translates sentence by sentence with a Marian model; white space, line breaks and bullets stay as they are.

    It runs in CTranslate2, 8-bit integers on a processor and 16-bit floats on a GPU, converted once into ``cache``;
    where CTranslate2 is not installed, in transformers with the weights as they are. Nothing is loaded before the
    first text is translated.

    Args:
        source_language, target_language: as the model has them.
        model: id of the Hugging Face Hub, with ``@REVISION`` if need be, or a folder.
        cache: where converted models are kept.
        accept_licence: take also a model that forbids commercial use or states no licence.
        read_only: download nothing; for a dry run, which translates nothing.
        beam: how many hypotheses the search keeps; 1 is greedy.
        quantisation: CTranslate2's name for the numbers' type; by default by the device.
        runtime: ``ctranslate2`` or ``transformers``; by default the first that is installed.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.

    Raises:
        ConfigError: no such model, other languages, or a licence that is not accepted.
        MissingPartError: the packages are not installed, or the model is neither here nor to be reached.
    """

    engine = "opus"

    def __init__(
        self,
        source_language: str = "en",
        target_language: str = "es",
        *,
        model: str = DEFAULT_MODEL,
        cache: Path | None = None,
        accept_licence: bool = False,
        read_only: bool = False,
        beam: int = Decoding.beam,
        quantisation: str | None = None,
        runtime: str | None = None,
        hub_cache: Path | None = None,
    ) -> None:
        self.source_language, self.target_language = source_language, target_language
        self._cache = cache or default_home() / CACHE
        self._runtime = runtime or _installed_runtime()
        self._model = find_model(
            model,
            NEEDED,
            cache=self._cache,
            accept_licence=accept_licence,
            read_only=read_only,
            hub_cache=hub_cache,
        )
        self._tokens = MarianTokens(self._model, source_language, target_language)
        self._decoding = Decoding(beam=beam, max_length=self._tokens.positions - 2)
        self._device = "cuda" if has_gpu() else "cpu"
        by_device = "float16" if self._device == "cuda" else "int8"
        self._quantisation = (quantisation or by_device) if self._runtime == "ctranslate2" else "float32"

    @property
    def model(self) -> LocalModel:
        """The model that is used."""
        return self._model

    @property
    def licence(self) -> Licence:
        """The model's licence."""
        return self._model.licence

    @property
    def version(self) -> str:
        """Model and revision, runtime and numbers' type, beam, and the rules by which texts are split."""
        return f"{self._model.label} {self._runtime} {self._quantisation} beam{self._decoding.beam} {SPLITTER}"

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text; as many as given, in the same order."""
        if not texts:
            return []
        return translate_in_units(texts, self._units, lambda text: split_sentences(text, self.source_language))

    @cached_property
    def _units(self) -> UnitModel:
        if self._runtime == "transformers":
            return TransformersMarian(self._model.folder, self._tokens, self._decoding, self._device)
        folder = converted(self._model, self._quantisation, self._cache)
        return CTranslate2Marian(folder, self._tokens, self._decoding, self._device)


def _installed_runtime() -> str:
    missing = [name for name in ("sentencepiece", "sentencex") if not find_spec(name)]
    if not missing and find_spec("ctranslate2"):
        return "ctranslate2"
    if not missing and find_spec("transformers") and find_spec("torch"):
        return "transformers"
    what = ", ".join(missing) or "neither ctranslate2 nor transformers with torch"
    raise MissingPartError(
        f"the opus translator needs packages that are not installed ({what}): pip install 'h4rmony-es[models]'"
    )
