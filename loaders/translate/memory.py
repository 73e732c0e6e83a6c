"""The translation memory: every translation an engine ever gave, so that nothing is translated twice.

One SQLite file. Its tables (``PRAGMA user_version`` 1, ``application_id`` "H4tm")::

    engines       id, engine, version, source_language, target_language     one row for each ``EngineId``
    translations  engine_id, source, target                                 one row for each engine and exact text

It is in WAL mode: several processes may use it at once, and a killed one leaves what it had committed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loaders.translate.batches import in_batches
from loaders.translate.protocol import EngineId
from workspace.errors import DataError
from workspace.jsonl import read_jsonl, write_jsonl
from workspace.records import typed

MEMORY_FILE = "memory.sqlite"
SCHEMA_VERSION = 1
APPLICATION_ID = int.from_bytes(b"H4tm")
BUSY_TIMEOUT = 30.0  # seconds to wait for another process to end its write
CHUNK = 500  # texts in one query or one commit; SQLite takes 999 parameters everywhere

_SCHEMA = f"""
CREATE TABLE engines (
    id INTEGER PRIMARY KEY,
    engine TEXT NOT NULL,
    version TEXT NOT NULL,
    source_language TEXT NOT NULL,
    target_language TEXT NOT NULL,
    UNIQUE (engine, version, source_language, target_language)
);
CREATE TABLE translations (
    engine_id INTEGER NOT NULL REFERENCES engines (id),
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (engine_id, source)
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""
_ENGINE = "engine = ? AND version = ? AND source_language = ? AND target_language = ?"


@dataclass(frozen=True)
class MemoryEntry:
    """One translation of the memory; ``source`` and ``target`` are never blank."""

    engine: EngineId
    source: str
    target: str

    def to_json(self) -> dict[str, str]:
        """The entry as one line of an exported memory."""
        return {**asdict(self.engine), "source": self.source, "target": self.target}

    @classmethod
    def from_json(cls, data: Any) -> MemoryEntry:
        """Build an entry from one line of an exported memory.

        Raises:
            DataError: a key is missing or not text, or a text is blank or not valid UTF-8.
        """
        names = dict.fromkeys(EngineId.__dataclass_fields__, str)
        fields = typed(data, "translation memory entry", **names, source=str, target=str)
        for name in ("source", "target"):
            if not fields[name].strip() or not _is_utf8(fields[name]):
                raise DataError(f"translation memory entry: {name!r} must be text, not blank, in valid UTF-8")
        return cls(EngineId(**{name: fields[name] for name in names}), fields["source"], fields["target"])


class TranslationMemory:
    """The memory at ``path``, made when there is none; a context manager that closes it.

    Args:
        path: the SQLite file; its folder is made too.
        read_only: write nothing at all, not even the file; a missing memory is an empty one.

    Raises:
        DataError: the file is not a translation memory, is damaged, or was made by a newer version. It is left as
            it is; the message says what to do.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        with self._stated():
            self._database = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the memory cannot be used afterwards."""
        self._database.close()

    def count(self) -> int:
        """How many translations the memory holds."""
        with self._stated():
            (count,) = self._database.execute("SELECT count(*) FROM translations").fetchone()
        return int(count)

    def get_many(self, engine: EngineId, texts: Iterable[str]) -> dict[str, str]:
        """The translations that ``engine`` gave for these texts; texts that it did not translate are left out."""
        found: dict[str, str] = {}
        with self._stated():
            number = self._engine_number(engine)
            if number is None:
                return found
            for chunk in in_batches(dict.fromkeys(texts), CHUNK):
                marks = ",".join("?" * len(chunk))
                found.update(
                    self._database.execute(
                        f"SELECT source, target FROM translations WHERE engine_id = ? AND source IN ({marks})",
                        (number, *chunk),
                    )
                )
        return found

    def put_many(self, engine: EngineId, translations: Mapping[str, str]) -> int:
        """Keep what ``engine`` translated, source text to translation, in one commit; returns how many are new.

        What the memory already holds stays as it is; a blank source or translation is not kept.
        """
        kept = [(source, target) for source, target in translations.items() if source.strip() and target.strip()]
        if not kept:
            return 0
        with self._stated(), self._transaction():
            return self._insert(engine, kept)

    def entries(self) -> Iterator[MemoryEntry]:
        """Every translation, sorted by engine, then by source text."""
        with self._stated():
            rows = self._database.execute(
                "SELECT engine, version, source_language, target_language, source, target"
                " FROM translations JOIN engines ON engines.id = engine_id"
                " ORDER BY engine, version, source_language, target_language, source"
            )
            for *names, source, target in rows:
                yield MemoryEntry(EngineId(*names), source, target)

    def export_jsonl(self, path: Path) -> int:
        """Write every translation as JSON Lines; returns how many.

        One object a line: ``engine, version, source_language, target_language, source, target``.
        """
        return write_jsonl(path, (entry.to_json() for entry in self.entries()))

    def import_jsonl(self, path: Path) -> int:
        """Add the translations of an exported memory; returns how many are new.

        What the memory already holds stays as it is.

        Raises:
            DataError: a line is not an entry; the lines before it may have been added.
        """
        return sum(self._put_entries(chunk) for chunk in in_batches(read_jsonl(path, MemoryEntry.from_json), CHUNK))

    def _put_entries(self, entries: Iterable[MemoryEntry]) -> int:
        by_engine: dict[EngineId, list[tuple[str, str]]] = {}
        for entry in entries:
            by_engine.setdefault(entry.engine, []).append((entry.source, entry.target))
        with self._stated(), self._transaction():
            return sum(self._insert(engine, pairs) for engine, pairs in by_engine.items())

    def _insert(self, engine: EngineId, pairs: Iterable[tuple[str, str]]) -> int:
        number = self._engine_number(engine)
        if number is None:
            number = self._database.execute(
                "INSERT INTO engines (engine, version, source_language, target_language) VALUES (?, ?, ?, ?)",
                astuple(engine),
            ).lastrowid
        return self._database.executemany(
            "INSERT INTO translations (engine_id, source, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ((number, source, target) for source, target in pairs),
        ).rowcount

    def _engine_number(self, engine: EngineId) -> int | None:
        row = self._database.execute(f"SELECT id FROM engines WHERE {_ENGINE}", astuple(engine)).fetchone()
        return None if row is None else int(row[0])

    def _open(self) -> sqlite3.Connection:
        if self._read_only and not (self.path.exists() and self.path.stat().st_size):
            database = self._connect(":memory:")
        else:
            if not self._read_only:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            database = self._connect(self.path)
        try:
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    def _connect(self, path: Path | str) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)

    def _prepare(self, database: sqlite3.Connection) -> None:
        if _is_new(database):
            database.execute("BEGIN IMMEDIATE")
            if _is_new(database):  # another process may have been first
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
            database.execute("COMMIT")
        self._check_format(database)
        if self._read_only:
            database.execute("PRAGMA query_only = ON")
        else:
            _use_wal(database)
            database.execute("PRAGMA synchronous = NORMAL")

    def _check_format(self, database: sqlite3.Connection) -> None:
        if _pragma(database, "application_id") != APPLICATION_ID:
            raise DataError(f"{self.path}: an SQLite file, but not a translation memory; {_REMEDY}")
        version = _pragma(database, "user_version")
        if version != SCHEMA_VERSION:
            raise DataError(
                f"{self.path}: a translation memory of format {version}, and this version reads format "
                f"{SCHEMA_VERSION}; update h4rmony-es, or {_REMEDY}"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _stated(self) -> Iterator[None]:
        """Turn what SQLite and the file system raise into a DataError that names the file and the remedy."""
        try:
            yield
        except sqlite3.Error as error:
            raise DataError(f"{self.path}: {_reason(error)}") from error
        except OSError as error:
            raise DataError(f"{self.path}: cannot be used ({error.strerror}); choose another --home") from error
        except UnicodeEncodeError as error:
            raise DataError(
                "a text holds half a surrogate pair, which is not valid UTF-8; mend the source"
            ) from error


_REMEDY = "move it away and run again: a new memory is made (the file is left as it is)"


def _reason(error: sqlite3.Error) -> str:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"not a translation memory, or damaged ({error}); {_REMEDY}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"another process has been writing to it for {BUSY_TIMEOUT:.0f} s; let it end and run again"
    return f"cannot be used ({error}); look at the folder's permissions and free space, or choose another --home"


def _is_new(database: sqlite3.Connection) -> bool:
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and not _pragma(database, "application_id") and not _pragma(database, "user_version")


def _pragma(database: sqlite3.Connection, name: str) -> Any:
    return database.execute(f"PRAGMA {name}").fetchone()[0]


def _use_wal(database: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait for other processes here, so this does."""
    give_up = time.monotonic() + BUSY_TIMEOUT
    while _pragma(database, "journal_mode") != "wal":
        try:
            database.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
