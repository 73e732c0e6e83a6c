"""Raw means and PPI++: against published formulas, and where there is little or nothing to go by."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exports.evaluation.scores.linear import (
    Linear,
    difference_interval,
    judge_power,
    ppi,
    raw,
    score_interval,
    student,
)

pytestmark = pytest.mark.extras


def sample(count: int, graded: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One answer a group: the judge's grades, the groups, and people's grades of some, NaN for the rest."""
    random = np.random.default_rng(seed)
    truth = random.choice([0.0, 50.0, 100.0], count, p=[0.2, 0.3, 0.5])
    judge = np.where(random.random(count) < 0.3, random.choice([0.0, 50.0, 100.0], count), truth)
    people = np.where(np.arange(count) < graded, truth, np.nan)
    return judge, np.arange(count), people


def test_raw_is_the_mean_and_its_error_that_of_a_mean_when_each_group_has_one_answer() -> None:
    judge, groups, _ = sample(200, 0)
    found = raw(judge, groups)
    assert found.value == pytest.approx(judge.mean())
    assert found.variance - found.guard == pytest.approx(judge.var(ddof=1) / 200)


def test_each_group_counts_once() -> None:
    """One group of nine bad answers and one of a single good answer are worth 50 together."""
    found = raw(np.array([0.0] * 9 + [100.0]), np.array([0] * 9 + [1]))
    assert found.value == 50


def test_answers_of_one_group_do_not_make_the_interval_narrower() -> None:
    """Miller (2024), section 2.2: the same answer repeated five times is one piece of evidence."""
    judge, groups, _ = sample(40, 0)
    once, often = raw(judge, groups), raw(np.repeat(judge, 5), np.repeat(groups, 5))
    assert often.variance == pytest.approx(once.variance)
    assert score_interval(often) == pytest.approx(score_interval(once))


def test_ppi_is_that_of_the_paper() -> None:
    """Angelopoulos, Duchi & Zrnic (2023), equations 2 and 6, and example 6.1, written out."""
    judge, groups, people = sample(2000, 400)
    graded = ~np.isnan(people)
    labels, on_labelled, unlabelled = people[graded], judge[graded], judge[~graded]
    n, rest = graded.sum(), (~graded).sum()
    covariance = np.cov(labels, on_labelled, ddof=0)
    tuned = covariance[0, 1] / covariance[1, 1] / (1 + n / rest)
    value = tuned * unlabelled.mean() + (labels - tuned * on_labelled).mean()
    variance = tuned**2 * unlabelled.var(ddof=1) / rest + (labels - tuned * on_labelled).var(ddof=1) / n
    found = ppi(judge, groups, people)
    assert found.value == pytest.approx(value)
    assert found.variance - found.guard == pytest.approx(variance, rel=0.04)


def test_ppi_without_power_is_the_mean_of_people_alone() -> None:
    judge, groups, people = sample(100, 30)
    labels = people[~np.isnan(people)]
    found = ppi(judge, groups, people, power=0.0)
    assert found.value == pytest.approx(labels.mean())
    assert found.variance - found.guard == pytest.approx(labels.var(ddof=1) / 30)


def test_where_people_graded_everything_the_judge_has_no_say() -> None:
    judge, groups, people = sample(80, 80)
    found = ppi(judge, groups, people)
    assert found.value == pytest.approx(people.mean())
    assert found.variance - found.guard == pytest.approx(people.var(ddof=1) / 80, rel=0.03)


def test_a_judge_that_knows_nothing_or_gives_one_grade_has_no_power() -> None:
    judge, groups, people = sample(3000, 3000)
    assert judge_power(np.random.default_rng(3).permutation(judge), groups, people) < 0.05
    assert judge_power(np.full(3000, 50.0), groups, people) == 0
    assert judge_power(100 - people, groups, people) == 0
    assert judge_power(people, groups, people) == pytest.approx(1)
    assert judge_power(judge[:9], groups[:9], people[:9]) == 0  # too few to estimate it


@pytest.mark.parametrize("grade", [0.0, 50.0, 100.0])
@pytest.mark.parametrize("count", [2, 30])
def test_equal_grades_are_never_a_certainty(grade: float, count: int) -> None:
    grades, groups = np.full(count, grade), np.arange(count)
    for found in (raw(grades, groups), ppi(grades, groups, grades)):
        low, high = score_interval(found)
        assert 0 <= low <= grade <= high <= 100
        assert high - low > 50 / count


def test_thirty_good_grades_may_still_hide_one_bad_in_twenty() -> None:
    """With 5% of bad answers, thirty good ones in a row come in one of five samples; the mean is then 95."""
    low, high = score_interval(raw(np.full(30, 100.0), np.arange(30)))
    assert (low < 95, high) == (True, 100.0)


def test_of_one_group_nothing_can_be_said() -> None:
    one = np.zeros(3, dtype=np.int64)
    assert score_interval(raw(np.array([0.0, 50.0, 50.0]), one)) == (0, 100)
    assert score_interval(ppi(np.array([0.0, 50.0, 50.0]), one, np.array([0.0, 50.0, np.nan]))) == (0, 100)
    assert difference_interval(raw(np.array([0.0, 50.0, 50.0]), one)) == (-100, 100)


def test_two_groups_are_taken_for_two() -> None:
    """Student's quantile for one degree of freedom is 12.7."""
    low, high = score_interval(raw(np.array([0.0, 100.0]), np.arange(2)))
    assert low < 1
    assert high > 99


def test_an_interval_far_from_the_ends_is_student_s() -> None:
    judge, groups, _ = sample(1000, 0)
    found = raw(judge, groups)
    low, high = stats.t.interval(0.95, 999, found.value, found.variance**0.5)
    assert score_interval(found) == pytest.approx((low, high), abs=0.15)
    assert difference_interval(found) == pytest.approx((low, high))


@given(st.floats(1, 10_000))
def test_student_s_quantile_is_scipy_s(freedom: float) -> None:
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom))


@settings(max_examples=200)
@given(st.floats(-20, 120), st.floats(0, 5000), st.floats(1, 500), st.integers(2, 500))
def test_an_interval_holds_its_score_and_stays_on_the_scale(
    value: float, variance: float, freedom: float, groups: int
) -> None:
    found = Linear(value, np.array([math.sqrt(variance)]), (50 / groups) ** 2, freedom, groups)
    low, high = score_interval(found)
    assert 0 <= low <= min(max(value, 0), 100) + 1e-9
    assert min(max(value, 0), 100) - 1e-9 <= high <= 100
    assert low < high


@given(st.lists(st.sampled_from([0.0, 50.0, 100.0]), min_size=4, max_size=30), st.randoms())
def test_the_order_of_answers_and_groups_does_not_matter(grades: list[float], random: object) -> None:
    groups = np.arange(len(grades)) // 2
    people = np.where(np.arange(len(grades)) % 3 == 0, 50.0, np.nan)
    order = list(range(len(grades)))
    random.shuffle(order)  # type: ignore[attr-defined]
    first = ppi(np.array(grades), groups, people, 0.5)
    second = ppi(np.array(grades)[order], groups.max() - groups[order], people[order], 0.5)
    assert score_interval(first) == pytest.approx(score_interval(second))
