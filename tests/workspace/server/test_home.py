"""The server's home, its port, its environment, and the parts that may be missing."""

from __future__ import annotations

import socket
from importlib.machinery import ModuleSpec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from workspace import serve
from workspace.errors import ConfigError, MissingPartError, ServerError
from workspace.server import start
from workspace.server.home import ServerHome, address_for_clients, address_for_others, listen


@pytest.fixture
def home(tmp_path: Path) -> ServerHome:
    home = ServerHome(tmp_path)
    home.create()
    return home


def test_the_session_key_is_made_once(home: ServerHome, tmp_path: Path) -> None:
    key = home.secret_key()
    assert len(key) == 64
    assert home.secret_key() == key
    other = ServerHome(tmp_path / "other")
    other.create()
    assert other.secret_key() != key


def test_an_empty_session_key_is_replaced(home: ServerHome) -> None:
    (home.folder / "secret-key").touch()
    assert len(home.secret_key()) == 64


@pytest.mark.parametrize("character", ["?", "%"])
def test_a_path_that_the_database_url_cannot_carry(tmp_path: Path, character: str) -> None:
    with pytest.raises(ConfigError, match="choose another --home"):
        ServerHome(tmp_path / f"a{character}b")


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match="cannot be made"):
        ServerHome(tmp_path / "file").create()


def test_the_lock_is_held_and_let_go(home: ServerHome) -> None:
    with home.locked(), pytest.raises(ServerError, match="another server"), home.locked():
        pass
    with home.locked():
        pass


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")])
def test_the_address_for_clients(host: str, address: str) -> None:
    with listen(host, 0) as server:
        assert address_for_clients(server) == f"http://{address}:{server.getsockname()[1]}"


def test_the_address_for_others() -> None:
    assert address_for_others("127.0.0.1", 6900) is address_for_others("::1", 6900) is None
    assert address_for_others("192.0.2.7", 6900) == "http://192.0.2.7:6900"
    assert address_for_others("2001:db8::7", 80) == "http://[2001:db8::7]:80"
    with listen("0.0.0.0", 0) as server:
        port = server.getsockname()[1]
        said = address_for_others("0.0.0.0", port)
        assert said
        assert said.startswith("http://")
        assert said.endswith(f":{port}")
        socket.create_connection((urlsplit(said).hostname, port), timeout=5).close()


def test_the_port_is_taken_at_once() -> None:
    with listen("127.0.0.1", 0) as server, pytest.raises(ServerError, match="choose another --port"):
        listen("127.0.0.1", server.getsockname()[1])


def test_a_port_just_let_go_can_be_taken() -> None:
    with listen("127.0.0.1", 0) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    listen("127.0.0.1", port).close()


def test_a_host_that_is_none() -> None:
    with pytest.raises(ServerError, match="check --host"):
        listen("no such host", 0)


def test_the_environment_names_no_other_server(home: ServerHome) -> None:
    environ = {"ARGILLA_DATABASE_URL": "postgresql://x", "ARGILLA_BASE_URL": "/x", "PATH": "/bin"}
    environ["HF_ENDPOINT"] = "http://["  # the Hub, which the server never asks
    start.prepare_environment(home, environ)
    assert environ.keys().isdisjoint(start.FOREIGN_SETTINGS)
    assert environ["ARGILLA_HOME_PATH"] == str(home.folder)
    assert environ["HF_HUB_OFFLINE"] == environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert environ["ARGILLA_AUTH_SECRET_KEY"] == home.secret_key()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None if name == "argilla_server" else ModuleSpec(name, None)

    monkeypatch.setattr("workspace.extras.find_spec", find)
    with pytest.raises(MissingPartError) as raised:
        start.run_server(tmp_path / "home", "127.0.0.1", 0, lambda _: None)
    assert str(raised.value) == (
        "the embedded server needs argilla_server, which is not installed: pip install 'h4rmony-es[server]'"
    )
    with pytest.raises(MissingPartError, match="the embedded server needs argilla_server"), serve(tmp_path / "home"):
        pytest.fail("a server without its packages")
    assert not (tmp_path / "home").exists()
