"""How many grades: the plan comes true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from exports import compare, plan, score
from tests.exports.grades import judged, random_levels, reviewed
from workspace.errors import ConfigError

pytestmark = pytest.mark.extras


def pilot(seed: int, count: int = 300, shares: Sequence[float] = (0.3, 0.3, 0.4)) -> tuple[list[int], list[int]]:
    """True grades and those of a judge that guesses in one case of three."""
    random = np.random.default_rng(seed)
    truth = random_levels(seed, count, shares)
    guess = np.where(random.random(count) < 1 / 3, random.integers(0, 3, count), truth)
    return truth, guess.tolist()


@pytest.mark.parametrize("width", [12, 18])
def test_the_planned_width_comes_true(width: float) -> None:
    """Over pilots of 40: with the planned number of grades the interval is as wide as was wanted, in the mean."""
    widths = []
    for seed in range(20):
        truth, guess = pilot(seed)
        found = plan(judged(guess), people=reviewed(truth[:40]), width=width)
        assert found.grades is not None
        overall = score(judged(guess), people=reviewed(truth[: found.grades])).overall
        widths.append(overall.high - overall.low)
    assert np.mean(widths) == pytest.approx(width, rel=0.1)


def test_more_is_needed_for_a_narrower_interval_and_a_worse_judge() -> None:
    truth, guess = pilot(1)
    people = reviewed(truth[:60])
    narrow, wide = (plan(judged(guess), people=people, width=width).grades for width in (12, 24))
    perfect = plan(judged(truth), people=people, width=12).grades
    assert narrow is not None
    assert wide is not None
    assert perfect is not None
    assert perfect < narrow
    assert wide < narrow


def test_what_all_answers_do_not_suffice_for_is_said() -> None:
    truth, guess = pilot(1, 60)
    found = plan(judged(guess), people=reviewed(truth[:40]), width=3)
    assert found.grades is None
    assert max(found.expected) == 60
    assert min(found.expected.values()) > 3


def test_the_planned_difference_is_found_in_four_of_five_cases() -> None:
    """Two models that are 12.5 points apart; 100 pairs of samples of the planned size."""
    shares = (0.3, 0.3, 0.4), (0.2, 0.25, 0.55)
    truth, guess = pilot(1, shares=shares[0])
    wanted = plan(judged(guess), people=reviewed(truth[:80]), difference=12.5).grades
    assert wanted is not None
    told = 0
    for seed in range(100):
        (first, one), (second, two) = pilot(100 + seed, shares=shares[0]), pilot(1000 + seed, shares=shares[1])
        people = [reviewed(first[:wanted]), reviewed(second[:wanted])]
        told += compare(judged(one), judged(two), people=people).overall.can_be_told_apart
    assert 65 <= told <= 95


def test_without_a_pilot_the_worst_is_planned_for() -> None:
    found = plan(width=20)
    assert (found.answers, found.prompts, found.pilot) == (None, None, 0)
    assert found.grades == 97  # (2 * 1.96 * 50 / 20) squared is 96
    truth, guess = pilot(1)
    assert plan(judged(guess), people=reviewed(truth[:1]), width=20).grades == 97
    assert found.expected[97] <= 20 < found.expected[80]


def test_the_other_model_s_pilot_counts() -> None:
    truth, guess = pilot(1)
    alone = plan(judged(guess), people=reviewed(truth[:60]), difference=15).grades
    both = plan(
        judged(guess),
        people=reviewed(truth[:60]),
        other=judged(truth),
        other_people=reviewed(truth[:60]),
        difference=15,
    ).grades
    assert alone is not None
    assert both is not None
    assert both < alone  # the judge errs less on the other


@pytest.mark.parametrize("goal", [{}, {"width": 5, "difference": 5}, {"width": 0}, {"difference": 101}])
def test_one_goal_on_the_scale_is_needed(goal: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        plan(**goal)


def test_a_plan_is_json_and_a_frame() -> None:
    found = plan(width=20)
    assert found.to_json()["expected"]["97"] == round(found.expected[97], 4)
    assert list(found.to_pandas().columns) == ["grades", "width"]
