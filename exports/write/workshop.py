"""Replace the files of an export: make all of them in a hidden folder first, then move each in one step.

Only files whose bytes differ are moved. If the process is killed, every file is whole, an old or a new one, and a
second run moves the rest. Only one export writes to a folder at a time.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from exports.review.files import sweep_review
from workspace.errors import DataError
from workspace.files.locks import locked

_WORKSHOP = ".export.part"
_LOCK = f"{_WORKSHOP}.lock"


@contextmanager
def opened(folder: Path, *, dry_run: bool) -> Iterator[Path]:
    """Open a place to make the files of ``folder``: a hidden folder in it, or with ``dry_run`` a temporary one.

    Raises:
        DataError: the folder cannot be written, or another export is writing to it.
    """
    try:
        if dry_run:
            with tempfile.TemporaryDirectory(prefix="h4rmony-export-") as scratch:
                yield Path(scratch)
            return
        folder.mkdir(parents=True, exist_ok=True)
        workshop = folder / _WORKSHOP
        busy = DataError(f"{folder}: another export is writing here; wait for it, or write elsewhere")
        with locked(folder / _LOCK, busy):
            sweep_review(folder)
            shutil.rmtree(workshop, ignore_errors=True)
            workshop.mkdir()
            try:
                yield workshop
            finally:
                shutil.rmtree(workshop, ignore_errors=True)
    except OSError as error:
        place = str(error.filename or folder).replace(f"{folder / _WORKSHOP}", str(folder))
        raise DataError(f"{place}: cannot be written ({error.strerror or error})") from error


def changed_files(workshop: Path, folder: Path, *, first: str, last: str) -> list[Path]:
    """The files whose bytes differ from those in ``folder``, as relative paths, in the order to move them.

    Raises:
        DataError: something that is not a file is in the place of one.
    """
    names = [path.relative_to(workshop) for path in workshop.rglob("*") if path.is_file()]
    names.sort(key=lambda name: (name != Path(first), name == Path(last), name))
    changed = [name for name in names if not _same(folder / name, workshop / name)]
    for name in changed:
        place = folder / name
        if place.exists() and not place.is_file():
            raise DataError(f"{place}: not a regular file, so it cannot be replaced; move it away")
    return changed


def move(names: Sequence[Path], workshop: Path, folder: Path) -> None:
    """Move files to their places, after all of them are safely on disk."""
    for name in names:
        with (workshop / name).open("rb") as file:
            os.fsync(file.fileno())
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        (workshop / name).replace(folder / name)


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and filecmp.cmp(one, other, shallow=False)
