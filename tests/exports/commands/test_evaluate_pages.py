"""``evaluate leaderboard`` and ``report`` as users run them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli import run
from tests.exports.commands.test_evaluate import write
from tests.exports.grades import judged, random_levels

pytestmark = pytest.mark.extras


@pytest.fixture
def scores(tmp_path: Path) -> list[str]:
    """The scores of two models by one judge."""
    paths = []
    for name, seed in (("a", 1), ("b", 2)):
        grades = write(tmp_path / f"{name}.jsonl", judged(random_levels(seed, 30), model=name))
        paths.append(str(tmp_path / f"{name}.json"))
        assert run("evaluate", "score", grades, "-o", paths[-1], "--dry-run").endswith(f"would write {paths[-1]}\n")
        assert run("evaluate", "score", grades, "-o", paths[-1]).endswith(f"wrote {paths[-1]}\n")
        assert run("evaluate", "score", grades, "-o", paths[-1]).endswith(f"{paths[-1]} is unchanged\n")
    return paths


def test_a_leaderboard_is_printed_or_written(scores: list[str], tmp_path: Path) -> None:
    printed = run("evaluate", "leaderboard", *scores)
    assert "| a | 1–2 | a |" in printed
    out = tmp_path / "board.md"
    arguments = ("evaluate", "leaderboard", *scores, "-o", str(out))
    assert run(*arguments, "--dry-run").startswith(f"would write {out}\n")
    assert not out.exists()
    assert run(*arguments) == f"wrote {out}\n  models  2\n  tables  1\n"
    assert out.read_text(encoding="utf-8") == printed
    assert run(*arguments).startswith(f"{out} is unchanged\n")
    assert "| Model | Rank |" in run("evaluate", "leaderboard", *scores, "--language", "en")
    assert run(*arguments[:-1], str(tmp_path / "board.html")).startswith("wrote ")
    data = json.loads(run("evaluate", "leaderboard", *scores, "--json"))
    assert [one["rank"] for one in data["tables"][0]["models"]] == [[1, 2], [1, 2]]


def test_what_is_no_score_is_one_line(scores: list[str], tmp_path: Path) -> None:
    grades = str(tmp_path / "a.jsonl")
    for arguments, message in (
        ((scores[0], grades), f"{grades}: not JSON; give the score that `h4rmony evaluate score -o` wrote"),
        ((scores[0], scores[0]), "'a' is there twice by one judge and method"),
        ((*scores, "-o", "board.txt"), "board.txt: a leaderboard is written as Markdown or as a page"),
        ((*scores, "--judge-card", scores[0]), f"{scores[0]}: not a judge's card; give what"),
    ):
        said = run("evaluate", "leaderboard", *arguments, code=1)
        assert message in said
        assert said.count("\n") == 1


def test_the_report_of_a_score(tmp_path: Path) -> None:
    levels = random_levels(1, 30)
    grades, other = (
        write(tmp_path / f"{name}.jsonl", judged(levels[place:] + levels[:place], model=name))
        for place, name in enumerate("ab")
    )
    out = tmp_path / "score.html"
    arguments = ("evaluate", "report", grades, "--other", other, "-o", str(out))
    assert run(*arguments, "--dry-run").startswith(f"would write {out}\n")
    assert not out.exists()
    said = run(*arguments)
    assert said.startswith(f"wrote {out}\n  score          ")
    assert re.search(r"difference     \+0\.0 \(.*; 30 answers to 30 prompts\): they cannot be told apart", said)
    assert run(*arguments).startswith(f"{out} is unchanged\n")
    data = json.loads(run(*arguments, "--json"))
    assert (data["changed"], data["compared"]["can_be_told_apart"], data["score"]["method"]) == (False, False, "raw")
    assert '<html lang="en">' in (run(*arguments, "--language", "en") and out.read_text(encoding="utf-8"))
    refused = run("evaluate", "report", grades, "--likelihood", grades, "-o", str(out), code=1)
    assert refused == f"Error: {grades}: not JSON; give what `h4rmony evaluate likelihood` wrote\n"
