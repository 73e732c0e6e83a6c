"""The judge's card: agreement against hand-worked tables and other libraries, biases found and not found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import cohen_kappa_score

from exports import Card, validate
from exports.evaluation.grades.files import Grade, ModelAnswer
from exports.evaluation.scores.bias import effect, length_bias
from exports.evaluation.scores.card import read_matrix
from exports.evaluation.scores.graded import GradedAnswer
from exports.evaluation.scores.tables import judge_and_people, kappa, pair_accuracy, people_and_people, same, tau_b
from exports.review.files import Review
from tests.exports.cases import record, vote
from tests.exports.grades import answers, judged, random_levels, reviewed
from workspace.errors import DataError
from workspace.model.records import Record

pytestmark = pytest.mark.extras

# Rows are people's grades, columns the judge's. Six answers.
HAND = [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
# same: 4 of 6. Quadratic kappa: distances 0, 1, 4; seen 1 + 1 = 2; by chance (3 * (2 + 8) + 2 * (2 + 2) + 8 + 2) / 6
# = 8; so 1 - 2/8. Pairs of answers: ordered alike 2 * 3 + 1 * 2 + 1 * 1 = 9, in opposite ways 0; people differ in
# 3*2 + 3*1 + 2*1 = 11, the judge in 3 * 2 * 2 = 12. tau-b: 9 / sqrt(132). Pairs: (9 + 2 ties / 2) / 11.
WORKED = {"same": 4 / 6, "kappa": 0.75, "tau": 9 / 132**0.5, "pairs": 10 / 11}


def table(rows: list[list[int]]) -> list[GradedAnswer]:
    """The answers that make a table."""
    cells = [(person, judge) for person in range(3) for judge in range(3) for _ in range(rows[person][judge])]
    return answers([judge for _, judge in cells], [person for person, _ in cells])


def test_the_table_that_was_worked_by_hand() -> None:
    found = judge_and_people(table(HAND))
    assert found.table == tuple(map(tuple, HAND))
    assert (found.answers, found.prompts) == (6, 6)
    assert {name: getattr(found, name).value for name in WORKED} == pytest.approx(WORKED)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=25))
def test_tau_and_kappa_are_scipy_s_and_scikit_learn_s(pairs: list[tuple[int, int]]) -> None:
    people, judge = zip(*pairs, strict=True)
    sums = np.zeros((3, 3))
    np.add.at(sums, (people, judge), 1)
    terms = sums.reshape(1, 9)
    if len(set(people)) > 1 and len(set(judge)) > 1:
        assert tau_b(terms)[0] == pytest.approx(kendalltau(people, judge).statistic)
        weighted = cohen_kappa_score(people, judge, weights="quadratic", labels=[0, 1, 2])
        assert kappa(terms)[0] == pytest.approx(weighted)
    assert same(terms)[0] == pytest.approx(np.mean(np.array(people) == np.array(judge)))
    differ = [(a, b) for a in range(len(pairs)) for b in range(a) if people[a] != people[b]]
    if differ:
        hits = [0.5 if judge[a] == judge[b] else (judge[a] > judge[b]) == (people[a] > people[b]) for a, b in differ]
        assert pair_accuracy(terms)[0] == pytest.approx(np.mean(hits))


def test_a_perfect_judge_agrees_wholly_and_not_with_certainty() -> None:
    levels = random_levels(1, 40)
    found = judge_and_people(answers(levels, levels))
    for name in WORKED:
        estimate = getattr(found, name)
        assert estimate.value == pytest.approx(1)
        assert estimate.high == pytest.approx(1)
        assert estimate.low is not None
        assert 0.8 < estimate.low < 0.999


def test_a_random_judge_agrees_as_chance_would() -> None:
    found = judge_and_people(answers(random_levels(1, 600, (1 / 3,) * 3), random_levels(2, 600, (1 / 3,) * 3)))
    for name, chance in (("same", 1 / 3), ("kappa", 0), ("tau", 0), ("pairs", 0.5)):
        estimate = getattr(found, name)
        assert estimate.value == pytest.approx(chance, abs=0.08)
        assert estimate.low <= chance <= estimate.high


def test_one_grade_alone_has_no_kappa_and_one_prompt_no_interval() -> None:
    constant = judge_and_people(answers([2, 2, 2], [2, 2, 2]))
    assert (constant.kappa.value, constant.kappa.reason) == (None, "no_variation")
    assert constant.same.value == 1
    one = judge_and_people(answers([0, 2], [0, 2], size=2))
    assert (one.kappa.value, one.kappa.low, one.kappa.reason) == (pytest.approx(1), None, "one_record")
    assert judge_and_people([]).kappa.reason == "no_overlap"


def test_the_ceiling_is_people_beside_people() -> None:
    own = answers([2, 0, 1], [2, 0, 1])
    both = [
        replace(each, reviewers=(("ana", level), ("luis", 2))) for each, level in zip(own, (2, 0, 1), strict=True)
    ]
    found = people_and_people(both)
    assert found.same.value == pytest.approx(1 / 3)
    assert sum(map(sum, found.table)) == pytest.approx(3)  # both directions of a pair are one answer


# -- biases ----------------------------------------------------------------------------------------------------------


def biased(seed: int, points_per_doubling: float, count: int = 120) -> list[GradedAnswer]:
    """A judge that is right, and gives a grade more where length, which says nothing, is above what it expects."""
    random = np.random.default_rng(seed)
    truth = np.array(random_levels(seed, count))
    length = np.exp2(random.normal(8, 1, count))
    up = np.rint(truth + points_per_doubling / 50 * (np.log2(length) - 8) + random.normal(0, 0.4, count))
    return answers(np.clip(up, 0, 2).astype(int).tolist(), truth.tolist(), length.astype(int).tolist(), size=2)


@pytest.mark.parametrize("seed", range(5))
def test_the_length_biased_judge_is_named(seed: int) -> None:
    found = length_bias(biased(seed, 40))
    assert found.is_found
    assert found.points is not None
    assert 10 < found.points < 40


def test_fair_judges_are_named_in_few_of_a_hundred_cases() -> None:
    named = sum(length_bias(biased(seed, 0, 60)).is_found for seed in range(100))
    assert named <= 10


def test_a_perfect_judge_s_length_bias_is_none_and_not_for_certain() -> None:
    levels = random_levels(4, 60)
    found = length_bias(answers(levels, levels, [100 + 13 * (n % 17) for n in range(60)]))
    assert found.points == pytest.approx(0, abs=1e-9)
    assert found.low is not None
    assert found.low < -0.5
    assert not found.is_found


def test_a_fair_judge_is_not_named_where_unsure_people_make_it_look_biased() -> None:
    """Longer answers are better here, and people err in one of four cases: the judge, always right, knows more."""
    random = np.random.default_rng(7)
    truth = np.array(random_levels(7, 300, (1 / 3,) * 3))
    length = np.exp2(8 + truth + random.normal(0, 0.5, 300)).astype(int).tolist()
    grades = [np.where(random.random(300) < 0.25, random.integers(0, 3, 300), truth) for _ in range(2)]
    own = answers(truth.tolist(), grades[0].tolist(), length)
    alone = length_bias(own)
    assert alone.is_found  # with one reviewer nobody can know better
    both = [
        replace(each, reviewers=(("ana", int(first)), ("luis", int(second))))
        for each, first, second in zip(own, *grades, strict=True)
    ]
    beside = length_bias(both)
    assert beside.points == alone.points
    assert beside.people is not None
    assert beside.people > 5
    assert not beside.is_found
    assert (alone.is_alone, beside.is_alone) == (True, False)


def test_the_coefficient_is_that_of_least_squares() -> None:
    random = np.random.default_rng(3)
    levels = np.eye(3)[random.integers(0, 3, 50)]
    thing, judged_points = random.normal(size=50), random.normal(size=50)
    found = effect(judged_points, levels, thing, np.arange(50))
    design = np.column_stack([thing, levels])
    assert found is not None
    assert found[0] == pytest.approx(np.linalg.lstsq(design, judged_points, rcond=None)[0][0])


def test_what_does_not_vary_cannot_be_told() -> None:
    found = length_bias(answers([0, 1, 2] * 10, [0, 1, 2] * 10, [100] * 30))
    assert (found.points, found.is_found) == (None, False)
    assert "does not vary" in found.reason
    few = length_bias(answers([0, 1, 2], [0, 1, 2], [10, 20, 30]))
    assert few.points is None
    assert length_bias(answers([0], [0])).reason == "it is not known of any answer that people graded"


def test_order_language_and_family_are_named() -> None:
    levels = random_levels(5, 80)
    first = judged([min(2, level + 1) for level in levels], order="good first", family="gpt")
    last = judged(levels, order="bad first", family="gpt")
    english = judged([max(0, level - 1) for level in levels], language="en", order="bad first", family="gpt")
    people = [*reviewed(levels), *reviewed(levels, language="en")]
    texts = [
        ModelAnswer(f"p-{n}", f"Prompt {n}", language, "x" * (50 + n), "m", "gpt" if n % 2 else "llama")
        for n in range(80)
        for language in ("es", "en")
    ]
    found = validate([*first, *last, *english], people=people, answers=texts)
    names = [line.partition(":")[0] for line in found.named]
    assert names == ["language", "order bad first", "order good first"]
    assert ["no two people graded" in line for line in found.named] == [True, False, False]
    assert found.answers is not None
    assert found.answers.biases["family"].points is not None


# -- the whole card --------------------------------------------------------------------------------------------------


def ranked(count: int, *rankings: tuple[int, ...]) -> Review:
    """Records 1 to ``count``, each with these rankings by one reviewer each."""
    records = tuple(record(number) for number in range(1, count + 1))
    ballots = [
        vote(*ranks, record_id=each.id, reviewer=f"r{place}")
        for each in records
        for place, ranks in enumerate(rankings)
    ]
    return Review(records, tuple(ballots))


def placed(records: tuple[Record, ...], *levels: str | None) -> list[Grade]:
    """A judge's grades of the answers of each record, in their order."""
    return [
        Grade(each.id, "es", level, judge="j", place=place)  # type: ignore[arg-type]
        for each in records
        for place, level in enumerate(levels)
    ]


def test_a_judge_that_ranks_as_reviewers_do() -> None:
    review = ranked(12, (1, 2, 3))
    found = validate(placed(review.records, "good", "regular", "bad"), review=review)
    assert found.within is not None
    assert found.within_people is not None
    assert found.ranked is not None
    assert found.matrix is not None
    assert (found.within.pairs.value, found.within.tau.value) == (1, 1)
    assert found.within.pairs.low is not None
    assert found.within.pairs.low < 1
    assert found.within_people.pairs.value is None
    assert found.ranked.judge.kappa.value == pytest.approx(1)
    assert found.matrix.rows == ((12, 0, 0), (0, 12, 0), (0, 0, 12))
    assert found.answers is None


def test_the_matrix_is_kept_by_language() -> None:
    review = ranked(4, (1, 2, 3))
    english = [replace(grade, language="en") for grade in placed(review.records, "good", "good", "bad")]
    found = validate([*placed(review.records, "good", "regular", "bad"), *english], review=review).matrix
    assert found is not None
    assert [sum(table[1][2] for table in found.groups([name]).values()) for name in ("en", "es")] == [4, 0]
    assert found.rows[1] == (0, 4, 4)


def test_ties_are_half_and_the_ceiling_is_between_reviewers() -> None:
    """The judge ties the last two: of three pairs two are right and one half. The reviewers swap the last two."""
    review = ranked(10, (1, 2, 3), (1, 3, 2))
    found = validate(placed(review.records, "good", "bad", "bad"), review=review)
    assert found.within is not None
    assert found.within_people is not None
    assert found.within.pairs.value == pytest.approx(2.5 / 3)
    assert found.within.tau.value == pytest.approx(kendalltau([1, 2, 2], [1, 2, 3]).statistic)
    assert found.within_people.pairs.value == pytest.approx(2 / 3)
    assert found.within_people.tau.value == pytest.approx(1 / 3)


def test_votes_with_ties_give_no_grade_and_count_as_pairs() -> None:
    review = ranked(10, (1, 1, 2))
    found = validate(placed(review.records, "good", "good", "bad"), review=review)
    assert found.ranked is None
    assert found.matrix is None
    assert found.within is not None
    assert found.within.pairs.value == 1
    assert found.within.pairs.items == 20


def test_records_that_nobody_voted_on_have_the_source_s_ranking() -> None:
    review = Review(tuple(record(number) for number in range(1, 6)), ())
    found = validate(placed(review.records, "good", "regular", "bad"), review=review)
    assert found.within is not None
    assert found.within.pairs.value == 1


def test_repeats_and_wordings_of_the_rubric() -> None:
    grades = [*judged([0, 1, 2, 2]), *judged([0, 1, 2, 0], repeat=1), *judged([0, 0, 0, 0], rubric="v2")]
    found = validate(grades, people=reviewed([0, 1]), rubric="")
    assert found.repeats is not None
    assert found.rubrics is not None
    assert (found.repeats.percent, found.repeats.pairs) == (75, 4)
    assert found.rubrics.percent == pytest.approx(100 * (1 + 0 + 0 + 0.5) / 4)
    assert found.rubrics.pairs == 8


def test_a_card_is_written_read_and_the_same_again(tmp_path: Path) -> None:
    review = ranked(12, (1, 2, 3))
    grades = [*placed(review.records, "good", "regular", "bad"), *judged([], language="es")]
    own = [replace(grade, id=f"h4rmony-{n}") for n, grade in enumerate(judged([2, 1, 0]), start=1)]
    people = [replace(grade, id=f"h4rmony-{n}") for n, grade in enumerate(reviewed([2, 1, 1]), start=1)]
    path = tmp_path / "card.json"
    found = validate([*grades, *own], people=people, review=review, output=path)
    first = path.read_bytes()
    again = validate([*own[::-1], *grades[::-1]], people=people[::-1], review=review, output=path)
    assert path.read_bytes() == first
    assert again == found
    data = json.loads(first)
    judge, rubric, matrix, named = read_matrix(data)
    assert (judge, rubric, named) == ("j", "", ())
    assert matrix is not None
    assert found.matrix is not None
    assert matrix.rows == found.matrix.rows
    assert "compost" not in first.decode()  # no prompt, not even as the name of a group
    assert data["answers"]["judge"]["table"] == [[0, 0, 0], [1, 1, 0], [0, 0, 1]]
    frame = found.to_pandas()
    assert set(frame["answers"]) == {"model", "dataset"}
    assert {"PWM", "SC", ""} == set(frame.loc[frame["scope"].isin(["issue", "all"]), "name"])


@pytest.mark.parametrize(
    "change",
    [
        {"judge": 3},
        {"matrix": {"languages": {"es": {"a": [[1, 2], [3, 4]]}}}},
        {"matrix": {"languages": {"es": {"a": [[1, 2, "x"], [3, 4, 5], [6, 7, 8]]}}}},
        {"matrix": {"languages": {"es": {"a": [[1, 2, -1], [3, 4, 5], [6, 7, 8]]}}}},
        {"matrix": {}},
        {"matrix": {"languages": {"es": 3}}},
    ],
)
def test_what_is_no_card_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DataError):
        read_matrix({"judge": "j", "rubric": "", "matrix": None, **change})


def test_there_must_be_something_to_compare_with() -> None:
    with pytest.raises(DataError, match="there is nothing to compare the judge with"):
        validate(judged([0, 1]))
    with pytest.raises(DataError, match="a review is given, and no grade of its answers"):
        validate(judged([0, 1]), review=ranked(2, (1, 2, 3)))


def test_a_place_that_the_record_does_not_have_is_refused() -> None:
    review = ranked(2, (1, 2, 3))
    grades = [Grade("h4rmony-1", "es", "good", judge="j", place=3)]
    with pytest.raises(DataError, match=r"'h4rmony-1' \(es, place 3\) is graded, and its record has 3 answers only"):
        validate(grades, review=review)


def test_a_card_without_anything_found_names_nothing() -> None:
    assert Card("j").named == ()
