"""What a tiny model learns by each loss with LoRA: held-out pairs in order, by the measure that fits the loss.

The signal is planted and is not length (``tests/exports/training/planted.py``). ``BENCH_STEPS`` says for how many
steps (by default 120). The model has random weights: the table says that the path works, and nothing of real models.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import table
from exports import train
from tests.exports.training.planted import planted, tiny

LOSSES = ("dpo", "ipo", "kto", "orpo", "sft+dpo")
SEEDS = (1, 2, 3)
TRAIN, TEST = 120, 60
CONFIG = {"learning_rate": 2e-3, "per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "lora_r": 8,
          "save_strategy": "no", "eval_strategy": "no"}  # fmt: skip


def main() -> str:
    """Each loss with three seeds; the table."""
    steps = int(os.environ.get("BENCH_STEPS", "120"))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        data, model = planted(Path(folder) / "data", TRAIN, TEST), tiny(Path(folder) / "tiny")
        for loss in LOSSES:
            reports = []
            for seed in SEEDS:
                place = Path(folder) / f"{loss}-{seed}"
                config = CONFIG | {"max_steps": steps}
                done = train(
                    data, place, model=str(model), loss=loss, config=config, seed=seed, home=folder, costs="none"
                )
                reports.append(done.report["held_out"])
            rows.append(_row(loss, reports))
    header = ["loss", "judged by", "before", *(f"seed {seed}" for seed in SEEDS), "mean"]
    return table(f"Held-out pairs in order, of {TEST} prompts, after {steps} steps", header, rows)


def _row(loss: str, reports: list[dict[str, Any]]) -> list[object]:
    measure = reports[0]["measure"]
    before = reports[0]["likelihood_before"] if measure == "mean_likelihood" else 0.5  # no ratio before the training
    seeds = [f"{each['accuracy']:.2f} ({each['low']:.2f} to {each['high']:.2f})" for each in reports]
    mean = statistics.mean(each["accuracy"] for each in reports)
    return [loss, measure.replace("_", " "), before, *seeds, mean]
