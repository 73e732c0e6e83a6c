"""What the environment says of proxies: never between us and this machine, and a wrong one is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import run
from tests.fake_openai import running_fake
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.chat import Chat, Endpoint, Request
from workspace.config import Credentials
from workspace.errors import ConfigError
from workspace.proxies import check_proxies, proxy_for

CLOSED = "http://127.0.0.1:9"  # where nobody answers
AWAY = "http://argilla.example"


def test_this_machine_is_asked_directly(server: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, CLOSED)
    with Gateway(Connection(server.api_url, server.api_key, "h4rmony", "ninguno", Path("home"))) as gateway:
        assert gateway.me().role == "owner"
    with running_fake() as fake:
        chat = Chat(Endpoint("mock", fake.url, "key"))
        assert chat.ask(Request.of('{"texts": ["a"]}'), str)
        chat.close()


@pytest.mark.parametrize(
    ("settings", "url", "proxy"),
    [
        ({}, AWAY, None),
        ({"HTTP_PROXY": "http://p:3128"}, AWAY, "http://p:3128"),
        ({"HTTP_PROXY": "p:3128"}, AWAY, "http://p:3128"),
        ({"HTTPS_PROXY": "http://p:3128"}, AWAY, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://argilla.example", "http://p:3128"),
        ({"HTTP_PROXY": "http://p:1", "ALL_PROXY": "http://q:2"}, AWAY, "http://p:1"),
        ({"ALL_PROXY": "socks://127.0.0.1:1080/"}, AWAY, "socks5://127.0.0.1:1080/"),
        ({"ALL_PROXY": "socks5h://p:1080"}, AWAY, "socks5://p:1080"),
        ({"ALL_PROXY": "socks://127.0.0.1:1080/"}, "http://localhost:6900", None),
        ({"ALL_PROXY": "http://p:1"}, "http://[::1]:6900", None),
        ({"ALL_PROXY": "http://p:1"}, "http://127.9.9.9:6900", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example"}, AWAY, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, AWAY, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "fd07:b51a:cc66:f0::/64,[::1]"}, AWAY, "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "fd07:b51a:cc66:f0::/64"}, "http://[fd07:b51a:cc66:f0::2]:80", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8, 192.168.0.0/16"}, "http://192.168.1.5:6900", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "http://192.168.1.5:6900", "http://p:1"),
    ],
)
def test_which_proxy_an_address_is_asked_through(
    settings: dict[str, str], url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy
    Gateway(Connection(url, "key", "w", "d", Path("home"))).__exit__()  # httpx takes it too


@pytest.mark.parametrize("proxy", ["http://me:secret@p:port", "ftp://me:secret@p:21", "http://", "me:secret@p:99999"])
def test_a_proxy_that_is_none_is_said_without_its_password(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    for settled in (lambda: proxy_for(AWAY), check_proxies, lambda: Chat(Endpoint("mock", AWAY, "key"))):
        with pytest.raises(ConfigError, match="ALL_PROXY is not an address of a proxy: ") as raised:
            settled()
        assert "secret" not in str(raised.value)
    said = run("implode", "a/b", "-o", "x.jsonl", code=1)
    assert said.startswith("Error: ALL_PROXY is not an address of a proxy: ")


def test_the_hub_and_models_know_no_bare_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    check_proxies()
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9")
    with pytest.raises(ConfigError, match="ALL_PROXY is not an address"):
        check_proxies()
