"""Score, validate, plan and compare: from files or grades to a result, in one call each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from exports.evaluation.grades.families import family_of
from exports.evaluation.grades.files import Grade, check_grades, one_judge
from exports.evaluation.grades.given import (
    Answers,
    Grades,
    Records,
    answers_of,
    grades_of,
    judged_of,
    people_of,
    records_of,
)
from exports.evaluation.read import CARD_KEYS, SCORE_KEYS, check_output, read_card
from exports.evaluation.scores.card import Card, make_card
from exports.evaluation.scores.compare import Compared, compare_answers, place_between
from exports.evaluation.scores.doubts import Doubt, of_card, of_kin
from exports.evaluation.scores.graded import GradedAnswer, check_models, gather
from exports.evaluation.scores.linear import LEVEL
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.plan import Plan, plan_difference, plan_width
from exports.evaluation.scores.score import Score, refuse_dataset_grades, score_answers
from exports.review.files import Review, read_review
from workspace.errors import ConfigError, DataError
from workspace.extras import require_packages
from workspace.files.jsonl import dumps, write_json
from workspace.model.records import content_hash

PACKAGES = ("numpy", "scipy")  # of the extra `report`


def score(
    grades: Grades,
    *,
    people: Grades | None = None,
    card: str | Path | Card | None = None,
    records: Records | None = None,
    answers: Answers | None = None,
    anchors: Sequence[Grades] | None = None,
    judge: str | None = None,
    rubric: str | None = None,
    output: str | Path | None = None,
) -> Score:
    """Score a model's answers from a judge's grades, corrected as far as the evidence allows.

    Args:
        grades: the judge's grades of the model's answers.
        people: people's grades of a random sample of these very answers; with them the score is PPI++'s.
        card: what ``validate`` wrote; without people's grades, its matrix corrects the score.
        records: the records of the prompts: a file, the folder of a review, or the records. They say which prompts
            belong together, and their issues and types.
        answers: the answers; where there are no records, they say which prompts belong together.
        anchors: the judge's grades of the same model's answers in the roles unaware, ambivalent and aware.
        judge: whose grades to take, where there are several judges'.
        rubric: by which rubric, where there are several.
        output: where to write the score, for ``leaderboard``; None writes nothing.

    Raises:
        DataError: a file cannot be used, the parts do not belong together, or people's grades are of the dataset's
            answers.
        MissingPartError: scipy is not installed.

    Example:
        >>> from exports.evaluation.grades.files import Grade
        >>> grades = [Grade(f"p-{n}", "es", ("bad", "good", "good")[n % 3], judge="j") for n in range(30)]
        >>> score(grades).method
        'raw'
        >>> people = [Grade(f"p-{n}", "es", ("bad", "regular", "good")[n % 3], reviewer="ana") for n in range(12)]
        >>> round(score(grades, people=people).overall.score, 6)
        50.0
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"id": ["p-1", "p-2"], "language": "es", "grade": ["good", None], "judge": "j"})
        >>> score(frame).without_grade
        1
    """
    require_packages("the score", PACKAGES, "report")
    if output is not None:
        check_output(Path(output), SCORE_KEYS, "score")
    found = _Parts(people, records, answers, judge, rubric)
    kept = found.judged(grades)
    check_models(kept, found.answers, "the answers are")
    graded = found.gathered(kept)
    matrix, doubts = _matrix(card, kept) if card is not None else (None, ())
    if anchors is not None and len(anchors) != 3:
        raise ConfigError(f"anchors are three files of grades: floor, middle, ceiling; got {len(anchors)}")
    doubts = (*doubts, *of_kin(families_of(kept, graded)))
    if people is not None and not any(answer.people for answer in graded):
        doubts = (*doubts, Doubt("no_grade_by_people"))
    anchored = place_between(graded, *(found.gathered_anchor(each, kept) for each in anchors)) if anchors else None
    scored = score_answers(
        graded,
        matrix,
        judge=str(kept[0].judge) if kept else "",
        rubric=kept[0].rubric if kept else "",
        doubts=doubts,
        anchors=anchored,
        model=found.model(kept, graded),
        digest=found.digest(kept),
    )
    if output is not None:
        write_json(Path(output), scored.to_json())
    return scored


def validate(
    grades: Grades,
    *,
    people: Grades | None = None,
    ranked: Grades | None = None,
    review: str | Path | Review | None = None,
    records: Records | None = None,
    answers: Answers | None = None,
    judge: str | None = None,
    rubric: str | None = None,
    output: str | Path | None = None,
) -> Card:
    """Measure a judge: its agreement with people, its biases, its steadiness.

    Args:
        grades: the judge's grades, of a model's answers, of the dataset's (with a place), or of both.
        people: people's grades of the model's answers.
        ranked: its grades of the dataset's answers, where they are in a file of their own.
        review: the review with the rankings of the dataset's answers, or its folder.
        records: the records of the prompts, where there is no review.
        answers: the answers, for their lengths and families.
        judge: whose grades to take, where there are several judges'.
        rubric: by which rubric; those by the others say how much the wording matters.
        output: where to write the card; None writes nothing.

    Raises:
        DataError: a file cannot be used, or there is nothing to compare the judge with.
        MissingPartError: scipy is not installed.

    Example:
        >>> from exports.evaluation.grades.files import Grade
        >>> grades = [Grade(f"p-{n}", "es", ("bad", "good", "good")[n % 3], judge="j") for n in range(30)]
        >>> people = [Grade(f"p-{n}", "es", ("bad", "regular", "good")[n % 3], reviewer="ana") for n in range(12)]
        >>> validate(grades, people=people).answers.judge.table
        ((4.0, 0.0, 0.0), (0.0, 0.0, 4.0), (0.0, 0.0, 4.0))
    """
    require_packages("the judge's card", PACKAGES, "report")
    if output is not None:
        check_output(Path(output), CARD_KEYS, "judge's card")
    every = grades_of(grades) if ranked is None else (*grades_of(grades), *grades_of(ranked))
    check_grades(every)
    kept, texts = one_judge(every, judge, rubric), answers_of(answers)
    check_models(kept, texts, "the answers are")
    name, told = (kept[0].judge, kept[0].rubric) if kept else (None, "")
    found = make_card(
        kept,
        [grade for grade in every if grade.judge == name and grade.rubric != told],
        people=people_of(people),
        review=read_review(review) if isinstance(review, str | Path) else review,
        records=records_of(records),
        answers=texts,
    )
    if output is not None:
        write_json(Path(output), found.to_json())
    return found


def compare(
    first: Grades,
    second: Grades,
    *,
    people: Sequence[Grades] | None = None,
    card: str | Path | Card | None = None,
    records: Records | None = None,
    answers: Answers | None = None,
    judge: str | None = None,
    rubric: str | None = None,
    level: float = LEVEL,
) -> Compared:
    """Compare two models' answers to the same prompts, as one judge graded them.

    Args:
        first: the judge's grades of the first model's answers.
        second: those of the second's.
        people: people's grades of a random sample of the first's answers, and of the second's; with both, the
            difference is PPI++'s.
        card: the judge's card; without people's grades of both models, its matrix corrects the difference.
        records: see ``score``.
        answers: the answers of one of the models; see ``score``.
        judge: see ``score``.
        rubric: see ``score``.
        level: in so many cases the interval of a difference may miss the truth: 0.05 is an interval at 95%.

    Raises:
        DataError: a file cannot be used, two judges graded, or the parts do not belong together.
        MissingPartError: scipy is not installed.

    Example:
        >>> from exports.evaluation.grades.files import Grade
        >>> one = [Grade(f"p-{n}", "es", "good" if n % 4 else "bad", judge="j") for n in range(40)]
        >>> two = [Grade(f"p-{n}", "es", "good" if n % 2 else "bad", judge="j") for n in range(40)]
        >>> compare(one, two).overall.difference
        25.0
    """
    require_packages("the comparison", PACKAGES, "report")
    if people is not None and len(people) != 2:
        raise ConfigError(f"people's grades are needed of both models, got {len(people)}")
    sides = [
        _Parts(sampled, records, answers, judge, rubric)
        for sampled in (people if people is not None else (None, None))
    ]
    kept = [side.judged(grades) for side, grades in zip(sides, (first, second), strict=True)]
    same_judge([each[0] for each in kept if each])
    graded = [side.gathered(each) for side, each in zip(sides, kept, strict=True)]
    first_name, second_name = (side.model(each, ()) for side, each in zip(sides, kept, strict=True))
    matrix, doubts = _matrix(card, kept[0] or kept[1]) if card is not None else (None, ())
    found = compare_answers(graded[0], graded[1], matrix, level=level)
    kin = of_kin(families_of(kept[0], graded[0]) | families_of(kept[1], graded[1]))
    said = () if found.method == "ppi" else doubts  # PPI++ does without the card
    return replace(
        found,
        models=(first_name, second_name),
        doubts=(*(("", doubt) for doubt in (*said, *kin)), *found.doubts),
    )


def plan(
    grades: Grades | None = None,
    *,
    width: float | None = None,
    difference: float | None = None,
    people: Grades | None = None,
    other: Grades | None = None,
    other_people: Grades | None = None,
    records: Records | None = None,
    answers: Answers | None = None,
    judge: str | None = None,
    rubric: str | None = None,
) -> Plan:
    """Say how many answers people have to grade.

    Args:
        grades: the judge's grades of the model's answers; None without a pilot.
        width: how wide the interval of the score may be, in points.
        difference: or how many points two models differ by that are to be told apart.
        people: people's grades of a few of these answers, drawn at random.
        other: the judge's grades of the other model's answers.
        other_people: people's grades of a few of those.
        records: see ``score``.
        answers: see ``score``.
        judge: see ``score``.
        rubric: see ``score``.

    Raises:
        ConfigError: not one of ``width`` and ``difference`` is given, or it is not from 0 to 100.
        DataError: a file cannot be used, or the parts do not belong together.
        MissingPartError: scipy is not installed.

    Example:
        >>> plan(width=20).grades
        97
    """
    require_packages("the plan", PACKAGES, "report")
    wanted = width if width is not None else difference
    if wanted is None or (width is not None and difference is not None):
        raise ConfigError("either a width or a difference is needed")
    if not 0 < wanted <= 100:
        raise ConfigError(f"a width or a difference is more than 0 and at most 100 points, got {wanted:g}")
    first = _Parts(people, records, answers, judge, rubric)
    pilot = first.gathered(first.judged(grades)) if grades is not None else ()
    if width is not None:
        return plan_width(pilot, width)
    if other is None:
        return plan_difference(pilot, wanted)
    second = _Parts(other_people, records, answers, judge, rubric)
    return plan_difference(pilot, wanted, second.gathered(second.judged(other)))


class _Parts:
    """What is known beside the judge's grades, read once."""

    def __init__(
        self,
        people: Grades | None,
        records: Records | None,
        answers: Answers | None,
        judge: str | None,
        rubric: str | None,
    ) -> None:
        self._people, self._records, self.answers = people_of(people), records_of(records), answers_of(answers)
        self._judge, self._rubric = judge, rubric
        refuse_dataset_grades(self._people)

    def judged(self, grades: Grades) -> tuple[Grade, ...]:
        """The judge's grades of a model's answers."""
        kept = one_judge(judged_of(grades), self._judge, self._rubric)
        models = {grade.model for grade in (*kept, *self._people)} - {None}
        if len(models) > 1:
            raise DataError(f"these grades are of answers by {', '.join(sorted(map(str, models)))}; give one model's")
        if any(grade.place is not None for grade in kept):
            raise DataError(
                "these grades are of the dataset's answers (they have a place), not of a model's; a score is of a "
                "model's answers, and `h4rmony evaluate validate` takes the dataset's"
            )
        return kept

    def digest(self, kept: Sequence[Grade]) -> str:
        """A hash of the grades, the judge's and people's, in whatever order they are."""
        return content_hash(sorted(dumps(asdict(grade)) for grade in (*kept, *self._people)))

    def model(self, kept: Sequence[Grade], graded: Sequence[GradedAnswer]) -> str:
        """Who wrote the answers, as the grades say, or else the answers; "" if nobody said."""
        said = {grade.model for grade in (*kept, *self._people)} - {None}
        said = said or {answer.model for answer in graded} - {None}
        return str(said.pop()) if len(said) == 1 else ""

    def gathered(self, kept: Sequence[Grade]) -> tuple[GradedAnswer, ...]:
        """The answers with all that is known of them."""
        return gather(kept, self._people, self._records, self.answers)

    def gathered_anchor(self, grades: Grades, model: Sequence[Grade]) -> tuple[GradedAnswer, ...]:
        """The answers of one role, graded as the model's own were."""
        kept = one_judge(grades_of(grades), self._judge, self._rubric)
        same_judge([*model[:1], *kept[:1]])
        check_models(model, kept, "an anchor is of answers")
        return gather(kept, (), self._records, self.answers)


def _matrix(card: str | Path | Card, kept: Sequence[Grade]) -> tuple[Matrix | None, tuple[Doubt, ...]]:
    """The matrix of a card, and what the card says against it."""
    found = card_of(card)
    check_card(found, kept)
    biases = [each for each in found.biases if each[1].is_found]
    return found.matrix, tuple(of_card(biases, found.matrix is not None))


def card_of(card: str | Path | Card) -> Card:
    """A judge's card, read from its file if need be."""
    return card if isinstance(card, Card) else read_card(card)


def check_card(card: Card, kept: Sequence[Grade]) -> None:
    """Refuse the card of another judge or rubric than gave the grades.

    Raises:
        DataError: it is.
    """
    if kept and (card.judge, card.rubric) != (kept[0].judge, kept[0].rubric):
        raise DataError(
            f"the card is that of {card.judge} (rubric {card.rubric or 'unnamed'}), and the grades are by "
            f"{kept[0].judge} (rubric {kept[0].rubric or 'unnamed'}); a card corrects its own judge only"
        )


def families_of(kept: Sequence[Grade], graded: Sequence[GradedAnswer]) -> set[str]:
    """The families that are both the judge's and the model's."""
    families = {str(grade.family) for grade in kept if grade.family}
    written = {answer.family for answer in graded} | {family_of(grade.model) for grade in kept if grade.model}
    return families & set(map(str, written))


def same_judge(grades: Sequence[Grade]) -> None:
    """Refuse grades by several judges or rubrics.

    Raises:
        DataError: they are.
    """
    if len(found := {(str(grade.judge), grade.rubric) for grade in grades}) > 1:
        names = " and ".join(f"{judge} (rubric {rubric or 'unnamed'})" for judge, rubric in sorted(found))
        raise DataError(f"these answers were graded by {names}; one judge with one rubric has to grade all")
