"""The server of a writing model, and that the environment names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake_openai import FakeOpenAI, running_fake
from tests.loaders.extending.writer import written


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    with running_fake() as server:
        server.otherwise = written
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_MODEL", "escritor")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield server
