"""The score: which method, what it refuses, and that it says what it does not know."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from exports import Score, score, validate
from exports.evaluation.grades.files import Grade, ModelAnswer
from exports.evaluation.scores.linear import ppi, raw, score_interval
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.score import Scored
from tests.exports.cases import record
from tests.exports.grades import judged, random_levels, reviewed
from workspace.errors import ConfigError, DataError

pytestmark = pytest.mark.extras


def test_without_evidence_the_score_is_raw_and_says_so() -> None:
    found = score(judged([0, 1, 2, 2]))
    assert (found.method, found.overall.score, found.overall.prompts) == ("raw", 62.5, 4)
    assert found.overall == found.raw
    assert found.to_json()["method_in_words"].startswith("raw, unvalidated")


def test_people_s_grades_of_these_answers_give_ppi() -> None:
    levels = random_levels(1, 100)
    lenient = [min(2, level + 1) for level in levels]
    found = score(judged(lenient), people=reviewed(levels[:40]))
    assert found.method == "ppi"
    assert found.overall.people == 40
    assert found.raw.score is not None
    assert found.overall.score is not None
    assert found.overall.low <= sum(levels) / 2 <= found.overall.high < found.raw.score
    import numpy as np

    people = np.array([50.0 * level for level in levels[:40]] + [np.nan] * 60)
    exact = ppi(50.0 * np.array(lenient), np.arange(100), people)
    assert found.overall.score == pytest.approx(exact.value)
    assert (found.overall.low, found.overall.high) == pytest.approx(score_interval(exact))


def test_people_s_grades_of_the_dataset_s_answers_are_refused() -> None:
    people = reviewed([2, 2, 0], place=0)
    with pytest.raises(DataError, match="3 grades of people are of the dataset's answers, not of this model's: with"):
        score(judged([0, 1, 2]), people=people)


def test_a_card_gives_the_matrix_and_is_for_its_own_judge(sample_card: object) -> None:
    card = sample_card
    found = score(judged(random_levels(3, 60)), card=card)  # type: ignore[arg-type]
    assert found.method == "matrix"
    assert found.overall.low < found.raw.low or found.overall.high > found.raw.high
    with pytest.raises(DataError, match=r"the card is that of j \(rubric unnamed\), and the grades are by k"):
        score(judged([1, 2], judge="k"), card=card)  # type: ignore[arg-type]


def test_a_matrix_that_settles_little_is_said_to(sample_card: object) -> None:
    guessing = replace(sample_card, matrix=Matrix({"es": dict.fromkeys(map(str, range(30)), (((1.0,) * 3),) * 3)}))  # type: ignore[type-var]
    found = score(judged(random_levels(3, 60)), card=guessing).overall  # type: ignore[arg-type]
    assert found.note.startswith("the judge hardly tells good, regular and bad apart")
    assert found.high - found.low > 90


def test_people_win_over_a_card(sample_card: object) -> None:
    levels = random_levels(3, 60)
    found = score(judged(levels), people=reviewed(levels[:20]), card=sample_card)  # type: ignore[arg-type]
    assert found.method == "ppi"


def test_null_is_not_bad() -> None:
    found = score(judged([2, 2, 2, None, None]))
    assert (found.overall.score, found.overall.answers, found.without_grade) == (100, 3, 2)
    assert found.warnings == ("the judge could not judge 2 of 5 answers; the score says nothing of those",)


@pytest.mark.parametrize("grades", [[], judged([None, None])])
def test_without_any_grade_nothing_is_said(grades: list[Grade]) -> None:
    overall = score(grades).overall
    assert overall == Scored(None, 0, 100, 0, 0, note="no answer has a grade")
    assert str(overall) == "cannot say (0.0 to 100.0; 0 answers to 0 prompts): no answer has a grade"


def test_of_one_prompt_nothing_is_said() -> None:
    overall = score(judged([2])).overall
    assert (overall.low, overall.high, overall.note) == (0, 100, "one prompt: cannot say")


def test_people_who_could_judge_nothing_correct_nothing() -> None:
    found = score(judged([0, 1, 2]), people=reviewed([None, None]))
    assert found.method == "raw"
    assert found.warnings == ("people gave no grade, so they correct nothing",)
    assert found.warnings_in("es") == ("ninguna persona pudo dar una nota, así que no corrigen nada",)


def test_repeats_and_reviewers_are_averaged_within_an_answer() -> None:
    repeats = [*judged([0, 2]), *judged([2, 2], repeat=1), *judged([None, 2], repeat=2)]
    assert score(repeats).overall == score(judged([1, 2])).overall
    two = [*reviewed([0, 2]), *reviewed([2, 2], reviewer="luis"), *reviewed([None, None], reviewer="eva")]
    assert score(judged([1, 2]), people=two).overall == score(judged([1, 2]), people=reviewed([1, 2])).overall


def test_prompts_of_one_group_are_one() -> None:
    """Both languages of a record, and prompts in the same words, are not independent of each other."""
    grades = judged([0, 1, 2])
    both = [*grades, *judged([0, 1, 2], language="en")]
    assert score(both).overall.prompts == 3
    answers = [ModelAnswer(f"p-{n}", prompt, "es", "x", "m") for n, prompt in enumerate(("¿Qué?", "¡que!", "Otra"))]
    assert score(grades, answers=answers).overall.prompts == 2


def test_records_say_groups_issues_and_types() -> None:
    records = [
        replace(record(n), prompt="Same" if n < 3 else f"Other {n}", metadata={"issues": ["WA"] if n % 2 else []})
        for n in range(1, 7)
    ]
    grades = [replace(grade, id=f"h4rmony-{n}") for n, grade in enumerate(judged([0, 1, 2, 0, 1, 2]), start=1)]
    found = score(grades, records=records)
    assert found.overall.prompts == 5
    assert {name: each.answers for name, each in found.issues.items()} == {"WA": 3, "": 3}
    assert list(found.issues) == ["WA", ""]
    with pytest.raises(DataError, match="the records have no 'p-0', which was graded"):
        score(judged([0]), records=records)


def test_slices_use_the_judge_s_power_on_all_answers() -> None:
    """Two answers in English, one graded by people: their interval is everything, and that of Spanish is not."""
    levels = random_levels(2, 60)
    english = [replace(grade, id=f"e-{grade.id}", language="en") for grade in judged([1, 2])]
    people = [*reviewed(levels[:30]), replace(reviewed([1])[0], id="e-p-0", language="en")]
    found = score([*judged(levels), *english], people=people)
    english_score = found.languages["en"]
    assert (english_score.low, english_score.high) == (0, 100)
    assert english_score.note == "people graded answers to fewer than two of these prompts: cannot say"
    assert found.languages["es"].high - found.languages["es"].low < 40


def test_few_grades_by_people_are_pointed_out() -> None:
    levels = random_levels(4, 60)
    assert "answers to 9 prompts only" in score(judged(levels), people=reviewed(levels[:9])).warnings[0]
    assert score(judged(levels), people=reviewed(levels[:10])).warnings == ()


def test_a_sample_that_is_not_random_is_noticed() -> None:
    levels = [0] * 40 + [2] * 40
    assert "do not look like a random sample" in score(judged(levels), people=reviewed(levels[:30])).warnings[0]
    mixed = levels[::-2] + levels[::2]
    assert score(judged(mixed[::3]), people=reviewed(mixed[::3][:14])).warnings == ()


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(DataError, match=r"people graded 1 answers that the judge did not, such as 'p-2' \(es\)"):
        score(judged([0, 1]), people=reviewed([0, 1, 2]))
    with pytest.raises(DataError, match="these grades are by a judge"):
        score(judged([0, 1]), people=judged([0, 1]))
    with pytest.raises(DataError, match="these grades are of answers by a, b; give one model's"):
        score(judged([0], model="a"), people=reviewed([0], model="b"))
    with pytest.raises(DataError, match="these grades are of the dataset's answers"):
        score(judged([0, 1], place=0))
    with pytest.raises(DataError, match="one judge with one rubric has to grade all"):
        score(judged([0, 1]), anchors=[judged([0], judge="k")] * 3)
    with pytest.raises(ConfigError, match="anchors are three files"):
        score(judged([0, 1]), anchors=[judged([0])])


def test_a_score_is_json_and_a_frame() -> None:
    found = score(judged([0, 1, 2, 2]))
    data = json.loads(json.dumps(found.to_json()))
    assert data["interval"] == [round(found.overall.low, 4), round(found.overall.high, 4)]
    frame = found.to_pandas()
    assert list(frame["scope"]) == ["all", "raw", "issue", "type", "language"]
    assert frame["score"].tolist() == [62.5] * 5


def test_kin_and_languages_without_a_matrix_are_named(sample_card: object) -> None:
    grades = judged([0, 1, 2], language="en", family="gpt")
    texts = [ModelAnswer(f"p-{n}", f"P {n}", "en", "x", "m", "gpt") for n in range(3)]
    found = score(grades, answers=texts, card=sample_card)  # type: ignore[arg-type]
    assert [warning.partition(" ")[0] for warning in found.warnings] == ["judge", "the"]
    assert "judge and model are of one family (gpt)" in found.warnings[0]
    assert "too few ranked answers in English;" in found.warnings[1]


def test_the_order_of_the_grades_does_not_matter() -> None:
    grades = [*judged(random_levels(1, 40)), *judged(random_levels(2, 40), repeat=1)]
    people = reviewed(random_levels(3, 20))
    assert score(grades, people=people) == score(grades[::-1], people=people[::-1])


def test_raw_is_that_of_the_judge_alone() -> None:
    import numpy as np

    levels = random_levels(9, 50)
    exact = raw(50.0 * np.array(levels), np.arange(50))
    found: Score = score(judged(levels))
    assert (found.overall.low, found.overall.high) == pytest.approx(score_interval(exact))


@pytest.fixture(scope="module")
def sample_card() -> object:
    """The card of a judge that is off now and then, on 40 ranked records."""
    from exports.review.files import Review
    from tests.exports.cases import vote

    records = tuple(record(n) for n in range(1, 41))
    review = Review(records, tuple(vote(1, 2, 3, record_id=each.id) for each in records))
    grades = [
        Grade(each.id, "es", ("good", "regular", "bad" if n % 4 else "regular")[place], judge="j", place=place)
        for n, each in enumerate(records)
        for place in range(3)
    ]
    return validate(grades, review=review)
