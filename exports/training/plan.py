"""What a run will do, settled before anything is loaded or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.training.data import TrainingData, training_data
from exports.training.losses import LOSSES, Loss, Stage, trainer_of
from exports.training.machine import Machine, this_machine
from exports.training.model import Base, find_base
from exports.training.settings import (
    LOADING,
    LORA,
    TRACKERS,
    check_machine,
    check_names,
    defaults,
    four_bit,
    read_config,
    typed,
)
from workspace.errors import ConfigError, count_of
from workspace.extras import is_installed, require_packages

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")
SEED = 42
FEW = 100  # held-out prompts under which an accuracy says little


@dataclass(frozen=True)
class Plan:
    """A run.

    Attributes:
        loss: the loss and its stages.
        data: the rows.
        base: the model.
        machine: the device.
        options: TRL's settings of each stage, by its name.
        adapter: LoRA's settings.
        loading: the numbers of the base's weights, whether they are in 4 bits, how attention is computed.
        asked: what must be the same for a run to be carried on.
        warnings: what the user should know beforehand.
    """

    loss: Loss
    data: TrainingData
    base: Base
    machine: Machine
    options: Mapping[str, Mapping[str, Any]]
    adapter: Mapping[str, Any]
    loading: Mapping[str, Any]
    asked: Mapping[str, Any]
    warnings: tuple[str, ...]

    @property
    def seed(self) -> int:
        """Of the adapter's first weights and the order of the rows."""
        return int(self.asked["seed"])


def make_plan(
    data: str | Path,
    model: str,
    loss_name: str,
    config: str | Path | Mapping[str, Any] | None,
    seed: int | None,
    home: Path,
    *,
    dry_run: bool = False,
) -> Plan:
    """Settle what a run does; see ``exports.train``."""
    if loss_name not in LOSSES:
        raise ConfigError(f"unknown loss {loss_name!r}; choose from {', '.join(LOSSES)}")
    require_packages("training", PACKAGES, "train")
    loss, given = LOSSES[loss_name], read_config(config)
    found = training_data(data, loss)
    classes = [trainer_of(stage)[0] for stage in loss.stages]
    check_names(given, classes)
    base = find_base(model, home, dry_run=dry_run)
    machine = this_machine(use_cpu=bool(given.get("use_cpu")))
    seed = int(typed({"seed": SEED} | given, classes[0])["seed"]) if seed is None else seed
    options = {
        stage.name: _options(stage, kind, given, found, base, machine) | {"seed": seed}
        for stage, kind in zip(loss.stages, classes, strict=True)
    }
    loading = {name: given.get(name, value) for name, value in LOADING.items()}
    if loading["load_in_4bit"] is None:
        loading["load_in_4bit"] = four_bit(machine, base.parameters)
    numbers = "float16" if given.get("fp16") else machine.numbers
    if loading["load_in_4bit"] and not machine.bf16:  # see ``settings``
        numbers = "float32"
        options = {name: {**each, "fp16": False} for name, each in options.items()}
    loading["dtype"] = loading["dtype"] or numbers
    asked = {
        "loss": loss.name,
        "seed": seed,
        "model": base.found.label,
        "data": dict(found.digests),
        "config": {name: value for name, value in given.items() if name != "seed"},
    }
    adapter = {name: given.get(name, value) for name, value in LORA.items()}
    return Plan(loss, found, base, machine, options, adapter, loading, asked, _warnings(loss, found, base))


def _options(
    stage: Stage, kind: Any, given: Mapping[str, Any], data: TrainingData, base: Base, machine: Machine
) -> dict[str, Any]:
    rows = data.count(stage.format, "train")
    own = typed(given, kind)
    options = defaults(stage, machine, parameters=base.parameters, rows=rows, longest=base.longest)
    options["eval_strategy"] = "epoch" if data.count(stage.format, "test") else "no"
    options["report_to"] = [name for name in TRACKERS if is_installed(name)] or "none"
    if own.get("bf16") or own.get("fp16"):  # one of them is enough
        options |= {"bf16": False, "fp16": False}
    options |= own | dict(stage.fixed)
    if not data.count(stage.format, "test"):
        options["eval_strategy"] = "no"
    check_machine(given, machine, int(options["per_device_train_batch_size"]), stage)
    return options


def _warnings(loss: Loss, data: TrainingData, base: Base) -> tuple[str, ...]:
    found = []
    for name in loss.formats:
        if not data.count(name, "test"):
            found.append(
                f"{name}/test.parquet has no rows, so nothing tells how the model does on new prompts; "
                "review more, or export with a larger --test-share"
            )
    prompts = data.prompts(loss.formats[-1], "test")
    if 0 < prompts < FEW:
        found.append(f"the test split has {count_of(prompts, 'prompt')}: an accuracy on so few says little")
    if base.plain:
        found.append(
            f"{base.found.name} has no chat template: an empty line follows a prompt, and the end token an answer; "
            "use the tokenizer that is saved beside the adapter"
        )
    return tuple(found)
