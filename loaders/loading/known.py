"""What the datasets hold of a review, as loading compares it with the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workspace.argilla.codec import Settled, settled
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset, RemoteRecord
from workspace.argilla.settings import BATCH
from workspace.model.ballots import Mode
from workspace.model.records import content_hash

Datasets = Mapping[int, RemoteDataset | None]  # by the answers of a record; None in a dry run before it is made


@dataclass(frozen=True)
class Known:
    """What the comparison needs to remember of a record that a dataset for ``count`` answers holds."""

    id: str
    count: int
    source_hash: str
    translation_hash: str
    about_hash: str
    mode: Mode
    batch: str | None
    is_answered: bool
    settled: Settled

    @classmethod
    def of(cls, remote: RemoteRecord, count: int) -> Known:
        """The memory of one listed record."""
        metadata = remote.metadata
        return cls(
            id=remote.id,
            count=count,
            source_hash=str(metadata.get("source_hash")),
            translation_hash=str(metadata.get("translation_hash")),
            about_hash=about_hash(metadata),
            mode="blind" if metadata.get("mode") == "blind" else "verify",
            batch=metadata.get(BATCH),
            is_answered=remote.is_answered,
            settled=settled(remote),
        )


def known_records(gateway: Gateway, datasets: Iterable[RemoteDataset]) -> dict[str, Known]:
    """What the datasets hold, by record id."""
    return {
        remote.external_id: Known.of(remote, dataset.count)
        for dataset in datasets
        for remote in gateway.records(dataset, suggestions=False)
        if remote.external_id is not None
    }


def about_hash(metadata: Mapping[str, Any]) -> str:
    """A hash of the metadata that loading may replace: all but the hashes, the mode and the slots."""
    own = ("source_hash", "translation_hash", "mode", "slots")
    return content_hash({name: value for name, value in metadata.items() if name not in own})
