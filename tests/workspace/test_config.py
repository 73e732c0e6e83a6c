"""Where settings come from, and how credentials are kept."""

import json
from pathlib import Path

import pytest

from workspace.argilla.connection import Connection, connect
from workspace.config import Credentials, default_home
from workspace.errors import ConfigError

STORED = Credentials("http://127.0.0.1:6900", "owner", "contraseña", "clave")


def test_credentials_are_the_owner_s_alone_and_come_back(tmp_path: Path) -> None:
    path = STORED.write(tmp_path / "home")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Credentials.read(tmp_path / "home") == STORED
    assert {p.name for p in path.parent.iterdir()} == {"credentials.json", ".gitignore"}
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "contraseña" not in repr(STORED)
    assert "clave" not in repr(STORED)


def test_no_credentials_is_none_and_broken_ones_are_named(tmp_path: Path) -> None:
    assert Credentials.read(tmp_path) is None
    for text in ("{", "[]", json.dumps({"api_url": "x"})):
        (tmp_path / "credentials.json").write_text(text)
        with pytest.raises(ConfigError, match=r"credentials.json: not a JSON object with api_url"):
            Credentials.read(tmp_path)


def test_argument_then_environment_then_credentials_then_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    STORED.write(tmp_path)
    assert connect(home=tmp_path) == Connection("http://127.0.0.1:6900", "clave", "h4rmony", "h4rmony-es", tmp_path)
    monkeypatch.setenv("H4RMONY_HOME", str(tmp_path))
    assert default_home() == tmp_path
    assert connect().home == tmp_path
    for name, value in {"ARGILLA_API_URL": "http://env:1", "ARGILLA_API_KEY": "env", "H4RMONY_DATASET": "d1"}.items():
        monkeypatch.setenv(name, value)
    assert connect(home=tmp_path) == Connection("http://env:1", "env", "h4rmony", "d1", tmp_path)
    given = connect(home=str(tmp_path), api_url="http://opt:1/", api_key="opt", workspace="w", dataset="d")
    assert given == Connection("http://opt:1", "opt", "w", "d", tmp_path)


def test_a_stored_key_is_never_sent_to_another_server(tmp_path: Path) -> None:
    STORED.write(tmp_path)
    with pytest.raises(ConfigError, match="no API key for http://elsewhere"):
        connect(home=tmp_path, api_url="http://elsewhere")


@pytest.mark.parametrize("key", ["clé✓", "a\x00b", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError) as error:
        connect(home=tmp_path, api_url="http://x", api_key=key)
    assert key not in str(error.value)


@pytest.mark.parametrize("address", ["argilla.test", "http://", "http://[::", "http://argilla.test:99999"])
def test_what_is_not_an_address_is_refused_at_once(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="must begin with http:// or https:// and name a host"):
        connect(api_url=address, api_key="clave", home=tmp_path)


def test_white_space_around_a_key_is_not_part_of_it(tmp_path: Path) -> None:
    assert connect(home=tmp_path, api_url="http://x", api_key="clave\r").api_key == "clave"


def test_without_a_server_the_way_to_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"h4rmony serve --home {tmp_path}"):
        connect(home=tmp_path)
