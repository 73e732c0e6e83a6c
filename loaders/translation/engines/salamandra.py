"""SalamandraTA: causal translation models of the Barcelona Supercomputing Center, for Spanish and its neighbours.

Two kinds, told apart by the model's name: those that were tuned to follow instructions (``instruct`` in the name) are
asked in words through their chat template and take whole paragraphs; the base model completes ``[English] ...
[Spanish]`` and takes sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

from loaders.translation.engines.local import LocalTranslator
from loaders.translation.engines.machine import device, need_transformers, quiet_transformers
from loaders.translation.engines.models import ModelOptions
from loaders.translation.engines.protocol import check_languages
from loaders.translation.text.pieces import Piece
from loaders.translation.text.sentences import SPLITTER, split_lines
from workspace.files.batches import length_batches
from workspace.model.languages import language_name

DEFAULT_MODEL = "BSC-LT/salamandraTA-2B"
NEEDED = ("config.json", "tokenizer_config.json")
SOURCES = ("en", "es")
TARGETS = ("an", "ast", "ca", "en", "es", "eu", "gl", "oc", "pt")
LIMIT = 512  # tokens of a unit
BATCH_TOKENS = {"cuda": 16_384, "cpu": 1_024}
_DATE = "2024-09-30"  # for the chat template, which would put in today's: the same input makes the same output
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
    def _units(self) -> CausalModel:
        own = {} if self._chat else _BASE_NAMES
        source, target = (own.get(code, language_name(code)) for code in (self.source_language, self.target_language))
        return CausalModel(self.model.folder, source, target, chat=self._chat, beam=self._beam)


class CausalModel:
    """A causal model that translates units by a prompt."""

    limit = LIMIT

    def __init__(self, folder: Path, source: str, target: str, *, chat: bool, beam: int) -> None:
        transformers = need_transformers()
        self._device = device()
        with quiet_transformers():
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
            model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        self._model: Any = model.to(self._device).eval()
        self._source, self._target, self._chat, self._beam = source, target, chat, beam

    def lengths(self, units: Sequence[str]) -> list[int]:
        """Tokens of each unit, without the prompt around it."""
        return [len(numbers) for numbers in self._tokenizer(list(units), add_special_tokens=False)["input_ids"]]

    def translate(self, units: Sequence[str]) -> list[str | None]:
        """The translation of each unit, in order; None for one that did not come to its end."""
        prompts = [self._prompt(unit) for unit in units]
        done: dict[int, str | None] = {}
        for batch in length_batches([len(prompt) for prompt in prompts], BATCH_TOKENS[self._device]):
            longest = max(self.lengths([units[place] for place in batch]))
            answers = self._generate([prompts[place] for place in batch], 3 * longest + 64)
            done.update(zip(batch, answers, strict=True))
        return [done[place] for place in range(len(units))]

    def _prompt(self, unit: str) -> list[int]:
        words = {"source": self._source, "target": self._target, "text": unit}
        if not self._chat:
            return list(self._tokenizer(_BASE.format(**words))["input_ids"])
        text = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": _CHAT.format(**words)}],
            tokenize=False,
            add_generation_prompt=True,
            date_string=_DATE,
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _generate(self, prompts: Sequence[Sequence[int]], most: int) -> list[str | None]:
        import torch

        end = self._tokenizer.eos_token_id
        padding = end if self._tokenizer.pad_token_id is None else self._tokenizer.pad_token_id
        width = max(map(len, prompts))
        # Padded before the prompt, so that every row goes on where its prompt ends.
        rows = [[padding] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(rows, device=self._device),
                attention_mask=torch.tensor(mask, device=self._device),
                num_beams=self._beam,
                do_sample=False,
                max_length=None,
                max_new_tokens=most,
                pad_token_id=padding,
            )
        return [self._read(row[width:], end) for row in output.tolist()]

    def _read(self, numbers: Sequence[int], end: int) -> str | None:
        """The first line of what was generated: a unit has one; None if neither it nor the generation ended."""
        ended = end in numbers
        text: str = self._tokenizer.decode(
            numbers[: numbers.index(end)] if ended else numbers, skip_special_tokens=True
        ).lstrip()
        line, newline, _ = text.partition("\n")
        return line.strip() if newline or ended else None
