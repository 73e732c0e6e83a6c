"""What a start finds in its home: a database, a log, damage, a disk that takes nothing more."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from workspace.errors import ServerError
from workspace.server.home import ServerHome
from workspace.server.soundness import check_sound

WRITE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE IF NOT EXISTS answers (text)")
connection.execute("BEGIN")
connection.executemany("INSERT INTO answers VALUES (?)", [(f"{n}" * 500,) for n in range(500)])
connection.execute("COMMIT")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
connection.execute("INSERT INTO answers VALUES ('the newest')")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> ServerHome:
    """The home of a server that was killed: what was answered last is in the log."""
    home = ServerHome(tmp_path / "home with # and ñ")
    home.create()
    subprocess.run([sys.executable, "-c", WRITE, str(home.database)], check=False)
    assert log_of(home).stat().st_size > 0
    return home


def log_of(home: ServerHome) -> Path:
    return Path(f"{home.database}-wal")


def answers(home: ServerHome) -> int:
    with closing(sqlite3.connect(home.database)) as connection:
        return int(connection.execute("SELECT count(*) FROM answers").fetchone()[0])


def refusal(home: ServerHome) -> str:
    before = {path.name: path.read_bytes() for path in home.folder.glob("*.db") if path.is_file()}
    done = serve(home)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert before == {path.name: path.read_bytes() for path in home.folder.glob("*.db") if path.is_file()}
    return done.stderr


def serve(home: ServerHome, *limit: str) -> subprocess.CompletedProcess[str]:
    command = [*limit, sys.executable, "-m", "workspace.cli", "serve", "--port", "0", "--home", str(home.root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_log_of_a_killed_server_is_kept_wherever_the_folder_is_copied(home: ServerHome, tmp_path: Path) -> None:
    check_sound(home.database)
    shutil.copytree(home.root, tmp_path / "copy")
    copied = ServerHome(tmp_path / "copy")
    check_sound(copied.database)
    assert answers(home) == answers(copied) == 501


def test_a_copy_of_the_database_is_not_put_beside_an_older_log(home: ServerHome) -> None:
    log = log_of(home).read_bytes()
    shutil.copy2(home.database, home.root / "backup.db")
    time.sleep(0.1)
    shutil.copy2(home.root / "backup.db", home.database)  # with its own, earlier time
    with pytest.raises(ServerError, match=r"put there after its log argilla\.db-wal was written.*move .*touch"):
        check_sound(home.database, 0.05)
    assert log_of(home).read_bytes() == log
    os.utime(log_of(home))
    check_sound(home.database, 0.05)


def test_a_database_that_is_gone_is_not_begun_anew_beside_its_log(home: ServerHome) -> None:
    home.database.unlink()
    assert "argilla.db: missing, but its log argilla.db-wal is there" in refusal(home)
    assert not home.database.exists()


def test_damaged_pages_are_said_in_one_line(home: ServerHome) -> None:
    assert answers(home) == 501
    with home.database.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096)
    assert "argilla.db: damaged (" in refusal(home)


def test_a_key_that_is_none(tmp_path: Path) -> None:
    home = ServerHome(tmp_path)
    home.create()
    (home.folder / "secret-key").write_bytes("clave-ñ".encode("latin-1"))
    assert "secret-key: not a key; delete it" in refusal(home)


def test_a_disk_that_takes_no_more_is_said_in_one_line(tmp_path: Path) -> None:
    home = ServerHome(tmp_path)
    home.create()
    done = serve(home, "bash", "-c", 'ulimit -f 1; exec "$@"', "bash")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "cannot be used (" in done.stderr


def test_a_home_that_may_not_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    home = ServerHome(tmp_path)
    home.create()
    (home.folder / "lock").mkdir()  # root, who may write everywhere, cannot lock it either
    assert "cannot be used (" in refusal(home)
