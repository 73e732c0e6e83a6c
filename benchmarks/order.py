"""How many records five reviewers complete, by the order in which they are given them."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import httpx

from benchmarks.measure import table
from tests.queues import PENDING, Queue
from tests.workspace.server.conftest import Api
from workspace.files.batches import batched
from workspace.server import running_server

RECORDS, REVIEWERS, EACH = 677, 5, 40
# Nobody saves a draft here: with that status beside it the same records come in each reviewer's own shuffle.
ORDERS = {"a shuffle of one's own": (*PENDING, "draft"), "what has votes first": PENDING}


def review(api: Api, statuses: tuple[str, ...], *, at_once: bool, seed: int) -> tuple[int, int]:
    """A review of two votes a record: the records completed, and the answers given while another one had it open."""
    dataset = api.dataset(min_submitted=2)
    for batch in batched(range(RECORDS), 500):  # as many as the server takes at once
        dataset.load(*({"fields": {"texto": f"text {number}"}} for number in batch))
    users = [api.user(workspace=dataset.workspace)[0] for _ in range(REVIEWERS)]
    turns = [number for number in range(REVIEWERS) for _ in range(EACH)]
    if at_once:
        random.Random(seed).shuffle(turns)
    queues: dict[int, Queue] = {}
    collisions = 0
    for number in turns:
        for name in range(REVIEWERS) if at_once else (number,):
            if name not in queues:
                queues[name] = Queue(dataset, users[name], statuses)
        queue = queues[number]
        collisions += any(queue.record == other.record for name, other in queues.items() if name != number)
        queue.answer()
        if not at_once and len(queue.answered) == EACH:
            del queues[number]  # goes home
    return api.get(f"/datasets/{dataset.id}/progress")["completed"], collisions


def main() -> str:
    """Both orders, reviewers at work at once and one after another; the table."""
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        httpx.Client(timeout=60) as client,
    ):
        api = Api(server.api_url, server.api_key, client)
        for order, statuses in ORDERS.items():
            for at_once in (True, False):
                how = "at once" if at_once else "one after another"
                rows.append([order, how, *review(api, statuses, at_once=at_once, seed=1)])
    title = f"{REVIEWERS} reviewers answer {EACH} of {RECORDS} records each, two votes a record"
    return table(title, ["records come by", "they work", "completed", "two on one record"], rows)
