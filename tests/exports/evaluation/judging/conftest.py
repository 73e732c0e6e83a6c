"""The server of a model under test and of a judge, and that the environment names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.exports.evaluation.judging.models import both
from tests.fake_openai import FakeOpenAI, running_fake


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    with running_fake() as server:
        server.otherwise = both
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield server
