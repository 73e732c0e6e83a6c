"""Files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workspace.files.private import write_private


def test_only_the_owner_reads_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "clave ñ\n")
    assert path.read_bytes() == "clave ñ\n".encode()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_process_wrote_stays_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_private(path, "first", replace=False)
    write_private(path, "second", replace=False)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    write_private(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
