"""Models that run on this machine: found or downloaded, whole, with the licence that they are under.

A model of the Hub that is on this machine is used as it is, without asking the Hub; ``ID@REVISION`` asks for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import MissingPartError
from workspace.hub import WEIGHTS, Model, download_model, find_model, missing_files
from workspace.licences import Licence, model_licence

_SMALL = ("*.json", "*.spm", "*.txt", "*.model", "*.jinja", "README.md")
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")


@dataclass(frozen=True)
class LocalModel:
    """A model's files on this machine.

    Attributes:
        name: its Hub id, or the name of its folder.
        revision: the commit on the Hub, or a hash of the folder's files; 12 hexadecimal digits.
        folder: where its files are.
        licence: what its card says, or what is known of it; None if nobody says.
        adapter: the folder of an adapter that changes it; None without one.
    """

    name: str
    revision: str
    folder: Path
    licence: Licence | None
    adapter: Path | None = None

    @property
    def label(self) -> str:
        """How it is named where a text is credited to it: ``name@revision``."""
        return f"{self.name}@{self.revision}"


def local_model(
    model: str,
    needed: Sequence[str],
    *,
    cache: Path,
    option: str = "--model",
    other: str = "",
    hub_cache: Path | None = None,
    read_only: bool = False,
    accept: Callable[[Licence | None, str], None] = lambda licence, what: None,
) -> LocalModel:
    """Find a model in a folder or by its Hub id; download it if it is not on this machine yet.

    Args:
        model: the id on the Hub, with ``@REVISION`` if need be, or a folder.
        needed: the files that it must have, beside its weights.
        cache: where hashes of large local files are kept.
        option: what the user gave it with, for messages.
        other: what else the user could do without it, for messages.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.
        read_only: download and write nothing; for a dry run.
        accept: raises where the licence is not accepted; asked before anything is downloaded, if the id tells.

    Raises:
        ConfigError: there is no such model, it lacks a file, or its licence is not accepted.
        MissingPartError: the Hub cannot be reached and the model is not on this machine.
    """
    known = model_licence(model)
    if known and not Path(model).expanduser().is_dir():
        accept(known, f"the model {model}")
    try:
        found = find_model(
            model, (*needed, WEIGHTS), option=option, cache=cache, hub_cache=hub_cache, dry_run=read_only
        )
        folder = found.folder or _downloaded(found, hub_cache)
    except MissingPartError as error:
        raise MissingPartError(
            f"the model {error}; download it where there is a network (`hf download {model}`), or give a folder with "
            f"{option}{other}"
        ) from error
    licence = model_licence(model, folder)
    accept(licence, f"the model {found.name}")
    return LocalModel(found.name, found.revision[:12], folder, licence)


def _downloaded(model: Model, hub_cache: Path | None) -> Path:
    """The folder with the model's files and its weights in one format, safetensors if it has them."""
    for weights in _WEIGHTS:
        folder = download_model(model, (*_SMALL, weights), hub_cache=hub_cache)
        if not missing_files((WEIGHTS,), folder):
            return folder
    raise MissingPartError(f"{model.name} came without its weights")
