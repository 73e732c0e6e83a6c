"""A small client for the server's HTTP API, as the web UI and the SDK use it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partialmethod
from typing import Any

import httpx
import pytest

from workspace.config import Credentials

_names = (f"t{number}" for number in itertools.count())


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


@dataclass
class Api:
    """Requests with one user's key; what is not expected fails with the server's answer."""

    url: str
    key: str = field(repr=False)
    client: httpx.Client = field(repr=False)

    def call(self, method: str, path: str, body: Any = None, *, expect: int | None = None, **params: Any) -> Any:
        response = self.client.request(
            method, f"{self.url}/api/v1{path}", json=body, params=params, headers={"X-Argilla-Api-Key": self.key}
        )
        expected = response.is_success if expect is None else response.status_code == expect
        assert expected, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    get = partialmethod(call, "GET")
    post = partialmethod(call, "POST")
    put = partialmethod(call, "PUT")
    patch = partialmethod(call, "PATCH")
    delete = partialmethod(call, "DELETE")

    def user(self, role: str = "annotator", workspace: str | None = None) -> tuple[Api, str]:
        """Make a user; returns their client and id."""
        name = next(_names)
        user = self.post("/users", {"username": name, "password": "x" * 12, "role": role, "first_name": name})
        if workspace:
            self.post(f"/workspaces/{workspace}/users", {"user_id": user["id"]})
        return Api(self.url, user["api_key"], self.client), user["id"]

    def dataset(self, **parts: Any) -> Dataset:
        """Make and publish a dataset in its own workspace."""
        workspace = self.post("/workspaces", {"name": next(_names)})["id"]
        distribution = {"strategy": "overlap", "min_submitted": parts.get("min_submitted", 1)}
        body = {"name": next(_names), "workspace_id": workspace, "distribution": distribution}
        dataset = Dataset(self, self.post("/datasets", body)["id"], workspace)
        for name, settings in parts.get("fields", {"texto": {"type": "text"}}).items():
            dataset.add("fields", name, settings, required=False)
        for name, settings in parts.get("questions", {"nota": {"type": "text"}}).items():
            question = dataset.add("questions", name, settings, required=name == "calidad" or name == "nota")
            dataset.questions[name] = question["id"]
        for name, settings in parts.get("metadata", {}).items():
            dataset.metadata[name] = dataset.add("metadata-properties", name, settings)["id"]
        for name, dimensions in parts.get("vectors", {}).items():
            body = {"name": name, "title": name, "dimensions": dimensions}
            self.post(f"/datasets/{dataset.id}/vectors-settings", body)
        self.put(f"/datasets/{dataset.id}/publish")
        return dataset


@dataclass
class Dataset:
    """One dataset on the server; records are spoken of by their external ids."""

    api: Api
    id: str
    workspace: str
    questions: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, name: str, settings: Any, **more: Any) -> Any:
        return self.api.post(
            f"/datasets/{self.id}/{kind}", {"name": name, "title": name, "settings": settings, **more}
        )

    def load(self, *items: dict[str, Any]) -> list[str]:
        """Create records; returns their ids."""
        made = self.api.post(f"/datasets/{self.id}/records/bulk", {"items": list(items)})["items"]
        self.records |= {item["external_id"]: item["id"] for item in made if item["external_id"]}
        return [item["id"] for item in made]

    def load_texts(self, *texts: str) -> list[str]:
        return self.load(*({"fields": {"texto": text}, "external_id": f"{n}"} for n, text in enumerate(texts)))

    def answer(self, api: Api, record: str, status: str = "submitted", **values: Any) -> None:
        body = {"status": status, "values": {name: {"value": value} for name, value in values.items()} or None}
        api.post(f"/records/{self.records[record]}/responses", body)

    def search_raw(self, body: Any = None, *, api: Api | None = None, mine: bool = False, **params: Any) -> Any:
        path = f"{'/me' if mine else ''}/datasets/{self.id}/records/search"
        return (api or self.api).post(path, body or {}, **params)

    def search(self, text: str | None = None, **parts: Any) -> list[str]:
        """External ids of what a search finds, in its order; the total must agree."""
        mine, api = parts.pop("mine", False), parts.pop("api", None)
        body: dict[str, Any] = (
            {"query": {"text": {"q": text, "field": parts.pop("field", None)}}} if text is not None else {}
        )
        if filters := parts.pop("filters", None):
            body["filters"] = {"type": "and", "and": filters}
        if sort := parts.pop("sort", None):
            body["sort"] = sort
        assert not parts
        found = self.search_raw(body, api=api, mine=mine)
        assert found["total"] == len(found["items"])
        return [item["record"]["external_id"] for item in found["items"]]


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def connect(client: httpx.Client) -> Callable[[Credentials], Api]:
    """Make a client for one server."""
    return lambda credentials: Api(credentials.api_url, credentials.api_key, client)


@pytest.fixture(scope="session")
def api(server: Credentials, connect: Callable[[Credentials], Api]) -> Api:
    """The owner's client for the server that all tests share."""
    return connect(server)
