"""The project's SQLite files: opened, recognised, brought to the newest format, in WAL mode.

Several processes may use such a file at once; a killed one leaves what it had committed. A file of another program, a
damaged one, or one of a newer version is refused with an error of one line, and not touched.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workspace.errors import DataError
from workspace.files.private import make_home

BUSY_TIMEOUT = 30.0  # seconds to wait for another process to finish its write
CHUNK = 500  # parameters in one query or rows in one commit; SQLite takes 999 parameters everywhere
_REMEDY = "move it away and run again: a new one is made (nothing in this one was changed)"


@dataclass(frozen=True)
class Format:
    """What a file is: ``steps[n]`` is the SQL that makes format n + 1 from format n (0 is an empty file).

    ``name`` is what messages call it; ``application_id`` are four ASCII characters that mark it.
    """

    name: str
    application_id: str
    steps: Sequence[str]

    @property
    def number(self) -> int:
        """``PRAGMA application_id``."""
        return int.from_bytes(self.application_id.encode())

    @property
    def newest(self) -> int:
        """``PRAGMA user_version`` of a file that this version writes."""
        return len(self.steps)


class Database:
    """The file at ``path``, made if it does not exist; a context manager that closes it.

    Args:
        path: the SQLite file; its folder is made too.
        form: what the file must be. An older format is brought up to date, unless ``read_only``.
        read_only: write nothing, not even a new file; a missing file counts as empty.

    Raises:
        DataError: the file is something else, is damaged, or was made by a newer version.
    """

    def __init__(self, path: Path, form: Format, *, read_only: bool = False) -> None:
        self.path = path
        self.form = form
        self.read_only = read_only
        with self.stated():
            self.connection = self._open()
            self.version = int(_pragma(self.connection, "user_version"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make the block one commit: all of it is kept, or nothing."""
        with self.stated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.execute("COMMIT")

    @contextmanager
    def stated(self) -> Iterator[None]:
        """Turn what SQLite and the file system raise into a DataError that names the file and the remedy."""
        try:
            yield
        except sqlite3.Error as error:
            raise DataError(f"{self.path}: {self._reason(error)}") from error
        except OSError as error:
            raise DataError(f"{self.path}: cannot be used ({error.strerror}); choose another --home") from error
        except UnicodeEncodeError as error:
            raise DataError(
                "a text holds half a surrogate pair, which is not valid UTF-8; correct the source"
            ) from error

    def _reason(self, error: sqlite3.Error) -> str:
        # The low byte is the primary code: https://www.sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return f"not {self.form.name}, or damaged ({error}); {_REMEDY}"
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return f"another process has been writing to it for {BUSY_TIMEOUT:.0f} s; wait for it and run again"
        return f"cannot be used ({error}); look at the folder's permissions and free space, or choose another --home"

    def _open(self) -> sqlite3.Connection:
        if not self.read_only:
            make_home(self.path.parent)
        is_missing = not (self.path.exists() and self.path.stat().st_size)
        place = ":memory:" if self.read_only and is_missing else self.path
        connection = sqlite3.connect(place, BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if _is_new(connection):
            self._bring_up_to_date(connection)
        self._check(connection)
        if self.read_only:
            connection.execute("PRAGMA query_only = ON")
            return
        if _pragma(connection, "user_version") < self.form.newest:
            self._bring_up_to_date(connection)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Run the missing steps in one commit; another process may have run them already."""
        connection.execute("BEGIN IMMEDIATE")
        for step in self.form.steps[_pragma(connection, "user_version") :]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {self.form.number}")
        connection.execute(f"PRAGMA user_version = {self.form.newest}")
        connection.execute("COMMIT")

    def _check(self, connection: sqlite3.Connection) -> None:
        if _pragma(connection, "application_id") != self.form.number:
            raise DataError(f"{self.path}: an SQLite file, but not {self.form.name}; {_REMEDY}")
        version = _pragma(connection, "user_version")
        if version > self.form.newest:
            raise DataError(
                f"{self.path}: {self.form.name} of format {version}, and this version reads format "
                f"{self.form.newest}; update h4rmony-es, or {_REMEDY}"
            )


def _is_new(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and not _pragma(connection, "application_id") and not _pragma(connection, "user_version")


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait for other processes here, so this does."""
    give_up = time.monotonic() + BUSY_TIMEOUT
    while _pragma(connection, "journal_mode") != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
