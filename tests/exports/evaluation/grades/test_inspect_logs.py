"""Logs of Inspect AI: ``tests/data/inspect.eval`` is one of its own (``python -m tools.inspect_eval --keep``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exports import GradeSettings, grade, score
from exports.evaluation.grades.files import read_answers, read_grades
from exports.evaluation.grades.inspect_logs import _members
from exports.evaluation.judging.rubric import rubric_version
from tests.cli import DATA, run
from tests.exports.evaluation.judging.models import graded_texts, says
from tests.fake_openai import Answer, running_fake
from tests.inspect_script import GRADES, answered
from workspace.errors import DataError

LOG = DATA / "inspect.eval"
LETTERS = {"C": "good", "P": "regular", "I": "bad", "N": None}


def as_json(folder: Path, change: Callable[[Any], None] = lambda log: None) -> Path:
    """The log in Inspect's other format, which has the samples beside the header, after a change."""
    header, samples = _members(LOG)
    log = {**header, "samples": samples}
    change(log)
    path = folder / "log.json"
    path.write_text(json.dumps(log))
    return path


def test_the_answers_and_grades_of_a_log_are_those_of_the_script() -> None:
    answers, grades = read_answers(LOG), read_grades(LOG)
    assert [each.answer for each in answers] == [answered(each.prompt) for each in answers]
    wanted = [LETTERS[next(GRADES[word] for word in GRADES if word in each.answer)] for each in answers]
    assert [each.grade for each in grades] == wanted
    assert set(wanted) == set(LETTERS.values())
    assert [each.key for each in grades] == [each.key for each in answers]
    assert {each.judge for each in grades} == {"openai-api/judge/juez"}
    assert {each.model for each in grades} == {each.model for each in answers} == {"openai-api/tested/probado"}
    assert {each.rubric for each in grades} == {f"inspect-{rubric_version()}"}


@pytest.mark.extras
def test_its_score_is_inspects_and_that_of_our_judge_on_the_same_grades(tmp_path: Path) -> None:
    header, _ = _members(LOG)
    theirs = header["results"]["scores"][0]["metrics"]["accuracy"]["value"]
    found = score(LOG)
    assert found.overall.score == 100 * theirs
    assert found.without_grade == header["results"]["scores"][0]["unscored_samples"] > 0

    def judge(body: dict[str, Any]) -> Answer:
        text = graded_texts(body)["answer"]
        return says(LETTERS[next(GRADES[word] for word in GRADES if word in text)] or "cannot_judge")

    with running_fake() as fake:
        fake.otherwise = judge
        settings = GradeSettings(model="juez", base_url=fake.url, home=tmp_path, environ={})
        done = grade(LOG, tmp_path / "g.jsonl", settings)
    assert {(each.key, each.grade) for each in done.grades} == {(each.key, each.grade) for each in read_grades(LOG)}
    assert score(done.grades).overall == found.overall
    assert f"score                    {100 * theirs:.1f}" in run("evaluate", "score", str(LOG))


def test_both_formats_of_logs_are_the_same(tmp_path: Path) -> None:
    assert read_grades(as_json(tmp_path)) == read_grades(LOG)
    assert read_answers(as_json(tmp_path)) == read_answers(LOG)


def scored(value: Any, explanation: str = "Porque sí.") -> Callable[[Any], None]:
    def change(log: Any) -> None:
        log["samples"][0]["scores"]["model_graded_qa"] |= {"value": value, "explanation": explanation}

    return change


@pytest.mark.parametrize(
    ("value", "explanation", "grade_"),
    [
        ("C", "x", "good"),
        (1.0, "x", "good"),
        (0.5, "x", "regular"),
        (0, "x", "bad"),
        ("N", "x", None),
        (None, "x", None),
        (float("nan"), "x", None),
        ("I", "Grade not found in model output: hm", None),  # as older versions of Inspect count it
    ],
)
def test_what_a_score_means(tmp_path: Path, value: Any, explanation: str, grade_: str | None) -> None:
    first = _members(LOG)[1][0]["metadata"]["record_id"]
    found = {each.id: each.grade for each in read_grades(as_json(tmp_path, scored(value, explanation)))}
    assert found[first] == grade_


def test_a_sample_that_failed_is_null_and_an_epoch_is_a_repeat(tmp_path: Path) -> None:
    def change(log: Any) -> None:
        log["samples"][0] |= {"error": {"message": "no"}, "scores": {}}
        log["samples"].append({**log["samples"][1], "epoch": 2})

    path = as_json(tmp_path, change)
    failed, repeated = (each["metadata"]["record_id"] for each in _members(LOG)[1][:2])
    grades = read_grades(path)
    assert [each.reason for each in grades if each.id == failed] == ["the sample failed"]
    assert [each.repeat for each in grades if each.id == repeated] == [0, 1]
    assert len(read_answers(path)) == len(grades) - 1


def no_grader(log: Any) -> None:
    del log["eval"]["scorers"][0]["options"]["model"]


def itself(log: Any) -> None:
    log["eval"]["scorers"][0]["options"]["model"] = log["eval"]["model"]


def several(log: Any) -> None:
    log["eval"]["scorers"][0]["options"]["model"] = ["a/b", "c/d"]


def unfinished(log: Any) -> None:
    log["status"] = "cancelled"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (no_grader, r"openai-api/tested/probado graded itself; name one grader"),
        (itself, r"openai-api/tested/probado graded itself"),
        (several, r"several models graded"),
        (unfinished, r"did not end \(cancelled\); finish it with `inspect eval-retry`"),
        (scored(0.7), r"a grade is C, P or I, or 1, 0\.5 or 0, got 0\.7"),
        (scored([1]), r"a grade is C, P or I"),
        (scored(True), r"a grade is C, P or I"),
        (lambda log: log["samples"][0].update(scores={"other": {}}), r"has no score by"),
        (lambda log: log.pop("eval"), r"not a log of Inspect AI \(it has no 'eval'\)"),
    ],
)
def test_what_is_no_grade_by_another_model_is_refused(
    tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_grades(as_json(tmp_path, change))


def test_a_grader_of_the_role_is_the_judge(tmp_path: Path) -> None:
    def change(log: Any) -> None:
        no_grader(log)
        log["eval"]["model_roles"] = {"grader": {"model": "openai/gpt-4.1"}}

    assert {(each.judge, each.family) for each in read_grades(as_json(tmp_path, change))} == {
        ("openai/gpt-4.1", "gpt")
    }


@pytest.mark.extras
def test_a_grader_of_the_models_family_is_warned_of(tmp_path: Path) -> None:
    def change(log: Any) -> None:
        log["eval"]["model"] = "openai/gpt-4.1-mini"
        log["eval"]["scorers"][0]["options"]["model"] = "openai/gpt-4.1"

    assert "one family (gpt)" in run("evaluate", "score", str(as_json(tmp_path, change)))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"PK\x03\x04 broken", LOG.read_bytes()[:5000]])
@pytest.mark.parametrize("name", ["log.eval", "log.json"])
def test_what_is_no_log_is_said(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=rf"{name}: not a log of Inspect AI"):
        read_grades(tmp_path / name)
    with pytest.raises(DataError, match="cannot be read"):
        read_grades(tmp_path / "missing.eval")


def test_a_member_that_is_broken_is_said(tmp_path: Path) -> None:
    data = bytearray(LOG.read_bytes())
    at = data.index(b"header.json") + 60
    data[at : at + 40] = bytes(40)
    (tmp_path / "log.eval").write_bytes(data)
    with pytest.raises(DataError, match=r"log\.eval"):
        read_grades(tmp_path / "log.eval")
