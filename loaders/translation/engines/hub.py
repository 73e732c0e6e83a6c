"""Finding a model: a local folder, or a model of the Hugging Face Hub, by a revision that does not move by itself.

A Hub model that is on this machine is used as it is, without asking the Hub; ``ID@REVISION`` asks for another one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.translation.engines.licences import UNKNOWN, Licence, check_licence, model_licence
from workspace.errors import ConfigError, MissingPartError
from workspace.files.jsonl import replacing

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_SMALL = ("*.json", "*.spm", "*.txt", "*.model", "*.jinja", "README.md")
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
MODELS = "models"  # the folder in the home folder for what is kept of models
DIGESTS = "digests.json"


@dataclass(frozen=True)
class LocalModel:
    """A model's files on this machine.

    Attributes:
        name: its Hub id, or the name of its folder.
        revision: the commit of the Hub, or a hash of the folder's files; 12 hexadecimal digits.
        folder: where the files are.
        licence: what its card says, or is known.
    """

    name: str
    revision: str
    folder: Path
    licence: Licence

    @property
    def label(self) -> str:
        """What stands in an engine's version: ``name@revision``."""
        return f"{self.name}@{self.revision}"


def find_model(
    model: str,
    needed: Sequence[str],
    *,
    cache: Path,
    accept_licence: bool = False,
    read_only: bool = False,
    hub_cache: Path | None = None,
) -> LocalModel:
    """Find a model by its Hub id (``ID`` or ``ID@REVISION``) or its folder; download it where it is not here yet.

    Args:
        model: the id or the folder.
        needed: the files that it must have, beside its weights.
        cache: where hashes of large local files are kept.
        accept_licence: take also a model that forbids commercial use or states no licence.
        read_only: download and write nothing.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.

    Raises:
        ConfigError: there is no such model, it lacks a file, or its licence is not accepted.
        MissingPartError: the Hub cannot be reached and the model is not on this machine.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        digest = _folder_digest(folder, cache, read_only)
        found = LocalModel(folder.resolve().name, digest, folder, _licence(model, folder))
    else:
        name, _, revision = model.partition("@")
        _check_id(model, name, accept_licence)
        folder = _snapshot(name, revision or None, needed, hub_cache, read_only)
        found = LocalModel(name, folder.name[:12], folder, _licence(name, folder))
    missing = _missing(folder, needed)
    if missing:
        raise ConfigError(
            f"--model {model}: {folder} lacks {', '.join(missing)}: a model of another kind, or a download that "
            "broke off; give another model, or run again where there is a network"
        )
    check_licence(found.licence, f"the model {found.name}", accepted=accept_licence)
    return found


def _check_id(model: str, name: str, accept_licence: bool) -> None:
    """Refuse what is no id, and a licence that is known before anything is downloaded."""
    if not _HUB_ID.fullmatch(name):
        raise ConfigError(f"--model {model}: no such folder, and no id of the Hugging Face Hub (OWNER/NAME)")
    known = model_licence(name)
    if known:
        check_licence(known, f"the model {name}", accepted=accept_licence)


def _licence(model: str, folder: Path) -> Licence:
    return model_licence(model, folder) or UNKNOWN


def _missing(folder: Path, needed: Sequence[str]) -> list[str]:
    lacking = [name for name in needed if not (folder / name).is_file()]
    return lacking if _has_weights(folder) else [*lacking, "weights (model.safetensors)"]


def _has_weights(folder: Path) -> bool:
    """True if the weights are there whole; where they come in several files, an index names them all."""
    for index in sorted(folder.glob("*.index.json")):
        shards = set(json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values())
        if shards and all((folder / shard).is_file() for shard in shards):
            return True
    return any((folder / name).is_file() for name in ("model.safetensors", "pytorch_model.bin"))


def _snapshot(
    name: str, revision: str | None, needed: Sequence[str], hub_cache: Path | None, read_only: bool
) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, revision=revision, cache_dir=hub_cache, local_files_only=True))
        if not _missing(folder, needed):
            return folder
    except (LocalEntryNotFoundError, HFValidationError):
        pass
    if read_only:
        raise MissingPartError(
            f"the model {name} is not on this machine, and a dry run downloads nothing; run without --dry-run, or "
            f"download it with `hf download {name}`"
        )
    return _download(name, revision, hub_cache)


def _download(name: str, revision: str | None, hub_cache: Path | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    from huggingface_hub.errors import RepositoryNotFoundError as NoModel
    from huggingface_hub.errors import RevisionNotFoundError as NoRevision

    folder = None
    try:
        for patterns in (_SMALL, *((weights,) for weights in _WEIGHTS)):
            if folder is None or not _has_weights(folder):
                folder = Path(
                    snapshot_download(name, revision=revision, cache_dir=hub_cache, allow_patterns=list(patterns))
                )
    except (NoModel, NoRevision, HFValidationError) as error:
        at = f" at {revision}" if revision else ""
        raise ConfigError(
            f"--model {name}{at}: the Hugging Face Hub has no such model, or it is not open to you (HF_TOKEN)"
        ) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise MissingPartError(
            f"the model {name} is not on this machine and the Hugging Face Hub cannot be reached (or HF_HUB_OFFLINE "
            f"is set); download it where there is a network (`hf download {name}`), give a folder with --model, or "
            "choose another --translator"
        ) from error
    assert folder is not None
    return folder


def _folder_digest(folder: Path, cache: Path, read_only: bool) -> str:
    """A hash of the model's files, whatever the folder is called; of a file that has not changed it is remembered."""
    known = _read_digests(cache)
    digests = {}
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.name != "README.md"):
        status = path.stat()
        key = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
        digests[path.name] = known.get(key) or _digest(path)
        known[key] = digests[path.name]
    if not read_only and known != _read_digests(cache):
        with replacing(cache / DIGESTS) as file:
            file.write(json.dumps(known, indent=1, sort_keys=True).encode())
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:12]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_digests(cache: Path) -> dict[str, str]:
    try:
        data = json.loads((cache / DIGESTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}
