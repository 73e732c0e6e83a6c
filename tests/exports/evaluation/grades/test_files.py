"""Reading answers and grades, strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from exports.evaluation.grades.files import (
    Grade,
    ModelAnswer,
    grades_from_frame,
    one_judge,
    read_answers,
    read_grades,
)
from tests.exports.grades import judged, reviewed
from workspace.errors import DataError

GRADE = {"id": "p-1", "language": "es", "grade": "good", "reason": "r", "repeat": 1, "judge": "j", "rubric": "v1"}
ANSWER = {"id": "p-1", "prompt": "¿Qué?", "language": "es", "answer": "Esto.", "model": "m"}


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_grades_and_answers_are_read_as_the_contract_says(tmp_path: Path) -> None:
    person = {"id": "p-1", "language": "spa", "grade": None, "reviewer": "ana", "place": 2, "more": 1}
    assert read_grades(write(tmp_path / "g.jsonl", GRADE, person)) == (
        Grade("p-1", "es", "good", "r", 1, "j", "v1"),
        Grade("p-1", "es", None, reviewer="ana", place=2),
    )
    assert read_answers(write(tmp_path / "a.jsonl", ANSWER)) == (ModelAnswer("p-1", "¿Qué?", "es", "Esto.", "m"),)
    assert [grade.points for grade in judged([0, 1, 2, None])] == [0, 50, 100, None]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grade": "excellent"}, "'grade' must be one of bad, regular, good or null, got 'excellent'"),
        ({"grade": 1}, "'grade' must be one of bad, regular, good or null, got 1"),
        ({"judge": None}, "either 'judge' or 'reviewer' must name who gave it"),
        ({"reviewer": "ana"}, "either 'judge' or 'reviewer' must name who gave it"),
        ({"judge": ""}, "the name of who gave it is empty"),
        ({"language": "Klingon"}, "'language' must be a language such as es or en, got 'Klingon'"),
        ({"repeat": "1"}, "'repeat' must be int, got str"),
        ({"place": -1}, "'place' must be the index of one of the record's answers, from 0, got -1"),
        ({"id": 3}, "'id' must be str, got int"),
    ],
)
def test_a_row_that_is_no_grade_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "g.jsonl", {**GRADE, "id": "p-0"}, {**GRADE, **change})
    with pytest.raises(DataError) as error:
        read_grades(path)
    assert f"{path}, line 2: " in str(error.value)
    assert message in str(error.value)


def test_a_sample_of_lm_eval_is_no_grade(tmp_path: Path) -> None:
    path = write(tmp_path / "samples_h4rmony_es_pairs_2026.jsonl", {"doc": {}, "filtered_resps": []})
    with pytest.raises(DataError, match=r"2026.jsonl.*a sample of lm-eval, not a grade; `h4rmony evaluate"):
        read_grades(path)


def test_a_data_frame_is_what_its_file_is(tmp_path: Path) -> None:
    rows = [GRADE, {**GRADE, "id": "p-2", "grade": None, "repeat": 2}, {**GRADE, "id": "p-3", "place": 1}]
    path = write(tmp_path / "g.jsonl", *rows)
    assert grades_from_frame(pd.read_json(path, lines=True)) == read_grades(path)
    with pytest.raises(DataError, match="the DataFrame of grades, row 2: grade: 'grade' must be one of"):
        grades_from_frame(pd.DataFrame([GRADE, {**GRADE, "grade": "best"}]))
    with pytest.raises(DataError, match="the DataFrame of grades: a grade by j"):
        grades_from_frame(pd.DataFrame([GRADE, GRADE]))


def test_a_missing_grade_is_not_null(tmp_path: Path) -> None:
    path = write(tmp_path / "g.jsonl", {name: value for name, value in GRADE.items() if name != "grade"})
    with pytest.raises(DataError, match="line 1: grade: key 'grade' is missing; write null where"):
        read_grades(path)


def test_a_grade_is_there_once(tmp_path: Path) -> None:
    path = write(tmp_path / "g.jsonl", GRADE, GRADE)
    with pytest.raises(DataError, match=r"a grade by j in repeat 1 with rubric 'v1' of 'p-1' \(es\) is there twice"):
        read_grades(path)
    write(path, GRADE, {**GRADE, "repeat": 2}, {**GRADE, "rubric": "v2"}, {**GRADE, "language": "en"})
    assert len(read_grades(path)) == 4
    with pytest.raises(DataError, match="an answer by m of 'p-1'"):
        read_answers(write(tmp_path / "a.jsonl", ANSWER, ANSWER))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_grades(tmp_path / "nothing.jsonl")


def test_one_judge_by_one_rubric_is_taken() -> None:
    both = [*judged([0, 1]), *judged([2, 2], judge="k", rubric="v2")]
    with pytest.raises(
        DataError, match=r"several judges or rubrics: j \(rubric unnamed\), k \(rubric v2\); name one"
    ):
        one_judge(both)
    assert {grade.judge for grade in one_judge(both, "k")} == {"k"}
    assert one_judge(both, rubric="v2") == one_judge(both, "k")
    with pytest.raises(DataError, match=r"there are j \(rubric unnamed\), k \(rubric v2\)"):
        one_judge(both, "nobody")
    with pytest.raises(DataError, match="these grades are people's"):
        one_judge(reviewed([1]))
    assert one_judge([]) == ()
