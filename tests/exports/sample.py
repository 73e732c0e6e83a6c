"""The demo's review of its English sample without a server: the translation memory and the two scripted reviewers."""

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


def sample_review(folder: Path) -> Review:
    """24 records, 43 ballots; ``folder`` is for the files in between."""
    path = folder / "sample.jsonl"
    memory = ("--translator", "memory", "--memory", str(DEMO / "memory.jsonl"), "--home", str(folder / "home"))
    result = CliRunner().invoke(main, ["translate", str(DEMO / "sample.csv"), "-o", str(path), *memory])
    assert result.exit_code == 0, result.output
    records = {record.id: record for record in read_jsonl(path, Record.from_json)}
    ballots = []
    for scripted in chain.from_iterable(scripted_ballots().values()):
        if scripted.record_id not in records:
            continue  # it is on the sample in Spanish
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
