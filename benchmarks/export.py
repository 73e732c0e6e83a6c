"""The export of a large collected review, in a process of its own as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import table, timed
from benchmarks.review import REVIEWERS, records
from exports.review.files import BALLOTS, RECORDS
from workspace.files.jsonl import write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.records import Record

COUNT = int(os.environ.get("BENCH_EXPORT_RECORDS", "100000"))
RANKS = ((1, 2, 3), (1, 2, 3), (1, 2, 2), (2, 1, 3))
# resource.getrusage of the child counts what it took at its peak, in KiB on Linux
PROGRAM = """
import resource, sys
from workspace.cli import main
try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""


def ballots(record: Record, number: int) -> Iterator[Ballot]:
    """Two ballots on one record: most accept what they are shown, one in ten corrects the Spanish."""
    assert record.translation
    for reviewer in range(REVIEWERS):
        corrected = (number + reviewer) % 10 == 0
        yield Ballot(
            record_id=record.id,
            reviewer=f"reviewer-{reviewer}",
            status="submitted",
            updated_at="2026-01-01T00:00:00Z",
            ranks=RANKS[(number + reviewer) % len(RANKS)],
            prompt=record.translation.prompt,
            answers=tuple(
                f"{letter}. {text.replace('vivos', 'llenos de vida') if corrected else text}"
                for letter, text in zip("ABC", record.translation.answers, strict=True)
            ),
        )


def write_review(folder: Path, count: int) -> None:
    """A review of ``count`` records, written in a stream."""
    write_jsonl(folder / RECORDS, (record.to_json() for record in records(count)))
    write_jsonl(
        folder / BALLOTS,
        (ballot.to_json() for number, record in enumerate(records(count)) for ballot in ballots(record, number)),
    )


def export(review: Path, output: Path, *formats: str) -> tuple[float, float, float, int]:
    """Seconds of wall clock and of CPU, MiB of memory at the peak, and rows written."""
    options = [option for name in formats for option in ("--format", name)]
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        "export",
        "--review",
        str(review),
        "-o",
        str(output),
        "--json",
        *options,
    ]
    wall, done = timed(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
    cpu, memory = map(float, done.stderr.splitlines()[-1].split())
    return wall, cpu, memory, sum(json.loads(done.stdout)["rows"].values())


def main() -> str:
    """Export as ``dpo``, and the table."""
    with tempfile.TemporaryDirectory() as folder:
        review = Path(folder) / "review"
        write_review(review, COUNT)
        rows = [[name, *export(review, Path(folder) / name, name)] for name in ("dpo",)]
    title = f"Export of {COUNT} records, {COUNT * REVIEWERS} ballots"
    return table(title, ["format", "wall s", "CPU s", "peak MiB", "rows"], rows)
