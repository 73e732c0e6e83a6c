"""The report of a score in one call: what ``h4rmony evaluate report`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.evaluation.grades.given import Answers, Grades, Records, records_of
from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.run import PACKAGES, card_of, check_card, same_judge
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.compare import Compared
from exports.evaluation.scores.score import Score
from exports.evaluation.scores.standings import Standing
from exports.reporting.html import check_page, write_page
from exports.reporting.leaderboard import pairs_json
from exports.reporting.score_contents import ScoreContents, worst_answers
from exports.reporting.score_page import render_score
from exports.reporting.score_sides import Side, sides_of, standing_of
from exports.words import Language, Wording
from workspace.errors import ConfigError
from workspace.extras import require_packages

DEFAULT_WORST = 10


@dataclass(frozen=True)
class ScoreReported:
    """What a score's report says.

    Attributes:
        score: the model's.
        others: those of the models beside it.
        compared: the first minus the other, where there is one other.
        standing: all models against each other, where there are several others.
        worst: how many of the worst answers are on the page.
        changed: whether the file was another before.
        dry_run: whether nothing was written.
    """

    score: Score
    others: tuple[Score, ...]
    compared: Compared | None
    standing: Standing | None
    worst: int
    changed: bool
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """What ``h4rmony evaluate report --json`` prints."""
        compared = None if self.compared is None else self.compared.to_json()
        told = {"worst": self.worst, "changed": self.changed, "dry_run": self.dry_run}
        pairs = None if self.standing is None else pairs_json(self.standing)
        return {"score": self.score.to_json(), "compared": compared, "pairs": pairs, **told}


def report_score(
    grades: Grades,
    path: str | Path,
    *,
    people: Grades | None = None,
    answers: Answers | None = None,
    card: str | Path | Card | None = None,
    records: Records | None = None,
    anchors: Sequence[Grades] | None = None,
    others: Sequence[Grades] = (),
    other_people: Sequence[Grades] = (),
    other_answers: Sequence[Answers] = (),
    likelihood: str | Path | Likelihood | None = None,
    other_likelihoods: Sequence[str | Path | Likelihood] = (),
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
        others: the judge's grades of other models' answers, to compare with; any number.
        other_people: people's grades of random samples of those. Each is of the model that it names, or, where
            there is one for each of ``others``, of those in their order; so are the next two.
        other_answers: those answers.
        likelihood: the model's score without a judge.
        other_likelihoods: those of the other models.
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
    first = Side.of(grades, people, answers, likelihood, judge, rubric)
    beside = sides_of(others, other_people, other_answers, other_likelihoods, judge=judge, rubric=rubric)
    given = None if card is None else card_of(card)
    if given is not None:
        check_card(given, first.judged)
    same_judge([side.judged[0] for side in (first, *beside) if side.judged])
    known = records_of(records)
    shared: dict[str, Any] = {"records": known, "judge": judge, "rubric": rubric}
    found = worst_answers(first.judged, first.people or (), first.answers, known)
    contents = ScoreContents(
        first.score(given, anchors=anchors, **shared),
        tuple(side.score(given, **shared) for side in beside),
        first.compared(beside[0], given, **shared) if len(beside) == 1 else None,
        standing_of([first, *beside], given, wording, **shared) if len(beside) > 1 else None,
        given,
        found[:worst],
        len(found),
        bool(first.answers),
        tuple(side.likelihood for side in (first, *beside)),
    )
    changed = write_page(Path(path), render_score(contents, wording).encode(), dry_run=dry_run)
    return ScoreReported(
        contents.score, contents.others, contents.compared, contents.standing, len(contents.worst), changed, dry_run
    )
