"""SalamandraTA: causal translation models of the Barcelona Supercomputing Center, for Spanish and its neighbours.

Two kinds, told apart by the model's name: those that were tuned to follow instructions (``instruct`` in the name) are
asked in words through their chat template and take whole paragraphs; the base model completes ``[English] ...
[Spanish]`` and takes sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Unpack

from loaders.translation.engines.local import LocalTranslator, ModelOptions
from loaders.translation.engines.protocol import check_languages
from loaders.translation.text.pieces import Piece
from loaders.translation.text.sentences import SPLITTER, split_lines
from workspace.files.batches import length_batches
from workspace.local.causal import NEEDED, CausalModel
from workspace.local.machine import need_transformers
from workspace.local.models import LocalModel
from workspace.model.languages import language_name

DEFAULT_MODEL = "BSC-LT/salamandraTA-2B"
SOURCES = ("en", "es")
TARGETS = ("an", "ast", "ca", "en", "es", "eu", "gl", "oc", "pt")
LIMIT = 512  # tokens of a unit
BATCH_TOKENS = {"cuda": 16_384, "cpu": 1_024}
_CHAT = "Translate the following text from {source} into {target}.\n{source}: {text} \n{target}:"
_BASE = "[{source}] {text} \n[{target}]"
_BASE_NAMES = {"oc": "Aranese"}  # the variety of Occitan that the base model was trained on


class SalamandraTranslator(LocalTranslator):
    """Translates with a SalamandraTA model in transformers, on a GPU if there is one, in its checkpoint's numbers.

    The search is greedy for instructed models and keeps five hypotheses for the base model, as their cards advise.

    Args:
        source_language: en or es.
        target_language: an, ast, ca, en, es, eu, gl, oc or pt.
        options: which model, and how it may be had.

    Raises:
        ConfigError: no such model, other languages, or a licence that is not accepted.
        MissingPartError: the packages are not installed, or the model is neither here nor to be reached.
    """

    engine = "salamandra"

    def __init__(
        self, source_language: str = "en", target_language: str = "es", **options: Unpack[ModelOptions]
    ) -> None:
        check_languages("salamandra", source_language, target_language, sources=SOURCES, targets=TARGETS)
        need_transformers()
        super().__init__(source_language, target_language, DEFAULT_MODEL, NEEDED, options)
        self._chat = "instruct" in self.model.name.lower()
        self._beam = 1 if self._chat else 5

    @property
    def version(self) -> str:
        """Model and revision, kind of prompt, beam, and the rules by which texts are split."""
        return f"{self.model.label} {'chat' if self._chat else 'base'} beam{self._beam} {SPLITTER}"

    def _split(self, text: str) -> list[Piece]:
        return split_lines(text) if self._chat else super()._split(text)

    @cached_property
    def _units(self) -> SalamandraModel:
        own = {} if self._chat else _BASE_NAMES
        source, target = (own.get(code, language_name(code)) for code in (self.source_language, self.target_language))
        return SalamandraModel(self.model, source, target, chat=self._chat, beam=self._beam)


class SalamandraModel:
    """A causal model that translates units by a prompt."""

    limit = LIMIT

    def __init__(self, found: LocalModel, source: str, target: str, *, chat: bool, beam: int) -> None:
        self.causal = CausalModel(found, what="this translator")
        self._source, self._target, self._chat, self._beam = source, target, chat, beam

    def lengths(self, units: Sequence[str]) -> list[int]:
        """Tokens of each unit, without the prompt around it."""
        return [len(self.causal.numbers(unit)) for unit in units]

    def translate(self, units: Sequence[str]) -> list[str | None]:
        """The translation of each unit, in order; None for one that did not come to its end."""
        prompts = [self.prompt(unit) for unit in units]
        done: dict[int, str | None] = {}
        for batch in length_batches([len(prompt) for prompt in prompts], BATCH_TOKENS[self.causal.device]):
            longest = max(self.lengths([units[place] for place in batch]))
            answers = self.write([prompts[place] for place in batch], 3 * longest + 64)
            done.update(zip(batch, answers, strict=True))
        return [done[place] for place in range(len(units))]

    def prompt(self, unit: str) -> list[int]:
        """The tokens that the model is given for a unit."""
        words = {"source": self._source, "target": self._target, "text": unit}
        if self._chat:
            return self.causal.chat_prompt([{"role": "user", "content": _CHAT.format(**words)}])
        return self.causal.numbers(_BASE.format(**words), special=True)

    def write(self, prompts: Sequence[Sequence[int]], most: int) -> list[str | None]:
        """The first line of what follows each prompt, which is a unit's; None if neither it nor the text ended."""
        done: list[str | None] = []
        for row in self.causal.write(prompts, [most] * len(prompts), beams=self._beam):
            line, newline, _ = row.text.lstrip().partition("\n")
            done.append(line.strip() if newline or row.ended else None)
        return done
