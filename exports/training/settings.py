"""The settings of a run: TRL's own names from a file or a mapping, over defaults by model and machine.

The defaults, and why:

- ``learning_rate``: ten times TRL's, because LoRA trains few weights (TRL's own are for all of them).
- numbers: bf16 where the card has it, fp16 on older cards such as a T4, 32 bits on a CPU.
- ``load_in_4bit``: on a GPU with bitsandbytes and bf16, if the weights in 16 bits fill more than ``TIGHT`` of its
  memory. TRL keeps the adapter of a 4-bit model in bf16, which fp16's scaling of gradients refuses; so an older card
  does it only if told to, and then in 32 bits.
- ``gradient_checkpointing``: only if the weights fill more than ``ROOMY`` of the memory, because it is slower.
- ``per_device_train_batch_size``: 4, 2 where it is tight, and accumulated to 8; for KTO, which compares the rows of a
  batch with each other, such a size that no batch is of one row.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exports.training.losses import Stage
from exports.training.machine import Machine
from workspace.errors import ConfigError, one_line

TIGHT, ROOMY = 0.4, 0.15
BATCH, TOGETHER = 4, 8
LONGEST = 1024
TRACKERS = ("tensorboard", "trackio")
# LoRA by the names of TRL's ModelConfig, with their defaults
LORA: Mapping[str, Any] = {
    "lora_r": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "lora_target_modules": None,
    "lora_modules_to_save": None,
    "use_rslora": False,
    "use_dora": False,
}
LOADING: Mapping[str, Any] = {"load_in_4bit": None, "dtype": None, "attn_implementation": None}
DTYPES = (None, "auto", "bfloat16", "float16", "float32")
_ELSEWHERE = {
    "model_name_or_path": "--model",
    "model_revision": "--model NAME@REVISION",
    "output_dir": "-o",
    "dataset_name": "DATA",
    "loss_type": "--loss",
    "resume_from_checkpoint": "--resume",
    **dict.fromkeys(("push_to_hub", "hub_token", "hub_model_id", "trust_remote_code", "use_peft"), ""),
}
STEPS = ("per_device_train_batch_size", "gradient_accumulation_steps", "max_length")  # what a run may not change


def read_config(config: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings of a YAML file, or of a mapping; none without either.

    Raises:
        ConfigError: the file cannot be read, or is not one mapping of names.
    """
    if config is None or isinstance(config, Mapping):
        return dict(config or {})
    import yaml

    try:
        data = yaml.safe_load(Path(config).read_bytes())
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"--config {config}: cannot be read ({one_line(error)})") from error
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise ConfigError(f"--config {config}: not a list of TRL's settings; write lines such as learning_rate: 1e-5")
    return data


def check_names(given: Mapping[str, Any], classes: Sequence[Any]) -> None:
    """Refuse names that none of TRL's classes of settings has.

    Raises:
        ConfigError: a name is unknown, with the nearest one, or is given in another way; or ``dtype`` is none.
    """
    if given.get("dtype") not in DTYPES:
        raise ConfigError(f"--config: dtype: {given['dtype']!r}; choose from {', '.join(filter(None, DTYPES))}")
    known = {field.name for each in classes for field in dataclasses.fields(each)} | LORA.keys() | LOADING.keys()
    for name in given:
        if name in _ELSEWHERE:
            instead = f"it is given by {_ELSEWHERE[name]}" if _ELSEWHERE[name] else "train does not take it"
            raise ConfigError(f"--config: {name}: {instead}; remove the line")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            said = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"--config: TRL's {classes[-1].__name__} has no setting {name!r}{said}")


def defaults(stage: Stage, machine: Machine, *, parameters: int, rows: int, longest: int | None) -> dict[str, Any]:
    """The settings of a stage where the user gives none, by TRL's names.

    Args:
        stage: the trainer.
        machine: the device.
        parameters: the weights of the model.
        rows: those that are trained on.
        longest: the tokens that the model can take in; None if it does not say.
    """
    share = parameters * (4 if machine.numbers == "float32" else 2) / max(machine.memory, 1)
    batch = BATCH // 2 if share > ROOMY else BATCH
    if stage.trainer == "KTO":
        batch = next((size for size in (batch, 3, 5, 7) if rows % size != 1), batch)
    return {
        "learning_rate": stage.learning_rate,
        "per_device_train_batch_size": batch,
        "per_device_eval_batch_size": batch,
        "gradient_accumulation_steps": max(1, TOGETHER // batch),
        "max_length": min(LONGEST, longest or LONGEST),
        "gradient_checkpointing": share > ROOMY,
        "bf16": machine.numbers == "bfloat16",
        "fp16": machine.numbers == "float16",
        "use_cpu": machine.device == "cpu",
        "dataloader_pin_memory": machine.device == "cuda",
        "save_strategy": "epoch",
        "save_total_limit": 2,
        "logging_steps": 5,
    }


def four_bit(machine: Machine, parameters: int) -> bool:
    """Whether the base model is loaded in 4 bits by default."""
    return machine.four_bit and machine.bf16 and parameters * 2 > TIGHT * machine.memory


def check_machine(given: Mapping[str, Any], machine: Machine, batch: int, stage: Stage) -> None:
    """Refuse what the user asks for and this machine or the loss cannot do.

    Raises:
        ConfigError: bf16 on a card without it, 4 bits without a GPU or bitsandbytes, KTO with batches of one row.
    """
    if given.get("bf16") and machine.device == "cuda" and not machine.bf16:
        raise ConfigError(f"--config: bf16: {machine.name} has no bf16; write fp16: true, or leave both lines out")
    if given.get("fp16") and machine.device != "cuda":
        raise ConfigError(f"--config: fp16 needs an NVIDIA GPU, and here is {machine.name}; leave it out")
    if given.get("load_in_4bit") and not (machine.device == "cuda" and machine.four_bit):
        lacks = "bitsandbytes: pip install bitsandbytes" if machine.device == "cuda" else "an NVIDIA GPU"
        raise ConfigError(f"--config: load_in_4bit needs {lacks}; or leave it out")
    if stage.trainer == "KTO" and batch < 2:
        raise ConfigError("--config: per_device_train_batch_size: KTO compares the rows of a batch; give 2 or more")


def typed(given: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Those settings that a class of TRL has; numbers that YAML takes for text, such as 1e-5, become numbers.

    Raises:
        ConfigError: a text stands for a number and is none.
    """
    types = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    found = {}
    for name, value in given.items():
        if name not in types:
            continue
        is_number = ("float" in types[name] or "int" in types[name]) and "str" not in types[name]
        found[name] = _number(name, value, optional="None" in types[name]) if is_number else value
    return found


def _number(name: str, value: object, *, optional: bool) -> int | float | None:
    """A number, also one that YAML took for text."""
    if isinstance(value, int | float) or (value is None and optional):
        return value
    try:
        text = value.strip() if isinstance(value, str) else ""
        return int(text) if text.isdecimal() else float(text)
    except ValueError as error:
        raise ConfigError(f"--config: {name}: {value!r} is not a number") from error
