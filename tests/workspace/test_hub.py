"""The Hub's client against a Hub on loopback that answers, and against everything that is not one."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from huggingface_hub import constants

from tests import cli
from tests.hub import TOKEN, Hub, Repo, local_hub
from tests.reviews import connection_to
from workspace import hub
from workspace.argilla.gateway import Gateway
from workspace.errors import ConfigError, DataError, HubError, HubNotFound, HubUnreachable, MissingPartError
from workspace.server import running_server

DATASET = "owner/pairs"
SLEEP = time.sleep
CSV = b"prompt,chosen,rejected\nWhy?,Because.,No.\n"


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The Hub may be asked; its cache is the test's own; nobody waits between two tries."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with local_hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        server.repos[DATASET] = Repo(branches={"main": {"pairs.csv": CSV, "README.md": b"A card."}})
        yield server


def test_a_dataset_is_downloaded_whole_and_once_and_read_when_the_hub_is_gone(
    served: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hub.download_dataset(DATASET)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"pairs.csv": CSV, "README.md": b"A card."}
    downloads = [request for request in served.requests if "GET /datasets" in request]
    assert hub.download_dataset(DATASET) == folder
    assert [request for request in served.requests if "GET /datasets" in request] == downloads
    served.repos[DATASET].branches["main"]["pairs.csv"] += b"When?,Now.,Never.\n"
    newer = hub.download_dataset(DATASET)
    assert newer != folder
    assert newer.name == served.repos[DATASET].sha("main")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert hub.download_dataset(DATASET) == newer


def test_a_command_reads_a_dataset_of_the_hub_and_states_what_goes_wrong(
    served: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output = str(tmp_path / "records.jsonl")
    assert "records" in cli.run("implode", DATASET, "-o", output)
    served.broken = ("/api/", drop)
    out = cli.run("implode", "owner/other", "-o", output, code=1)
    assert out.startswith("Error: owner/other: the Hub cannot be reached (")
    monkeypatch.setenv("HF_ENDPOINT", "http://[")
    out += cli.run("implode", DATASET, "-o", output, code=1)
    assert [line.partition(":")[0] for line in out.splitlines()] == ["Error", "Error"]


def test_a_dataset_s_revision_is_downloaded(served: Hub) -> None:
    served.repos[DATASET].branches["old"] = {"pairs.csv": b"old"}
    assert (hub.download_dataset(DATASET, "old") / "pairs.csv").read_bytes() == b"old"
    with pytest.raises(HubNotFound, match=f"^{DATASET}: the Hub has no such revision"):
        hub.download_dataset(DATASET, "lost")


def test_what_the_hub_does_not_have_or_show_is_stated(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HubNotFound, match="owner/lost: the Hub has no such repository, or it is not"):
        hub.download_dataset("owner/lost")
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(HubError, match=r"the Hub refused the token \(401\); it needs read access") as caught:
        hub.download_dataset(DATASET)
    assert "hf_other" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_hub(
    served: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"file.* cannot be written \(Not a directory\).*set HF_HOME"):
        hub.download_dataset(DATASET)


@pytest.mark.parametrize("token", ["hf_a b", "hf_ñ"])
def test_a_token_that_no_header_can_hold_is_refused_and_not_shown(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ConfigError, match="the Hugging Face token holds blanks or characters beyond ASCII") as caught:
        hub.download_dataset(DATASET)
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["http://[", "http://localhost:99999", "localhost:80", "ftp://localhost", "https://", "http://user:pw@["],
)
def test_an_address_that_is_none_is_refused_before_the_client_is_imported(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    for ask in (lambda: hub.download_dataset(DATASET), lambda: hub.find_model("owner/model", ["config.json"])):
        with pytest.raises(ConfigError, match=r"^HF_ENDPOINT is not an address .*unset it") as caught:
            ask()
        assert "pw" not in str(caught.value)


def respond(status: int, body: bytes = b'{"error": "no"}', length: int | None = None, **headers: str):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(length or len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drop(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def wait(handler: BaseHTTPRequestHandler) -> None:
    handler.rfile.read(1)  # until the client hangs up


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"nonsense\r\n\r\n")


REACHED = r"the Hub cannot be reached \(.+\); check the network and run again"
UNUSABLE = r"the Hub's answer cannot be used \(.+\); run again later"
FAILURES = {
    "drops": (drop, HubUnreachable, REACHED),
    "silent": (wait, HubUnreachable, REACHED),
    "garbage": (garbage, HubUnreachable, REACHED),
    "half a body": (respond(200, b'{"id":', length=1000), HubUnreachable, REACHED),
    "redirects for ever": (respond(302, b"", Location="/api/tree/resolve/"), HubUnreachable, REACHED),
    "redirects nowhere": (respond(302, b"", Location="http://["), HubUnreachable, REACHED),
    "redirects to ftp": (respond(302, b"", Location="ftp://localhost/"), HubUnreachable, REACHED),
    "not JSON": (respond(200, b"<html>"), HubError, UNUSABLE),
    "a list": (respond(200, b"[1]"), HubError, UNUSABLE),
    "nothing known": (respond(200, b'{"x": 1}'), HubError, UNUSABLE),
    "nested too deep": (respond(200, b"[" * 100_000), HubError, UNUSABLE),
    "no UTF-8": (respond(200, b"\xff\xfe\xff"), HubError, UNUSABLE),
    "401": (respond(401), HubError, r"the Hub refused the token \(401\).+"),
    "403": (respond(403), HubError, r"the Hub refused the token \(403\).+"),
    "404": (respond(404), HubNotFound, "the Hub has no such repository, .+"),
    "418": (respond(418), HubError, r"the Hub answered 418 \(.+\); run again later"),
    "429": (respond(429), HubError, r"the Hub has had too many requests from here \(429\); run again.+"),
    "500": (respond(500), HubError, r"the Hub answered 500 \(.+\); run again later"),
}


@pytest.mark.parametrize("path", ["/api/", "/tree/", "/resolve/"])
@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_one_line(
    failure: str, path: str, served: Hub, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hub, "TIMEOUT", 0.2)
    if failure == "silent":
        monkeypatch.setattr(hub, "FIRST_ANSWER", 0.2)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    answer, kind, said = FAILURES[failure]
    served.broken = (path, answer)
    with pytest.raises(HubError, match=f"^{DATASET}: ") as caught:
        hub.download_dataset(DATASET)
    assert "\n" not in str(caught.value)
    if path == "/api/":
        assert type(caught.value) is kind
        assert re.fullmatch(f"{DATASET}: {said}", str(caught.value))
        with pytest.raises((ConfigError, MissingPartError)) as told:
            hub.find_model("owner/model", ["config.json"])
        assert "\n" not in str(told.value)
    assert capfd.readouterr().err == ""


def test_nobody_at_the_address_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubUnreachable, match=f"^{DATASET}: {REACHED}"):
        hub.download_dataset(DATASET)


@pytest.mark.slow
def test_a_server_and_a_dataset_need_no_address_of_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://[")
    monkeypatch.setattr(time, "sleep", SLEEP)  # else the server would be asked without a pause whether it is ready
    with (
        running_server(tmp_path) as credentials,
        Gateway(connection_to(credentials, tmp_path)) as gateway,
    ):
        gateway.create_dataset(3, 1)
        assert gateway.find_dataset()
