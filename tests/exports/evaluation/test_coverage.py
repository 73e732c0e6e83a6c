"""How often the intervals hold the truth; `python -m benchmarks coverage` has the whole table."""

from __future__ import annotations

import pytest

from benchmarks.coverage import HARD, JUDGES, Design, Found, main, measure, measure_difference

pytestmark = pytest.mark.extras
DRAWS = 200
OWN, DATASET = "PPI++, own answers", "PPI++, dataset's answers"


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Found]]:
    return {name: measure(judge, Design(80, 40, 40), DRAWS) for name, judge in JUDGES.items()}


@pytest.mark.parametrize("judge", JUDGES)
def test_ppi_on_the_model_s_own_answers_holds_for_every_judge(judge: str, found: dict[str, dict[str, Found]]) -> None:
    assert found[judge][OWN].covered >= 0.91  # 0.95 less three standard errors of 200 draws
    assert abs(found[judge][OWN].bias) < 2
    assert found[judge][OWN].width < 32


def test_a_better_judge_makes_it_narrower(found: dict[str, dict[str, Found]]) -> None:
    widths = [found[judge][OWN].width for judge in ("perfect", "lenient", "noisy", "random")]
    assert widths == sorted(widths)
    assert widths[0] < 0.75 * widths[-1]


def test_raw_holds_for_the_perfect_judge_alone(found: dict[str, dict[str, Found]]) -> None:
    assert found["perfect"]["raw"].covered >= 0.91
    assert max(found[judge]["raw"].covered for judge in JUDGES if judge != "perfect") < 0.6


def test_ppi_on_the_dataset_s_answers_fails_even_for_the_perfect_judge(found: dict[str, dict[str, Found]]) -> None:
    assert max(found[judge][DATASET].covered for judge in JUDGES) < 0.75
    assert found["perfect"][DATASET].bias < -5


def test_the_matrix_holds_where_the_judge_errs_alike_and_fails_the_length_biased_one(
    found: dict[str, dict[str, Found]],
) -> None:
    for judge in ("perfect", "lenient", "noisy", "random"):
        assert found[judge]["matrix"].covered >= 0.91
    assert found["random"]["matrix"].width > 90
    assert found["length-biased"]["matrix"].covered < 0.6


def test_few_skewed_grades_are_covered_too() -> None:
    design = Design(30, 20, 20, (0.02, 0.03, 0.95))
    for judge in JUDGES.values():
        assert measure(judge, design, DRAWS)[OWN].covered >= 0.89


def test_a_matrix_that_settles_nothing_says_so() -> None:
    """Of a judge that guesses, both directions of a mixture are open: the limit is that of two."""
    found = measure(JUDGES["random"], Design(30, 20, 20, (0.02, 0.03, 0.95)), DRAWS)["matrix"]
    assert found.covered >= 0.93
    assert found.width > 98


def test_differences_hold_by_ppi_and_not_by_the_judge_that_likes_length() -> None:
    found = measure_difference(JUDGES["length-biased"], 60, 30, DRAWS)
    assert found["PPI++"].covered >= 0.91
    assert found["raw"].covered < 0.75
    assert measure_difference(JUDGES["perfect"], 60, 30, DRAWS)["raw"].covered >= 0.91


def test_differences_by_the_matrix_hold_where_the_judge_errs_alike_on_all_answers() -> None:
    for judge in ("perfect", "lenient", "noisy", "random"):
        assert measure_difference(JUDGES[judge], 60, 30, DRAWS)["matrix"].covered >= 0.91
    assert measure_difference(JUDGES["lenient"], 150, 60, DRAWS)["matrix"].width < 18
    assert measure_difference(JUDGES["length-biased"], 60, 30, DRAWS)["matrix"].covered < 0.75
    equal = ((0.15, 0.35, 0.5),) * 2
    assert measure_difference(JUDGES["lenient"], 40, 20, DRAWS, models=equal)["matrix"].covered >= 0.91


def test_the_table_has_every_judge_and_method() -> None:
    table = main(draws=2)
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| ")]
    judges = [f"| {name}" for name in JUDGES]
    assert rows == [*["| judge", *judges] * 3, "| design", *(f"| {title}" for title in HARD), "| judge", *judges * 2]
