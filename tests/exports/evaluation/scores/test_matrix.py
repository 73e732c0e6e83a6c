"""The correction by the 3x3 matrix."""

from __future__ import annotations

import numpy as np
import pytest

from exports.evaluation.scores.matrix import Matrix, correct, correct_difference

pytestmark = pytest.mark.extras
WHOLE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ROWS = np.array([[0.8, 0.2, 0.0], [0.1, 0.7, 0.2], [0.0, 0.3, 0.7]])


def shares(*grades: int) -> np.ndarray:
    """One answer a group."""
    return np.eye(3)[list(grades)]


def known(rows: np.ndarray, records: int, seed: int = 0) -> np.ndarray:
    """What the judge gave to the three answers of each record, by these rows."""
    random = np.random.default_rng(seed)
    return np.array([[np.eye(3)[random.choice(3, p=row)] for row in rows] for _ in range(records)])


def test_a_perfect_judge_s_score_is_the_mean_of_its_grades() -> None:
    given = shares(*[0] * 20, *[1] * 30, *[2] * 50)
    value, low, high = correct(given, known(np.eye(3), 200))
    assert value == pytest.approx(65)
    assert low < 65 < high
    assert high - low < 20


def test_a_mixture_of_the_rows_is_undone_exactly() -> None:
    mixture = np.array([0.2, 0.3, 0.5])
    counts = np.round(ROWS * 10)[None].repeat(30, axis=0)
    seen = mixture @ ROWS
    given = seen[None].repeat(100, axis=0)
    assert correct(given, counts)[0] == pytest.approx(65)


def test_a_judge_that_knows_nothing_says_nothing() -> None:
    random = np.random.default_rng(1)
    given = shares(*random.integers(0, 3, 200))
    _, low, high = correct(given, known(np.full((3, 3), 1 / 3), 60))
    assert high - low > 80


def test_grades_that_no_mixture_explains_have_the_nearest_one_s_score() -> None:
    value, low, high = correct(
        shares(*[0] * 50), known(np.array([[0.6, 0.4, 0], [0.2, 0.6, 0.2], [0, 0.4, 0.6]]), 50)
    )
    assert (value, low) == (0, 0)
    assert high < 25


def test_equal_grades_are_never_a_certainty() -> None:
    _, low, high = correct(shares(*[2] * 30), known(np.eye(3), 30))
    assert high == 100
    assert 80 < low < 99


def test_one_group_says_nothing() -> None:
    assert correct(shares(2), known(np.eye(3), 30)) == (100, 0, 100)


def test_two_records_leave_nearly_everything_open() -> None:
    _, low, high = correct(shares(*[2] * 30, *[0] * 30), known(ROWS, 2))
    assert high - low > 90


def test_groups_that_are_on_both_sides_are_not_counted_as_independent() -> None:
    """If the judge is hard on a prompt's answers of both kinds, their errors cancel in part."""
    random = np.random.default_rng(4)
    hard = random.random(60) < 0.5
    given = np.where(hard[:, None], [[0.9, 0.1, 0.0]], [[0.0, 0.1, 0.9]])
    counts = np.where(hard[:, None, None], np.eye(3)[[0, 0, 1]], np.eye(3)[[1, 2, 2]]).astype(float)
    names = [f"g{number}" for number in range(60)]
    rows = {name: tuple(map(tuple, table)) for name, table in zip(names, counts.tolist(), strict=True)}
    same = Matrix({"es": rows}).correct(given, names, ["es"])
    others = Matrix({"es": rows}).correct(given, [f"other {name}" for name in names], ["es"])
    assert same[0] == others[0]
    assert same[2] - same[1] < 0.8 * (others[2] - others[1])


def test_a_matrix_needs_every_grade_and_two_groups() -> None:
    assert Matrix({"es": {"a": WHOLE, "b": WHOLE}}).is_usable(["es"])
    assert not Matrix({"es": {"a": WHOLE}, "en": {"a": WHOLE}}).is_usable(["es", "en"])
    empty = (*WHOLE[:2], (0.0, 0.0, 0.0))
    assert not Matrix({"es": {"a": empty, "b": empty}}).is_usable(["es"])
    assert not Matrix({}).is_usable(["es"])


def test_the_matrix_is_that_of_the_answers_languages_and_of_all_where_that_does_not_suffice() -> None:
    """The judge is right in Spanish and a grade too lenient in English."""
    lenient = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0))
    names = [f"g{number}" for number in range(30)]
    both = Matrix({"es": dict.fromkeys(names, WHOLE), "en": dict.fromkeys(names, lenient)})
    given = shares(*[1] * 30)
    assert both.correct(given, names, ["es"])[0] == pytest.approx(50)
    assert both.correct(given, names, ["en"])[0] == pytest.approx(0)
    assert both.correct(given, names, ["ca"]) == both.correct(given, names, ["es", "en"])
    assert both.rows[0] == (30, 30, 0)


# -- the difference of two models ------------------------------------------------------------------------------------


def test_the_difference_of_two_mixtures_is_undone_exactly() -> None:
    """Scores 65 and 40; the judge sees 68 and 52."""
    counts = np.round(ROWS * 10)[None].repeat(30, axis=0)
    mixtures = (0.2, 0.3, 0.5), (0.4, 0.4, 0.2)
    first, second = ((np.array(mixture) @ ROWS)[None].repeat(100, axis=0) for mixture in mixtures)
    there, back = correct_difference(first, second, counts), correct_difference(second, first, counts)
    assert there[0] == pytest.approx(25)
    assert there[1] < 25 < there[2]
    assert there == pytest.approx((-back[0], -back[2], -back[1]))


def test_equal_models_do_not_suffer_from_the_errors_of_the_matrix() -> None:
    """The less two models differ, the less it matters how the judge errs, but the guard stays."""
    given = shares(*[0, 1, 2, 2] * 25)
    value, low, high = correct_difference(given, given, known(ROWS, 40))
    assert value == pytest.approx(0)
    assert -10 < low < -0.5
    assert 0.5 < high < 10
    _, lowest, highest = correct(given, known(ROWS, 40))
    assert highest - lowest > 2 * (high - low)


def test_a_stricter_level_gives_a_wider_interval() -> None:
    first, second, counts = shares(*[2] * 30, *[0] * 20), shares(*[2, 0] * 25), known(np.eye(3), 60)
    wide, narrow = (correct_difference(first, second, counts, level=level) for level in (0.005, 0.05))
    assert wide[0] == narrow[0] == pytest.approx(10)
    assert wide[1] < narrow[1] < narrow[2] < wide[2]


def test_of_one_group_or_of_a_judge_that_knows_nothing_a_difference_is_open() -> None:
    assert correct_difference(shares(2), shares(0), known(np.eye(3), 30)) == (100, -100, 100)
    guessing = known(np.full((3, 3), 1 / 3), 60)
    _, low, high = correct_difference(shares(*[2] * 30), shares(*[2, 0] * 15), guessing)
    assert high - low > 150
