"""Everything that the report of a score says, as numbers and texts: computed once, in no language. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exports.evaluation.grades.files import Grade, Key, Level, ModelAnswer
from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.compare import Compared
from exports.evaluation.scores.score import Score
from exports.evaluation.scores.standings import Standing
from exports.merging.provenance import issue_codes
from workspace.model.records import Record

REGULAR = 50.0


@dataclass(frozen=True)
class Given:
    """A grade of an answer and its reason; None is "cannot judge"."""

    grade: Level | None
    reason: str


@dataclass(frozen=True)
class Worst:
    """An answer with a low grade: people's mean where they graded it, else the judge's. Nobody is named."""

    id: str
    language: str
    issues: tuple[str, ...]
    prompt: str
    answer: str
    judge: tuple[Given, ...]
    people: tuple[Given, ...]
    points: float


@dataclass(frozen=True)
class ScoreContents:
    """The whole report.

    Attributes:
        score: of the model that the report is about.
        others: of the models beside it.
        compared: the first minus the other, where there is one other.
        standing: all models against each other, where there are several others.
        card: the judge's.
        worst: the answers with the lowest grades, the lowest first.
        below: how many answers have a grade below good.
        has_texts: whether the answers' texts were given.
        likelihoods: the score without a judge of the model, and of the others, where they were given.
    """

    score: Score
    others: tuple[Score, ...]
    compared: Compared | None
    standing: Standing | None
    card: Card | None
    worst: tuple[Worst, ...]
    below: int
    has_texts: bool
    likelihoods: tuple[Likelihood | None, ...] = ()

    @property
    def reading(self) -> str:
        """What the interval says: ``nothing``, ``better`` or ``worse`` than regular in the mean, or ``unclear``."""
        found = self.score.overall
        if found.score is None or found.prompts < 2 or found.high - found.low > 99:
            return "nothing"
        if found.low > REGULAR:
            return "better"
        return "worse" if found.high < REGULAR else "unclear"


def worst_answers(
    judge: Iterable[Grade],
    people: Iterable[Grade],
    answers: Sequence[ModelAnswer] = (),
    records: Sequence[Record] = (),
) -> tuple[Worst, ...]:
    """Every answer with a grade below good, the lowest first.

    Of equal ones those that people graded come first, then those that the judge graded lower, then by id.
    """
    judged, graded = _by_key(judge), _by_key(people)
    texts = {answer.key: answer for answer in answers}
    known = {record.id: record for record in records}
    found = []
    for key, given in judged.items():
        own, others = _mean(given), _mean(graded.get(key, ()))
        points = own if others is None else others
        if points is not None and points < 100:
            found.append((points, others is None, points if own is None else own, key))
    return tuple(_worst(key, judged[key], graded, texts, known, points) for points, *_, key in sorted(found))


def _worst(
    key: Key,
    judge: Sequence[Grade],
    people: Mapping[Key, Sequence[Grade]],
    texts: Mapping[Key, ModelAnswer],
    records: Mapping[str, Record],
    points: float,
) -> Worst:
    answer, record = texts.get(key), records.get(key[0])
    return Worst(
        id=key[0],
        language=key[1],
        issues=issue_codes(record) if record else (),
        prompt=answer.prompt if answer else _prompt(record, key[1]),
        answer=answer.answer if answer else "",
        judge=_given(judge),
        people=_given(people.get(key, ())),
        points=points,
    )


def _prompt(record: Record | None, language: str) -> str:
    if record is None:
        return ""
    translation = record.translation
    return translation.prompt if translation and translation.language == language else record.prompt


def _given(grades: Sequence[Grade]) -> tuple[Given, ...]:
    """Equal grades with equal reasons once."""
    ordered = sorted(grades, key=lambda one: (one.points is None, one.points or 0, one.repeat, one.reason))
    return tuple(dict.fromkeys(Given(one.grade, " ".join(one.reason.split())) for one in ordered))


def _by_key(grades: Iterable[Grade]) -> dict[Key, list[Grade]]:
    found: dict[Key, list[Grade]] = {}
    for grade in grades:
        found.setdefault(grade.key, []).append(grade)
    return found


def _mean(grades: Sequence[Grade]) -> float | None:
    points = [grade.points for grade in grades if grade.points is not None]
    return sum(points) / len(points) if points else None
