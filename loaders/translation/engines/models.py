"""The models of engines that run on this machine: found or downloaded, whole, and under a licence that is accepted.

A model of the Hub that is on this machine is used as it is, without asking the Hub; ``ID@REVISION`` asks for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from loaders.translation.engines.licences import UNKNOWN, Licence, check_licence, model_licence
from workspace.errors import MissingPartError
from workspace.hub import WEIGHTS, Model, download_model, find_model, missing_files

_SMALL = ("*.json", "*.spm", "*.txt", "*.model", "*.jinja", "README.md")
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")


@dataclass(frozen=True)
class LocalModel:
    """A model's files on this machine.

    Attributes:
        name: its Hub id, or the name of its folder.
        revision: the commit on the Hub, or a hash of the folder's files; 12 hexadecimal digits.
        folder: where its files are.
        licence: what its card says, or what is known of it.
    """

    name: str
    revision: str
    folder: Path
    licence: Licence

    @property
    def label(self) -> str:
        """How an engine's version names it: ``name@revision``."""
        return f"{self.name}@{self.revision}"


class ModelOptions(TypedDict, total=False):
    """Which model an engine runs, and how it may be had.

    Attributes:
        model: the id on the Hugging Face Hub, with ``@REVISION`` if need be, or a folder; each engine has a default.
        cache: where converted models, and hashes of large local files, are kept.
        accept_licence: take also a model that forbids commercial use or states no licence.
        read_only: download and write nothing; for a dry run.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.
    """

    model: str
    cache: Path | None
    accept_licence: bool
    read_only: bool
    hub_cache: Path | None


def local_model(needed: Sequence[str], cache: Path, options: ModelOptions) -> LocalModel:
    """Find a model in a folder or by its Hub id; download it if it is not on this machine yet.

    Args:
        needed: the files that it must have, beside its weights.
        cache: where hashes of large local files are kept.
        options: which model; one must be named.

    Raises:
        ConfigError: there is no such model, it lacks a file, or its licence is not accepted.
        MissingPartError: the Hub cannot be reached and the model is not on this machine.
    """
    model, hub_cache = options["model"], options.get("hub_cache")
    accepted, read_only = options.get("accept_licence", False), options.get("read_only", False)
    known = model_licence(model)
    if known and not Path(model).expanduser().is_dir():  # before anything is downloaded
        check_licence(known, f"the model {model}", accepted=accepted)
    try:
        found = find_model(model, (*needed, WEIGHTS), cache=cache, hub_cache=hub_cache, dry_run=read_only)
        folder = found.folder or _downloaded(found, hub_cache)
    except MissingPartError as error:
        raise MissingPartError(
            f"the model {error}; download it where there is a network (`hf download {model}`), give a folder with "
            "--model, or choose another --translator"
        ) from error
    licence = model_licence(model, folder) or UNKNOWN
    check_licence(licence, f"the model {found.name}", accepted=accepted)
    return LocalModel(found.name, found.revision[:12], folder, licence)


def _downloaded(model: Model, hub_cache: Path | None) -> Path:
    """The folder with the model's files and its weights in one format, safetensors if it has them."""
    for weights in _WEIGHTS:
        folder = download_model(model, (*_SMALL, weights), hub_cache=hub_cache)
        if not missing_files((WEIGHTS,), folder):
            return folder
    raise MissingPartError(f"{model.name} came without its weights")
