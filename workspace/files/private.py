"""Files that only their owner can read: keys, passwords, logs."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def private_opener(path: str, flags: int) -> int:
    """Make files with mode 0600: ``path.open("w", opener=private_opener)``."""
    return os.open(path, flags, 0o600)


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file with mode 0600 in one step: after a crash it is there whole, or not at all.

    Args:
        path: where it goes; its folder must exist.
        text: what it holds, in UTF-8.
        replace: False leaves a file that is already there as it is, even one that another process has just written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "x", encoding="utf-8", newline="\n", opener=private_opener) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


def make_home(home: Path) -> None:
    """Make the folder of all local state, for its owner alone; it holds secrets, so git is told to leave it out."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
