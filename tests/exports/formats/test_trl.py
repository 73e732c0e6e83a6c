"""Real trainers of TRL read the exported files: two steps each, with a tiny model, offline, on the CPU."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from exports import publish
from exports.formats import FORMATS
from exports.write.export import ExportSettings, export_review
from tests.exports.sample import sample_review
from tests.tiny_models import make_causal

STEPS = 2
# TRL 1.16 uses names that transformers 5.23 has renamed
pytestmark = [
    pytest.mark.extras,
    pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in v6:FutureWarning"),
    # ORPO and CPO are there; which test imports them first depends on how the tests are shared out
    pytest.mark.filterwarnings("ignore:You are importing from 'trl.experimental':UserWarning"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every format of the demo's review, in both languages."""
    folder = tmp_path_factory.mktemp("trl")
    export_review(sample_review(), folder / "out", ExportSettings(tuple(FORMATS), test_share=0.2))
    return folder / "out"


@pytest.fixture(scope="module")
def models(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, str]:
    """A language model, and under True a classifier, whose tokenizer knows the texts."""
    import pyarrow.parquet as pq

    rows = pq.read_table(exported / "dpo-standard" / "train.parquet").to_pylist()
    texts = [row[name] for row in rows for name in ("prompt", "chosen", "rejected")]
    folder = tmp_path_factory.mktemp("models")
    return {kind: str(make_causal(folder / str(kind), texts, classifier=kind)) for kind in (False, True)}


def load(folder: Path, split: str, cache: Path) -> Any:
    import datasets

    datasets.disable_progress_bars()
    files = {split: str(folder / f"{split}.parquet")}
    return datasets.load_dataset("parquet", data_files=files, split=split, cache_dir=str(cache))


def trainer_of(kind: str) -> tuple[Any, Any]:
    import trl

    if kind in ("ORPO", "CPO"):
        from trl.experimental import cpo, orpo

        return {"ORPO": (orpo.ORPOConfig, orpo.ORPOTrainer), "CPO": (cpo.CPOConfig, cpo.CPOTrainer)}[kind]
    return getattr(trl, f"{kind}Config"), getattr(trl, f"{kind}Trainer")


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("dpo", "DPO", {"loss_type": ["sigmoid"]}),
        ("dpo", "DPO", {"loss_type": ["ipo"]}),
        ("dpo-standard", "DPO", {"loss_type": ["sigmoid"]}),
        ("dpo-standard", "DPO", {"loss_type": ["ipo"]}),
        ("kto", "KTO", {}),
        ("reward", "Reward", {}),
        ("sft", "SFT", {}),
        ("orpo", "ORPO", {}),
        ("orpo", "CPO", {}),
    ],
)
def test_a_trainer_takes_every_row(
    exported: Path, models: dict[bool, str], tmp_path: Path, name: str, kind: str, options: dict[str, Any]
) -> None:
    config, trainer_class = trainer_of(kind)
    rows = load(exported / name, "train", tmp_path / "cache")
    from transformers import AutoTokenizer

    model = models[kind == "Reward"]
    arguments = config(
        output_dir=str(tmp_path / "out"),
        max_steps=STEPS,
        max_length=512,
        per_device_train_batch_size=4,
        use_cpu=True,
        bf16=False,
        report_to="none",
        logging_steps=1,
        save_strategy="no",
        disable_tqdm=True,
        **options,
    )
    trainer = trainer_class(
        model=_loaded(model, kind),
        args=arguments,
        train_dataset=rows,
        processing_class=AutoTokenizer.from_pretrained(model),
    )
    assert len(trainer.train_dataset) == len(rows) > 4
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == STEPS
    assert all(math.isfinite(float(loss)) for loss in losses)


def test_the_answers_that_kto_takes_for_other_prompts_are_of_other_prompts(
    exported: Path, models: dict[bool, str], tmp_path: Path
) -> None:
    """KTO's KL term needs completions of other prompts: TRL takes each from the row before in the batch."""
    config, trainer_class = trainer_of("KTO")
    from transformers import AutoTokenizer

    rows = load(exported / "kto", "train", tmp_path / "cache")
    small = {"use_cpu": True, "bf16": False, "report_to": "none", "per_device_train_batch_size": 4}
    trainer = trainer_class(
        model=_loaded(models[False], "KTO"),
        args=config(output_dir=str(tmp_path / "out"), **small),
        train_dataset=rows,
        processing_class=AutoTokenizer.from_pretrained(models[False]),
    )
    built = trainer.train_dataset
    own = {(tuple(row["prompt_ids"]), tuple(row["completion_ids"])) for row in built}
    mismatched = [(tuple(row["prompt_ids"]), tuple(row["KL_completion_ids"])) for row in built]
    of_the_same = sum(pair in own for pair in mismatched)
    assert len(built) == len(rows) > 30
    assert of_the_same <= len(built) / 10
    in_order = sorted(rows["record_id"])  # in which many rows are after one of the same prompt
    assert sum(a == b for a, b in pairwise(in_order)) > len(rows) / 3


def test_the_snippet_of_the_card_trains(
    models: dict[bool, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub = tmp_path / "hub"
    publish(sample_review(), "equipo/h4rmony-es", ["dpo"], folder=hub, home=tmp_path / "home")
    code = (hub / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    small = 'DPOConfig("modelo", max_steps=1, use_cpu=True, bf16=False, report_to="none", save_strategy="no"'
    for found, here in (
        ('"equipo/h4rmony-es", "dpo"', f'{str(hub)!r}, "dpo", cache_dir={str(tmp_path / "cache")!r}'),
        ("Qwen/Qwen3-0.6B", models[False]),
        ('DPOConfig("modelo"', small),
    ):
        assert code.count(found) == 1
        code = code.replace(found, here)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["trainer"].state.global_step == 1


def _loaded(path: str, kind: str) -> Any:
    import torch
    from transformers import LlamaForCausalLM, LlamaForSequenceClassification

    model = LlamaForSequenceClassification if kind == "Reward" else LlamaForCausalLM
    return model.from_pretrained(path, dtype=torch.float32)
