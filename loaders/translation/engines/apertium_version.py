"""Which version of a language pair Apertium translates with."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

DATA_FOLDER = "/usr/share/apertium"


def installed_version(mode: str, package: str, environ: Mapping[str, str]) -> str:
    """The version of the pair that serves ``mode``, for instance ``eng-spa 0.8.1``.

    It is that of the Debian package, without Debian's own revision; where the pair did not come as a package, a hash
    of the files it translates with, for instance ``eng-spa data-1f3a9c2b7e40``.
    """
    folder = environ.get("APERTIUM_DATADIR", DATA_FOLDER)
    version = _package_version(package) if folder == DATA_FOLDER else None
    return f"{mode} {version or _data_version(Path(folder), mode)}"


def _package_version(package: str) -> str | None:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"installed (?:\d+:)?([^-\s]+)(?:-\S+)?", answer.strip())
    return found[1] if found else None


def _data_version(folder: Path, mode: str) -> str:
    """A hash of the mode and of every file it names; files that cannot be read count as empty."""
    mode_file = folder / "modes" / f"{mode}.mode"
    digest = hashlib.sha256(_content(mode_file))
    for name in re.findall(rb"'([^']+)'", _content(mode_file)):
        digest.update(_content(Path(name.decode(errors="replace"))))
    return f"data-{digest.hexdigest()[:12]}"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
