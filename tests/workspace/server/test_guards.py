"""What strangers can do to the server: guess, send without end, and look into what is logged."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.workspace.server.conftest import Api, wait_for
from workspace.config import Credentials
from workspace.server.guards import CLIENT, PROXIES, Guard, Message, Receive, Send
from workspace.server.home import ServerHome
from workspace.server.sign_in import Failures
from workspace.server.web_ui import OWN_SCRIPTS

MIB = 2**20


def sign_in(api: Api, username: str, password: str, **headers: str) -> httpx.Response:
    body = {"username": username, "password": password}
    return api.client.post(f"{api.url}/api/v1/token", data=body, headers=headers)


def test_who_guesses_waits_and_who_mistyped_does_not(api: Api) -> None:
    first, second = (api.get(f"/users/{api.user()[1]}")["username"] for _ in range(2))
    for password, status in (("mal escrita", 401), ("otra vez", 401), ("x" * 12, 201)):
        assert sign_in(api, first, password).status_code == status
    answers = [sign_in(api, first, f"adivinada {n}") for n in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert answers[-1].json()["detail"].startswith("Too many attempts to sign in: try again in ")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 301
    assert sign_in(api, first, "x" * 12).status_code == 429
    assert sign_in(api, second, "x" * 12).status_code == 201


def test_how_long_who_failed_waits() -> None:
    now = 1000.0
    failures = Failures(lambda: now)
    for _ in range(8):
        assert failures.wait("a", "ana") == 0
        failures.failed("a", "ana")
        now += 1
    assert (failures.wait("a", "ana"), failures.wait("a", "luis"), failures.wait("b", "ana")) == (293, 0, 0)
    now += 291
    assert failures.wait("a", "ana") == 2
    now += 1
    assert failures.wait("a", "ana") == 0
    failures.succeeded("a", "ana")
    failures.failed("a", "ana")
    assert failures.wait("a", "ana") == 0


def test_who_fails_at_many_accounts_waits_at_all_and_a_success_is_no_failure() -> None:
    failures = Failures(lambda: 1000.0)
    for number in range(99):
        failures.failed("a", f"user-{number}")
    for _ in range(3):
        failures.failed("a", "ana")
        failures.succeeded("a", "ana")
    assert failures.wait("a", "luis") == 0
    failures.failed("a", "user-99")
    assert failures.wait("a", "luis") == 301
    for number in range(4000):  # at other places
        failures.failed(f"b-{number}", "ana")
    assert failures.wait("a", "luis") == 301
    for number in range(1000):
        failures.failed(f"c-{number}", "ana")
    assert failures.wait("a", "luis") == 0


def came_by(*addresses: str) -> dict[str, str]:
    return {"X-Forwarded-For": ", ".join(addresses)}


def test_behind_a_proxy_who_guesses_locks_nobody_else_out(api: Api) -> None:
    name = api.get(f"/users/{api.user()[1]}")["username"]
    hops = [came_by(f"203.0.113.{n}", f"2001:db8::{n}") for n in range(1, 10)]  # what a client wrote, and the proxy
    assert [sign_in(api, name, "x", **hop).status_code for hop in hops] == [401] * 8 + [429]
    for other in ("2001:db8:0:1::1", "198.51.100.2", "127.0.0.1"):
        assert sign_in(api, name, "x" * 12, **came_by(other)).status_code == 201


def test_a_client_cannot_say_that_it_is_another_one(api: Api) -> None:
    name = api.get(f"/users/{api.user()[1]}")["username"]
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as direct:
        far = Api(api.url, api.key, direct)
        guesses = [sign_in(far, name, "x", **came_by(f"203.0.113.{n}")).status_code for n in range(9)]
    assert guesses == [401] * 8 + [429]


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_every_address_of_this_machine_may_be_a_proxy(proxy: str) -> None:
    seen = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        seen.append(CLIENT.get())

    async def is_user(headers: dict[bytes, bytes]) -> bool:
        return False

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    headers = [(b"x-forwarded-for", b"203.0.113.1, 198.51.100.1")]
    served = ProxyHeadersMiddleware(Guard(app, is_user), PROXIES)  # type: ignore[arg-type]
    scope: Message = {"type": "http", "client": (proxy, 1), "headers": headers}
    with ThreadPoolExecutor(1) as thread:  # where the browser of another test has no event loop
        thread.submit(lambda: asyncio.run(served(scope, receive, send))).result()  # type: ignore[arg-type]
    assert seen == ["198.51.100.1"]


def test_each_user_has_the_own_password_whoever_came_before(api: Api) -> None:
    names, place = ("primera", "segunda", "tercera"), urlsplit(api.url)
    requests = b""
    for name in names:  # on one connection, each sent before the one before is answered
        body = json.dumps({"username": name, "first_name": name, "password": f"clave de {name}"}).encode()
        requests += (
            f"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nX-Argilla-Api-Key: {api.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(requests)
        answers = b""
        while answers.count(b"HTTP/1.1 201 Created") < len(names):
            answers += (part := connection.recv(MIB))
            assert part, answers.decode()
    user = next(user for user in api.get("/users")["items"] if user["username"] == "segunda")
    api.patch(f"/users/{user['id']}", {"first_name": "Segunda"})
    for name in names:
        assert sign_in(api, name, f"clave de {name}").status_code == 201
    api.patch(f"/users/{user['id']}", {"password": "otra de segunda"})
    assert sign_in(api, "segunda", "clave de segunda").status_code == 401
    assert sign_in(api, "segunda", "clave de tercera").status_code == 401
    assert sign_in(api, "segunda", "otra de segunda").status_code == 201


def test_passwords_are_compared_while_others_work(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        guesses = [pool.submit(sign_in, api, f"nadie-{n}", "x") for n in range(8)]
        time.sleep(0.1)
        for _ in range(5):
            assert api.get("/me")
        assert sum(guess.done() for guess in guesses) < 5
    assert {guess.result().status_code for guess in guesses} == {401}


def parts(number: int) -> Iterator[bytes]:
    for _ in range(number):
        yield b" " * MIB


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Argilla-Api-Key": "no"}, {"Authorization": "Bearer no"}, {"Authorization": "Basic bm86bm8="}],
    ids=["nothing", "key", "session", "basic"],
)
def test_a_stranger_s_long_body_is_not_read(api: Api, headers: dict[str, str], chunked: bool) -> None:
    sent: list[int] = []

    def body() -> Iterator[bytes]:
        for number, part in enumerate(parts(64)):
            sent.append(number)
            yield part

    length = {} if chunked else {"Content-Length": str(64 * MIB)}
    answer = api.client.post(f"{api.url}/api/v1/datasets", content=body(), headers={**headers, **length})
    assert answer.status_code == 401
    assert answer.json() == {"detail": "a body so long needs a valid key or session"}
    assert len(sent) < 40  # and what the system had buffered


def test_a_body_may_be_long_and_not_endless(api: Api) -> None:
    headers = {"X-Argilla-Api-Key": api.key, "Content-Type": "application/json"}
    for content in (b'{"name": "' + b" " * 3 * MIB, parts(3)):
        answer = api.client.post(f"{api.url}/api/v1/workspaces", content=content, headers=headers)
        assert answer.status_code == 422
    too_long = {**headers, "Content-Length": str(300 * MIB)}
    answer = api.client.post(f"{api.url}/api/v1/workspaces", content=parts(300), headers=too_long)
    assert (answer.status_code, answer.json()["detail"]) == (413, "the body of a request may have 256 MiB")


def test_headers_have_an_end(api: Api) -> None:
    answer = api.client.get(f"{api.url}/api/v1/version", headers={"X-Long": "x" * 40_000})
    assert (answer.status_code, answer.json()["detail"]) == (431, "the headers of a request may have 32768 bytes")
    place = urlsplit(api.url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            for _ in range(64):
                connection.sendall(b"x" * MIB)


def test_many_ranges_are_one_answer(api: Api) -> None:
    url = f"{api.url}/favicon.ico"
    many = "bytes=" + ",".join(f"{n}-" for n in range(3000))
    answer = api.client.get(url, headers={"Range": many})
    assert answer.status_code == 200
    assert api.client.get(url, headers={"Range": "bytes=0-9"}).content == answer.content[:10]


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/api/v1/me", "/api/v1/version", f"/{OWN_SCRIPTS}/no.js"])
def test_every_answer_says_what_browsers_may_do_with_it(api: Api, path: str) -> None:
    headers = api.client.get(api.url + path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


def test_what_was_refused_is_not_logged(api: Api, server: Credentials, server_home: Path) -> None:
    name, log = "ñandú-de-la-prueba", ServerHome(server_home).log
    api.post("/users", {"username": name, "password": "corta-1", "first_name": name}, expect=422)
    api.post("/workspaces", {"name": name, "id": "no id"}, expect=422)
    wait_for(lambda: bool(api.get("/me")))
    assert "corta-1" not in log.read_text(encoding="utf-8")
    assert server.password not in log.read_text(encoding="utf-8")
