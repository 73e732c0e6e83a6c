"""Vectors kept on disk: each text is read by a model once, so loading again needs no model and changes no score.

One SQLite file (``PRAGMA user_version`` 1, ``application_id`` "H4ev")::

    models   id, key, name, dimension         one row for each model that passed the check
    vectors  model_id, text, vector           ``text`` is a hash of the text, ``vector`` 32-bit floats, little-endian
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path

import numpy as np

from loaders.check.embeddings.check import MARGIN, separation
from loaders.check.embeddings.encoder import (
    DEFAULT_MODEL,
    Encoder,
    EncoderModel,
    Matrix,
    SentenceEncoder,
    find_encoder,
)
from workspace.errors import ConfigError, MissingPartError
from workspace.files.batches import batched
from workspace.files.database import CHUNK, Database, Format
from workspace.hub import MODELS

VECTORS_FILE = "vectors.sqlite"
NONE = "none"
_FORMAT_1 = """
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL
);
CREATE TABLE vectors (
    model_id INTEGER NOT NULL REFERENCES models (id),
    text BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (model_id, text)
) WITHOUT ROWID
"""
FORMAT = Format("a file of vectors", "H4ev", (_FORMAT_1,))
BATCH = 256  # texts that a model reads before their vectors are kept


class KeptVectors:
    """A checked embedding model, loaded only when a text is new to it.

    Args:
        model: the model.
        path: the file of vectors.
        read_only: write nothing.
        load: how to load the model, for tests.

    Raises:
        ConfigError: the model cannot tell translations from other sentences; MissingPartError: it cannot be had.
    """

    def __init__(
        self,
        model: EncoderModel,
        path: Path,
        *,
        read_only: bool = False,
        load: Callable[[EncoderModel], Encoder] = SentenceEncoder,
    ) -> None:
        self.model = model
        self.key = model.key
        self._load = load
        self._file = Database(path, FORMAT, read_only=read_only)
        try:
            self._id, self.dimension = self._known() or self._check()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file; the vectors cannot be used afterwards."""
        self._file.close()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row of length 1 a text, in order; each different text is read once, ever."""
        digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        rows = self._read(digests)
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in rows}
        for batch in batched(missing, BATCH):
            fresh = np.asarray(self._encoder.encode([missing[digest] for digest in batch]), "<f4")
            self._write(batch, fresh)
            rows.update(zip(batch, fresh, strict=True))
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack([rows[digest] for digest in digests])

    @cached_property
    def _encoder(self) -> Encoder:
        return self._load(self.model)

    def _known(self) -> tuple[int, int] | None:
        with self._file.stated():
            found = self._file.connection.execute("SELECT id, dimension FROM models WHERE key = ?", (self.key,))
            row: tuple[int, int] | None = found.fetchone()
        return row

    def _check(self) -> tuple[int, int]:
        right, wrong = separation(self._encoder)
        if right - wrong < MARGIN:
            raise ConfigError(
                f"--embedding-model {self.model.name}: it cannot tell a Spanish translation from another "
                f"sentence (right pairs from {right:.2f}, wrong ones up to {wrong:.2f}, a gap of {MARGIN} is "
                f"needed): give a multilingual model such as {DEFAULT_MODEL}, or none"
            )
        dimension = int(self._encoder.encode(["."]).shape[1])
        if self._file.read_only:
            return 0, dimension
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT INTO models (key, name, dimension) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (self.key, self.model.name, dimension),
            )
        known = self._known()
        assert known
        return known

    def _read(self, digests: Sequence[bytes]) -> dict[bytes, Matrix]:
        rows: dict[bytes, Matrix] = {}
        with self._file.stated():
            for chunk in batched(dict.fromkeys(digests), CHUNK):
                found = self._file.connection.execute(
                    f"SELECT text, vector FROM vectors WHERE model_id = ? AND text IN ({','.join('?' * len(chunk))})",
                    (self._id, *chunk),
                )
                rows.update((digest, np.frombuffer(vector, "<f4")) for digest, vector in found)
        return rows

    def _write(self, digests: Sequence[bytes], rows: Matrix) -> None:
        if not self._file.read_only:
            with self._file.transaction() as connection:
                connection.executemany(
                    "INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    ((self._id, digest, row.tobytes()) for digest, row in zip(digests, rows, strict=True)),
                )


@contextmanager
def open_vectors(
    model: str | None, path: Path, *, read_only: bool = False
) -> Iterator[tuple[KeptVectors | None, str]]:
    """Open the embedding model to use, or None; and which, or why none.

    Args:
        model: an id of the Hub or a folder; "none" for none; None for the default, which may be missing.
        path: the file of vectors.
        read_only: write nothing.

    Raises:
        ConfigError: a model that was asked for does not exist or is not multilingual.
        MissingPartError: a model that was asked for cannot be had.
    """
    vectors: KeptVectors | None = None
    state = "absent: --embedding-model none"
    if model != NONE:
        try:
            found = find_encoder(model or DEFAULT_MODEL, path.parent / MODELS, dry_run=read_only)
            vectors, state = KeptVectors(found, path, read_only=read_only), found.name
        except MissingPartError as error:
            if model:
                raise MissingPartError(
                    f"--embedding-model {model}: {error}; or give --embedding-model none"
                ) from error
            state = f"absent: {error}"
    with closing(vectors) if vectors else nullcontext():
        yield vectors, state
