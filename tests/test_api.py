"""The Python API: what the packages name, that importing them is instant, and that their examples run."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import workspace.errors
from loaders.loading.send import Policy, load_records
from tests.exports.sample import sample_review
from tests.reviews import connection_to, record
from tests.tiny_models import make_causal
from workspace import ConfigError, serve
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials

PUBLIC = {
    "workspace": (
        *("ArgillaDenied", "ArgillaError", "ArgillaUnreachable", "Ballot", "BudgetSpent", "ChatError"),
        *("ChatRefused", "ChatStopped", "ChatUnavailable", "ChatUnusable", "ConfigError", "Connection", "DataError"),
        *(
            "DatasetMismatch",
            "ForeignRecord",
            "GiveAwayFound",
            "GiveAways",
            "H4rmonyError",
            "H4rmonyWarning",
            "HubError",
            "HubNotFound",
            "HubUnreachable",
        ),
        *(
            "MissingPartError",
            "Record",
            "RulesNotMet",
            "Samples",
            "ServerError",
            "TranslationError",
            "connect",
            "measure_giveaways",
        ),
        *("samples", "serve"),
    ),
    "loaders": (
        *("AuditEntry", "ExtendSettings", "Extended", "Imploded", "Loaded", "Location", "Table", "Translated"),
        *("extend", "implode", "load", "read_source", "translate"),
    ),
    "exports": (
        *("AnswerSettings", "Answered", "Card", "CollectedGrades", "Compared", "Costs", "Exported"),
        *("Forest", "GradeSettings", "Graded", "Leaderboard", "Likelihood", "Merged", "PairsOf", "Plan", "Published"),
        *("PublishedModel", "Reported", "Responses", "Review", "ReviewAgreement"),
        *("Sampled", "Score", "ScoreReported", "Trained", "TrainingPlan", "agreement", "answer", "collect"),
        *("collect_grades", "collect_responses", "compare", "costs", "explode", "export", "finish_training"),
        *("forest", "grade", "leaderboard", "likelihood"),
        *("merge", "pairs", "plan", "plan_training", "post_grades", "publish"),
        *("publish_model", "read_review", "report", "report_score", "sample", "score", "train", "validate"),
    ),
}
NAMES = [f"{package}.{name}" for package, names in PUBLIC.items() for name in names]
HEAVY = {"argilla", "argilla_server", "click", "datasets", "httpx", "numpy", "pandas", "pyarrow", "torch"}


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_these(package: str) -> None:
    module = import_module(package)
    assert tuple(getattr(module, "__all__", ())) == PUBLIC[package]
    assert all(hasattr(module, name) for name in PUBLIC[package])
    assert not hasattr(module, "nothing_of_this_name")


def test_every_error_is_public() -> None:
    errors = {name for name, found in vars(workspace.errors).items() if inspect.isclass(found)}
    assert errors < set(PUBLIC["workspace"])


@pytest.mark.parametrize("package", PUBLIC)
def test_importing_a_package_imports_nothing_else(package: str) -> None:
    program = f"import sys; import {package}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not HEAVY & loaded
    assert {name for name in loaded if name.split(".")[0] in PUBLIC} == {package}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_public_says_what_it_does_and_shows_it(name: str) -> None:
    found = public(name)
    assert inspect.getdoc(found)
    if inspect.isfunction(found):
        assert ">>>" in inspect.getdoc(found), f"{name} has no example"
        assert "return" in found.__annotations__


@pytest.mark.parametrize("name", [*PUBLIC, *NAMES])
def test_the_examples_run(
    name: str,
    server: Credentials,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Examples may use ``connection`` (a dataset of three records, h4rmony-1 to h4rmony-3, that nobody has answered),
    ``review`` (that of the demo: 24 records, 43 ballots by ana and luis), and ``tiny_model``, a language model with
    random weights; they run in an empty folder.
    """
    monkeypatch.chdir(tmp_path)
    found = public(name) if "." in name else import_module(name)
    finder = doctest.DocTestFinder(recurse=inspect.isclass(found))
    for test in finder.find(found, name, module=inspect.getmodule(found)):
        used = {word for line in test.examples for word in compile(line.source, name, "single").co_names}
        for word in used & PREPARED.keys():
            test.globs[word] = PREPARED[word](server, tmp_path_factory.mktemp(word))
        said = StringIO()
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.write)
        assert not said.getvalue()


def public(name: str) -> Any:
    """What a package names."""
    package, _, attribute = name.partition(".")
    return getattr(import_module(package), attribute)


def loaded(server: Credentials, folder: Path) -> Any:
    """A connection to three records that nobody has answered."""
    connection = connection_to(server, folder / "home")
    with Gateway(connection) as gateway:
        records = [record(number) for number in (1, 2, 3)]
        load_records(gateway, {3: gateway.create_dataset(3, 2)}, records, Policy())
    return connection


PREPARED: dict[str, Callable[[Credentials, Path], Any]] = {
    "connection": loaded,
    "review": lambda *_: sample_review(),
    "tiny_model": lambda _, folder: make_causal(folder),
}


def test_a_port_that_cannot_be_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="port must be from 0 to 65535, got -1"), serve(tmp_path / "home", -1):
        pass
    assert not (tmp_path / "home").exists()


def test_each_data_file_of_a_package_is_in_the_wheel() -> None:
    root = Path(__file__).parent.parent
    told = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for package, patterns in told.items():
        there = {path for path in (root / package).rglob("*") if path.is_file() and ".py" not in path.suffix}
        assert there == {path for pattern in patterns for path in (root / package).glob(pattern)} & there, package
