"""Locks, against a second process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workspace.errors import ServerError
from workspace.files.locks import locked

BUSY = ServerError("somebody else is at work")
HOLD = """
import sys
from pathlib import Path
from workspace.files.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_held_lock_is_refused_or_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        with pytest.raises(ServerError, match="somebody else"), locked(path, BUSY):
            pytest.fail("two hold one lock")
        assert process.stdin
        process.stdin.close()
        with locked(path):
            assert path.exists()
    assert not path.exists()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        process.kill()
        process.wait()
        assert path.exists()
        with locked(path, BUSY):
            pass


def test_many_in_turn_never_meet(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom workspace.files.locks import locked\n"
        "path = Path(sys.argv[1])\n"
        "for _ in range(50):\n"
        "    with locked(path / 'lock'):\n"
        "        (path / 'inside').touch(exist_ok=False)\n"
        "        (path / 'inside').unlink()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
