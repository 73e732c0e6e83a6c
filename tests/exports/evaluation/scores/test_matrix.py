"""The correction by the 3x3 matrix."""

from __future__ import annotations

import numpy as np
import pytest

from exports.evaluation.scores.matrix import Matrix, correct

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
