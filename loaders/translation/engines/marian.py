"""Marian models, run by CTranslate2 or, where it is not installed, by transformers: the same units, the same answers.

A Marian model is two SentencePiece models, one vocabulary and the weights. The vocabulary of a multilingual one has a
word for each target language (``>>spa<<``), which is put before each sentence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workspace.errors import ConfigError, DataError
from workspace.extras import require_packages
from workspace.files.batches import length_batches
from workspace.local.machine import cores, need_transformers, quiet_transformers
from workspace.local.models import LocalModel
from workspace.model.languages import long_code

NEEDED = ("config.json", "tokenizer_config.json", "vocab.json", "source.spm", "target.spm")
END, UNKNOWN = "</s>", "<unk>"
# Source tokens in one batch, padding included. On two cores 512 was the fastest of 256 to 2048 in CTranslate2.
BATCH_TOKENS = {"cpu": 512, "cuda": 16_384}
MOST_WORKERS = 4  # batches that CTranslate2 works on at once
_SPACE = "▁"  # how SentencePiece writes a blank


@dataclass(frozen=True)
class Decoding:
    """How translations are searched: ``beam`` 1 is greedy; the lengths are tokens."""

    beam: int = 4
    min_length: int = 0
    max_length: int = 510


class MarianTokens:
    """Sentences to a Marian model's tokens and back, as transformers' ``MarianTokenizer`` does it.

    Args:
        model: a folder with ``NEEDED``.
        source, target: languages.

    Raises:
        ConfigError: the model does not go from ``source`` to ``target``; says between which it goes.
        DataError: a file of the model cannot be read.
    """

    def __init__(self, model: LocalModel, source: str, target: str) -> None:
        self._folder = model.folder
        self._model = model.name
        settings = self._json("tokenizer_config.json")
        positions = self._json("config.json").get("max_position_embeddings", 512)
        self.positions = int(positions)
        # Half of the positions: a translation may be longer than its source.
        self.limit = self.positions // 2 - 2
        self._start = self._language_code(settings, source, target)

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{self._folder / name}: cannot be read as JSON; download the model again") from error
        if not isinstance(data, dict):
            raise DataError(f"{self._folder / name}: not a JSON object; download the model again")
        return data

    def _language_code(self, settings: dict[str, Any], source: str, target: str) -> list[str]:
        source_lang, target_lang = (str(settings.get(key) or "") for key in ("source_lang", "target_lang"))
        if source_lang and source_lang not in _codes(source):
            raise ConfigError(f"--model {self._model} translates from {source_lang}, not from {source}; give another")
        if target_lang in _codes(target):
            return []
        codes = [word for word in self.vocabulary if word.startswith(">>") and word.endswith("<<")]
        own = [code for code in codes if code.strip("<>") in _codes(target)]
        if own:
            return own[:1]
        if codes or target_lang:
            known = ", ".join(sorted(code.strip("<>") for code in codes)) or target_lang
            raise ConfigError(f"--model {self._model} translates to {known}, not to {target}; give another")
        return []

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Each token with its number."""
        return self._json("vocab.json")

    @cached_property
    def _source(self) -> Any:
        require_packages("the opus translator", ("sentencepiece",), "models")
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_file=str(self._folder / "source.spm"))

    def encode(self, units: Sequence[str]) -> list[list[str]]:
        """The tokens of each unit, with the code of the target language and the end."""
        return [[*self._start, *pieces, END] for pieces in self._source.encode(list(units), out_type=str)]

    def numbers(self, tokens: Sequence[str]) -> list[int]:
        """The numbers of tokens; one that the vocabulary lacks is unknown."""
        unknown = self.vocabulary[UNKNOWN]
        return [self.vocabulary.get(token, unknown) for token in tokens]

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of a translation's tokens."""
        words = "".join(token for token in tokens if token not in (END, UNKNOWN, "<pad>"))
        return words.replace(_SPACE, " ").strip()


def _codes(language: str) -> tuple[str, ...]:
    return language, long_code(language)


class MarianModel:
    """What a Marian model is, whatever runs it: its tokens, its limit and how a unit is counted."""

    def __init__(self, tokens: MarianTokens, decoding: Decoding) -> None:
        self._tokens, self._decoding = tokens, decoding
        self.limit = tokens.limit

    def lengths(self, units: Sequence[str]) -> list[int]:
        """Tokens of each unit, the end included."""
        return [len(tokens) for tokens in self._tokens.encode(units)]


class CTranslate2Marian(MarianModel):
    """A converted model in CTranslate2: several batches at once, sentences of like length together."""

    def __init__(self, folder: Path, tokens: MarianTokens, decoding: Decoding, device: str) -> None:
        import ctranslate2

        super().__init__(tokens, decoding)
        workers = 1 if device == "cuda" else min(cores(), MOST_WORKERS)
        self._translator = ctranslate2.Translator(
            str(folder), device=device, inter_threads=workers, intra_threads=max(1, cores() // workers)
        )
        self._batch_tokens = BATCH_TOKENS[device]

    def translate(self, units: Sequence[str]) -> list[str | None]:
        """The translation of each unit, in order; None for one that did not come to its end."""
        results = self._translator.translate_batch(
            self._tokens.encode(units),
            beam_size=self._decoding.beam,
            max_batch_size=self._batch_tokens,
            batch_type="tokens",
            max_input_length=0,
            min_decoding_length=self._decoding.min_length,
            max_decoding_length=self._decoding.max_length,
            return_end_token=True,
        )
        return [self.read(result.hypotheses[0]) for result in results]

    def read(self, tokens: Sequence[str]) -> str | None:
        """The text of a translation; None if it did not come to its end."""
        return self._tokens.decode(tokens) if tokens and tokens[-1] == END else None


class TransformersMarian(MarianModel):
    """The model in transformers, for machines without CTranslate2: slower, with the weights as they are."""

    def __init__(self, folder: Path, tokens: MarianTokens, decoding: Decoding, device: str) -> None:
        super().__init__(tokens, decoding)
        transformers = need_transformers()
        with quiet_transformers():
            self._model = transformers.MarianMTModel.from_pretrained(folder).to(device).eval()
        self._device = device
        self._words = {number: token for token, number in tokens.vocabulary.items()}

    def translate(self, units: Sequence[str]) -> list[str | None]:
        """The translation of each unit, in order; None for one that did not come to its end."""
        numbers = [self._tokens.numbers(tokens) for tokens in self._tokens.encode(units)]
        done: dict[int, str | None] = {}
        for batch in length_batches([len(each) for each in numbers], BATCH_TOKENS[self._device]):
            answers = self._generate([numbers[place] for place in batch])
            done.update(zip(batch, answers, strict=True))
        return [done[place] for place in range(len(units))]

    def _generate(self, sources: Sequence[Sequence[int]]) -> list[str | None]:
        import torch

        padding, width = int(self._model.config.pad_token_id), max(map(len, sources))
        rows = torch.tensor([[*source, *[padding] * (width - len(source))] for source in sources])
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=rows.to(self._device),
                attention_mask=(rows != padding).long().to(self._device),
                num_beams=self._decoding.beam,
                do_sample=False,
                max_length=None,
                max_new_tokens=self._decoding.max_length,
                min_length=self._decoding.min_length,
                forced_eos_token_id=None,
            )
        return [self._read(row[1:]) for row in output.tolist()]  # without the start

    def _read(self, numbers: Sequence[int]) -> str | None:
        words = [self._words.get(number, UNKNOWN) for number in numbers]
        return self._tokens.decode(words[: words.index(END)]) if END in words else None
