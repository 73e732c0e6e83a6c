"""Training, with TRL's real trainers and a tiny model, offline on the CPU."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import exports
from exports.training.run import last_checkpoint
from exports.training.trained import Trained
from tests.exports.training.planted import planted, texts, tiny
from workspace import ConfigError

pytestmark = [
    pytest.mark.extras,
    # TRL 1.16 uses names that transformers 5.23 has renamed
    pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in v6:FutureWarning"),
]
QUICK = {
    "learning_rate": 4e-3,
    "max_steps": 40,
    "lora_r": 8,
    "per_device_train_batch_size": 8,
    "gradient_accumulation_steps": 1,
    "eval_strategy": "no",
    "save_strategy": "no",
}
ADAPTER = "adapter_model.safetensors"
KILLED = """
import os, signal, sys
from transformers import Trainer
import exports

save = Trainer._save_checkpoint
def saved_and_killed(self, *given, **named):
    save(self, *given, **named)
    if self.args.output_dir.endswith("dpo"):
        os.kill(os.getpid(), signal.SIGKILL)
Trainer._save_checkpoint = saved_and_killed
data, output, model, config = sys.argv[1:]
exports.train(data, output, model=model, loss="sft+dpo", config=config, seed=3, home=output + "-home", costs="none")
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("data") / "data", 80, 24)


def train(data: Path, output: Path, model: str, loss: str = "dpo", config: Any = None, **more: Any) -> Trained:
    home = output.parent / "home"
    return exports.train(
        data, output, model=model, loss=loss, config=config or QUICK, home=home, **{"costs": "none", **more}
    )


@pytest.mark.parametrize(
    ("loss", "measure"),
    [("dpo", "log_ratio"), ("ipo", "mean_log_ratio"), ("kto", "log_ratio"), ("orpo", "mean_likelihood")],
)
def test_each_loss_learns_what_tells_good_answers_from_bad_ones(
    data: Path, model: str, tmp_path: Path, loss: str, measure: str
) -> None:
    """Of prompts that it has not seen, by the measure that fits; the answers are of the same length."""
    own = {"beta": 1.0, "max_steps": 80} if loss == "orpo" else {}  # else it mostly learns to write the good answers
    trained = train(data, tmp_path / "out", model, loss, QUICK | own)
    held_out = trained.report["held_out"]
    assert held_out["measure"] == measure
    assert (held_out["pairs"], held_out["prompts"]) == (24, 24)
    assert trained.accuracy is not None and trained.accuracy >= 0.75 > held_out["likelihood_before"]
    assert trained.report["steps"] == {loss: (QUICK | own)["max_steps"]}
    assert "eval_loss" in trained.report["metrics"][loss]
    assert json.loads((tmp_path / "out" / "training.json").read_bytes()) == json.loads(json.dumps(trained.report))
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_bytes())
    assert (config["r"], config["base_model_name_or_path"]) == (8, model)


def test_a_killed_run_carries_on_to_the_same_weights_as_a_whole_one(data: Path, model: str, tmp_path: Path) -> None:
    """Killed after a checkpoint of the second stage; a checkpoint that broke off is passed over."""
    config = tmp_path / "config.yaml"
    config.write_text("learning_rate: 1e-3\nmax_steps: 6\nsave_strategy: steps\nsave_steps: 3\nlora_r: 4\n")
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    command = [sys.executable, "-c", KILLED, str(data), str(cut), model, str(config)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -9
    assert not (cut / ADAPTER).exists()
    (cut / "checkpoints" / "dpo" / "checkpoint-6").mkdir()
    with pytest.raises(ConfigError, match="a run that was cut off; add --resume"):
        train(data, cut, model, "sft+dpo", config, seed=3)
    with pytest.raises(ConfigError, match="the run there had another seed"):
        train(data, cut, model, "sft+dpo", config, seed=4, resume=True)
    resumed = train(data, cut, model, "sft+dpo", config, seed=3, resume=True)
    assert resumed.report["resumed_from"] == {"dpo": 3}
    at_once = train(data, whole, model, "sft+dpo", config, seed=3, merge=True)
    assert at_once.report["resumed_from"] == {}
    assert (cut / ADAPTER).read_bytes() == (whole / ADAPTER).read_bytes()
    assert resumed.report["held_out"] == at_once.report["held_out"]
    again = train(data, cut, model, "sft+dpo", config, seed=3, resume=True)
    assert (again.changed, again.report) == (False, resumed.report)
    _says_the_same_merged(whole, model)


def test_who_calls_trl_from_a_plan_gets_what_train_gives(data: Path, model: str, tmp_path: Path) -> None:
    config = {**QUICK, "max_steps": 3, "eval_strategy": "steps", "eval_steps": 3}
    plan = exports.plan_training(data, model, loss="sft+dpo", config=config, seed=5, home=tmp_path / "home")
    weights, trainers = plan.load_model(), {}
    for stage in plan.loss.stages:
        settings, trainer = stage.classes()
        trainers[stage.name] = trainer(
            model=weights,
            args=settings(
                output_dir=str(tmp_path / "steps" / stage.name), disable_tqdm=True, **plan.options[stage.name]
            ),
            train_dataset=plan.rows(stage, "train"),
            eval_dataset=plan.rows(stage, "test"),
            processing_class=plan.base.tokenizer,
            peft_config=None if trainers else plan.lora(),
        )
        trainers[stage.name].train()
        weights = trainers[stage.name].model
    by_hand = exports.finish_training(trainers, plan, tmp_path / "hand", merge=True, costs="quick")
    by_train = train(data, tmp_path / "out", model, "sft+dpo", config, seed=5, costs="quick")
    assert (tmp_path / "hand" / ADAPTER).read_bytes() == (tmp_path / "out" / ADAPTER).read_bytes()
    _says_the_same_merged(tmp_path / "hand", model)
    for report in (by_hand.report, by_train.report):
        for metrics in report["metrics"].values():
            assert {"train_loss", "eval_loss"} < metrics.keys()
            for name in [name for name in metrics if "runtime" in name or "per_second" in name]:
                del metrics[name]
    assert by_hand.report == by_train.report
    assert by_hand.costs and [cost.name for cost in by_hand.costs.figures] == [
        "ordinary",
        "welfare",
        "welfare_margin",
    ]


def test_what_it_cost_is_in_the_card_and_a_finished_run_measures_what_it_lacks(
    data: Path, model: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = train(data, out, model, config={**QUICK, "max_steps": 2, "learning_rate": 0.05})
    card = (out / "README.md").read_text(encoding="utf-8")
    assert first.costs is None and "Not measured. Nothing is known of what the training did to ordinary" in card
    more = {"config": {**QUICK, "max_steps": 2, "learning_rate": 0.05}, "resume": True, "costs": "full"}
    then = train(data, out, model, **more)
    assert then.changed and then.costs
    assert json.loads((out / "training.json").read_bytes()) == json.loads(json.dumps(then.report))
    assert {**then.report, "costs": None} == first.report
    assert {item.cost for item in then.costs.items} == {"ordinary", "welfare", "welfare_margin", "refusals", "length"}
    assert any(item.base != item.trained for item in then.costs.items)
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "| ordinary Spanish (bits per byte, 30 texts) | " in card
    assert "refusals are found by a rule on how an answer begins, not by a judge" in card
    assert not train(data, out, model, **more).changed
    with pytest.raises(ConfigError, match="unknown level of costs 'all'; choose from none, quick, full"):
        train(data, out, model, costs="all")


def test_a_model_that_cannot_be_measured_is_kept_with_the_reason(data: Path, model: str, tmp_path: Path) -> None:
    """It takes in fewer tokens than an answer may have."""
    short = tmp_path / "short"
    shutil.copytree(model, short)
    config = json.loads((short / "config.json").read_bytes())
    (short / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 128}))
    trained = train(data, tmp_path / "out", str(short), config={**QUICK, "max_steps": 1}, costs="full")
    assert trained.costs is None and (tmp_path / "out" / ADAPTER).exists()
    (warning,) = [each for each in trained.warnings if "was not measured" in each]
    assert "short: lm-eval gets no figures from it (AssertionError; it may take in too few tokens)" in warning
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "Not measured: short: lm-eval gets no figures from it" in card


def _says_the_same_merged(folder: Path, model: str) -> None:
    """The merged model alone gives what the base gives with the adapter, and not what the base gives."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    numbers = AutoTokenizer.from_pretrained(folder)(texts(1)[1], return_tensors="pt")
    base = AutoModelForCausalLM.from_pretrained(model)
    with torch.inference_mode():
        before = base(**numbers).logits.clone()
        merged = AutoModelForCausalLM.from_pretrained(folder / "merged")(**numbers).logits
        adapted = PeftModel.from_pretrained(base, folder)(**numbers).logits
    assert torch.allclose(merged, adapted, atol=1e-4)
    assert not torch.allclose(merged, before, atol=1e-2)


def test_a_model_without_a_chat_template_and_a_test_split_without_rows(
    data: Path, model: str, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(model, bare)
    (bare / "chat_template.jinja").unlink()
    (bare / "README.md").unlink()
    small = planted(tmp_path / "small", train=4, test=0)
    with pytest.raises(ConfigError, match="TRL refuses these settings for dpo"):
        train(small, tmp_path / "out", str(bare), config={"lr_scheduler_type": "uphill"})
    trained = train(
        small, tmp_path / "out", str(bare), config={**QUICK, "max_steps": 1}
    )  # nothing was trained before
    assert [warning.partition(",")[0].partition(":")[0] for warning in trained.warnings] == [
        "dpo/test.parquet has no rows",
        "bare has no chat template",
    ]
    assert trained.accuracy is None
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "Nothing was measured" in card and "license: other" in card and "its card states none" in card
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    told = [{"role": "user", "content": "¿Sí?"}, {"role": "assistant", "content": "No."}]
    assert tokenizer.apply_chat_template(told, tokenize=False) == "¿Sí?\n\nNo.<|endoftext|>"
    assert last_checkpoint(tmp_path / "nowhere") is None


def test_a_model_of_the_hub_is_named_by_its_id_and_no_path_of_this_machine_is_left(
    data: Path, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, cache = "a" * 40, tmp_path / "cache"
    (cache / "models--equipo--mini" / "refs").mkdir(parents=True)
    (cache / "models--equipo--mini" / "refs" / "main").write_text(commit)
    shutil.copytree(model, cache / "models--equipo--mini" / "snapshots" / commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    out = tmp_path / "out"
    train(data, out, "equipo/mini", "sft", {**QUICK, "max_steps": 1}, merge=True)
    assert json.loads((out / "adapter_config.json").read_bytes())["base_model_name_or_path"] == "equipo/mini"
    assert "base_model: equipo/mini\n" in (out / "README.md").read_text(encoding="utf-8")
    left = [path for path in out.rglob("*") if path.is_file() and "checkpoints" not in path.parts]
    assert {"training.json", "config.json", ADAPTER} <= {path.name for path in left}
    assert [path for path in left if str(tmp_path).encode() in path.read_bytes()] == []
