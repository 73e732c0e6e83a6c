"""Comparing two models, and the anchors of the scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from exports import compare, score
from exports.evaluation.scores.compare import ratio
from exports.evaluation.scores.linear import raw
from tests.exports.grades import judged, random_levels, reviewed
from workspace.errors import ConfigError, DataError

pytestmark = pytest.mark.extras


def test_the_difference_is_paired() -> None:
    """Prompts differ much, the models little: pairs find what two scores do not."""
    hard = random_levels(1, 200, (0.5, 0.0, 0.5))
    better = [max(level, 1) if number % 8 == 0 else level for number, level in enumerate(hard)]
    found = compare(judged(better), judged(hard))
    assert found.overall.can_be_told_apart
    assert found.first.low < found.second.high  # their own intervals overlap
    points = 50.0 * (np.array(better) - np.array(hard))
    low, high = stats.t.interval(0.95, 199, points.mean(), stats.sem(points))
    assert found.overall.difference == pytest.approx(points.mean())
    assert (found.overall.low, found.overall.high) == pytest.approx((low, high), abs=0.1)


def test_a_model_and_itself_cannot_be_told_apart() -> None:
    grades = judged(random_levels(1, 30))
    found = compare(grades, grades)
    assert found.overall.difference == 0
    assert found.overall.low < -1
    assert not found.overall.can_be_told_apart


def test_swapping_the_models_swaps_the_sign() -> None:
    first, second = judged(random_levels(1, 30)), judged(random_levels(2, 30))
    there, back = compare(first, second).overall, compare(second, first).overall
    assert (there.difference, there.low, there.high) == pytest.approx((-back.difference, -back.high, -back.low))


def test_only_common_prompts_are_compared() -> None:
    first = judged([2, 2, 2, 0, None])
    second = [*judged([0, 0, 0]), replace(judged([0])[0], id="other")]
    found = compare(first, second)
    assert (found.overall.difference, found.overall.prompts) == (100, 3)
    assert (found.only_first, found.only_second) == (1, 1)
    nothing = compare(judged([1]), [replace(judged([1])[0], id="other")]).overall
    assert (nothing.difference, nothing.low, nothing.high) == (None, -100, 100)
    assert compare(judged([1]), judged([1])).overall.note == "one prompt: cannot say"


def test_people_correct_a_judge_that_prefers_one_model() -> None:
    """Both are equally good; the judge gives the second model a grade too much."""
    truth, other = random_levels(1, 150), random_levels(2, 150)
    second = judged([min(2, level + 1) for level in other])
    assert compare(judged(truth), second).overall.can_be_told_apart
    people = [replace(grade, id=f"p-{n}") for n, grade in enumerate(reviewed(other[60:120]), start=60)]
    found = compare(judged(truth), second, people=[reviewed(truth[:60]), people])
    assert found.method == "ppi"
    assert not found.overall.can_be_told_apart


def test_the_interval_of_the_difference_holds_in_simulation() -> None:
    """Two models whose answers to a prompt are alike in quality; 300 draws, the truth is -10."""
    random = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        hard = random.standard_normal(60)
        first, second = (
            np.searchsorted(limits, (hard + random.standard_normal(60)) / 2**0.5)
            for limits in (stats.norm.ppf([0.3, 0.6]), stats.norm.ppf([0.2, 0.5]))
        )
        found = compare(judged(first.tolist()), judged(second.tolist())).overall
        held += found.low <= -10 <= found.high
    assert held >= 0.92 * 300


def test_two_judges_are_refused() -> None:
    with pytest.raises(DataError, match=r"graded by j \(rubric unnamed\) and k \(rubric unnamed\); one judge with"):
        compare(judged([1]), judged([1], judge="k"))
    with pytest.raises(ConfigError, match="people's grades are needed of both models, got 1"):
        compare(judged([1]), judged([1]), people=[reviewed([1])])


def test_a_slice_of_which_people_graded_nothing_says_nothing() -> None:
    spanish, english = judged(random_levels(1, 30)), judged(random_levels(2, 30), language="en")
    people = reviewed(random_levels(1, 20))
    found = compare([*spanish, *english], [*spanish, *english], people=[people, people])
    assert found.method == "ppi"
    assert found.languages["es"].note == ""
    english_difference = found.languages["en"]
    assert (english_difference.difference, english_difference.low, english_difference.high) == (None, -100, 100)
    assert english_difference.note.startswith("people graded answers to fewer than two")


def test_slices_are_compared_too() -> None:
    both = [*judged([2, 2, 0]), *judged([2, 1, 0], language="en")]
    found = compare(both, [*judged([2, 2, 0]), *judged([0, 0, 0], language="en")])
    assert found.languages["es"].difference == 0
    assert found.languages["en"].difference == 50
    assert list(found.to_pandas()["scope"]) == ["all", "issue", "type", "language", "language"]
    assert found.to_json()["can_be_told_apart"] == found.overall.can_be_told_apart


# -- anchors ---------------------------------------------------------------------------------------------------------


def test_a_score_lies_between_its_anchors() -> None:
    """Floor 10, middle 50, ceiling 90, score 70: three quarters of the way."""
    floor, ceiling = [0, 0, 0, 0, 1] * 20, [2, 2, 2, 2, 1] * 20
    found = score(judged([2, 1, 2, 0, 2] * 20), anchors=[judged(floor), judged([1] * 100), judged(ceiling)]).anchors
    assert found is not None
    assert (found.floor.score, found.middle.score, found.ceiling.score) == (10, 50, 90)
    assert found.between == pytest.approx(75)
    assert found.low is not None
    assert found.high is not None
    assert 60 < found.low < 75 < found.high < 90
    assert found.note == ""


def test_anchors_that_cannot_be_told_apart_say_nothing() -> None:
    low, high = judged([0, 1] * 15), judged([1, 0] * 14 + [1, 1])
    found = score(judged(random_levels(2, 30)), anchors=[low, low, high]).anchors
    assert found is not None
    assert (found.between, found.note) == (None, "floor and ceiling cannot be told apart: cannot say")


def test_anchors_in_the_wrong_order_are_doubtful() -> None:
    anchors = [judged([0] * 30), judged([2] * 30), judged([1] * 30)]
    found = score(judged([1] * 30), anchors=anchors).anchors
    assert found is not None
    assert "the middle is not between floor and ceiling" in found.note
    upside_down = score(judged([1] * 30), anchors=anchors[::-1]).anchors
    assert upside_down is not None
    assert (upside_down.between, upside_down.note) == (None, "floor and ceiling are not in this order: cannot say")


def test_anchors_without_a_common_prompt_say_nothing() -> None:
    other = [replace(grade, id="other") for grade in judged([1])]
    found = score(judged([1, 2]), anchors=[other, other, other]).anchors
    assert found is not None
    assert (found.between, found.floor.score) == (None, None)


def test_what_floor_and_score_have_in_common_does_not_make_their_ratio_unsure() -> None:
    """One figure is half of the other in every group, so the ratio is sure but for the guard."""
    below = np.random.default_rng(1).normal(40, 30, 200)
    value, interval = ratio(raw(below / 2, np.arange(200)), raw(below, np.arange(200)))
    assert interval is not None
    assert value == pytest.approx(0.5)
    assert interval[1] - interval[0] < 0.04


def test_fieller_s_interval_holds_in_simulation() -> None:
    """The ratio of two paired means, 0.5 in truth."""
    random = np.random.default_rng(2)
    held = 0
    for _ in range(400):
        common = random.normal(0, 20, 50)
        above, below = 20 + common + random.normal(0, 20, 50), 40 + common + random.normal(0, 20, 50)
        _, interval = ratio(raw(above, np.arange(50)), raw(below, np.arange(50)))
        assert interval is not None
        held += interval[0] <= 0.5 <= interval[1]
    assert held >= 0.92 * 400
