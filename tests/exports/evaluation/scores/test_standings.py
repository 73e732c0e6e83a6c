"""Which models can be told apart: differences as `compare` finds them, corrected for their number, and the ranks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports import Score, compare, score
from exports.evaluation.grades.files import Grade
from exports.evaluation.scores.influence import minus
from exports.evaluation.scores.linear import difference_interval
from exports.evaluation.scores.standings import Pair, holm, letters, standings
from tests.exports.grades import judged, random_levels, reviewed
from workspace.errors import DataError

pytestmark = pytest.mark.extras


def scored(name: str, levels: list[int], **changes: object) -> tuple[str, Score]:
    return name, score(judged(levels, model=name, **changes))


def shifted(levels: list[int], every: int) -> list[int]:
    """The same grades, every so manieth one grade lower."""
    return [max(0, level - (place % every == 0)) for place, level in enumerate(levels)]


def test_the_difference_of_two_scores_is_that_of_compare() -> None:
    levels = random_levels(1, 60)
    one, two = judged(levels, model="a"), judged(shifted(levels, 4), model="b")
    for people in (None, (reviewed(levels[:30]), reviewed(shifted(levels, 5)[:30]))):
        exact = compare(one, two, people=people).overall
        scores = [score(grades, people=people and people[place]) for place, grades in enumerate((one, two))]
        assert scores[0].influence and scores[1].influence
        found = minus(scores[0].influence, scores[1].influence)
        assert found.value == pytest.approx(exact.difference)
        assert difference_interval(found) == pytest.approx((exact.low, exact.high))


def test_models_on_other_prompts_are_compared_as_independent() -> None:
    levels = random_levels(2, 40)
    one = score(judged(levels))
    two = score([replace(grade, id=f"other-{grade.id}") for grade in judged(levels)])
    assert one.influence and two.influence
    apart, same = minus(one.influence, two.influence), minus(one.influence, one.influence)
    alone = float(sum(part**2 for part in one.influence.prompts.values())) / 40**2
    assert apart.variance == pytest.approx(2 * (alone + (one.influence.guard / 40) ** 2))
    assert same.variance == pytest.approx((one.influence.guard / 40) ** 2)
    [found] = standings([("a", replace(one, digest="")), ("b", replace(two, digest=""))])
    assert found.common == 0


def test_holm_by_hand() -> None:
    """Three p-values: the smallest times 3, the next times 2, and none smaller than the one before it."""
    found = holm({("a", "b"): 0.01, ("a", "c"): 0.04, ("b", "c"): 0.03})
    assert found == {
        ("a", "b"): pytest.approx(0.03),
        ("b", "c"): pytest.approx(0.06),
        ("a", "c"): pytest.approx(0.06),
    }


def test_ranks_are_ranges_and_who_shares_a_letter_cannot_be_told_apart() -> None:
    """The first two differ in one answer of 120, the third in every third, and the last answered eight prompts."""
    levels = random_levels(3, 120)
    few = scored("few", levels[:8])
    [found] = standings(
        [scored("third", shifted(levels, 3)), few, scored("first", levels), scored("near", shifted(levels, 120))]
    )
    assert found.test == "paired"
    assert found.common == 8
    ranks = {place.model: (place.best, place.worst, "".join(place.groups)) for place in found.places}
    assert ranks["first"][0] == ranks["near"][0] == 1
    assert ranks["third"][:2] == (3, 4)
    assert ranks["few"][:2] == (1, 4)
    assert not set(ranks["first"][2]) & set(ranks["third"][2])
    assert set(ranks["few"][2]) >= set(ranks["first"][2]) | set(ranks["third"][2])


def test_letters_by_hand() -> None:
    """a and b cannot be told apart, nor b and c; a and c can."""
    pairs = [Pair("a", "b", 1, 1, False), Pair("a", "c", 2, 0, True), Pair("b", "c", 1, 1, False)]
    assert letters(["a", "b", "c"], pairs) == {"a": ("a",), "b": ("a", "b"), "c": ("b",)}


def test_equal_models_are_told_apart_in_few_tables() -> None:
    """Five models of equal worth: of 100 tables, about 5 may have a pair that is told apart."""
    wrong = 0
    for seed in range(100):
        scores = [scored(f"m{place}", random_levels(1000 * seed + place, 40)) for place in range(5)]
        wrong += any(pair.is_apart for pair in standings(scores)[0].pairs)
    assert wrong <= 11  # by the binomial distribution of 5%, more come once in 200 times


def test_other_methods_judges_rubrics_and_languages_stand_in_tables_of_their_own() -> None:
    levels = random_levels(4, 30)
    mine = scored("a", levels)[1]
    others = [
        ("b", score(judged(levels), people=reviewed(levels[:15]))),
        scored("c", levels, judge="k"),
        scored("d", levels, rubric="v2"),
        scored("e", levels, language="en"),
    ]
    found = standings([("a", mine), *others])
    assert [(one.method, one.judge, one.rubric, one.languages, one.test) for one in found] == [
        ("ppi", "j", "", ("es",), "alone"),
        ("raw", "j", "", ("en",), "alone"),
        ("raw", "j", "", ("es",), "alone"),
        ("raw", "j", "v2", ("es",), "alone"),
        ("raw", "k", "", ("es",), "alone"),
    ]
    assert [place.groups for one in found for place in one.places] == [()] * 5


def test_without_differences_by_prompt_intervals_are_compared() -> None:
    levels = random_levels(5, 60)
    scores = [scored("a", levels), scored("b", shifted(levels, 2)), scored("c", [0] * 60)]
    [found] = standings([(name, replace(each, influence=None)) for name, each in scores])
    assert (found.test, found.common) == ("overlap", None)
    assert [pair.p for pair in found.pairs] == [None] * 3
    assert [(place.best, place.worst) for place in found.places][-1] == (3, 3)


def test_of_one_prompt_nothing_is_told() -> None:
    [found] = standings([scored("a", [2]), scored("b", [0]), ("c", score([Grade("p", "es", None, judge="j")]))][:2])
    assert [pair.p for pair in found.pairs] == [1.0]
    assert [(place.best, place.worst) for place in found.places] == [(1, 2)] * 2


def test_a_model_that_is_there_twice_is_refused() -> None:
    levels = random_levels(6, 20)
    with pytest.raises(DataError, match="'a' is there twice by one judge and method; give one score of each model"):
        standings([scored("a", levels), scored("a", shifted(levels, 2))])
    with pytest.raises(DataError, match="'a' and 'b' have the same grades"):
        standings([("b", scored("a", levels)[1]), scored("a", levels)])
