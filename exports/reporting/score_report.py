"""The report of a score in one call: what ``h4rmony evaluate report`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exports.evaluation.grades.files import Grade, ModelAnswer, one_judge
from exports.evaluation.grades.given import Answers, Grades, Records, answers_of, judged_of, people_of, records_of
from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.run import PACKAGES, card_of, check_card, compare, score
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.compare import Compared
from exports.evaluation.scores.score import Score
from exports.reporting.html import check_page, write_page
from exports.reporting.leaderboard import likelihood_of
from exports.reporting.score_contents import ScoreContents, worst_answers
from exports.reporting.score_page import render_score
from exports.words import Language, Wording
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.model.records import Record

DEFAULT_WORST = 10


@dataclass(frozen=True)
class ScoreReported:
    """What a score's report says.

    Attributes:
        score: the model's.
        other: that of the model beside it; None if there is none.
        compared: the first minus the other.
        worst: how many of the worst answers are on the page.
        changed: whether the file was another before.
        dry_run: whether nothing was written.
    """

    score: Score
    other: Score | None
    compared: Compared | None
    worst: int
    changed: bool
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """What ``h4rmony evaluate report --json`` prints."""
        compared = None if self.compared is None else self.compared.to_json()
        told = {"worst": self.worst, "changed": self.changed, "dry_run": self.dry_run}
        return {"score": self.score.to_json(), "compared": compared, **told}


@dataclass(frozen=True)
class _Side:
    """A model's answers with their grades."""

    grades: tuple[Grade, ...]
    people: tuple[Grade, ...] | None
    answers: tuple[ModelAnswer, ...]

    @classmethod
    def of(cls, grades: Grades, people: Grades | None, answers: Answers | None) -> _Side:
        return cls(judged_of(grades), None if people is None else people_of(people), answers_of(answers))


def report_score(
    grades: Grades,
    path: str | Path,
    *,
    people: Grades | None = None,
    answers: Answers | None = None,
    card: str | Path | Card | None = None,
    records: Records | None = None,
    anchors: Sequence[Grades] | None = None,
    other: Grades | None = None,
    other_people: Grades | None = None,
    other_answers: Answers | None = None,
    likelihood: str | Path | Likelihood | None = None,
    other_likelihood: str | Path | Likelihood | None = None,
    language: Language = "es",
    worst: int = DEFAULT_WORST,
    judge: str | None = None,
    rubric: str | None = None,
    dry_run: bool = False,
) -> ScoreReported:
    """Write one HTML page that says what a model's answers are worth, and how far to trust that.

    The page opens offline, and names no reviewer. The same grades give the same bytes.

    Args:
        grades: the judge's grades of the model's answers.
        path: the HTML file to write.
        people: people's grades of a random sample of these answers.
        answers: the answers, for their texts.
        card: the judge's card.
        records: the records of the prompts, for issues and types.
        anchors: see ``score``.
        other: the judge's grades of another model's answers, to compare with.
        other_people: people's grades of a random sample of those.
        other_answers: those answers.
        likelihood: the model's score without a judge.
        other_likelihood: that of the other model.
        language: "es" or "en".
        worst: how many of the worst answers to show, at most.
        judge: see ``score``.
        rubric: see ``score``.
        dry_run: write nothing.

    Raises:
        DataError: a file cannot be used or written, or the parts do not belong together.
        ConfigError: the file is there and is no page, ``worst`` is less than 0, or something of another model is
            given without its grades.
        ValueError: there is no such language.
        MissingPartError: a package of the extra ``report`` is not installed.

    Example:
        >>> from exports.evaluation.grades.files import Grade
        >>> grades = [Grade(f"p-{n}", "es", ("bad", "good", "good")[n % 3], judge="j") for n in range(30)]
        >>> people = [Grade(f"p-{n}", "es", ("bad", "regular", "good")[n % 3], reviewer="ana") for n in range(12)]
        >>> report_score(grades, "score.html", people=people, language="en").worst
        10
    """
    require_packages("the report", (*PACKAGES, "matplotlib"), "report")
    wording = Wording(language)
    check_page(path)
    if worst < 0:
        raise ConfigError(f"worst is {worst}; give a number of at least 0")
    if other is None and any(given is not None for given in (other_people, other_answers, other_likelihood)):
        raise ConfigError("what is given of another model needs the judge's grades of that model too (--other)")
    found = _contents(
        _Side.of(grades, people, answers),
        None if other is None else _Side.of(other, other_people, other_answers),
        None if card is None else card_of(card),
        worst,
        anchors=anchors,
        records=records_of(records),
        judge=judge,
        rubric=rubric,
    )
    beside = (likelihood, other_likelihood)
    first, second = (None if each is None else likelihood_of(each) for each in beside)
    found = replace(found, likelihoods=(first, second))
    changed = write_page(Path(path), render_score(found, wording).encode(), dry_run=dry_run)
    return ScoreReported(found.score, found.other, found.compared, len(found.worst), changed, dry_run)


def _contents(
    first: _Side,
    second: _Side | None,
    card: Card | None,
    worst: int,
    *,
    anchors: Sequence[Grades] | None,
    records: tuple[Record, ...],
    judge: str | None,
    rubric: str | None,
) -> ScoreContents:
    kept = one_judge(first.grades, judge, rubric)
    if card is not None:
        check_card(card, kept)

    def scored(side: _Side, anchors: Sequence[Grades] | None) -> Score:
        return score(
            side.grades, people=side.people, card=None if side.people else card, records=records,
            answers=side.answers, anchors=anchors, judge=judge, rubric=rubric,
        )  # fmt: skip

    own, other, compared = scored(first, anchors), None, None
    if second is not None:
        both = (first.people, second.people) if first.people is not None and second.people is not None else None
        other = scored(second, None)
        compared = compare(
            first.grades,
            second.grades,
            people=both,
            records=records,
            answers=first.answers,
            judge=judge,
            rubric=rubric,
        )
    found = worst_answers(kept, first.people or (), first.answers, records)
    return ScoreContents(own, other, compared, card, found[:worst], len(found), bool(first.answers))
