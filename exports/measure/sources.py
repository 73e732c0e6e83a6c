"""The sources of a review: how many records each has, how many of them have a vote, and how they came to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exports.merging.provenance import making
from workspace.model.ballots import Ballot
from workspace.model.records import Record
from workspace.model.sources import source_of


@dataclass(frozen=True)
class SourceLine:
    """One source: its records, those with a submitted ballot, and how many came to be in which way (``making``)."""

    name: str
    records: int
    voted: int
    made: Mapping[str, int]


def source_lines(reviewed: Iterable[tuple[Record, Sequence[Ballot]]]) -> tuple[SourceLine, ...]:
    """The sources of some records and their ballots, by name."""
    records: Counter[str] = Counter()
    voted: Counter[str] = Counter()
    made: dict[str, Counter[str]] = {}
    for record, ballots in reviewed:
        name = source_of(record)
        records[name] += 1
        voted[name] += any(ballot.is_vote for ballot in ballots)
        made.setdefault(name, Counter())[making(record)] += 1
    return tuple(
        SourceLine(name, records[name], voted[name], dict(sorted(made[name].items()))) for name in sorted(records)
    )
