"""Which models can be told apart: differences as `compare` finds them, with intervals that hold at once; ranks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from exports import Score, compare, score
from exports.evaluation.grades.files import Grade
from exports.evaluation.scores.compare import compare_answers
from exports.evaluation.scores.graded import gather
from exports.evaluation.scores.influence import minus
from exports.evaluation.scores.linear import difference_interval, student
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.score import score_answers
from exports.evaluation.scores.standings import Pair, letters, standings
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


def test_each_pair_has_an_interval_that_is_wider_the_more_pairs_there_are() -> None:
    """Of two models it is that of `compare`; of several it is narrower than by Bonferroni's inequality."""
    levels = random_levels(1, 60)
    scores = [scored(name, shifted(levels, every)) for name, every in zip("abcde", (99, 5, 4, 3, 2), strict=True)]
    exact = compare(*(judged(shifted(levels, every)) for every in (99, 2))).overall
    [two] = standings([scores[0], scores[-1]])[0].pairs
    assert (two.low, two.difference, two.high) == pytest.approx((exact.low, exact.difference, exact.high))
    assert two.prompts == 60
    five = next(pair for pair in standings(scores)[0].pairs if (pair.first, pair.second) == ("a", "e"))
    assert five.difference == two.difference
    wider = (five.high - five.low) / (two.high - two.low)
    assert 1.2 < wider < student(59, 0.05 / 10) / student(59)


def test_all_intervals_of_a_table_hold_at_once_in_simulation() -> None:
    """Five models, 5 points apart from one to the next, whose answers to a prompt are alike: 80 tables."""
    random, held = np.random.default_rng(3), 0
    steps = [0.30, 0.35, 0.40, 0.45, 0.50]  # of answers that are good; the others are bad
    for _ in range(80):
        hard = random.standard_normal(60)
        grades = [(hard + random.standard_normal(60)) / 2**0.5 > norm.ppf(1 - share) for share in steps]
        [found] = standings(
            [scored(f"{place}", [2 * int(each) for each in good]) for place, good in enumerate(grades)]
        )
        truth = {(a, b): 100 * (steps[int(a)] - steps[int(b)]) for a in "01234" for b in "01234"}
        held += all(pair.low <= truth[pair.first, pair.second] <= pair.high for pair in found.pairs)
    assert held >= 71  # of 95%, fewer come once in 200 times


def test_scores_by_the_matrix_are_compared_by_the_judge_s_card() -> None:
    """The judge is right on 40 ranked records; beside the card the intervals of the scores alone find less."""
    right = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    matrix = Matrix({"es": {f"g{number}": right for number in range(40)}})
    levels = random_levels(5, 120)
    graded = {"a": levels, "b": shifted(levels, 3), "c": levels[:80]}
    answers = {name: gather(judged(each)) for name, each in graded.items()}
    scores = [(name, score_answers(each, matrix, judge="j")) for name, each in answers.items()]
    [found] = standings(scores, {("j", ""): matrix})
    assert (found.test, found.common) == ("matrix", 80)
    pairs = {frozenset((pair.first, pair.second)): pair for pair in found.pairs}
    assert [pairs[frozenset(both)].prompts for both in ("ab", "ac", "bc")] == [120, 80, 80]
    assert [pairs[frozenset(both)].is_apart for both in ("ab", "ac", "bc")] == [True, False, True]
    exact = compare_answers(answers["a"], answers["b"], matrix, level=0.05 / 3).overall
    assert (pairs[frozenset("ab")].low, pairs[frozenset("ab")].high) == pytest.approx((exact.low, exact.high))
    [alone] = standings(scores)
    assert (alone.test, [pair.is_apart for pair in alone.pairs]) == ("overlap", [False] * 3)


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
    pairs = [Pair("a", "b", 1, -1, 3, 9), Pair("a", "c", 2, 1, 3, 9), Pair("b", "c", 1, -1, 3, 9)]
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


def test_errors_without_a_guard_in_files_written_by_hand_do_no_harm() -> None:
    levels = random_levels(7, 30)
    scores = [scored(name, each)[1] for name, each in zip("abc", (levels, shifted(levels, 2), [0] * 30), strict=True)]
    bare = []
    for each, part in zip(scores, (1.0, 0.0, 0.0), strict=True):
        assert each.influence
        parts = dict.fromkeys(each.influence.prompts, part)
        bare.append(replace(each, influence=replace(each.influence, guard=0.0, prompts=parts)))
    [found] = standings(list(zip("abc", bare, strict=True)))
    assert all(pair.low <= (pair.difference or 0) <= pair.high for pair in found.pairs)


def test_without_differences_by_prompt_intervals_are_compared() -> None:
    levels = random_levels(5, 60)
    scores = [scored("a", levels), scored("b", shifted(levels, 2)), scored("c", [0] * 60)]
    [found] = standings([(name, replace(each, influence=None)) for name, each in scores])
    assert (found.test, found.common) == ("overlap", None)
    assert [pair.prompts for pair in found.pairs] == [None] * 3
    for pair in found.pairs:
        own = {place.model: place.score.overall for place in found.places}
        assert pair.low == own[pair.first].low - own[pair.second].high
    assert [(place.best, place.worst) for place in found.places][-1] == (3, 3)


def test_of_one_prompt_nothing_is_told() -> None:
    [found] = standings([scored("a", [2]), scored("b", [0]), ("c", score([Grade("p", "es", None, judge="j")]))][:2])
    assert [(pair.low, pair.high, pair.is_apart) for pair in found.pairs] == [(-100, 100, False)]
    assert [(place.best, place.worst) for place in found.places] == [(1, 2)] * 2


def test_a_model_that_is_there_twice_is_refused() -> None:
    levels = random_levels(6, 20)
    with pytest.raises(DataError, match="'a' is there twice by one judge and method; give one score of each model"):
        standings([scored("a", levels), scored("a", shifted(levels, 2))])
    with pytest.raises(DataError, match="'a' and 'b' have the same grades"):
        standings([("b", scored("a", levels)[1]), scored("a", levels)])
