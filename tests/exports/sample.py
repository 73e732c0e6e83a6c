"""The demo's review of its samples without a server: the translation memory and the two scripted reviewers."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

from click.testing import CliRunner

import workspace
from exports.review.files import Review
from workspace.cli import main
from workspace.demo.reviewers import scripted_ballots
from workspace.files.jsonl import read_jsonl
from workspace.model.records import Record

DEMO = Path(workspace.__file__).parent / "demo"


def sample_review(folder: Path, *, spanish: bool = False) -> Review:
    """The review of the sample in English: 24 records, 43 ballots; with that of the sample in Spanish 48 and 86.

    ``folder`` is for the files in between.
    """
    memory = ("--translator", "memory", "--memory", str(DEMO / "memory.jsonl"))
    records = _translated(folder / "sample.jsonl", "sample.csv", *memory)
    if spanish:
        records |= _translated(folder / "sample_es.jsonl", "sample_es.jsonl", "--translator", "none")
    ballots = []
    for scripted in chain.from_iterable(scripted_ballots().values()):
        if scripted.record_id not in records:
            continue  # it is on the other sample
        shown = records[scripted.record_id].translation
        assert shown
        ballots.append(
            replace(
                scripted,
                updated_at="2026-01-01T00:00:00Z",
                prompt=scripted.prompt or shown.prompt,
                answers=tuple(own or text for own, text in zip(scripted.answers, shown.answers, strict=True)),
                problems=tuple(sorted(scripted.problems)),
            )
        )
    return Review(tuple(records.values()), tuple(ballots))


def _translated(path: Path, sample: str, *translator: str) -> dict[str, Record]:
    """The records of a sample with their translation, by id."""
    options = ("-o", str(path), *translator, "--embedding-model", "none", "--home", str(path.with_name("home")))
    result = CliRunner().invoke(main, ["translate", str(DEMO / sample), *options])
    assert result.exit_code == 0, result.output
    return {record.id: record for record in read_jsonl(path, Record.from_json)}
