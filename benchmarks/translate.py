"""Translation with a Marian model of opus-mt's size: our whole path against transformers, same weights and texts."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import table, timed
from loaders.translation.engines.converted import converted
from loaders.translation.engines.marian import CTranslate2Marian, Decoding
from loaders.translation.engines.opus import OpusTranslator
from tests.tiny_models import ENGLISH, make_marian, sentence
from workspace.local.machine import cores

SENTENCES = int(os.environ.get("BENCH_SENTENCES", "200"))
LENGTH = 25  # tokens of each sentence and of each translation
BATCH = 32
ROUNDS = 3
TEXTS = 4  # sentences in one text


class ForcedLength(CTranslate2Marian):
    """Random weights do not end a translation: take it at its forced length."""

    def read(self, tokens: Sequence[str]) -> str:
        """The text, ended or not."""
        return self._tokens.decode(tokens)


def baseline(folder: Path, sentences: Sequence[str]) -> Callable[[], list[str]]:
    """Transformers in 32-bit floats, greedy, batches of 32, with its own tokenizer; the model is loaded."""
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
    tokenizer = MarianTokenizer.from_pretrained(folder)
    model = MarianMTModel.from_pretrained(folder).eval()

    def translate() -> list[str]:
        done = []
        for start in range(0, len(sentences), BATCH):
            batch = tokenizer(list(sentences[start : start + BATCH]), return_tensors="pt", padding=True)
            with torch.inference_mode():
                output = model.generate(
                    **batch, num_beams=1, max_length=None, min_new_tokens=LENGTH, max_new_tokens=LENGTH
                )
            done.extend(tokenizer.batch_decode(output, skip_special_tokens=True))
        return done

    return translate


def ours(folder: Path, cache: Path, texts: Sequence[str], quantisation: str) -> Callable[[], list[str]]:
    """The opus engine with its model loaded: splitting, tokens, search and joining."""
    engine = OpusTranslator(model=str(folder), cache=cache, beam=1, quantisation=quantisation)
    forced = Decoding(beam=1, min_length=LENGTH, max_length=LENGTH)
    model = converted(engine.model, quantisation, cache)
    engine.__dict__["_units"] = ForcedLength(model, engine._tokens, forced, "cpu")
    return lambda: engine.translate(texts)


def main() -> str:
    """Translate the same sentences both ways, in turns; the table has the fastest of each."""
    sentences = [sentence(ENGLISH, LENGTH - 2, start) for start in range(SENTENCES)]
    texts = [" ".join(sentences[start : start + TEXTS]) for start in range(0, SENTENCES, TEXTS)]
    with tempfile.TemporaryDirectory() as folder:
        model = make_marian(Path(folder) / "random", vocabulary=60_000, width=512, layers=6, ffn=2048, end_bias=0.0)
        cache = Path(folder) / "cache"
        paths = {
            "transformers, float32, batch 32": baseline(model, sentences),
            "opus engine, float32": ours(model, cache, texts, "float32"),
            "opus engine, int8": ours(model, cache, texts, "int8"),
        }
        rounds = [{name: timed(path)[0] for name, path in paths.items()} for _ in range(ROUNDS)]
    seconds = {name: min(each[name] for each in rounds) for name in paths}
    slowest = seconds["transformers, float32, batch 32"]
    rows = [[name, taken, SENTENCES / taken, slowest / taken] for name, taken in seconds.items()]
    title = f"{SENTENCES} sentences of {LENGTH} tokens, greedy, forced length, {cores()} cores, best of {ROUNDS}"
    return table(title, ["path", "s", "sentences/s", "times transformers"], rows)
