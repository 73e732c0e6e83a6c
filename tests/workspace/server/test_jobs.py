"""Background jobs and many reviewers at once, on the real server; the job pump's own death."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import httpx
import pytest

from tests.loopback import serving
from tests.workspace.server.conftest import Api, wait_for
from workspace.server import jobs
from workspace.server.home import ServerHome

Answer = TypeVar("Answer")


def run_async(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What ``work`` returns, run in a thread of its own: the tests' browser has the event loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Listener(BaseHTTPRequestHandler):
    """Takes a while to answer."""

    heard: list[dict[str, Any]]

    def do_POST(self) -> None:  # the name is http.server's
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(1.5)
        type(self).heard.append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    Listener.heard = []
    with serving(Listener) as address:
        yield address, Listener.heard


def test_a_webhook_is_called_and_holds_nobody_up(api: Api, listener: tuple[str, list[dict[str, Any]]]) -> None:
    url, heard = listener
    dataset = api.dataset()
    hook = api.post("/webhooks", {"url": url, "events": ["record.created"], "description": "test"})
    try:
        dataset.load_texts(*"abcdef")  # more than there are threads
        start = time.monotonic()
        while not heard:
            before = time.monotonic()
            api.get("/me")
            assert time.monotonic() - before < 1, "the webhook's call blocks the server"
            assert time.monotonic() - start < 15
        wait_for(lambda: len(heard) == 6, seconds=7)  # one after the other they take 9
        assert {event["type"] for event in heard} == {"record.created"}
    finally:
        api.delete(f"/webhooks/{hook['id']}")
    dataset.load({"fields": {"texto": "tres"}})
    assert len(heard) == 6


@pytest.mark.slow
def test_twenty_reviewers_at_once(api: Api) -> None:
    dataset = api.dataset(min_submitted=3)
    dataset.load_texts(*(f"texto {number}" for number in range(200)))
    users = [api.user(workspace=dataset.workspace)[0] for _ in range(20)]
    pending = {"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": ["pending"]}

    async def review(user: Api, client: httpx.AsyncClient) -> Counter[int]:
        seen: Counter[int] = Counter()
        headers = {"X-Argilla-Api-Key": user.key}
        search = f"{api.url}/api/v1/me/datasets/{dataset.id}/records/search"
        for _ in range(3):
            body = {"filters": {"type": "and", "and": [pending]}, "query": {"text": {"q": "texto"}}}
            found = await client.post(search, json=body, headers=headers, params={"limit": 5})
            seen[found.status_code] += 1
            record = found.json()["items"][0]["record"]["id"]
            answer = {"status": "submitted", "values": {"nota": {"value": "x"}}}
            posted = await client.post(f"{api.url}/api/v1/records/{record}/responses", json=answer, headers=headers)
            seen[posted.status_code] += 1
        return seen

    async def team() -> Counter[int]:
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:
            return sum(await asyncio.gather(*(review(user, client) for user in users)), Counter())

    seen = run_async(team())
    assert set(seen) == {200, 201}
    assert seen[201] == 60
    records = [
        item
        for offset in (0, 100)
        for item in api.get(f"/datasets/{dataset.id}/records", include="responses", offset=offset, limit=100)["items"]
    ]
    assert sum(len(record["responses"]) for record in records) == seen[201]
    assert all((record["status"] == "completed") == (len(record["responses"]) >= 3) for record in records)


def test_a_search_does_not_wait_for_those_who_write(api: Api, server_home: Path) -> None:
    dataset = api.dataset()
    records = dataset.load_texts(*(f"texto {number}" for number in range(30)))
    answer = {"status": "submitted", "values": {"nota": {"value": "x"}}}

    async def at_once(lock: sqlite3.Connection) -> list[int]:
        limits = httpx.Limits(max_connections=60)
        headers = {"X-Argilla-Api-Key": api.key}
        async with httpx.AsyncClient(
            base_url=f"{api.url}/api/v1", headers=headers, timeout=60, trust_env=False, limits=limits
        ) as client:
            lock.execute("BEGIN IMMEDIATE")
            sent = (client.post(f"/records/{record}/responses", json=answer) for record in records)
            posts = [asyncio.create_task(each) for each in sent]
            done, waiting = await asyncio.wait(posts, timeout=2)
            assert not done
            found = await client.post(f"/me/datasets/{dataset.id}/records/search", json={})
            assert found.status_code == 200
            assert not any(post.done() for post in waiting)
            lock.rollback()
            return [(await post).status_code for post in posts]

    with closing(sqlite3.connect(ServerHome(server_home).database, check_same_thread=False)) as lock:
        assert set(run_async(at_once(lock))) == {201}


# -- the pump itself --------------------------------------------------------------------------------------------


def test_a_dead_pump_is_reported_and_restarted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RESTART_SECONDS", 0)
    runs, deaths = [], []

    async def run() -> None:
        runs.append(1)
        raise RuntimeError("no more jobs")

    run_async(jobs._keep_running(run, lambda: deaths.append(1)))
    assert len(runs) == jobs.RESTARTS + 1
    assert deaths == [1]
    assert "the job queue stopped" in caplog.text
    assert "no more jobs" in caplog.text


def test_ending_the_pump_is_no_death(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.JobPump, "_next_job", staticmethod(lambda: None))
    deaths = []

    async def work() -> None:
        async with jobs.pumping(lambda: deaths.append(1)):
            await asyncio.sleep(0.05)

    run_async(work())
    assert deaths == []


class FakeJob:
    """A job that fails a number of times."""

    id = "1"
    args = ()
    func_name = "somewhere.some_job"

    def __init__(self, failures: int, retries: int) -> None:
        self.failures, self.retries_left, self.retry_intervals = failures, retries, [0]
        self.kwargs: dict[str, Any] = {}
        self.statuses: list[str] = []
        self.calls = 0

    async def func(self) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise ValueError("not yet")

    def set_status(self, status: Any) -> None:
        self.statuses.append(str(status.value))

    def cleanup(self, ttl: int, remove_from_queue: bool) -> None:
        assert ttl > 0 and not remove_from_queue


@pytest.mark.parametrize(
    ("failures", "retries", "calls", "status"),
    [(0, 3, 1, "finished"), (2, 3, 3, "finished"), (9, 3, 4, "failed"), (1, 0, 1, "failed")],
)
def test_a_job_is_retried_as_it_asks(
    failures: int, retries: int, calls: int, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = FakeJob(failures, retries)
    run_async(jobs.JobPump()._run_job(job))
    assert job.calls == calls
    assert job.statuses[-1] == status
    assert ("given up" in caplog.text) == (status == "failed")


@pytest.mark.parametrize(
    ("intervals", "retries", "pauses"),
    [(None, 0, []), (None, 2, [0, 0]), ([10, 60, 180], 3, [10, 60, 180]), ([5], 2, [5, 5])],
)
def test_pauses(intervals: list[int] | None, retries: int, pauses: list[int]) -> None:
    assert jobs._pauses(SimpleNamespace(retry_intervals=intervals, retries_left=retries)) == pauses


def test_the_log_level_shows_failures() -> None:
    assert jobs.LOG.isEnabledFor(logging.WARNING)
