"""The bundled samples: what they are about, and that nothing but reading them tells which answer is better."""

from __future__ import annotations

from pathlib import Path

import pytest

import workspace
from loaders import implode
from loaders.extending.texts.checks import alike
from workspace import Record, measure_giveaways
from workspace.model.h4rmony import ISSUES

DEMO = Path(workspace.__file__).parent / "demo"
SAMPLES = ("sample.csv", "sample_es.jsonl")


def records(*samples: str) -> list[Record]:
    return [record for name in samples for record in implode(DEMO / name)]


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_sample_has_24_prompts_on_every_topic_and_of_both_types(sample: str) -> None:
    found = records(sample)
    assert [record.ranks for record in found] == [(1, 2, 3)] * 24
    assert {issue for record in found for issue in record.metadata["issues"]} == set(ISSUES)
    assert {record.metadata["type"] for record in found} == {"Question", "Prompt"}
    assert [record.id for record in found if alike(record.texts)] == []


def test_the_spanish_sample_says_where_it_is_from() -> None:
    found = records("sample_es.jsonl")
    stated = ("language", "prompt_originator", "translation_licence")
    assert {tuple(record.metadata[key] for key in stated) for record in found} == {("es", "h4rmony-es", "CC-BY-4.0")}
    assert all(record.metadata["origins"] == [{"by": "source"}] * 4 for record in found)
    assert sum("hard" in record.metadata for record in found) == 4


@pytest.mark.extras
@pytest.mark.parametrize("samples", [SAMPLES[:1], SAMPLES[1:], SAMPLES])
def test_nothing_gives_the_ranks_of_the_samples_away(samples: tuple[str, ...]) -> None:
    found = measure_giveaways(records(*samples))
    assert found.passes, found.problem
