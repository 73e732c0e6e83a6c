"""Adapters (LoRA and its like, of ``peft``) on this machine: a small folder that changes the model it names."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.hub import folder_digest
from workspace.local.models import LocalModel

CONFIG = "adapter_config.json"
_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")


def is_adapter(model: str) -> bool:
    """Whether a folder holds an adapter, and no model."""
    folder = Path(model).expanduser()
    return (folder / CONFIG).is_file() and not (folder / "config.json").is_file()


def adapted(
    model: str, find: Callable[[str], LocalModel], *, option: str, cache: Path, read_only: bool
) -> LocalModel:
    """The model that an adapter's folder names as its base, with the adapter.

    Its revision is a hash of both, so that no text of one base is taken for another's.

    Args:
        model: the adapter's folder.
        find: finds the base, by its folder or its id on the Hub.
        option: what the user gave the adapter with, for messages.
        cache: where hashes of large files are kept.
        read_only: write nothing; for a dry run.

    Raises:
        ConfigError: the adapter is broken, or its base cannot be found.
        MissingPartError: ``peft`` is not installed, or the base is neither here nor to be had.
    """
    require_packages("an adapter", ("peft",), "models")
    folder = Path(model).expanduser()
    base = _base(folder, option)
    if not any((folder / name).is_file() for name in _WEIGHTS):
        raise ConfigError(f"{option} {model}: the adapter lacks {_WEIGHTS[0]}; give one that was saved whole")
    try:
        found = find(base)
    except ConfigError as error:
        raise ConfigError(f"{option} {model}: the adapter's base cannot be used ({error})") from error
    both = f"{folder_digest(folder, cache=cache, read_only=read_only)} {found.revision}"
    revision = hashlib.sha256(both.encode()).hexdigest()[:12]
    return replace(found, name=folder.resolve().name, revision=revision, adapter=folder)


def merged(model: Any, adapter: Path) -> Any:
    """The model with an adapter's weights in its own.

    Raises:
        ValueError, RuntimeError: the adapter is not of this model.
    """
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of names of transformers that peft still uses
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


def _base(folder: Path, option: str) -> str:
    try:
        told = json.loads((folder / CONFIG).read_bytes())
        base, revision = told["base_model_name_or_path"], told.get("revision")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{option} {folder}: {CONFIG} cannot be read; give an adapter that peft saved") from error
    if not isinstance(base, str) or not base:
        raise ConfigError(f"{option} {folder}: {CONFIG} does not name the adapter's base; give one that does")
    return f"{base}@{revision}" if revision and not Path(base).is_dir() else base
