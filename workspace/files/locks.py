"""Locks between processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workspace.errors import H4rmonyError


@contextmanager
def locked(path: Path, busy: H4rmonyError | None = None) -> Iterator[None]:
    """Hold the lock file ``path``; the kernel lets go of it when the process ends, however it ends.

    The file is removed at the end. One that a killed process left behind locks nobody out.

    Args:
        path: the lock file; its folder must exist.
        busy: the error to raise at once where another process holds the lock. Without it, wait.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0 if busy else -1)
    try:
        lock.acquire()
    except Timeout as error:
        raise busy or error from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: who waits for the old file notices and opens a new one
        lock.release()
