"""Whatever the grades, every result is whole: no crash, an interval on the scale, never a certainty."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import compare, plan, score, validate
from exports.evaluation.grades.files import LEVELS, Grade, Level
from exports.evaluation.scores.score import Scored
from workspace.errors import DataError

pytestmark = pytest.mark.extras
LEVEL = st.sampled_from((*LEVELS, None))
ROW = st.tuples(st.integers(0, 11), st.sampled_from(("es", "en")), LEVEL, LEVEL, LEVEL)
ROWS = st.lists(ROW, max_size=16, unique_by=lambda row: row[:2])
Row = tuple[int, str, Level | None, Level | None, Level | None]


def judged(rows: list[Row], column: int) -> list[Grade]:
    return [Grade(f"p-{row[0]}", row[1], row[column], judge="j") for row in rows]  # type: ignore[arg-type]


def reviewed(rows: list[Row], reviewer: str = "ana") -> list[Grade]:
    return [Grade(f"p-{row[0]}", row[1], row[4], reviewer=reviewer) for row in rows]


def check(found: Scored) -> None:
    assert 0 <= found.low < found.high <= 100
    if found.score is not None:
        assert found.low - 1e-9 <= found.score <= found.high + 1e-9
    if found.prompts < 2:
        assert (found.low, found.high) == (0, 100)


@settings(max_examples=80)
@given(ROWS, st.integers(0, 16))
def test_scores(rows: list[Row], graded: int) -> None:
    found = score(judged(rows, 2), people=reviewed(rows[:graded]), anchors=[judged(rows, 3)] * 3)
    for each in (found.overall, found.raw, *found.issues.values(), *found.types.values(), *found.languages.values()):
        check(each)
    json.dumps(found.to_json(), allow_nan=False)
    assert len(found.to_pandas()) == 2 + len(found.issues) + len(found.types) + len(found.languages)


@settings(max_examples=50)
@given(ROWS, ROWS)
def test_comparisons(first: list[Row], second: list[Row]) -> None:
    people = [reviewed(first[:6]), reviewed(second[:6])]
    for found in (
        compare(judged(first, 2), judged(second, 2)),
        compare(judged(first, 2), judged(second, 2), people=people),
    ):
        assert -100 <= found.overall.low < found.overall.high <= 100
        assert found.overall.prompts > 1 or not found.overall.can_be_told_apart
        json.dumps(found.to_json(), allow_nan=False)


@settings(max_examples=50)
@given(ROWS, st.integers(0, 16), st.floats(1, 100))
def test_plans(rows: list[Row], graded: int, wanted: float) -> None:
    for goal in ("width", "difference"):
        found = plan(judged(rows, 2), people=reviewed(rows[:graded]), **{goal: wanted})  # type: ignore[arg-type]
        assert found.grades is None or found.expected[found.grades] <= wanted
        assert all(0 < each <= 100 for each in found.expected.values())
        json.dumps(found.to_json(), allow_nan=False)


@settings(max_examples=25)
@given(ROWS)
def test_cards(rows: list[Row]) -> None:
    try:
        found = validate(judged(rows, 2), people=[*reviewed(rows), *reviewed(rows[:5], "luis")])
    except DataError:
        assert not rows
        return
    json.dumps(found.to_json(), allow_nan=False)
