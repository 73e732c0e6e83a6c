"""Scores and cards read from their JSON: what was written comes back, and all else is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exports import score, validate
from exports.evaluation.grades.files import ModelAnswer
from exports.evaluation.read import read_card, read_score
from exports.evaluation.scores.doubts import Doubt
from exports.words import LANGUAGES, Wording
from tests.exports.grades import judged, random_levels, reviewed
from workspace.errors import DataError

pytestmark = pytest.mark.extras


def written(folder: Path) -> Path:
    """A score with all that a score can have."""
    levels = random_levels(1, 40)
    texts = [ModelAnswer(f"p-{n}", f"P {n}", "es", "x" * (9 + n % 7), "m", "gpt") for n in range(40)]
    path = folder / "score.json"
    ends = [judged([level] * 40) for level in (0, 1, 2)]
    grades = judged([*levels[:30], *[None] * 10], family="gpt")
    score(grades, people=reviewed(levels[:8]), answers=texts, anchors=ends, output=path)
    return path


def test_a_score_comes_back(tmp_path: Path) -> None:
    path = written(tmp_path)
    found = read_score(path)
    assert found.to_json() == json.loads(path.read_bytes())
    assert (found.model, found.doubts[0], len(found.doubts)) == ("m", Doubt("kin", {"families": "gpt"}), 3)
    assert found.influence is not None
    assert len(found.influence.prompts) == 30
    assert found.anchors is not None
    assert "P 1" not in path.read_text()  # no prompt, not even as the name of a group


def test_the_digest_is_of_the_grades_in_any_order() -> None:
    levels = random_levels(2, 20)
    grades, people = judged(levels), reviewed(levels[:9])
    digests = {
        score(grades, people=people).digest,
        score(grades[::-1], people=people[::-1]).digest,
        score(grades, people=people[:-1]).digest,
    }
    assert len(digests) == 2


def test_a_card_comes_back(tmp_path: Path) -> None:
    levels = random_levels(3, 40)
    path = tmp_path / "card.json"
    texts = [ModelAnswer(f"p-{n}", f"P {n}", "es", "x" * (9 + n % 7), "m", "gpt") for n in range(40)]
    people = [*reviewed(levels[:20]), *reviewed(levels[10:20], "luis")][:20]
    validate(judged(levels, order="bad first"), people=people, answers=texts, output=path)
    assert read_card(path).to_json() == json.loads(path.read_bytes())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "guess"}, "score: method: one of raw, ppi, matrix is needed, got 'guess'"),
        ({"overall": 3}, "score: overall: an object is needed, got '3'"),
        ({"overall": {"score": 1}}, "score: overall: key 'low' is missing"),
        (
            {"overall": {"score": 50, "low": 40, "high": float("nan"), "answers": 1, "prompts": 1}},
            "score: overall: high: a number is needed",
        ),
        (
            {"overall": {"score": 50, "low": 40, "high": 300, "answers": 1, "prompts": 1}},
            "score: a score and its interval are from 0 to 100, got 50.0 (40.0 to 300.0; 1 answer to 1 prompt)",
        ),
        ({"judge": None}, "score: judge: str is needed, got 'None'"),
        ({"doubts": {"a": 1}}, "score: doubts: a list is needed"),
        (
            {"doubts": [{"name": "kin", "values": {"a": []}}]},
            "score: doubts: values: 'a': a number is needed, got '[]'",
        ),
        (
            {"influence": {"value": 1, "prompts": {"a": 1e300}, "guard": 1, "freedom": 1, "groups": 1}},
            "score: influence: a number is beyond",
        ),
        ({"shares": {"a": [0.5, 0.5, 0.5]}}, "score: shares: 'a': three shares are from 0 to 1 and add up to 1"),
        ({"shares": {"a": [2, -1, 0]}}, "score: shares: 'a': three shares are from 0 to 1 and add up to 1"),
    ],
)
def test_what_is_no_score_is_one_line(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    with pytest.raises(DataError) as error:
        read_score(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", "[" * 9999, '{"score": 3}'])
def test_files_of_another_kind_are_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    for read in (read_score, read_card):
        with pytest.raises(DataError, match=f"^{path}: ") as error:
            read(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubt_of_another_version_is_its_name(language: Any) -> None:
    words = Wording(language)
    assert Doubt("of_tomorrow").written(words) == "of_tomorrow"
    assert Doubt("kin", {"key": "x", "self": 3}).written(words) == "kin"
    assert Doubt("not_judged", {"count": "x", "total": "y"}).written(words) == "not_judged"
    assert "{x.y}" in Doubt("kin", {"families": "{x.y}"}).written(words)
