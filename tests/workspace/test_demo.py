"""The demo as a newcomer runs it: twice, and on a machine without a translation engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from exports.formats import FORMATS
from exports.review.files import read_review
from tests.exports.sample import REVIEW
from workspace.commands import demo as command
from workspace.demo.reviewers import scripted_ballots
from workspace.model.sources import source_of

pytestmark = [pytest.mark.apertium, pytest.mark.slow]

FILES = (
    *(f"{name}/{split}.parquet" for name in FORMATS for split in ("train", "test")),
    *("lm-eval/task.yaml", "ballots.jsonl", "dropped.jsonl", "left_out.jsonl", "summary.json"),
)


def demo(folder: Path, path: str | None = None) -> str:
    environment = {**os.environ, **({"PATH": path} if path is not None else {})}
    done = subprocess.run(
        [sys.executable, "-m", "workspace.cli", "demo", "--home", str(folder / "home"), "-o", str(folder / "out")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def digests(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo where nothing of the system is on the path, so there is no engine."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo(folder, path=str(folder))


def test_without_an_engine_the_sample_s_memory_is_used_and_said_to_be(first: tuple[Path, str]) -> None:
    folder, output = first
    assert "No translation engine is installed" in output
    assert "24 records: 24 new, 0 unchanged; 0 texts translated, 96 from the memory" in output
    assert "24 records: 24 new, 0 unchanged; in Spanish from the start" in output
    assert "ana: 43 answers, 43 of them new" in output
    assert all((folder / "out" / name).is_file() for name in FILES)


def test_the_review_is_what_the_script_says(first: tuple[Path, str]) -> None:
    review = read_review(first[0] / "out" / "review")
    records = {record.id: record for record in review.records}
    sources = Counter(map(source_of, records.values()))
    assert sources == {"h4rmony": 24, "muestra": 24}
    scripted = {(name, ballot.record_id): ballot for name, own in scripted_ballots().items() for ballot in own}
    ballots = {(ballot.reviewer, ballot.record_id): ballot for ballot in review.ballots}
    assert set(ballots) == set(scripted)
    for key, ballot in ballots.items():
        script, translation = scripted[key], records[ballot.record_id].translation
        assert translation
        assert (ballot.status, ballot.ranks) == (script.status, script.ranks)
        assert ballot.prompt == (script.prompt or translation.prompt)
        assert ballot.answers == tuple(
            own or suggested for own, suggested in zip(script.answers, translation.answers, strict=True)
        )
        assert (ballot.problems, ballot.comment) == (tuple(sorted(script.problems)), script.comment)
    assert {ballot.status for ballot in review.ballots} == {"submitted", "draft", "discarded"}


def test_the_bundled_review_is_what_the_demo_collects(first: tuple[Path, str]) -> None:
    review, bundled = read_review(first[0] / "out" / "review"), read_review(REVIEW)
    assert bundled.records == review.records
    (day,) = {ballot.updated_at for ballot in bundled.ballots}
    assert bundled.ballots == tuple(replace(ballot, updated_at=day) for ballot in review.ballots)


def test_the_export_follows_from_the_script(first: tuple[Path, str]) -> None:
    summary = json.loads((first[0] / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["ballots"] == {"submitted": 82, "draft": 2, "discarded": 2}
    assert summary["dropped"] == {"no_votes": 6, "not_rankable": 3, "problems": 6, "tie": 5}
    assert summary["marked"] == {"kept": 0, "taken_out": 2}
    assert summary["pairs"]["train"] + summary["pairs"]["test"] == 144 - 20
    assert summary["pairs"]["test"] > 0


def test_every_format_is_exported() -> None:
    assert tuple(FORMATS) == command.FORMATS


def test_a_second_run_changes_nothing(first: tuple[Path, str]) -> None:
    folder, _ = first
    before = digests(folder / "out")
    output = demo(folder, path=str(folder))
    assert output.count("0 new, 24 unchanged") == 2
    assert "luis: 43 answers, 0 of them new" in output
    assert digests(folder / "out") == before


def test_with_apertium_the_demo_translates(tmp_path: Path) -> None:
    assert shutil.which("apertium"), "apertium is missing: apt-get install apertium apertium-eng-spa"
    output = demo(tmp_path)
    assert "The sample in English is translated with Apertium" in output
    assert "96 texts translated, 0 from the memory" in output


def test_no_secret_is_in_the_output_or_the_exports(first: tuple[Path, str]) -> None:
    folder, output = first
    credentials = json.loads((folder / "home" / "credentials.json").read_text(encoding="utf-8"))
    notes = [path.read_text(encoding="utf-8") for path in (folder / "home" / "invitations").iterdir()]
    secrets = [credentials["password"], credentials["api_key"]]
    secrets += [line.split()[-1] for note in notes for line in note.splitlines() if "Contraseña:" in line]
    assert len(secrets) == 4
    exported = b"".join(digests(folder / "out").values()).decode(errors="replace")
    log = (folder / "home" / "server.log").read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in exported + output + log]
