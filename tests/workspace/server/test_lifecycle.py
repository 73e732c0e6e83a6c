"""Starting, stopping, crashing and starting again: the real server in its own processes."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from tests.workspace.server.conftest import Api, Dataset, wait_for
from workspace.config import Credentials
from workspace.errors import ServerError
from workspace.server import running_server
from workspace.server.home import ServerHome
from workspace.server.process import start_child, stop_child, wait_until_ready

pytestmark = pytest.mark.slow

Connect = Callable[[Credentials], Api]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def command_lines(home: Path) -> list[str]:
    """The arguments of every process that names ``home``."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_text(errors="replace"))
    return [line for line in lines if str(home) in line]


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workspace.cli", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def login(credentials: Credentials) -> str:
    form = {"username": credentials.username, "password": credentials.password}
    response = httpx.post(credentials.api_url + "/api/v1/token", data=form, trust_env=False)
    assert response.is_success
    return str(response.json()["access_token"])


# -- one life: first start, kill -9 while writing, damage, second start ------------------------------------------


@dataclass
class Life:
    """What the first server left, and the second one that runs on it."""

    home: Path
    first: Credentials
    second: Credentials
    token: str
    dataset: Dataset
    other: Dataset
    acknowledged: list[str]
    log: str
    api: Api


def write_until_killed(dataset: Dataset, child: subprocess.Popen[bytes]) -> list[str]:
    """Load records without a pause, kill the server in the middle; return the ids that it has confirmed."""
    confirmed: list[str] = []

    def work() -> None:
        with suppress(httpx.HTTPError):
            for number in range(10_000):
                items = ({"fields": {"texto": f"lote{number} común"}} for _ in range(20))
                confirmed.extend(dataset.load(*({**item, "external_id": None} for item in items)))

    writer = threading.Thread(target=work)
    writer.start()
    wait_for(lambda: len(confirmed) >= 100)
    child.send_signal(signal.SIGKILL)
    child.wait()
    writer.join()
    return confirmed


def damage(home: ServerHome, dataset: Dataset, other: Dataset) -> None:
    """Leave what a crash between two commits leaves, an index from before the index, and one of no dataset."""
    table = "h4rmony_text_" + dataset.id.replace("-", "")
    ids = {name: record_id.replace("-", "") for name, record_id in dataset.records.items()}
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute(
            "UPDATE records SET fields = ? WHERE id = ?", [json.dumps({"texto": "cambiado"}), ids["0"]]
        )
        connection.execute(f"DELETE FROM {table} WHERE record_id = ?", [ids["1"]])
        connection.execute(f"INSERT INTO {table} (rowid, record_id) VALUES (5, ?)", ["0" * 32])
        connection.execute("DROP TRIGGER h4rmony_status_kept")  # an earlier version had none
        connection.execute("UPDATE records SET status = 'pending' WHERE id = ?", [ids["2"]])
        connection.execute("UPDATE records SET status = 'completed' WHERE id = ?", [ids["3"]])
        connection.execute("DROP TABLE h4rmony_text_" + other.id.replace("-", ""))
        connection.execute(f"CREATE VIRTUAL TABLE h4rmony_text_{'0' * 32} USING fts5(a)")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, connect: Connect) -> Iterator[Life]:
    home = ServerHome(tmp_path_factory.mktemp("life") / "home with ñ and spaces")
    home.create()
    child = start_child(home, 0)
    try:
        first = wait_until_ready(child, home, 60)
        api = connect(first)
        token = login(first)
        dataset, other = api.dataset(), api.dataset()
        dataset.load_texts("uno", "dos", "tres", "cuatro")
        dataset.answer(api, "2", nota="x")
        other.load_texts("cinco", "seis")
        confirmed = write_until_killed(dataset, child)
    finally:
        stop_child(child)
    damage(home, dataset, other)
    with running_server(home.root) as second:
        api = connect(second)
        again = replace(dataset, api=api), replace(other, api=api)
        yield Life(home.root, first, second, token, *again, confirmed, home.log.read_text(), api)


def test_secrets_are_for_the_owner_alone(life: Life) -> None:
    assert mode(life.home / "credentials.json") == 0o600
    assert mode(life.home / "server" / "secret-key") == 0o600
    assert mode(life.home / "server") == 0o700
    assert mode(life.home / "server.log") == 0o600


def test_secrets_are_neither_printed_nor_arguments(life: Life) -> None:
    lines = command_lines(life.home)
    assert len(lines) == 1
    key = (life.home / "server" / "secret-key").read_text().strip()
    for secret in (life.second.password, life.second.api_key, key):
        assert len(secret) >= 16
        assert secret not in life.log
        assert secret not in lines[0]
        assert secret not in repr(life.second)


def test_what_it_prints_when_ready(life: Life) -> None:
    assert json.loads(life.log.splitlines()[-1]) == {
        "api_url": life.second.api_url,
        "username": "owner",
        "credentials": str(life.home / "credentials.json"),
    }


def test_a_second_start_keeps_the_credentials(life: Life) -> None:
    assert replace(life.second, api_url=life.first.api_url) == life.first
    assert Credentials.read(life.home) == life.second
    assert life.api.get("/me")["role"] == "owner"


def test_a_session_survives_the_restart(life: Life) -> None:
    headers = {"Authorization": f"Bearer {life.token}"}
    assert httpx.get(life.second.api_url + "/api/v1/me", headers=headers, trust_env=False).status_code == 200
    login(life.second)


def test_nothing_that_was_confirmed_is_lost(life: Life) -> None:
    assert len(life.acknowledged) >= 100
    found: set[str] = set()
    while page := life.api.get(f"/datasets/{life.dataset.id}/records", offset=len(found), limit=1000)["items"]:
        found |= {item["id"] for item in page}
    assert found >= set(life.acknowledged) | set(life.dataset.records.values())
    # The text index has each of them, once, the last batch included, confirmed or not.
    assert life.dataset.search_raw({"query": {"text": {"q": "común"}}})["total"] == len(found) - 4


@pytest.mark.parametrize(
    ("text", "found"),
    [("uno", []), ("cambiado", ["0"]), ("dos", ["1"])],
    ids=["changed before the crash", "changed to", "left out by the crash"],
)
def test_what_a_crash_left_behind_is_indexed(life: Life, text: str, found: list[str]) -> None:
    assert life.dataset.search(text) == found


def test_a_database_from_before_the_index_gets_one(life: Life) -> None:
    assert (life.other.search("cinco"), life.other.search("seis")) == (["0"], ["1"])


def test_orphans_are_removed(life: Life) -> None:
    database = ServerHome(life.home).database
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT count(*) FROM h4rmony_text_" + life.dataset.id.replace("-", "")).fetchone()
        records = connection.execute(
            "SELECT count(*) FROM records WHERE dataset_id = ?", [life.dataset.id.replace("-", "")]
        ).fetchone()
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE ?", ["%" + "0" * 32]).fetchall()
    assert rows == records
    assert tables == []


def test_a_status_that_a_crash_left_behind_is_repaired(life: Life) -> None:
    def of(status: str) -> list[str]:
        scope = {"entity": "record", "property": "status"}
        return life.dataset.search("tres | cuatro", filters=[{"type": "terms", "scope": scope, "values": [status]}])

    assert of("completed") == ["2"]
    assert of("pending") == ["3"]


def test_what_was_repaired_is_said(life: Life) -> None:
    assert "2 records had a status" in life.log
    assert "in the text index; repaired" in life.log


def test_a_job_really_runs(life: Life) -> None:
    record = life.other.records["0"]
    life.other.answer(life.api, "0", nota="x")
    with closing(sqlite3.connect(ServerHome(life.home).database, timeout=30)) as connection, connection:
        connection.execute("DROP TRIGGER h4rmony_status_kept")
        connection.execute("UPDATE records SET status = 'pending' WHERE id = ?", [record.replace("-", "")])
    assert life.api.get(f"/records/{record}")["status"] == "pending"
    life.api.patch(f"/datasets/{life.other.id}", {"guidelines": "new"})  # any change has all statuses checked
    wait_for(lambda: life.api.get(f"/records/{record}")["status"] == "completed")


def test_the_same_home_twice(life: Life) -> None:
    before = Credentials.read(life.home)
    result = serve("--home", str(life.home), "--port", "0")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "another server runs on this home" in result.stderr
    assert Credentials.read(life.home) == before
    assert life.api.get("/me")


def test_a_port_that_is_taken(life: Life, tmp_path: Path) -> None:
    port = life.second.api_url.rpartition(":")[2]
    result = serve("--home", str(tmp_path / "new"), "--port", port)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: 127.0.0.1:{port} cannot be used (Address already in use); choose another --port\n"
    )
    assert not (tmp_path / "new").exists()


# -- other starts -----------------------------------------------------------------------------------------------


def test_a_first_start_that_is_killed_can_be_run_again(tmp_path: Path, connect: Connect) -> None:
    home = ServerHome(tmp_path / "home")
    home.create()
    for path in (home.database.with_suffix(".part"), home.database):  # in the schema's making; before the owner's
        child = start_child(home, 0)
        wait_for(path.exists)
        child.kill()
        stop_child(child)
        assert not (home.root / "credentials.json").exists()
    command = [sys.executable, "-m", "workspace.cli", "serve", "--home", str(home.root), "--port", "0"]
    plain = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert plain.stdout
        line = plain.stdout.readline()
        lost = Credentials.read(home.root)
        assert lost
        assert line == f"Argilla is ready at {lost.api_url}: user owner, password in {home.root}/credentials.json\n"
        assert connect(lost).get("/me")["username"] == "owner"
        login(lost)
    finally:
        plain.terminate()
    assert plain.communicate(timeout=20)[0] == ""
    assert plain.returncode == 0
    # The file is lost: the key stays, the password is new.
    (home.root / "credentials.json").unlink()
    child = start_child(home, 0)
    try:
        found = wait_until_ready(child, home, 60)
        assert found.api_key == lost.api_key
        assert found.password != lost.password
        login(found)
    finally:
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 0
        stop_child(child)
    assert sorted(path.name for path in home.folder.iterdir() if path.name.startswith("argilla")) == ["argilla.db"]
    assert not home.web_ui.exists()


def test_sigterm_while_it_starts_ends_it_with_status_0(tmp_path: Path) -> None:
    home = ServerHome(tmp_path)
    child = start_child(home, 0)
    wait_for(home.web_ui.exists)
    assert stop_child(child) == 0
    assert home.log.read_text() == ""


def test_credentials_of_another_server_are_not_overwritten(tmp_path: Path) -> None:
    elsewhere = Credentials("https://argilla.example", "me", "a" * 12, "b" * 12)
    elsewhere.write(tmp_path)
    with pytest.raises(ServerError, match=r"ended with status 1: .*is for https://argilla\.example"):
        running_server(tmp_path).__enter__()
    assert Credentials.read(tmp_path) == elsewhere


def test_a_database_that_cannot_be_used_is_left_as_it_is(tmp_path: Path) -> None:
    home = ServerHome(tmp_path)
    home.create()
    home.database.write_bytes(b"not a database, but someone's file")
    with pytest.raises(ServerError, match="not a database of Argilla"):
        running_server(tmp_path).__enter__()
    assert home.database.read_bytes() == b"not a database, but someone's file"
    home.database.unlink()
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('from the future')")
    with pytest.raises(ServerError, match=r"from the future is not known to argilla-server 2\.8\.0"):
        running_server(tmp_path).__enter__()


def test_a_server_that_is_too_slow(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"did not answer within 0\.5 s: it printed nothing"):
        running_server(tmp_path, timeout=0.5).__enter__()
    assert command_lines(tmp_path) == []


def test_the_command_is_light() -> None:
    code = "import sys, workspace.commands.serve; print({'argilla_server', 'numpy', 'httpx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Killed with -9, a demo or a test must not leave a server behind that holds the home."""
    program = (
        "import sys, time; from pathlib import Path; from workspace.server import running_server\n"
        "with running_server(Path(sys.argv[1])): print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        assert parent.stdout.readline() == "up\n"
        assert len(command_lines(tmp_path)) == 2
        parent.kill()
        parent.wait()
    wait_for(lambda: command_lines(tmp_path) == [])
