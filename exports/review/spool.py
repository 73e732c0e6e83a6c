"""A review on its way from Argilla to a folder, sorted on disk instead of in memory."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from exports.review.files import BALLOTS, RECORDS, check_ballot, sweep_review
from workspace.errors import DataError, shown
from workspace.files.jsonl import dumps, file_digest, replacing
from workspace.model.ballots import Ballot
from workspace.model.records import Record

_TABLES = (
    "CREATE TABLE records (id TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE ballots (record_id TEXT, reviewer TEXT, line TEXT NOT NULL, PRIMARY KEY (record_id, reviewer)) "
    "WITHOUT ROWID",
)


class Spool:
    """Takes records with their ballots in any order, and writes them in the order of the files of a review.

    It is a temporary SQLite file without a name, which the system removes with the process. SQLite compares text by
    its UTF-8 bytes, which is Python's order of strings.
    """

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.reviewers: set[str] = set()
        self.records = 0
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", *_TABLES):
            self._database.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, record: Record, ballots: Iterable[Ballot]) -> None:
        """Take a record and every ballot on it.

        Raises:
            DataError: the record was added before, or a ballot is on another record, has another number of answers,
                or is the reviewer's second one.
        """
        with _stated():
            if not self._insert("INSERT OR IGNORE INTO records VALUES (?, ?)", record.id, record.to_json()):
                raise DataError(f"record {shown(record.id)} is in the review twice; remove one")
            self.records += 1
            for ballot in ballots:
                check_ballot(ballot, len(record.answers) if ballot.record_id == record.id else None)
                statement = "INSERT OR IGNORE INTO ballots VALUES (?, ?, ?)"
                if not self._insert(statement, *ballot.sort_key, ballot.to_json()):
                    raise DataError(
                        f"reviewer {shown(ballot.reviewer)} has two ballots on record {shown(record.id)}; keep the "
                        "newer one"
                    )
                self.statuses[ballot.status] += 1
                self.reviewers.add(ballot.reviewer)

    def ballot(self, key: tuple[str, str]) -> Ballot | None:
        """The ballot on a record by a reviewer; None if there is none."""
        with _stated():
            query = "SELECT line FROM ballots WHERE (record_id, reviewer) = (?, ?)"
            found = self._database.execute(query, key).fetchone()
        return Ballot.from_json(json.loads(found[0])) if found else None

    def write(self, folder: Path) -> bool:
        """Write both files, as ``write_review`` does. Returns False if they were there already.

        Raises:
            DataError: the folder cannot be written.
        """
        lines = {
            folder / RECORDS: "SELECT line FROM records ORDER BY id",
            folder / BALLOTS: "SELECT line FROM ballots ORDER BY record_id, reviewer",
        }
        sweep_review(folder)
        before = [file_digest(path) for path in lines]
        for path, query in lines.items():
            with replacing(path) as file, _stated():
                file.writelines(f"{line}\n".encode() for (line,) in self._database.execute(query))
        return before != [file_digest(path) for path in lines]

    def _insert(self, statement: str, *values: Any) -> bool:
        *keys, value = values
        return self._database.execute(statement, (*keys, dumps(value))).rowcount == 1


@contextmanager
def _stated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DataError(
            f"the collected review cannot be sorted ({error}); make room where temporary files go (TMPDIR)"
        ) from error
