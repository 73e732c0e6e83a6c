"""Embedding models: the protocol, and sentence-transformers models from the Hugging Face Hub or a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workspace.errors import ConfigError, MissingPartError
from workspace.extras import require_packages

DEFAULT_MODEL = "sentence-transformers/LaBSE"
MODULES = "modules.json"  # what every sentence-transformers model has
TIMEOUT = 5.0  # seconds that the Hub has to say which models it has
PIECE = 800  # characters: within 256 tokens, which is what most of these models read
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PART = re.compile(r"[^.!?…\n]+[.!?…\n]*\s*|[.!?…\n]+\s*")

Matrix = NDArray[np.float32]


class Encoder(Protocol):
    """What turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text, in order; each row has length 1, or is all zeros where the text says nothing."""


@dataclass(frozen=True)
class Place:
    """A model that can be had: ``path`` is what loads it, ``key`` changes whenever its vectors would."""

    name: str
    path: str
    key: str
    revision: str | None = None


def find_model(model: str) -> Place:
    """Find a sentence-transformers model without loading it: a folder, or an id of the Hub, cached or reachable.

    Raises:
        MissingPartError: the package is not installed, or the Hub cannot be reached and its cache lacks the model.
        ConfigError: there is no such model, or it is no sentence-transformers model.
    """
    require_packages("--embedding-model", ("sentence_transformers",), "models")
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / MODULES).is_file():
            raise ConfigError(
                f"--embedding-model {model}: the folder has no {MODULES}; give a sentence-transformers model"
            )
        return Place(model, str(folder), _folder_key(folder))
    if not _HUB_ID.fullmatch(model):
        raise ConfigError(f"--embedding-model {model}: no such folder, and no id OWNER/NAME of the Hugging Face Hub")
    revision = _hub_revision(model)
    return Place(model, model, f"{model}@{revision}", revision)


class SentenceEncoder:
    """A sentence-transformers model. A long text is read piece by piece: its vector is the mean of its pieces', each
    as heavy as it is long, so that nothing is cut off.

    Raises:
        ConfigError: the model cannot be loaded.
        MissingPartError: its files cannot be fetched.
    """

    def __init__(self, place: Place) -> None:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            self._model: Any = SentenceTransformer(place.path, revision=place.revision)
        except OSError as error:
            raise MissingPartError(f"the embedding model {place.name} cannot be fetched: {_line(error)}") from error
        except (ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ConfigError(f"--embedding-model {place.name}: it cannot be loaded ({_line(error)})") from error

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row of length 1 a text."""
        pieces = [pieces_of(text) for text in texts]
        flat = [piece for each in pieces for piece in each]
        if not flat:
            return np.zeros((0, 0), np.float32)
        rows = self._model.encode(flat, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        weights = np.asarray([len(piece) for piece in flat], np.float32)[:, None]
        starts = np.cumsum([0, *(len(each) for each in pieces[:-1])])
        return unit(np.add.reduceat(np.asarray(rows, np.float32) * weights, starts, axis=0))


def pieces_of(text: str) -> list[str]:
    """The text in pieces of at most 800 characters, cut between sentences where it can be; at least one piece."""
    pieces = [""]
    for part in _PART.findall(text):
        for start in range(0, len(part), PIECE):
            piece = part[start : start + PIECE]
            if len(pieces[-1]) + len(piece) > PIECE:
                pieces.append("")
            pieces[-1] += piece
    return [piece for piece in pieces if piece.strip()] or [text]


def unit(rows: Matrix) -> Matrix:
    """Each row with length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def _hub_revision(model: str) -> str:
    """The commit of a Hub model: that of the cache, else that of the Hub, which is asked once and briefly."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError
    from huggingface_hub.errors import RepositoryNotFoundError as NoModel

    try:
        return Path(hf_hub_download(model, MODULES, local_files_only=True)).parent.name
    except LocalEntryNotFoundError:
        pass
    try:
        info = HfApi().model_info(model, timeout=TIMEOUT)
    except NoModel as error:
        raise ConfigError(f"--embedding-model {model}: the Hub has no such model, or it is not public") from error
    except _network_errors() as error:
        raise MissingPartError(
            f"{model} is not on this machine and the Hugging Face Hub cannot be reached"
        ) from error
    if MODULES not in {file.rfilename for file in info.siblings or ()}:
        raise ConfigError(f"--embedding-model {model}: it has no {MODULES}; give a sentence-transformers model")
    return str(info.sha)


def _network_errors() -> tuple[type[Exception], ...]:
    """What the Hub's client raises without a network: errors of the HTTP library that its version uses."""
    from huggingface_hub import get_session

    library = import_module(type(get_session()).__module__.split(".")[0])
    return (OSError, getattr(library, "HTTPError", OSError))


def _folder_key(folder: Path) -> str:
    """A hash of the model's small files, and of the names and sizes of its large ones."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
        if size < 1_000_000:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
