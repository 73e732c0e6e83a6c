"""Versions of a prompt whose source text changed after somebody had answered it.

The answered record keeps its text and its ballots, and the changed prompt becomes a record of its own, which says in
its metadata what it follows: ``h4rmony-239``, ``h4rmony-239-v2``, ``h4rmony-239-v3``. A prompt of the source is
always compared with its latest version in the dataset, so loading again changes nothing. All versions share a side of
the split. The embedded server offers a version that another one follows to nobody who has not answered it, and an
export takes the rows of one version (``exports/merging/versions.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property

from loaders.loading.known import Known
from workspace.model.groups import with_group
from workspace.model.prompts import prompt_key
from workspace.model.records import Record
from workspace.model.versions import FOLLOWS_KEY, follows, next_id


@dataclass(frozen=True)
class Versions:
    """The records of a source, each under the id of its version.

    Attributes:
        records: can be read again and again. A version that the source itself holds is a record like any other.
        known: what the dataset holds.
        new_versions: whether an answered record that has changed becomes a new version, or stays a conflict.
    """

    records: Iterable[Record]
    known: Mapping[str, Known]
    new_versions: bool

    def __iter__(self) -> Iterator[Record]:
        for record in self.records:
            name = record.id
            while name in self._later:
                name = self._later[name]
            before = follows(self.known[name].settled.metadata) if name != record.id else None
            held = self.known.get(name)
            if self.new_versions and held and held.is_answered and held.source_hash != record.source_hash:
                before, name = name, next_id(name, held.settled.metadata)
                while name in self._own or name in self.known:
                    name = next_id(name, {FOLLOWS_KEY: before})
            yield self._version(record, name, before) if before else record

    @cached_property
    def _own(self) -> Set[str]:
        """The ids of the source's records, which are read for it only where there are versions."""
        return {record.id for record in self.records}

    @cached_property
    def _later(self) -> Mapping[str, str]:
        """What follows a record of the dataset, by its id; the last by name if several do."""
        return {
            before: name
            for name, held in sorted(self.known.items())
            if (before := follows(held.settled.metadata)) and name not in self._own
        }

    def _version(self, record: Record, name: str, before: str) -> Record:
        version = replace(record, id=name, metadata={**record.metadata, FOLLOWS_KEY: before})
        held = self.known.get(before)
        return with_group(version, held.settled.group or prompt_key(held.settled.prompt)) if held else version
