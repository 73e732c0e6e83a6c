"""What is settled before a run: the data, the settings, the model, the defaults by machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import exports
from exports.evaluation.costs.texts import harmless
from exports.training.accuracy import Likelihood, accuracy
from exports.training.data import training_data
from exports.training.losses import LOSSES
from exports.training.machine import Machine
from exports.training.settings import check_machine, defaults, four_bit, read_config
from exports.write.export import ExportSettings, export_review
from tests.exports.sample import sample_review
from tests.exports.training.planted import planted, tiny, write
from workspace import ConfigError, DataError

pytestmark = pytest.mark.extras
GB = 10**9
T4 = Machine("cuda", "Tesla T4", 15 * GB, bf16=False, four_bit=True)
A100 = Machine("cuda", "A100", 80 * GB, bf16=True, four_bit=True)
CPU = Machine("cpu", "CPU", 16 * GB)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export, ``data``, and a model, ``tiny``."""
    home = tmp_path_factory.mktemp("home")
    planted(home / "data", train=4, test=2)
    tiny(home / "tiny")
    return home


def dry(home: Path, model: str = "tiny", data: str = "data", **given: Any) -> exports.Trained:
    model = str(home / model) if (home / model).exists() else model
    return exports.train(home / data, home / "out", model=model, home=home, dry_run=True, **given)


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(home: Path) -> None:
    before = sorted(home.rglob("*"))
    planned = dry(home, loss="kto", config={"beta": 0.2, "max_steps": "7"})
    assert planned.report["options"]["kto"]["beta"] == 0.2
    assert planned.report["options"]["kto"]["learning_rate"] == pytest.approx(1e-5)
    assert planned.report["data"]["rows"]["kto"] == {"train": 8, "test": 4, "train_prompts": 4, "test_prompts": 2}
    assert set(planned.report["data"]["files"]) == {
        f"{n}/{s}.parquet" for n in ("kto", "dpo") for s in ("train", "test")
    }
    assert all(len(digest) == 64 for digest in planned.report["data"]["files"].values())
    assert planned.report["model"]["parameters"] > 40_000
    assert sorted(home.rglob("*")) == before


def test_training_on_what_costs_are_measured_by_is_warned_of(home: Path) -> None:
    assert not [warning for warning in dry(home).warnings if "what it costs" in warning]
    rows = pq.read_table(home / "data" / "dpo" / "train.parquet").to_pylist()
    rows[0]["prompt"][0]["content"] = harmless()[0].text.upper()
    for side in ("train", "test"):
        write(home / "known" / "dpo" / f"{side}.parquet", rows)
    (warning,) = [each for each in dry(home, data="known").warnings if "what it costs" in each]
    assert warning.startswith("the training has 1 prompt by which it is measured")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"config": {"lerning_rate": 1}}, "no setting 'lerning_rate'; did you mean learning_rate?"),
        ({"config": {"lora_alfa": 8}}, "did you mean lora_alpha?"),
        ({"config": {"output_dir": "x"}}, "output_dir: it is given by -o; remove the line"),
        ({"config": {"hub_token": "secret"}}, "hub_token: train does not take it"),
        ({"config": {"learning_rate": "fast"}}, "learning_rate: 'fast' is not a number"),
        ({"config": {"max_steps": [3]}}, r"max_steps: \[3\] is not a number"),
        ({"config": {"seed": "luck"}}, "seed: 'luck' is not a number"),
        ({"config": {"per_device_train_batch_size": None}}, "per_device_train_batch_size: None is not a number"),
        ({"config": {"dtype": "bf16"}}, "dtype: 'bf16'; choose from auto, bfloat16, float16, float32"),
        ({"config": {"fp16": True}}, "fp16 needs an NVIDIA GPU, and here is CPU"),
        ({"config": {"load_in_4bit": True}}, "load_in_4bit needs an NVIDIA GPU"),
        ({"config": {"per_device_train_batch_size": 1}, "loss": "kto"}, "KTO compares the rows of a batch"),
        ({"loss": "ppo"}, "unknown loss 'ppo'; choose from dpo, ipo, kto, orpo, sft, sft[+]dpo"),
        ({"data": "nowhere"}, "neither the folder of an export nor an id"),
        ({"model": "no-model"}, "not a folder, nor an id OWNER/NAME"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(home: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        dry(home, **given)
    assert "\n" not in str(caught.value)


def test_a_model_that_is_not_causal_is_refused(home: Path) -> None:
    from tests.tiny_models import make_causal

    make_causal(home / "classifier", classifier=True)
    with pytest.raises(ConfigError, match=r"not a causal language model .LlamaForSequenceClassification"):
        dry(home, "classifier")


def test_a_format_that_is_missing_or_empty_says_which_command_makes_it(home: Path, tmp_path: Path) -> None:
    data = planted(tmp_path / "data", train=2, test=1)
    for path in (data / "kto").iterdir():
        path.unlink()
    with pytest.raises(DataError, match=r"has dpo, sft, orpo\); h4rmony export -o .*data --format kto"):
        training_data(data, LOSSES["kto"])
    (data / "orpo" / "train.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="not a Parquet file that can be read"):
        training_data(data, LOSSES["orpo"])
    export_review(sample_review(), tmp_path / "none", ExportSettings(("dpo",), test_share=1.0))
    with pytest.raises(DataError, match=r"dpo/train.parquet has no rows; review more"):
        training_data(tmp_path / "none", LOSSES["dpo"])


def test_an_export_of_the_demo_is_read_with_its_prompts_and_licences(tmp_path: Path) -> None:
    """The held-out pairs of ``kto`` are those of ``dpo``, where every answer of a record has a label."""
    export_review(sample_review(), tmp_path / "out", ExportSettings(("dpo", "kto"), test_share=0.3))
    dpo, kto = (training_data(tmp_path / "out", LOSSES[name]) for name in ("dpo", "kto"))
    assert dpo.count("dpo", "test") == len(dpo.held_out(LOSSES["dpo"])) > 5
    assert dpo.rows(LOSSES["dpo"].stages[0], "train").column_names == ["prompt", "chosen", "rejected"]
    assert (dpo.licences, dpo.languages) == (("CC-BY-4.0",), ("es",))
    assert set(kto.held_out(LOSSES["kto"])) <= set(dpo.held_out(LOSSES["dpo"]))
    assert kto.held_out(LOSSES["kto"])


def test_a_config_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    for text in ("- 1", "1: 2", "a: [", "\0"):
        path.write_text(text)
        with pytest.raises(ConfigError, match=r"--config .*c\.yaml"):
            read_config(path)
    path.write_text(json.dumps({"beta": 0.1}))
    assert read_config(path) == {"beta": 0.1}


@pytest.mark.parametrize(
    ("machine", "parameters", "numbers", "checkpointing", "batch", "in_four_bits"),
    [
        (CPU, 100_000, "float32", False, 4, False),
        (CPU, 1_000_000_000, "float32", True, 2, False),
        (T4, 600_000_000, "float16", False, 4, False),
        (T4, 4_000_000_000, "float16", True, 2, False),
        (A100, 4_000_000_000, "bfloat16", False, 4, False),
        (A100, 32_000_000_000, "bfloat16", True, 2, True),
    ],
)
def test_the_defaults_follow_from_machine_and_model(
    machine: Machine, parameters: int, numbers: str, checkpointing: bool, batch: int, in_four_bits: bool
) -> None:
    found = defaults(LOSSES["dpo"].stages[0], machine, parameters=parameters, rows=40, longest=512)
    assert machine.numbers == numbers
    assert (found["bf16"], found["fp16"]) == (numbers == "bfloat16", numbers == "float16")
    assert found["use_cpu"] is (machine.device == "cpu")
    assert found["gradient_checkpointing"] is checkpointing
    assert found["per_device_train_batch_size"] == batch
    assert found["per_device_train_batch_size"] * found["gradient_accumulation_steps"] == 8
    assert found["max_length"] == 512
    assert four_bit(machine, parameters) is in_four_bits


@pytest.mark.parametrize("rows", range(2, 80))
def test_no_batch_of_kto_has_one_row(rows: int) -> None:
    for parameters in (1, 4_000_000_000):
        stage = LOSSES["kto"].stages[0]
        batch = defaults(stage, T4, parameters=parameters, rows=rows, longest=None)["per_device_train_batch_size"]
        assert batch > 1
        assert rows % batch != 1


def test_a_card_without_bf16_is_not_asked_for_it() -> None:
    with pytest.raises(ConfigError, match="Tesla T4 has no bf16; write fp16: true"):
        check_machine({"bf16": True}, T4, 4, LOSSES["dpo"].stages[0])
    check_machine({"bf16": True}, A100, 4, LOSSES["dpo"].stages[0])
    check_machine({"load_in_4bit": True}, T4, 4, LOSSES["dpo"].stages[0])


def test_an_accuracy_counts_ties_as_half_and_lengths_only_where_the_loss_does() -> None:
    tie, short, long = Likelihood(-4.0, -4.0, 4), Likelihood(-4.0, -6.0, 2), Likelihood(-7.0, -10.0, 10)
    pairs = [("p-1", tie, tie), ("p-2", long, short)]
    found = {measure: accuracy(pairs, measure) for measure in ("log_ratio", "mean_log_ratio", "mean_likelihood")}  # type: ignore[arg-type]
    assert {name: each.share.value for name, each in found.items()} == {
        "log_ratio": 0.75,  # 3 against 2
        "mean_log_ratio": 0.25,  # 0.3 against 1
        "mean_likelihood": 0.75,  # -0.7 against -2
    }
    assert found["log_ratio"].share.records == 2
    assert (found["log_ratio"].likelihood, found["log_ratio"].likelihood_before) == (0.75, 0.75)
