"""``evaluate grade``: a judge grades answers by the rubric, each several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from exports.evaluation.grades.families import family_of
from exports.evaluation.grades.files import LEVELS, Grade, Key, ModelAnswer, check_grades, read_answers
from exports.evaluation.judging.asking import Counted, Refusal, ask
from exports.evaluation.judging.prompts import PLACED, SplitChoice, lacking, read_ranked
from exports.evaluation.judging.rubric import (
    REPLY_CHARACTERS,
    VERSION,
    VERSIONS,
    Judged,
    order_of,
    quoted,
    read_judged,
    rubric_version,
    schema,
    told,
)
from exports.evaluation.judging.settings import AskSettings
from exports.evaluation.judging.stored import differing, read_settings, today, write_settings
from exports.merging.settings import LanguageChoice
from workspace.chat import Question, Request
from workspace.errors import ConfigError, DataError
from workspace.files.jsonl import check_replaceable, file_digest, read_jsonl, write_jsonl
from workspace.model.records import content_hash, typed_or_none

REPEATS = 3
Answers: TypeAlias = str | Path | Iterable[ModelAnswer]


@dataclass(frozen=True, kw_only=True)
class GradeSettings(AskSettings):
    """Which judge grades, and how often; beside what every model is asked with.

    Attributes:
        repeats: how often each answer is graded, each time with the grades in another order, up to six.
        rubric: the name of the rubric: ``v1``, or ``v1b``, which is the same in other words. Grades by both in one
            file tell the judge's card how much the wording matters.
        language: of the dataset's answers, where these are graded: es or en, or both.
        split: of the dataset's answers: test, train or all.
    """

    OPTION: ClassVar[str] = "--judge NAME"

    repeats: int = REPEATS
    rubric: str = VERSION
    language: LanguageChoice = "es"
    split: SplitChoice = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.repeats < 1:
            raise ConfigError(f"--repeats {self.repeats}: an answer is graded once or more")
        if self.rubric not in VERSIONS:
            raise ConfigError(f"--rubric {self.rubric}: choose of {', '.join(VERSIONS)}")

    def stored(self) -> dict[str, Any]:
        """The settings as the file beside the grades holds them, for this judge."""
        return {"family": self.known_family, **self.parameters()}

    def request(self, answer: ModelAnswer, repeat: int) -> Request:
        """What the judge is asked of an answer; the seed is another one in each repeat."""
        order = order_of(answer.key, repeat)
        given = self.parameters() | {"seed": self.seed + repeat}
        return Request.of(
            quoted(answer, self.rubric),
            system=told(answer.language, order, self.rubric),
            schema=schema(order),
            repeat=repeat,
            answer_characters=REPLY_CHARACTERS,
            **given,
        )


@dataclass(frozen=True, kw_only=True)
class Graded(Counted):
    """What ``grade`` did.

    Attributes:
        grades: this judge's by this rubric of the answers, sorted by answer and repeat.
        answers: how many answers were to be graded.
    """

    grades: tuple[Grade, ...]
    answers: int

    @property
    def without_grade(self) -> int:
        """How many of the grades say that the judge cannot judge."""
        return sum(grade.grade is None for grade in self.grades)

    def to_json(self) -> dict[str, Any]:
        """The lines of a summary."""
        counted = Counter(grade.grade for grade in self.grades)
        return {
            "answers": self.answers,
            "grades": {level: counted[level] for level in LEVELS},
            "cannot_judge": self.without_grade,
            **super().to_json(),
        }


@dataclass(frozen=True)
class _Line:
    """A grade as its file holds it, with the hash of the texts that were graded, where that is recorded."""

    grade: Grade
    graded: str | None = None

    @property
    def giver(self) -> tuple[str, str]:
        """The judge and the rubric."""
        return (str(self.grade.judge), self.grade.rubric)

    @classmethod
    def from_json(cls, data: Any) -> _Line:
        return cls(Grade.from_json(data), typed_or_none(data, "grade", "graded", str))

    def to_json(self) -> dict[str, Any]:
        told = {name: value for name, value in vars(self.grade).items() if value is not None or name == "grade"}
        return told | ({"graded": self.graded} if self.graded else {})


def grade(
    answers: Answers | None = None,
    output: str | Path = "grades.jsonl",
    settings: GradeSettings | None = None,
    *,
    data: str | Path | None = None,
) -> Graded:
    """Have a judge grade answers good, regular or bad, with a reason.

    A judge that cannot judge says so, and the grade is null, never bad. Grades that the file has, of the same texts,
    are kept and not asked for again, and so are those by other judges and rubrics. The file is written at the end,
    whole or not at all; replies are kept in the home as they come.

    Args:
        answers: one model's answers: a file, or the answers.
        output: the JSON Lines file of grades.
        settings: which judge, and how often.
        data: in place of answers, a review or a file of records: each answer that the dataset has is graded, and its
            grade has its place. That is what a judge's card is made of.

    Raises:
        DataError: a file cannot be used, or the answers are several models'.
        ConfigError: there is not one of answers and data, no judge, or it cannot be asked.
        MissingPartError: a package is not installed.

    >>> answers = [ModelAnswer("p-1", "¿Qué hago con el sauce?", "es", "Cuídalo: cría mirlos.", "qwen3")]
    >>> endpoint = {"model": "qwen3-judge", "base_url": "http://localhost:11434/v1"}
    >>> graded = grade(answers, settings=GradeSettings(dry_run=True, **endpoint))
    >>> graded.missing, graded.warnings
    (3, ('judge and model are of one family (qwen); such judges favour their kin: name a judge of another one',))
    """
    settings, output = settings or GradeSettings(), Path(output)
    if isinstance(answers, str | Path) and Path(answers).resolve() == output.resolve():
        raise ConfigError(f"{output}: the grades need a file of their own")
    check_replaceable(output)
    wanted = _wanted(answers, data, settings)
    there = _there(output, wanted, settings)
    rubric = rubric_version(settings.rubric)
    every = [(answer, repeat) for answer in wanted for repeat in range(settings.repeats)]
    waiting = [
        (answer, repeat)
        for answer, repeat in every
        if not _is_graded(answer, there.get((answer.key, settings.name, rubric, repeat)))
    ]
    new_lines, asked = dict(there), waiting[: settings.most]
    questions = [Question(settings.request(*each), read_judged, each) for each in asked]
    done = ask(questions, settings, "grading")
    for (answer, repeat), judged in done.values:
        line = _Line(_grade(answer, repeat, judged, settings, rubric), _hash(answer))
        new_lines[answer.key, *line.giver, repeat] = line
    before = file_digest(output)
    if done.values and not settings.dry_run:
        write_settings(output, {**read_settings(output), settings.name: {**settings.stored(), "date": today()}})
        write_jsonl(output, (new_lines[key].to_json() for key in sorted(new_lines)))
    mine = {answer.key for answer in wanted}
    grades = [new_lines[key].grade for key in sorted(new_lines) if key[1:3] == (settings.name, rubric)]
    return Graded(
        grades=tuple(each for each in grades if each.key in mine and each.repeat < settings.repeats),
        answers=len(wanted),
        kept=len(every) - len(waiting),
        written=len(done.values),
        refused=tuple(Refusal(each.id, each.language, reason) for (each, _), reason in done.refused),
        missing=done.missing + len(waiting) - len(asked),
        changed=before != file_digest(output),
        estimated_requests=done.estimated_requests,
        estimated=done.estimated,
        usage=done.usage,
        prices=settings.prices,
        warnings=(*(lacking(wanted, settings.language, data) if data is not None else ()), *_kin(wanted, settings)),
        problem=done.problem,
    )


def _wanted(answers: Answers | None, data: str | Path | None, settings: GradeSettings) -> tuple[ModelAnswer, ...]:
    """The answers to be graded, sorted by their keys.

    Raises:
        DataError: they cannot be read, or are several models'.
        ConfigError: not one of the two is given.
    """
    if (answers is None) == (data is None):
        raise ConfigError("give the answers of a model, or --data and no answers")
    if data is not None:
        return read_ranked(data, settings.language, settings.split)
    assert answers is not None
    found = read_answers(answers) if isinstance(answers, str | Path) else tuple(answers)
    models = sorted({each.model for each in found if each.place is None})
    if len(models) > 1:
        raise DataError(f"these answers are by {', '.join(models)}; give one model's in a file")
    if not found:
        raise DataError(f"{answers if isinstance(answers, str | Path) else 'answers'}: there are none to grade")
    return tuple(sorted(found, key=lambda each: each.key))


def _there(
    output: Path, wanted: Sequence[ModelAnswer], settings: GradeSettings
) -> dict[tuple[Key, str, str, int], _Line]:
    """The lines that the file of grades has.

    Raises:
        DataError: it cannot be read.
        ConfigError: it has people's grades, those of another model's answers, or the judge's with other settings.
    """
    if not output.exists():
        return {}
    lines = list(read_jsonl(output, _Line.from_json))
    check_grades((line.grade for line in lines), str(output))
    if any(line.grade.reviewer is not None for line in lines):
        raise ConfigError(f"{output}: has people's grades; give -o a file of the judge's own")
    models = {each.model for each in wanted if each.place is None}
    others = {line.grade.model for line in lines if line.grade.place is None} - models - {None}
    if models and others:
        raise ConfigError(f"{output}: has grades of {', '.join(map(str, others))}'s answers; give -o another file")
    if wrong := differing(read_settings(output).get(settings.name, {}), settings.stored()):
        raise ConfigError(f"{output}: {settings.name} graded with {wrong}; give -o another file")
    return {(line.grade.key, *line.giver, line.grade.repeat): line for line in lines}


def _grade(answer: ModelAnswer, repeat: int, judged: Judged, settings: GradeSettings, rubric: str) -> Grade:
    return Grade(
        answer.id,
        answer.language,
        judged.grade,
        judged.reason,
        repeat,
        judge=settings.name,
        rubric=rubric,
        place=answer.place,
        model=None if answer.model == PLACED else answer.model,
        order="-".join(order_of(answer.key, repeat)),
        family=settings.known_family,
    )


def _is_graded(answer: ModelAnswer, line: _Line | None) -> bool:
    """Whether a line of the file grades this very text."""
    return line is not None and line.graded in (None, _hash(answer))


def _hash(answer: ModelAnswer) -> str:
    return content_hash([answer.prompt, answer.answer])


def _kin(answers: Iterable[ModelAnswer], settings: GradeSettings) -> tuple[str, ...]:
    """A warning where the judge is the model, or of its family."""
    own = [answer for answer in answers if answer.place is None]
    if settings.name in {answer.model for answer in own}:
        return ("the judge is the model itself; name another judge",)
    family = settings.known_family
    if family is not None and family in {answer.family or family_of(answer.model) for answer in own}:
        kin = f"judge and model are of one family ({family})"
        return (f"{kin}; such judges favour their kin: name a judge of another one",)
    return ()
