"""Find records by their vectors: cosine similarity over all vectors of one kind, held in memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
from argilla_server.errors.future import UnprocessableEntityError
from sqlalchemy import Connection, text

KEPT = 8
_lock = threading.Lock()


@dataclass(frozen=True)
class Vectors:
    """All vectors of one kind, each of length 1; ``version`` names the state of the database that they come from."""

    version: tuple[Any, ...]
    record_ids: list[str]
    matrix: np.ndarray[Any, np.dtype[np.float32]]


_kept: dict[UUID, Vectors] = {}  # the one used last is the last


def vectors_of(connection: Connection, settings_id: UUID) -> Vectors:
    """The vectors of one kind as they are now; the kinds used last are kept until the database has changed."""
    values = {"settings": settings_id.hex}
    statement = text("SELECT count(*), max(updated_at), max(id) FROM vectors WHERE vector_settings_id = :settings")
    version = tuple(connection.execute(statement, values).one())
    with _lock:
        kept = _kept.pop(settings_id, None)
        if kept is None or kept.version != version:
            kept = _read(connection, values, version)
        _kept[settings_id] = kept
        if len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
        return kept


def _read(connection: Connection, values: dict[str, str], version: tuple[Any, ...]) -> Vectors:
    rows = connection.execute(
        text(
            "SELECT record_id, value FROM vectors WHERE vector_settings_id = :settings "
            "ORDER BY inserted_at, record_id"
        ),
        values,
    ).all()
    matrix = np.array([json.loads(value) for _, value in rows], dtype=np.float32).reshape(len(rows), -1)
    return Vectors(version, [record_id for record_id, _ in rows], _unit(matrix))


def _unit(vectors: Any) -> Any:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def nearest(
    vectors: Vectors,
    value: list[float],
    *,
    most: int,
    allowed: Collection[str] | None,
    without: str | None,
) -> list[tuple[str, float]]:
    """The ``most`` records nearest to ``value``, with scores from 0 (opposite) to 1 (same direction).

    Raises:
        UnprocessableEntityError: ``value`` has another number of dimensions.
    """
    if not vectors.record_ids:
        return []
    if len(value) != vectors.matrix.shape[1]:
        raise UnprocessableEntityError(
            f"The vector has {len(value)} dimensions, the records' vectors have {vectors.matrix.shape[1]}"
        )
    wanted = _unit(np.array(value, dtype=np.float32))
    scores = np.clip((1 + vectors.matrix @ wanted) / 2, 0, 1)
    ranked = ((vectors.record_ids[place], float(scores[place])) for place in np.argsort(-scores, kind="stable"))
    found = (hit for hit in ranked if hit[0] != without and (allowed is None or hit[0] in allowed))
    return list(islice(found, most))
