"""Records that have vanished from their source: the dataset holds them, and the source no longer does.

A record is of the same source if a record of the source has the same source name (``workspace/model/sources.py``). So
two sources need two names, ``--source-name``. A prompt whose rows are all left out is still in the source. Of records
without a source name nothing vanishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from loaders.imploding.imploded import Imploded
from loaders.loading.known import Datasets, Known
from workspace.argilla.gateway import Gateway
from workspace.model.sources import source_name
from workspace.model.versions import first_id


@dataclass(frozen=True)
class Vanished:
    """Records that have vanished, by id: those that stay in the dataset, and those taken out of it."""

    staying: Mapping[str, Known]
    retired: Mapping[str, Known] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """One line a record."""
        told = dict.fromkeys(self.retired, "retired, it has vanished from the source and nobody had answered it")
        for name, held in self.staying.items():
            remedy = "somebody has answered it, so it stays" if held.is_answered else "--retire would take it out"
            told[name] = f"vanished, it is in the dataset and no longer in the source; {remedy}"
        return [f"{name}: {note}" for name, note in sorted(told.items())]


def find_vanished(imploded: Imploded, known: Mapping[str, Known]) -> dict[str, Known]:
    """The records of the dataset that have vanished from their source."""
    present = {entry.record_id for entry in imploded.audit}
    names = set[str]()
    for record in imploded:
        present.add(record.id)
        names.add(source_name(record.id, record.metadata))
    names.discard("")
    return {
        name: held
        for name, held in known.items()
        if source_name(name, held.settled.metadata) in names
        and present.isdisjoint((name, first_id(name, held.settled.metadata)))
    }


def retired(gateway: Gateway, datasets: Datasets, found: Mapping[str, Known], *, dry_run: bool) -> Vanished:
    """The vanished records after those that nobody has answered were taken out of the dataset.

    ``Gateway.delete_unanswered`` does it: one that somebody has answered in the meantime stays.
    """
    asked = {name: held for name, held in found.items() if not held.is_answered}
    kept = set[str]()
    for count, dataset in datasets.items():
        ids = [held.id for held in asked.values() if held.count == count]
        if dataset and ids and not dry_run:
            kept |= gateway.delete_unanswered(dataset, ids)
    staying = {
        name: replace(held, is_answered=True) for name, held in found.items() if held.is_answered or held.id in kept
    }
    return Vanished(staying, {name: held for name, held in asked.items() if name not in staying})
