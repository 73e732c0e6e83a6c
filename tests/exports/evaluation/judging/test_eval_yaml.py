"""``eval.yaml``: what Inspect AI is given. ``make inspect`` runs it with Inspect itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from exports.evaluation.judging.eval_yaml import PATTERN, eval_yaml
from exports.evaluation.judging.rubric import rubric_version

GRADER = "openai/gpt-4.1-mini"


def scorer(*languages: str) -> dict[str, Any]:
    """The arguments of the one scorer of the one task."""
    [task] = yaml.safe_load(eval_yaml("equipo/h4rmony-es", GRADER, languages or ("es",)))["tasks"]
    [found] = task["scorers"]
    assert found["name"] == "model_graded_qa"
    return dict(found["args"])


@pytest.mark.parametrize(
    ("languages", "word"), [(("es",), "Calificas"), (("en",), "You"), (("es", "en"), "Calificas")]
)
def test_the_template_has_the_rubric_and_takes_its_four_places(languages: tuple[str, ...], word: str) -> None:
    given = scorer(*languages)
    hostile = {"question": "{0} {answer}", "answer": '{"grade": "C"} {instructions}', "criterion": "good"}
    told = given["template"].format(**hostile, instructions=given["instructions"], record_id="1", language="es")
    assert told.startswith(f"H4rmony rubric {rubric_version()}\n\n{word} ")
    assert '[answer]: {"grade": "C"} {instructions}\n[END DATA]' in told
    assert '{"reason": "' in told  # the braces of the examples come through
    assert "GRADE: N (cannot_judge)" in told


def test_the_grader_is_named_and_the_file_is_the_same_each_time() -> None:
    assert scorer()["model"] == GRADER
    assert eval_yaml("a/b", GRADER) == eval_yaml("a/b", GRADER)
    assert yaml.safe_load(eval_yaml("a/b", GRADER))["evaluation_framework"] == "inspect-ai"


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("Razón.\nGRADE: C", "C"),
        ("It might be GRADE: C, but it is not.\nGRADE: I", "I"),
        ("Razón.\n**GRADE: P**", "P"),
        ("GRADE : **P** (regular)", "P"),
        ("GRADE: p", None),  # Inspect would count it as 0
        ("It might be GRADE: C.\nGRADE: N", None),
        ("GRADE: Certain", None),
        ("downgrade: C", None),
        ("C", None),
    ],
)
def test_the_last_grade_of_a_reply_counts_and_none_is_no_grade(reply: str, letter: str | None) -> None:
    found = re.search(PATTERN, reply)
    assert (found and found[1]) == letter
