"""``h4rmony evaluate`` as users run it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from exports.evaluation.grades.files import Grade
from exports.review.files import Review, write_review
from tests.cli import run
from tests.exports.cases import record, vote
from tests.exports.grades import judged, random_levels, reviewed
from workspace.cli import main
from workspace.files.jsonl import write_jsonl

pytestmark = pytest.mark.extras


def write(path: Path, grades: Iterable[Grade]) -> str:
    """Grades as a file."""
    write_jsonl(
        path,
        ({name: value for name, value in vars(g).items() if value is not None or name == "grade"} for g in grades),
    )
    return str(path)


@pytest.fixture
def grades(tmp_path: Path) -> str:
    levels = random_levels(1, 60)
    return write(tmp_path / "grades.jsonl", judged([min(2, level + 1) for level in levels]))


@pytest.fixture
def people(tmp_path: Path) -> str:
    return write(tmp_path / "people.jsonl", reviewed(random_levels(1, 60)[:30]))


def test_score_says_its_method_and_everything_with_an_interval(grades: str, people: str) -> None:
    alone = run("evaluate", "score", grades)
    assert "raw, unvalidated: this is the judge's opinion" in alone
    corrected = run("evaluate", "score", grades, "--people", people)
    assert "PPI++: people graded a random sample of these answers" in corrected
    for line in corrected.splitlines():
        if line.startswith(("  score", "  judge alone")):
            assert " to " in line
            assert "60 answers to 60 prompts" in line
    data = json.loads(run("evaluate", "score", grades, "--people", people, "--json"))
    assert (data["method"], data["overall"]["people"]) == ("ppi", 30)
    assert data["interval"][0] < data["score"] < data["interval"][1]


def test_validate_writes_a_card_that_score_takes(tmp_path: Path) -> None:
    records = tuple(record(number) for number in range(1, 31))
    review = tmp_path / "review"
    write_review(Review(records, tuple(vote(1, 2, 3, record_id=each.id) for each in records)), review)
    placed = [
        Grade(each.id, "es", ("good", "regular", "bad")[place], judge="j", place=place)
        for each in records
        for place in range(3)
    ]
    ranked = write(tmp_path / "ranked.jsonl", placed)
    card = tmp_path / "card.json"
    arguments = ("evaluate", "validate", ranked, "--review", str(review), "-o", str(card))
    assert f"would write {card}" in run(*arguments, "--dry-run")
    assert not card.exists()
    first = run(*arguments)
    assert first.startswith(f"wrote {card}: the card of j")
    assert re.search(r"dataset's answers, pairs of a prompt +1\.00 \(0\.9", first)
    assert f"{card} is unchanged" in run(*arguments)
    own = [Grade(each.id, "es", ("good", "bad")[n % 2], judge="j") for n, each in enumerate(records)]  # type: ignore[arg-type]
    found = run(
        "evaluate", "score", write(tmp_path / "own.jsonl", own), "--judge-card", str(card), "--records", str(review)
    )
    assert "3x3 matrix: corrected by how the judge grades the dataset's ranked answers; this assumes" in found
    assert "50.0 (" in found
    assert "issue PWM" in found
    graded = (str(tmp_path / "own.jsonl"), "--people", write(tmp_path / "p.jsonl", reviewed([0, 2], language="es")))
    assert "people graded 2 answers that the judge did not" in run(
        "evaluate", "validate", *graded, "-o", str(card), code=1
    )
    people = write(tmp_path / "p.jsonl", [replace(grade, judge=None, reviewer="ana") for grade in own])
    both = run("evaluate", "validate", *graded[:2], people, "--ranked", ranked, *arguments[3:])
    assert "model's answers, same grade" in both
    models = graded[0], as_another(own, tmp_path)
    compared = run("evaluate", "compare", *models, "--judge-card", str(card))
    same = r"difference +\+0\.0 \(-.* to \+.*; 30 answers to 30 prompts\): they cannot be told apart"
    assert re.search(same, compared)
    assert "3×3 matrix: the judge’s grades of both models are corrected by how it grades" in compared
    assert "dataset's answers, same grade" in both


def as_another(own: list[Grade], place: Path) -> str:
    """The grades of another model that answers as well."""
    return write(place / "other.jsonl", [replace(grade, model="other") for grade in own])


def test_a_biased_judge_is_named(tmp_path: Path) -> None:
    levels = random_levels(1, 80)
    lengths = [2 ** (6 + number % 5) for number in range(80)]
    grown = [min(2, max(0, level + (number % 5 > 3) - (number % 5 < 1))) for number, level in enumerate(levels)]
    answers = tmp_path / "answers.jsonl"
    texts = [
        {"id": f"p-{n}", "prompt": f"P {n}", "language": "es", "answer": "x" * length, "model": "m"}
        for n, length in enumerate(lengths)
    ]
    write_jsonl(answers, texts)
    grades, people = write(tmp_path / "g.jsonl", judged(grown)), write(tmp_path / "p.jsonl", reviewed(levels))
    said = run(
        "evaluate", "validate", grades, "--people", people, "--answers", str(answers), "-o", str(tmp_path / "c.json")
    )
    assert "Biased: length: +" in said
    assert "points for a doubled length" in said


def test_a_card_of_nothing_says_so(grades: str, tmp_path: Path) -> None:
    nobody = write(tmp_path / "null.jsonl", reviewed([None, None]))
    said = run("evaluate", "validate", grades, "--people", nobody, "-o", str(tmp_path / "card.json"))
    assert "Warning: no answer has both a grade of the judge and one of a person, so the card says nothing" in said
    assert "judged bad 0" not in said


def test_compare_and_plan(grades: str, people: str, tmp_path: Path) -> None:
    other = write(tmp_path / "other.jsonl", judged([0] * 60))
    said = run("evaluate", "compare", grades, other)
    assert "they can be told apart" in said
    same = run("evaluate", "compare", grades, grades)
    assert "they cannot be told apart" in same
    assert re.search(r"\n  first +\d", same)  # two of one name are the first and the second
    elsewhere = write(tmp_path / "elsewhere.jsonl", [replace(grade, id="x") for grade in judged([2])])
    nothing = run("evaluate", "compare", grades, elsewhere)
    assert nothing.count("cannot say") == nothing.count("0 answers to 0 prompts): no prompt was graded for both") == 3
    assert json.loads(run("evaluate", "compare", grades, other, "--json"))["can_be_told_apart"] is True
    assert "people have to grade: 97 answers\n" in run("evaluate", "plan", "--width", "20")
    assert "answers of each model" in run("evaluate", "plan", grades, "--people", people, "--difference", "40")
    assert "add prompts" in run("evaluate", "plan", grades, "--people", people, "--width", "1")
    assert json.loads(run("evaluate", "plan", "--width", "20", "--json"))["grades"] == 97


def test_anchors_are_printed(grades: str, tmp_path: Path) -> None:
    ends = [write(tmp_path / f"{level}.jsonl", judged([level] * 60)) for level in range(3)]
    said = run("evaluate", "score", grades, "--anchors", *ends)
    assert "floor                      0.0 (0.0 to " in said
    assert "between floor and ceiling  86.7 (80.5 to 92.9)" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("score", "{people}"), "Error: these grades are people's, not a judge's; give them as people's (--people)"),
        (("score", "{grades}", "--people", "{grades}"), "Error: these grades are by a judge (j), not by people"),
        (
            ("score", "{grades}", "--judge-card", "{grades}"),
            "not JSON; give the card that `h4rmony evaluate validate`",
        ),
        (("score", "{grades}", "--judge", "k"), "no grade is by the judge and the rubric that are named"),
        (("validate", "{grades}", "-o", "card.json"), "there is nothing to compare the judge with"),
        (("score", "{empty}"), "empty.jsonl: has no grade; `h4rmony evaluate grade` writes them"),
        (("report", "{empty}", "-o", "x.html"), "empty.jsonl: has no grade; `h4rmony evaluate grade` writes them"),
        (("score", "{grades}", "-o", "{people}"), "people.jsonl: is there, and is no score; give -o another file"),
        (
            ("validate", "{grades}", "--people", "{people}", "-o", "{other}"),
            "is there, and is no judge's card; give -o",
        ),
        (("report", "{grades}", "-o", "{people}"), "people.jsonl: is there, and is no page; give -o another file"),
        (("score", "{grades}", "--answers", "{other}"), "the judge graded answers by m, and the answers are by k"),
        (("validate", "{grades}", "--people", "{their}", "-o", "c.json"), "by m, and people graded answers by k"),
        (("score", "{grades}", "--anchors", "{grades}", "{grades}", "{anchor}"), "and an anchor is of answers by k"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_no_file(
    arguments: tuple[str, ...], message: str, people: str, tmp_path: Path
) -> None:
    files = {
        "people": people,
        "grades": write(tmp_path / "grades.jsonl", judged([0, 1, 2], model="m")),
        "their": write(tmp_path / "their.jsonl", reviewed([0, 1], model="k")),
        "anchor": write(tmp_path / "anchor.jsonl", judged([0, 1], model="k")),
        "other": str(tmp_path / "other.jsonl"),
        "empty": write(tmp_path / "empty.jsonl", []),
    }
    answer = {"id": "p-0", "prompt": "P", "language": "es", "answer": "A", "model": "k"}
    write_jsonl(tmp_path / "other.jsonl", [answer])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    said = run("evaluate", *(each.format(**files) for each in arguments), code=1)
    assert message in said
    assert said.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_goal_is_needed(grades: str) -> None:
    result = CliRunner().invoke(main, ["evaluate", "plan", grades])
    assert result.exit_code == 2
    assert "either --width or --difference is needed" in result.output
