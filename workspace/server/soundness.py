"""Whether the database that a start finds can be worked on: there, whole, and beside the log that belongs to it.

SQLite writes what a log (``argilla.db-wal``) holds into whatever database lies beside it. So where a copy of the
database alone was put in the place of the one that a killed server left, a log of other days would spoil it. The time
at which the system last changed a file, which no copying tool sets, tells: a server writes the database only right
after its log. Nothing is written here, and what is doubtful is refused, because a log may hold the newest answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from workspace.errors import ServerError, one_line

LATEST_WRITE = 10.0  # seconds after its log: by then a server has written the database, where it does


def check_sound(database: Path, latest_write: float = LATEST_WRITE) -> None:
    """Check that the database may be opened; ``latest_write`` is how many seconds after its log it may have changed.

    Half a second for 500 MB (50,000 records with 100,000 responses) that the system has in memory.

    Raises:
        ServerError: it is damaged, is missing beside its log, or lies beside a log that may be another's.
    """
    log = Path(f"{database}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    if not database.exists():
        if has_log:
            raise ServerError(
                f"{database}: missing, but its log {log.name} is there: put back a copy of the whole folder; or, to "
                f"begin without data, move {log.name} away"
            )
        return
    if has_log and database.stat().st_ctime > log.stat().st_ctime + latest_write:
        raise ServerError(
            f"{database}: put there after its log {log.name} was written, which may be of another database: if a "
            f"copy of {database.name} alone was put back, move {log.name} away; if the log came with it, run `touch` "
            "on the log"
        )
    if found := _damage(database):
        raise ServerError(
            f"{database}: damaged ({found}); nothing was changed. Put back a copy of {database.parent}, or save what "
            f"can be read: `sqlite3 {database.name} .recover | sqlite3 saved.db`"
        )


def _damage(database: Path) -> str | None:
    """What is wrong with it first; a file that is no database at all is not for this check."""
    try:
        # Who may only read writes no log into the database, at the end neither.
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        damaged = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT
        return one_line(error) if damaged else None
    return None if found == "ok" else one_line(found)


@contextmanager
def stated(folder: Path) -> Iterator[None]:
    """Say in one line what the file system or SQLite refuses.

    Raises:
        ServerError: it does.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except OSError as error:
        reason: object = error.strerror or error
        place = error.filename or folder
    except (sqlite3.Error, DBAPIError) as error:
        reason, place = getattr(error, "orig", error), folder
    else:
        return
    raise ServerError(
        f"{place}: cannot be used ({one_line(reason)}); look at its permissions and at the free space, or choose "
        "another --home"
    )
