"""Records on their way to Argilla, kept aside on disk until all of them are known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from workspace.errors import DataError
from workspace.files.jsonl import dumps
from workspace.model.records import Record

_MADE = (
    *("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"),
    "CREATE TABLE records (place INTEGER PRIMARY KEY, line TEXT NOT NULL)",
)


@dataclass(frozen=True)
class Aside:
    """Records in a temporary SQLite file without a name, which the system removes with the process."""

    database: sqlite3.Connection

    def __iter__(self) -> Iterator[Record]:
        with _stated():
            for (line,) in self.database.execute("SELECT line FROM records ORDER BY place"):
                yield Record.from_json(json.loads(line))


@contextmanager
def kept_aside(records: Iterable[Record]) -> Iterator[Aside]:
    """Read all records to the end, and give them again and again.

    Raises:
        DataError: there is no room for them.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        for statement in _MADE:
            database.execute(statement)
        for record in records:
            with _stated():
                database.execute("INSERT INTO records (line) VALUES (?)", (dumps(record.to_json()),))
        yield Aside(database)


@contextmanager
def _stated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DataError(
            f"the translated records cannot be kept aside ({error}); make room where temporary files go (TMPDIR)"
        ) from error
