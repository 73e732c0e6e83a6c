"""Comparing two models, and the anchors of the scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from exports import compare, score, validate
from exports.evaluation.grades.files import Grade
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.compare import ratio
from exports.evaluation.scores.linear import raw
from exports.review.files import Review
from exports.words import Wording
from tests.exports.cases import record, vote
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


# -- the matrix ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lenient_card() -> Card:
    """Of a judge that gives a grade too much to two of five answers that are bad or regular."""
    records = tuple(record(number) for number in range(1, 61))
    review = Review(records, tuple(vote(1, 2, 3, record_id=each.id) for each in records))
    levels = ("bad", "regular", "good")
    ranked = [
        Grade(each.id, "es", levels[min(2, 2 - place + ((2 * number + place) % 5 < 2))], judge="j", place=place)
        for number, each in enumerate(records)
        for place in range(3)
    ]
    return validate(ranked, review=review)


def leniently(levels: list[int], seed: int) -> list[int]:
    """What that judge gives."""
    higher = np.random.default_rng(seed).random(len(levels)) < 0.4
    return [min(2, level + int(more)) for level, more in zip(levels, higher, strict=True)]


def test_a_card_corrects_a_difference_that_a_lenient_judge_makes_small(lenient_card: Card) -> None:
    """Of the better model's answers two of three are good, of the other's two of three are bad."""
    better, worse = [2, 2, 1] * 50, [0, 0, 1] * 50
    truth = 50 * (np.mean(better) - np.mean(worse))
    one, two = judged(leniently(better, 1), model="a"), judged(leniently(worse, 2), model="b")
    opinion, corrected = compare(one, two), compare(one, two, card=lenient_card)
    assert (opinion.method, corrected.method) == ("raw", "matrix")
    assert opinion.overall.high < truth
    assert corrected.overall.low < truth < corrected.overall.high
    assert corrected.overall.can_be_told_apart
    assert corrected.overall.prompts == 150
    assert corrected.languages["es"] == corrected.overall
    assert corrected.first.score == score(one, card=lenient_card).overall.score
    back = compare(two, one, card=lenient_card).overall
    assert (back.low, back.high) == pytest.approx((-corrected.overall.high, -corrected.overall.low))


def test_it_says_which_method_was_used_and_why(lenient_card: Card) -> None:
    levels = random_levels(1, 60)
    one, two = judged(levels, model="a"), judged(levels[::-1], model="b")
    half, nobody = reviewed(levels[:30]), reviewed([None])
    words = Wording("en")
    for people, card, method, said in (
        (None, None, "raw", "Raw, unvalidated: neither people’s grades of both models nor"),
        (None, lenient_card, "matrix", "3×3 matrix: the judge’s grades of both models are corrected by"),
        ([half, half], lenient_card, "ppi", "PPI++: people graded a random sample of both models’ answers"),
        ([half, nobody], lenient_card, "matrix", "People graded answers by a only. A difference needs people’s"),
        ([nobody, half], None, "raw", "People graded answers by b only. A difference needs people’s grades"),
    ):
        found = compare(one, two, people=people, card=card)
        assert found.method == method
        assert found.why(words).startswith(said)
        assert found.to_json()["method_in_words"] == found.why(words)
    unnamed = compare(judged(levels), judged(levels), people=[half, nobody])
    assert unnamed.why(words).startswith("People graded answers by the first model only.")


def test_what_makes_a_difference_doubtful_is_said_of_its_model(lenient_card: Card) -> None:
    levels = random_levels(1, 60)
    one, two = judged([*levels[:40], *[None] * 20], model="a"), judged(levels, model="b")
    words = Wording("en")
    assert list(compare(one, two).doubted(words)) == [
        "a: the judge could not judge 20 of 60 answers; the score says nothing of those"
    ]
    english = [judged(levels, model=name, language="en") for name in "ab"]
    [said] = compare(*english, card=lenient_card).doubted(words)
    assert said.startswith("the card has too few ranked answers in English")
    without = replace(lenient_card, matrix=None)
    assert next(compare(two, two, card=without).doubted(words)).startswith("the card has no matrix")
    with pytest.raises(DataError, match="a card corrects its own judge only"):
        compare(judged(levels, judge="k"), judged(levels, judge="k"), card=lenient_card)


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
