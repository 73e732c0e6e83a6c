"""OPUS-MT: Marian models of the University of Helsinki, and any other Marian model."""

from __future__ import annotations

from functools import cached_property
from typing import Unpack

from loaders.translation.engines.converted import converted
from loaders.translation.engines.local import LocalTranslator, ModelOptions
from loaders.translation.engines.marian import NEEDED, CTranslate2Marian, Decoding, MarianTokens, TransformersMarian
from loaders.translation.text.sentences import SPLITTER
from loaders.translation.text.units import UnitModel
from workspace.extras import is_installed, require_packages
from workspace.local.machine import device

DEFAULT_MODEL = "Helsinki-NLP/opus-mt-tc-big-en-es"


class OpusTranslator(LocalTranslator):
    """Translates sentence by sentence with a Marian model; white space, line breaks and bullets stay as they are.

    It runs in CTranslate2, 8-bit integers on a processor and 16-bit floats on a GPU, converted once into ``cache``;
    where CTranslate2 is not installed, in transformers with the weights as they are.

    Args:
        source_language, target_language: as the model has them.
        beam: how many hypotheses the search keeps; 1 is greedy.
        quantisation: CTranslate2's name for the numbers' type; by default by the device.
        runtime: ``ctranslate2`` or ``transformers``; by default the first that is installed.
        options: which model, and how it may be had.

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
        beam: int = Decoding.beam,
        quantisation: str | None = None,
        runtime: str | None = None,
        **options: Unpack[ModelOptions],
    ) -> None:
        self._runtime = runtime or _installed_runtime()
        super().__init__(source_language, target_language, DEFAULT_MODEL, NEEDED, options)
        self._tokens = MarianTokens(self.model, source_language, target_language)
        self._decoding = Decoding(beam=beam, max_length=self._tokens.positions - 2)
        self._device = device()
        by_device = "float16" if self._device == "cuda" else "int8"
        self._quantisation = (quantisation or by_device) if self._runtime == "ctranslate2" else "float32"

    @property
    def version(self) -> str:
        """Model and revision, runtime and numbers' type, beam, and the rules by which texts are split."""
        return f"{self.model.label} {self._runtime} {self._quantisation} beam{self._decoding.beam} {SPLITTER}"

    @cached_property
    def _units(self) -> UnitModel:
        if self._runtime == "transformers":
            return TransformersMarian(self.model.folder, self._tokens, self._decoding, self._device)
        folder = converted(self.model, self._quantisation, self._cache)
        return CTranslate2Marian(folder, self._tokens, self._decoding, self._device)


def _installed_runtime() -> str:
    require_packages("the opus translator", ("sentencepiece", "sentencex"), "models")
    if is_installed("ctranslate2"):
        return "ctranslate2"
    require_packages("the opus translator without ctranslate2", ("transformers", "torch"), "models")
    return "transformers"
