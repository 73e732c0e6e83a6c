"""Fixtures for all tests: their own environment, and one real server for those that need it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.tiny_models import make_marian
from workspace.config import Credentials
from workspace.server import running_server

# how long an example takes depends on what runs beside it; hypothesis is not to time it
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# the packages that are imported make garbage collection slow, and there is little to collect
gc.set_threshold(100_000, 50, 100)
# tests run beside each other: threads of torch and its like would only wait for each other
os.environ["OMP_NUM_THREADS"] = "1"
# the Hub's client reads it when it is imported, which some tests do when they are collected
os.environ["HF_HUB_OFFLINE"] = "1"

FOREIGN = ("ARGILLA_", "FORWARDED_ALLOW_IPS", "H4RMONY_", "HF_", "OAUTH2_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first, whose files would else end last; what asks for a model or measures needs the extras."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    about_grades = ("collect_grades", "compare", "forest", "likelihood", "plan", "score", "validate")
    exporting = ("agreement", "publish", "report", *about_grades)
    measuring = ("[loaders.extend]", *(f"[exports.{name}]" for name in exporting))
    for item in items:
        if "marian" in getattr(item, "fixturenames", ()) or item.name.endswith(measuring):
            item.add_marker(pytest.mark.extras)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long each notebook ran."""
    reports = terminalreporter.getreports("passed")
    lines = [str(value) for report in reports for name, value in report.user_properties if name == "notebook"]
    if lines:
        terminalreporter.section("notebooks")
        terminalreporter.write_line("\n".join(sorted(lines)))


@pytest.fixture(scope="session", autouse=True)
def isolated_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the caller's settings or home reaches the tests, nor the servers they start."""
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, tmp_path_factory.mktemp("session-home"))
        yield
        if browser := sys.modules.get("tests.browser"):
            browser.close_browser()


@pytest.fixture(autouse=True)
def isolated_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one test sets, no other one sees."""
    _isolate(monkeypatch, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the server that all tests share."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server(server_home: Path) -> Iterator[Credentials]:
    """The real server in its own process, shared by all tests: use names that no other test uses."""
    with running_server(server_home) as credentials:
        yield credentials


@pytest.fixture(scope="session")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Marian model of random weights, English to Spanish, CC BY 4.0 by its card."""
    return make_marian(tmp_path_factory.mktemp("models") / "tiny-en-es")


def _isolate(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("HF_HUB_OFFLINE", "1")
