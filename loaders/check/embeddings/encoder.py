"""Embedding models: the protocol, and sentence-transformers models from the Hugging Face Hub or a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workspace.errors import ConfigError, MissingPartError, one_line
from workspace.extras import require_packages
from workspace.hub import find_model, transport_errors

DEFAULT_MODEL = "sentence-transformers/LaBSE"
OPTION = "--embedding-model"
MODULES = "modules.json"  # what every sentence-transformers model has
PIECE = 800  # characters: within 256 tokens, which is what most of these models read
_PART = re.compile(r"[^.!?…\n]+[.!?…\n]*\s*|[.!?…\n]+\s*")

Matrix = NDArray[np.float32]


class Encoder(Protocol):
    """What turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text, in order; each row has length 1, or is all zeros where the text says nothing."""


@dataclass(frozen=True)
class EncoderModel:
    """A model that can be had: ``path`` is what loads it, ``key`` changes whenever its vectors would."""

    name: str
    path: str
    key: str
    revision: str | None = None


def find_encoder(model: str, cache: Path | None = None, *, dry_run: bool = False) -> EncoderModel:
    """Find a sentence-transformers model without loading it: a folder, or an id of the Hub, cached or reachable.

    Args:
        model: the folder or the id.
        cache: where hashes of the folder's files are kept.
        dry_run: neither ask the Hub nor write to ``cache``.

    Raises:
        MissingPartError: the package is not installed, or the Hub cannot be reached and its cache lacks the model.
        ConfigError: there is no such model, or it is not a sentence-transformers model.
    """
    require_packages(OPTION, ["sentence_transformers"], "models")
    found = find_model(model, [MODULES], option=OPTION, pattern="**/*", cache=cache, dry_run=dry_run)
    if Path(model).expanduser().is_dir():
        return EncoderModel(model, str(found.folder), found.revision)
    return EncoderModel(model, found.name, f"{found.name}@{found.revision}", found.revision)


class SentenceEncoder:
    """A sentence-transformers model. A long text is read piece by piece: its vector is the mean of its pieces', each
    as heavy as it is long, so that nothing is cut off.

    Raises:
        ConfigError: the model cannot be loaded.
        MissingPartError: its files cannot be fetched.
    """

    def __init__(self, model: EncoderModel) -> None:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        failures: tuple[type[Exception], ...] = (OSError, *transport_errors())
        try:
            self._model: Any = SentenceTransformer(model.path, revision=model.revision)
        except failures as error:
            problem = f"the embedding model {model.name} cannot be fetched: {one_line(error)}"
            raise MissingPartError(problem) from error
        except (ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ConfigError(f"{OPTION} {model.name}: it cannot be loaded ({one_line(error)})") from error

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
