"""The rubric, families, and what a judge's reply may be."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest
import yaml

from exports.evaluation.grades.families import family_of
from exports.evaluation.grades.files import LEVELS
from exports.evaluation.judging.rubric import (
    CANNOT_JUDGE,
    LANGUAGES,
    ORDERS,
    VERSION,
    VERSIONS,
    order_of,
    rubric_version,
    told,
)
from workspace import samples
from workspace.argilla.settings import GRADE_TITLES, guidelines
from workspace.model.prompts import prompt_key

RUBRICS = [(version, language) for version in VERSIONS for language in LANGUAGES]


@pytest.mark.parametrize(("version", "language"), RUBRICS)
def test_all_rubrics_have_the_same_parts_in_full(version: str, language: str) -> None:
    rubric = read(version, language)
    assert rubric.keys() == read(VERSION, "en").keys()
    lines = {part: len(re.findall(r"^- ", rubric[part], re.MULTILINE)) for part in ("principles", "policies")}
    assert lines == {"principles": 5, "policies": 8}
    assert set(rubric["grades"]) == {*LEVELS, CANNOT_JUDGE}
    assert Counter(each["grade"] for each in rubric["examples"]).keys() == set(LEVELS)
    assert all(
        name in told(language, version=version)
        for name in ("Stibbe", "Halliday", "Kortenkamp", *LEVELS, CANNOT_JUDGE)
    )


def test_people_are_told_the_same_of_the_grades_as_the_judge() -> None:
    """Else a judge would be compared with people who answered another question."""
    people = " ".join(guidelines("grades").split()).lower()
    for grade, anchor in read(VERSION, "es")["grades"].items():
        title, _, words = " ".join(anchor.split()).lower().partition(") ")
        assert title == f"({GRADE_TITLES[grade]}".lower()
        assert f"**{title[1:]}:** {words}" in people


@pytest.mark.parametrize(("version", "language"), RUBRICS)
def test_the_examples_are_of_no_data_and_their_length_tells_no_grade(version: str, language: str) -> None:
    examples = read(version, language)["examples"]
    known = "".join(path.read_text(encoding="utf-8") for path in (samples().english, samples().spanish))
    assert not any(prompt_key(each["prompt"]) in prompt_key(known) for each in examples)
    lengths = {each["grade"]: len(each["answer"]) for each in examples[:3]}
    assert max(lengths.values()) < 1.5 * min(lengths.values())
    assert min(examples, key=lambda each: len(each["answer"]))["grade"] == "good"


def test_a_version_names_the_words_by_their_hash() -> None:
    assert rubric_version() == f"{VERSION}-{rubric_version().partition('-')[2]}"
    assert [rubric_version(version) for version in VERSIONS] == [
        "v1-f7133c14",
        "v1b-6b6b55f7",
    ]  # another hash is another rubric: grades by both cannot be one score


def test_every_order_is_drawn_as_often_and_for_good() -> None:
    drawn = Counter(order_of((f"p-{number}", "es", -1), 0) for number in range(3000))
    assert set(drawn) == set(ORDERS)
    assert all(420 < count < 580 for count in drawn.values())
    for order in ORDERS:
        lines = [line[2:].partition(":")[0] for line in told("en", order).splitlines() if line.startswith("- ")]
        assert tuple(line for line in lines if line in LEVELS) == order


def test_families_by_name() -> None:
    names = {
        "gpt-4.1-mini": "gpt",
        "openai/gpt-oss-120b": "gpt",
        "o3-mini": "gpt",
        "anthropic/claude-sonnet-4": "claude",
        "meta-llama/Llama-3.1-8B-Instruct": "llama",
        "Qwen/Qwen3-8B@0123": "qwen",
        "mistralai/Mixtral-8x7B": "mistral",
        "prometheus-eval/prometheus-7b-v2.0": "mistral",
        "Unbabel/M-Prometheus-14B": "qwen",
        "google/gemma-2-9b-it": "gemma",
        "gemini-2.5-pro": "gemini",
        "BSC-LT/salamandra-7b-instruct": "salamandra",
        "BSC-LT/salamandraTA-2b": "salamandra",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": "qwen",
        "deepseek-ai/DeepSeek-V3": "deepseek",
        "HuggingFaceTB/SmolLM2-135M": "smollm",
        "openai-community/gpt2": "gpt2",
        "google/flan-t5-base": None,
        "mi-modelo-final": None,
        "italian-dpo": None,
        "graphics-1": None,
    }
    assert {name: family_of(name) for name in names} == names


def read(version: str, language: str) -> dict[str, Any]:
    path = files("exports.evaluation.judging") / "rubrics" / f"{version}.{language}.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
