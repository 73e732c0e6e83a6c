"""The SQLite database: its settings, its schema, and two ways in for the search engine, ``read`` and ``write``.

Import it only after the environment is prepared: it imports ``argilla_server``.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import argilla_server
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from argilla_server.database import AsyncSessionLocal, sync_engine
from argilla_server.settings import settings
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from workspace.errors import ServerError

Answer = TypeVar("Answer")

BUSY_SECONDS = 30
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a power cut loses no confirmed answer
)
INDEXES = (
    "CREATE INDEX IF NOT EXISTS h4rmony_records_order ON records (dataset_id, inserted_at, id)",
    "CREATE INDEX IF NOT EXISTS h4rmony_records_status ON records (dataset_id, status, id)",
    "CREATE INDEX IF NOT EXISTS h4rmony_records_follows ON records (dataset_id, json_extract(metadata, '$.follows')) "
    "WHERE json_extract(metadata, '$.follows') IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS h4rmony_responses_votes ON responses (record_id, status, updated_at)",
)
# The engine's threads, fewer than the connections of the pool they draw from (5 + 10): none ever waits for one.
# Sessions of Argilla's own async pool would: each request holds one while the engine asks for a second.
THREADS = ThreadPoolExecutor(8, thread_name_prefix="search")
# Argilla's requests, each with a connection, as many as there are: answers that wait for the write lock would else
# have all connections, and a search, which waits for no lock, would wait for one of theirs.
REQUESTS = create_async_engine(settings.database_url, max_overflow=-1, **settings.database_engine_args)


async def read(work: Callable[[Connection], Answer]) -> Answer:
    """Run ``work`` in a thread, on a connection that sees everything committed."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, _read_now, work)


def _read_now(work: Callable[[Connection], Answer]) -> Answer:
    with sync_engine.connect() as connection:
        return work(connection)


async def write(work: Callable[[Connection], Answer]) -> Answer:
    """Run ``work`` in a thread, as one transaction."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, write_now, work)


def write_now(work: Callable[[Connection], Answer]) -> Answer:
    """Run ``work`` as one transaction that holds the write lock from its beginning.

    A transaction that reads first and asks for the lock later fails at once when another one wrote in between.
    """
    with sync_engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        answer = work(connection)
        connection.commit()
        return answer


def prepare_connections() -> None:
    """Set up every connection that will be opened, and keep values (keys, texts) out of SQL error messages."""
    for engine in (sync_engine, REQUESTS.sync_engine):
        engine.hide_parameters = True
        event.listen(engine, "connect", _set_pragmas)
    event.listen(sync_engine, "connect", _add_functions)
    AsyncSessionLocal.configure(bind=REQUESTS)


async def close_connections() -> None:
    """Close all connections; the last one writes the write-ahead log back into the database."""
    await REQUESTS.dispose()
    sync_engine.dispose()


def use_own_connections() -> None:
    """Let each session of a blocking job have its own engine, none of whose connections outlives it.

    The locks inside an engine belong to the event loop that first waits for them. A job that shared the engine of the
    server, or of another job, would wait for ever.
    """
    from argilla_server.jobs import hub_jobs, webhook_jobs

    hub_jobs.AsyncSessionLocal = webhook_jobs.AsyncSessionLocal = _own_session


def _own_session() -> AsyncSession:
    engine = create_async_engine(
        settings.database_url, poolclass=NullPool, hide_parameters=True, **settings.database_engine_args
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return AsyncSession(engine, expire_on_commit=False)


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _add_functions(connection: Any, _record: object) -> None:
    connection.create_function("shuffled", 2, _shuffled, deterministic=True)


def _shuffled(record_id: str, user_id: str) -> bytes:
    """The place of a record in a user's own random order."""
    return hashlib.blake2b(record_id.encode(), key=user_id.encode(), digest_size=8).digest()


def migrate(database: Path) -> None:
    """Bring the schema to this version of Argilla, on a copy that takes the database's place when it is done.

    SQLite does not undo a half-done migration; so an interrupted one leaves the database as it was.

    Raises:
        ServerError: a newer version of Argilla wrote the database.
    """
    part = database.with_suffix(".part")
    for leftover in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
        leftover.unlink(missing_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(argilla_server.__file__).parent / "alembic"))
    script = ScriptDirectory.from_config(config)
    if database.exists():
        current = _revision(database)
        if current == script.get_current_head():
            return
        _check_known(script, current, database)
        _copy(database, part)
    url = settings.database_url
    settings.database_url = f"sqlite+aiosqlite:///{part}"
    try:
        command.upgrade(config, "head")
    finally:
        settings.database_url = url
    part.replace(database)


def _revision(database: Path) -> str | None:
    try:
        with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    except sqlite3.DatabaseError as error:
        raise ServerError(
            f"{database}: not a database of Argilla ({error}); move it away or restore a backup"
        ) from error


def _check_known(script: ScriptDirectory, current: str | None, database: Path) -> None:
    try:
        script.get_revision(current or "base")
    except CommandError as error:
        raise ServerError(
            f"{database}: its version {current} is not known to argilla-server {argilla_server.app.version}; "
            "install the version that wrote it"
        ) from error


def _copy(database: Path, part: Path) -> None:
    """Copy all that is committed, and leave no write-ahead log of the old file behind."""
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    shutil.copyfile(database, part)


def add_indexes() -> None:
    """Add the indexes that every search needs for its order and its status filter, and the rule of the statuses.

    Triggers keep it: a record is completed if so many reviewers have submitted as its dataset asks for, whoever
    changes what. Argilla alone writes the status after the answer, so that of writers at once one may be wrong, and
    never when a user goes, whose answers go too.
    """
    write_now(lambda connection: [connection.execute(text(statement)) for statement in (*INDEXES, *_triggers())])


def _triggers() -> Iterator[str]:
    for name, change, row in (
        ("insert", "INSERT", "NEW"),
        ("update", "UPDATE OF status", "NEW"),
        ("delete", "DELETE", "OLD"),
    ):
        yield (
            f"CREATE TRIGGER IF NOT EXISTS h4rmony_status_{name} AFTER {change} ON responses BEGIN "
            f"UPDATE records SET status = {_true_status('records')} WHERE id = {row}.record_id; END"
        )
    true = _true_status("NEW")
    yield (
        "CREATE TRIGGER IF NOT EXISTS h4rmony_status_kept AFTER UPDATE OF status ON records "
        f"WHEN NEW.status != {true} BEGIN UPDATE records SET status = {true} WHERE id = NEW.id; END"
    )


def _true_status(record: str) -> str:
    """SQL of the status that follows from a record's answers."""
    return (
        f"CASE WHEN (SELECT count(*) FROM responses p WHERE p.record_id = {record}.id AND p.status = 'submitted') >= "
        f"(SELECT json_extract(d.distribution, '$.min_submitted') FROM datasets d WHERE d.id = {record}.dataset_id) "
        "THEN 'completed' ELSE 'pending' END"
    )


def repair_statuses() -> int:
    """Correct the status of every record whose answers say otherwise; returns how many were wrong.

    No trigger was there when a server of an earlier version wrote them.
    """
    true = _true_status("records")
    statement = text(f"UPDATE records SET status = {true} WHERE status != {true}")
    return write_now(lambda connection: connection.execute(statement).rowcount)
