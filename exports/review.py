"""A collected review: the records and every ballot on them, as files (contract 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from workspace.ballots import Ballot
from workspace.errors import DataError
from workspace.jsonl import file_digest, read_jsonl, write_jsonl
from workspace.records import Record

Key = TypeVar("Key", bound=Hashable)
RECORDS = "records.jsonl"
BALLOTS = "ballots.jsonl"
GONE = "ballots-gone.jsonl"


@dataclass(frozen=True)
class Review:
    """Records sorted by id, and ballots sorted by record and reviewer.

    Raises:
        DataError: on construction, if a ballot names no record or is not aligned with its record's answers, a
            record stands twice, or a reviewer has two ballots on one record.
    """

    records: tuple[Record, ...]
    ballots: tuple[Ballot, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "records", tuple(sorted(self.records, key=lambda record: record.id)))
        object.__setattr__(self, "ballots", tuple(sorted(self.ballots, key=lambda ballot: ballot.sort_key)))
        answers = {record.id: len(record.answers) for record in self.records}
        if len(answers) < len(self.records):
            raise DataError(f"record {_first_repeated([r.id for r in self.records])!r} stands twice in the review")
        keys = [ballot.sort_key for ballot in self.ballots]
        if len(set(keys)) < len(keys):
            record_id, reviewer = _first_repeated(keys)
            raise DataError(f"reviewer {reviewer!r} has two ballots on record {record_id!r}; keep the newer one")
        for ballot in self.ballots:
            count = answers.get(ballot.record_id)
            if count is None:
                raise DataError(
                    f"a ballot of {ballot.reviewer!r} names record {ballot.record_id!r}, which is missing"
                )
            if not len(ballot.ranks) == len(ballot.answers) == count:
                raise DataError(
                    f"the ballot of {ballot.reviewer!r} on record {ballot.record_id!r} has {len(ballot.ranks)} ranks "
                    f"and {len(ballot.answers)} texts for {count} answers"
                )


def read_review(folder: Path) -> Review:
    """Read ``records.jsonl`` and ``ballots.jsonl`` from a folder that ``collect`` wrote.

    Raises:
        DataError: a file is missing or broken, or they do not belong together; names the file.
    """
    records = tuple(read_jsonl(folder / RECORDS, Record.from_json))
    ballots = tuple(read_jsonl(folder / BALLOTS, Ballot.from_json))
    try:
        return Review(records, ballots)
    except DataError as error:
        raise DataError(f"{folder}: {error}") from error


def write_review(review: Review, folder: Path) -> bool:
    """Write both files; the same review gives the same bytes. Returns False if they stood there already.

    Raises:
        DataError: the folder cannot be written.
    """
    paths = (folder / RECORDS, folder / BALLOTS)
    before = [file_digest(path) for path in paths]
    write_jsonl(paths[0], (record.to_json() for record in review.records))
    write_jsonl(paths[1], (ballot.to_json() for ballot in review.ballots))
    return before != [file_digest(path) for path in paths]


@dataclass(frozen=True)
class Gone:
    """Ballots that a folder has and the review to be written there has not: ``new`` stand in its ``ballots.jsonl``,
    ``kept`` are all, with those that earlier collections found gone, one a record and reviewer, the newest."""

    new: tuple[Ballot, ...] = ()
    kept: tuple[Ballot, ...] = ()


def gone_ballots(review: Review, folder: Path) -> Gone:
    """Find the ballots whose last copy writing ``review`` to ``folder`` would overwrite.

    A ballot stays gone until its reviewer has one on its record again: even then it is kept, if it is another one.

    Raises:
        DataError: a file of ballots in the folder cannot be read, so nobody knows what it would lose.
    """
    present = {ballot.sort_key: ballot for ballot in review.ballots}
    new = tuple(ballot for ballot in _standing(folder / BALLOTS) if ballot.sort_key not in present)
    newest: dict[tuple[str, str], Ballot] = {}
    for ballot in (*_standing(folder / GONE), *new):
        known = newest.get(ballot.sort_key)
        if known is None or _instant(ballot) >= _instant(known):
            newest[ballot.sort_key] = ballot
    kept = sorted(
        (ballot for key, ballot in newest.items() if present.get(key) != ballot), key=lambda ballot: ballot.sort_key
    )
    return Gone(new, tuple(kept))


def write_gone(gone: Gone, folder: Path) -> None:
    """Write ``ballots-gone.jsonl``, whole or not at all; before ``write_review``, which takes the last copy away."""
    if gone.kept or (folder / GONE).exists():
        write_jsonl(folder / GONE, (ballot.to_json() for ballot in gone.kept))


def _standing(path: Path) -> Iterable[Ballot]:
    if not path.exists():
        return ()
    try:
        return tuple(read_jsonl(path, Ballot.from_json))
    except DataError as error:
        raise DataError(
            f"{error}; it may hold ballots that are nowhere else: mend it, or write to another folder"
        ) from error


def _instant(ballot: Ballot) -> datetime:
    """When a ballot was last changed; long ago where its file says no time."""
    try:
        instant = datetime.fromisoformat(ballot.updated_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _first_repeated(values: Iterable[Key]) -> Key:
    return next(value for value, count in Counter(values).items() if count > 1)
