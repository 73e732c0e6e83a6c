"""A collected review: the records and every ballot on them, as files (docs/formats.md)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workspace.errors import DataError, count_of, shown
from workspace.files.jsonl import file_digest, read_jsonl, sweep, write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.frames import ballots_from_frame, ballots_to_frame, records_from_frame, records_to_frame
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd

Find = Callable[[tuple[str, str]], Ballot | None]
Key = TypeVar("Key", bound=Hashable)
RECORDS = "records.jsonl"
BALLOTS = "ballots.jsonl"
GONE = "ballots-gone.jsonl"


@dataclass(frozen=True)
class Review:
    """What was collected: records sorted by id, and ballots sorted by record and reviewer.

    Raises:
        DataError: on construction, if a ballot's record is missing or has another number of answers, a record
            occurs twice, or a reviewer has two ballots on one record.
    """

    records: tuple[Record, ...]
    ballots: tuple[Ballot, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "records", tuple(sorted(self.records, key=lambda record: record.id)))
        object.__setattr__(self, "ballots", tuple(sorted(self.ballots, key=lambda ballot: ballot.sort_key)))
        answers = {record.id: len(record.answers) for record in self.records}
        if len(answers) < len(self.records):
            raise DataError(
                f"record {shown(_first_repeated([r.id for r in self.records]))} is in the review twice; remove one"
            )
        keys = [ballot.sort_key for ballot in self.ballots]
        if len(set(keys)) < len(keys):
            record_id, reviewer = _first_repeated(keys)
            raise DataError(
                f"reviewer {shown(reviewer)} has two ballots on record {shown(record_id)}; keep the newer one"
            )
        for ballot in self.ballots:
            check_ballot(ballot, answers.get(ballot.record_id))

    def __iter__(self) -> Iterator[tuple[Record, tuple[Ballot, ...]]]:
        """Each record with all ballots on it, in the order of their ids."""
        end = 0
        for record in self.records:
            start = end
            while end < len(self.ballots) and self.ballots[end].record_id == record.id:
                end += 1
            yield record, self.ballots[start:end]

    def to_pandas(self) -> pd.DataFrame:
        """The records, one a row, with the columns of ``records.jsonl``."""
        return records_to_frame(self.records)

    def ballots_frame(self) -> pd.DataFrame:
        """The ballots, one a row, with the columns of ``ballots.jsonl``."""
        return ballots_to_frame(self.ballots)

    @classmethod
    def from_pandas(cls, records: pd.DataFrame, ballots: pd.DataFrame) -> Review:
        """A review from the two DataFrames: what ``to_pandas`` and ``ballots_frame`` return.

        NaN counts as None.

        Raises:
            DataError: a row cannot be used, or the two do not belong together.

        Example:
            >>> Review.from_pandas(review.to_pandas(), review.ballots_frame()) == review
            True
        """
        return cls(records_from_frame(records), ballots_from_frame(ballots))

    def ballot(self, key: tuple[str, str]) -> Ballot | None:
        """The ballot on a record by a reviewer; None if there is none."""
        place = bisect_left(self.ballots, key, key=lambda ballot: ballot.sort_key)
        found = self.ballots[place : place + 1]
        return found[0] if found and found[0].sort_key == key else None


def check_ballot(ballot: Ballot, answers: int | None) -> None:
    """Check that a ballot belongs to a record of that many answers; None if the record is missing.

    Raises:
        DataError: it does not.
    """
    if answers is None:
        raise DataError(
            f"a ballot of {shown(ballot.reviewer)} names record {shown(ballot.record_id)}, which is missing"
        )
    if not len(ballot.ranks) == len(ballot.answers) == answers:
        raise DataError(
            f"the ballot of {shown(ballot.reviewer)} on record {shown(ballot.record_id)} has "
            f"{count_of(len(ballot.ranks), 'rank')} and {count_of(len(ballot.answers), 'text')} for {answers} answers"
        )


def read_review(folder: str | Path) -> Review:
    """Read the review in a folder that ``collect`` wrote: its ``records.jsonl`` and ``ballots.jsonl``.

    Raises:
        DataError: a file is missing or broken, or they do not belong together; names the file.

    Example:
        >>> from exports.review.files import write_review
        >>> write_review(review, Path("review"))
        True
        >>> read_review("review") == review
        True
    """
    folder = Path(folder)
    records = tuple(read_jsonl(folder / RECORDS, Record.from_json))
    ballots = tuple(read_jsonl(folder / BALLOTS, Ballot.from_json))
    try:
        return Review(records, ballots)
    except DataError as error:
        raise DataError(f"{folder}: {error}") from error


def write_review(review: Review, folder: Path) -> bool:
    """Write both files, always the same bytes for the same review. Returns False if they were there already.

    Raises:
        DataError: the folder cannot be written.
    """
    sweep_review(folder)
    paths = (folder / RECORDS, folder / BALLOTS)
    before = [file_digest(path) for path in paths]
    write_jsonl(paths[0], (record.to_json() for record in review.records))
    write_jsonl(paths[1], (ballot.to_json() for ballot in review.ballots))
    return before != [file_digest(path) for path in paths]


@dataclass(frozen=True)
class Gone:
    """Ballots that are in a folder and not in the review that is about to be written there.

    ``new`` and ``newer`` hold no ballot that is older than what earlier collections found of the same reviewer on
    the same record.

    Attributes:
        new: those in the folder's ``ballots.jsonl`` whose reviewer has no ballot on the record in the review.
        kept: all of them, and those that earlier collections found: the newest for each record and reviewer.
        newer: those in ``ballots.jsonl`` whose reviewer has an older ballot on the record in the review.
    """

    new: tuple[Ballot, ...] = ()
    kept: tuple[Ballot, ...] = ()
    newer: tuple[Ballot, ...] = ()


def gone_ballots(present: Find, folder: Path) -> Gone:
    """Find the ballots that would be lost if a review were written to ``folder``.

    A ballot would be lost if the review lacks it, or has an older state of it with other content: the server was
    restored from a backup, or the review is from an earlier collection. One that the review has in the same or a
    later state is not lost. What earlier collections found is kept until the review has that very ballot again.

    Args:
        present: finds the review's ballot of a record and a reviewer: ``Review.ballot`` or ``Spool.ballot``.
        folder: where the review is about to be written.

    Raises:
        DataError: a file of ballots in the folder cannot be read, so nobody knows what would be lost.
    """
    new, newer = [], []
    for ballot in _ballots_in(folder / BALLOTS):
        incoming = present(ballot.sort_key)
        if incoming is None:
            new.append(ballot)
        elif _is_newer(ballot, incoming):
            newer.append(ballot)
    newest: dict[tuple[str, str], Ballot] = {}
    for ballot in (*_ballots_in(folder / GONE), *new, *newer):
        known = newest.get(ballot.sort_key)
        if known is None or _instant(ballot) >= _instant(known):
            newest[ballot.sort_key] = ballot
    kept = sorted(
        (ballot for key, ballot in newest.items() if present(key) != ballot), key=lambda ballot: ballot.sort_key
    )
    return Gone(
        new=tuple(ballot for ballot in new if newest[ballot.sort_key] is ballot),
        kept=tuple(kept),
        newer=tuple(ballot for ballot in newer if newest[ballot.sort_key] is ballot),
    )


def write_gone(gone: Gone, folder: Path, target: Path | None = None) -> None:
    """Write ``ballots-gone.jsonl``, whole or not at all; to be called before the last copies are overwritten.

    Args:
        gone: what was found in ``folder``.
        folder: the folder of the review.
        target: where to write the file instead; it is moved to ``folder`` later.
    """
    if gone.kept or (folder / GONE).exists():
        write_jsonl((target or folder) / GONE, (ballot.to_json() for ballot in gone.kept))


def sweep_review(folder: Path) -> None:
    """Remove the temporary files of a collection that was killed in ``folder``."""
    for name in (RECORDS, BALLOTS, GONE):
        sweep(folder / name)


def _ballots_in(path: Path) -> Iterator[Ballot]:
    if not path.exists():
        return
    try:
        yield from read_jsonl(path, Ballot.from_json)
    except DataError as error:
        raise DataError(
            f"{error}; it may hold ballots that are nowhere else: correct it, or write to another folder"
        ) from error


def _is_newer(ballot: Ballot, other: Ballot) -> bool:
    """True if a ballot was changed after ``other``, and says something else."""
    return _instant(ballot) > _instant(other) and ballot != replace(other, updated_at=ballot.updated_at)


def _instant(ballot: Ballot) -> datetime:
    """When a ballot was last changed; long ago if its file has no such time."""
    try:
        instant = datetime.fromisoformat(ballot.updated_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _first_repeated(values: Iterable[Key]) -> Key:
    return next(value for value, count in Counter(values).items() if count > 1)
