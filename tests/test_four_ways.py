"""The four ways to a dataset, by the commands that their pages print: what comes out is what the pages say."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from exports.review.files import Review, write_review
from tests.exports.sample import sample_review
from tests.test_docs import code_of, read
from workspace.cli import main
from workspace.model.groups import record_group, settle_groups

PAGES = ("docs/how-to/four-ways.md", "docs/es/cuatro-vias.md")
REVIEW = "demo-output/review"  # where `make demo` leaves it


@pytest.fixture(scope="module")
def review() -> Review:
    """The demo's review of both samples."""
    return sample_review(spanish=True)


@pytest.fixture
def folder(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `make demo` was run."""
    write_review(review, tmp_path / REVIEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(page: str) -> list[list[str]]:
    """The words of each command on the demo's review that a page prints."""
    lines = [line for block in code_of(page, "console") for line in block.splitlines() if REVIEW in line]
    return [shlex.split(line)[1:] for line in lines]


def run_all(page: str) -> dict[str, dict[str, Any]]:
    """Run the commands of a page; the summary of each by its folder."""
    done = {}
    for words in commands(page):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        out = words[words.index("-o") + 1]
        done[out] = json.loads((Path(out) / "summary.json").read_text(encoding="utf-8"))
    return done


def by_source(summary: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {language} {sum(rows.values())}"
        for name, source in summary["sources"].items()
        for language, rows in source["rows"].items()
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_write_what_its_table_says(page: str, folder: Path) -> None:
    done = run_all(page)
    assert len(done) == 4
    told = [row.split("|")[2:-1] for row in read(page).splitlines() if re.match(r"\| \d\. [^|]*\| `", row)]
    assert [[cell.strip() for cell in row] for row in told] == [
        [
            f"`{out}`",
            str(summary["records"]["total"]),
            str(summary["records"]["with_pairs"]),
            str(summary["rows"]["dpo/train"]),
            str(summary["rows"]["dpo/test"]),
            by_source(summary),
        ]
        for out, summary in done.items()
    ]


def test_the_pages_print_the_same_commands_and_the_same_table() -> None:
    english, spanish = ([re.sub(r"-o \w+/", "-o DIR", " ".join(words)) for words in commands(page)] for page in PAGES)
    assert english == spanish


def test_no_group_is_on_both_sides_whichever_way_is_taken(review: Review, folder: Path) -> None:
    """Neither in a way, nor between two of them; and the fourth way is the second and the third."""
    groups = {record.id: record_group(record) for record in settle_groups(review.records)}
    sides: dict[str, set[str]] = {}
    rows: dict[str, list[str]] = {}
    for out in run_all(PAGES[0]):
        rows[out] = []
        for split in ("train", "test"):
            table = pq.read_table(folder / out / "dpo" / f"{split}.parquet")
            rows[out] += table["id"].to_pylist()
            for record_id in table["record_id"].to_pylist():
                sides.setdefault(groups[record_id], set()).add(split)
    assert len(sides) == 43
    assert {len(found) for found in sides.values()} == {1}
    assert sorted(rows["both/"]) == sorted([*rows["translated/"], *rows["new/"]])
    assert rows["english/"] == [f"{row}:en" for row in rows["translated/"]]
