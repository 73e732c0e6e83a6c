"""What a run will do, settled before anything is loaded or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.evaluation.costs.texts import prompt_keys
from exports.training.data import Side, TrainingData, training_data
from exports.training.losses import LOSSES, Loss, Stage
from exports.training.machine import Machine, this_machine
from exports.training.model import Base, find_base, load_base, lora
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
from workspace.config import default_home
from workspace.errors import ConfigError, count_of
from workspace.extras import is_installed, require_packages

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")
SEED = 42
FEW = 100  # held-out prompts under which an accuracy says little


@dataclass(frozen=True)
class TrainingPlan:
    """A run of ``train`` before it begins, for those who call TRL themselves.

    Attributes:
        loss: the loss and its stages; a stage has TRL's ``classes()``.
        data: the rows.
        base: the model, not loaded, and its ``tokenizer``, which has a chat template in any case.
        machine: the device and its numbers.
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

    def rows(self, stage: Stage, side: Side) -> Any:
        """What a stage reads of ``train`` or ``test``, as a ``datasets.Dataset``; None if there are no rows."""
        return self.data.rows(stage, side)

    def load_model(self) -> Any:
        """The base model of transformers with its weights, in the numbers that fit the machine.

        Raises:
            ConfigError: it cannot be loaded.
        """
        return load_base(
            self.base,
            dtype=str(self.loading["dtype"]),
            four_bit=bool(self.loading["load_in_4bit"]),
            attention=self.loading["attn_implementation"],
        )

    def lora(self) -> Any:
        """The ``LoraConfig`` of peft for a new adapter."""
        return lora(self.adapter)


def plan_training(
    data: str | Path,
    model: str,
    *,
    loss: str = "dpo",
    config: str | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    home: str | Path | None = None,
    dry_run: bool = False,
) -> TrainingPlan:
    """Settle what a run of ``train`` does: the rows, the model, TRL's settings for this machine; nothing is loaded.

    Args:
        data: the folder that ``export`` wrote, or the id of a dataset on the Hub that ``publish`` made.
        model: a causal model of transformers: a folder, or an id on the Hub, with ``@REVISION`` if need be.
        loss: one of ``exports.training.losses.LOSSES``: dpo, ipo, kto, orpo, sft, sft+dpo.
        config: a YAML file, or a mapping, of settings by TRL's names.
        seed: of the adapter's first weights and the order of the rows; by default the config's, else 42.
        home: the folder of local state; by default ``H4RMONY_HOME``, else ``~/.h4rmony``.
        dry_run: download and write nothing.

    Raises:
        ConfigError: an option, a setting or the model cannot be used.
        DataError: the data lacks what the loss reads.
        MissingPartError: a package of the extra ``train`` is missing, or the model cannot be downloaded.

    Example:
        >>> from exports import export, merge
        >>> exported = export(merge(review, test_share=0.2), "data/", ["dpo"])
        >>> plan = plan_training("data/", tiny_model, loss="ipo", config={"beta": 0.2, "use_cpu": True})
        >>> [stage.classes()[1].__name__ for stage in plan.loss.stages], plan.options["ipo"]["beta"]
        (['DPOTrainer'], 0.2)
    """
    if loss not in LOSSES:
        raise ConfigError(f"unknown loss {loss!r}; choose from {', '.join(LOSSES)}")
    require_packages("training", PACKAGES, "train")
    stages, given = LOSSES[loss].stages, read_config(config)
    found = training_data(data, LOSSES[loss])
    classes = [stage.classes()[0] for stage in stages]
    check_names(given, classes)
    base = find_base(str(model), Path(home or default_home()).expanduser(), dry_run=dry_run)
    machine = this_machine(use_cpu=bool(given.get("use_cpu")))
    seed = int(typed({"seed": SEED} | given, classes[0])["seed"]) if seed is None else seed
    options = {
        stage.name: _options(stage, kind, given, found, base, machine) | {"seed": seed}
        for stage, kind in zip(stages, classes, strict=True)
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
        "loss": loss,
        "seed": seed,
        "model": base.found.label,
        "data": dict(found.digests),
        "config": {name: value for name, value in given.items() if name != "seed"},
    }
    adapter = {name: given.get(name, value) for name, value in LORA.items()}
    warnings = _warnings(LOSSES[loss], found, base)
    return TrainingPlan(LOSSES[loss], found, base, machine, options, adapter, loading, asked, warnings)


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
    if known := len(prompt_keys() & data.prompt_keys()):
        found.append(
            f"the training has {count_of(known, 'prompt')} by which it is measured what it costs; these figures will "
            "say little"
        )
    if base.plain:
        found.append(
            f"{base.found.name} has no chat template: an empty line follows a prompt, and the end token an answer; "
            "use the tokenizer that is saved beside the adapter"
        )
    return tuple(found)
