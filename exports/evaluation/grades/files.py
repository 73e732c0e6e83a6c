"""Answers of a model and the grades that a judge or people gave them, as JSON Lines (docs/formats.md).

``answers.jsonl`` has one answer a line, ``grades.jsonl`` one grade. People's grades are a file of the same shape
with ``reviewer`` in the place of ``judge``. A grade of an answer that the dataset itself has names its ``place``
among the record's answers, from 0; without a place it is a grade of the model's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from exports.evaluation.grades.inspect_logs import is_log, log_answers, log_grades
from exports.evaluation.grades.samples import Samples, is_samples, read_samples
from workspace.errors import DataError, shown
from workspace.files.jsonl import read_jsonl
from workspace.model.frames import values_from_frame
from workspace.model.languages import language_code
from workspace.model.records import Record, text_problem, typed, typed_or_none

if TYPE_CHECKING:
    import pandas as pd

Value = TypeVar("Value")
Level = Literal["bad", "regular", "good"]
LEVELS: tuple[Level, ...] = ("bad", "regular", "good")  # 0, 50 and 100 points
Key: TypeAlias = tuple[str, str, int]  # id, language, place; -1 for a model's answer
MODEL = -1


@dataclass(frozen=True)
class ModelAnswer:
    """What a model answered to a prompt in one language.

    Attributes:
        id: that of the prompt's record.
        family: the family of the model, such as ``gpt``; None if nobody said.
        place: of an answer that the dataset has, its index among the record's answers; None for a model's own.

    Raises:
        DataError: on construction, if a text is blank or the language is none.
    """

    id: str
    prompt: str
    language: str
    answer: str
    model: str
    family: str | None = None
    place: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", _language(self.language))
        if problem := text_problem(self.prompt):
            raise DataError(f"answer: 'prompt': {problem}; correct it")
        _check_place(self.place)

    @property
    def key(self) -> Key:
        """What tells the answer apart."""
        return (self.id, self.language, MODEL if self.place is None else self.place)

    @classmethod
    def from_json(cls, data: Any) -> ModelAnswer:
        """Build an answer from a line of ``answers.jsonl``; other keys are not read.

        Raises:
            DataError: a key is missing or of the wrong type, or cannot be.
        """
        fields = typed(data, "answer", id=str, prompt=str, language=str, answer=str, model=str)
        return cls(**fields, **_optional(data, "answer", family=str, place=int))


@dataclass(frozen=True)
class Grade:
    """One grade of one answer, by a judge or by a reviewer.

    Attributes:
        id: that of the prompt's record.
        grade: None if it cannot be judged, which is never the same as bad.
        repeat: the how manieth time the judge graded the answer.
        judge: the judge's name; None if a person gave the grade.
        rubric: the version of what the judge was told.
        reviewer: the person's name; None if a judge gave the grade.
        place: see ``ModelAnswer``.
        model: who wrote the answer, where that is recorded.
        order: in which order the judge was shown what it chose from, where that is recorded.
        family: the judge's family, where that is recorded.

    Raises:
        DataError: on construction, if the grade or the language is none that there is, or not one of judge and
            reviewer is named.
    """

    id: str
    language: str
    grade: Level | None
    reason: str = ""
    repeat: int = 0
    judge: str | None = None
    rubric: str = ""
    reviewer: str | None = None
    place: int | None = None
    model: str | None = None
    order: str | None = None
    family: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", _language(self.language))
        if self.grade is not None and self.grade not in LEVELS:
            raise DataError(f"grade: 'grade' must be one of {', '.join(LEVELS)} or null, got {self.grade!r}")
        if (self.judge is None) == (self.reviewer is None):
            raise DataError("grade: either 'judge' or 'reviewer' must name who gave it")
        if not (self.judge or self.reviewer):
            raise DataError("grade: the name of who gave it is empty; name the judge or the reviewer")
        _check_place(self.place)

    @property
    def key(self) -> Key:
        """What tells the graded answer apart."""
        return (self.id, self.language, MODEL if self.place is None else self.place)

    @property
    def points(self) -> int | None:
        """0, 50 or 100; None if it cannot be judged."""
        return None if self.grade is None else 50 * LEVELS.index(self.grade)

    @classmethod
    def from_json(cls, data: Any) -> Grade:
        """Build a grade from a line of ``grades.jsonl``; other keys are not read.

        Raises:
            DataError: a key is missing or of the wrong type, or its value cannot be.
        """
        fields = typed(data, "grade", id=str, language=str)
        if "grade" not in data:
            raise DataError("grade: key 'grade' is missing; write null where the answer cannot be judged")
        texts = ("reason", "judge", "rubric", "reviewer", "model", "order", "family")
        optional = _optional(data, "grade", repeat=int, place=int, **dict.fromkeys(texts, str))
        return cls(**fields, grade=data["grade"], **optional)


def read_answers(*paths: str | Path) -> tuple[ModelAnswer, ...]:
    """Read files of answers, logs of Inspect AI and samples of lm-eval too.

    Raises:
        DataError: a file cannot be read, or an answer is there twice; names the file and the line.
    """
    found = [
        answer
        for path in map(Path, paths)
        for answer in _read(path, log_answers, Samples.answer, ModelAnswer.from_json)
    ]
    _once(((answer.key, answer.model) for answer in found), paths, "an answer by")
    return tuple(found)


def read_grades(*paths: str | Path) -> tuple[Grade, ...]:
    """Read files of grades, a judge's or people's, logs of Inspect AI, and samples of lm-eval that have grades.

    Raises:
        DataError: a file cannot be read, or a grade is there twice; names the file and the line.
    """
    found = [grade for path in map(Path, paths) for grade in _read(path, log_grades, Samples.grade, Grade.from_json)]
    check_grades(found, ", ".join(map(str, paths)))
    return tuple(found)


def _read(
    path: Path,
    of_log: Callable[[Path], list[Any]],
    of_sample: Callable[[Samples, Any], Any],
    parse: Callable[[Any], Value],
) -> Iterable[Value]:
    if is_log(path):
        return map(parse, of_log(path))
    if is_samples(path):
        return read_samples(path, lambda samples, line: parse(of_sample(samples, line)))
    return read_jsonl(path, parse)


def grades_from_frame(frame: pd.DataFrame) -> tuple[Grade, ...]:
    """The grades of a DataFrame with the columns of ``grades.jsonl``; what is missing counts as null.

    Raises:
        DataError: a row is no grade, or is there twice; names the row.
    """
    found = values_from_frame(frame, tuple(Grade.__dataclass_fields__), _grade_of_row, "grades")
    check_grades(found, "the DataFrame of grades")
    return found


def _grade_of_row(row: dict[str, Any]) -> Grade:
    numbers = {name: row[name] for name in ("repeat", "place") if isinstance(row.get(name), float)}
    whole = {name: int(number) for name, number in numbers.items() if number.is_integer()}  # 1.0 beside a missing one
    return Grade.from_json({"grade": None, **row, **whole})


def read_records(path: str | Path) -> tuple[Record, ...]:
    """Read records, from a file or from the folder of a review.

    Raises:
        DataError: the file cannot be read; names the line.
    """
    path = Path(path)
    return tuple(read_jsonl(path / "records.jsonl" if path.is_dir() else path, Record.from_json))


def check_grades(grades: Iterable[Grade], where: str = "the grades") -> None:
    """Refuse two grades of one answer by one judge in one repeat, or by one reviewer.

    Raises:
        DataError: there are two.
    """
    _once(((grade.key, _giver(grade)) for grade in grades), (where,), "a grade by")


def _giver(grade: Grade) -> str:
    if grade.reviewer is not None:
        return grade.reviewer
    told = f" with rubric {shown(grade.rubric, 20)}" if grade.rubric else ""
    ordered = f" in order {shown(grade.order, 20)}" if grade.order else ""
    return f"{grade.judge} in repeat {grade.repeat}{told}{ordered}"


def _once(keys: Iterable[tuple[Key, str]], paths: Sequence[object], what: str) -> None:
    seen: set[tuple[Key, str]] = set()
    for key, giver in keys:
        if (key, giver) in seen:
            name, language, place = key
            at = "" if place == MODEL else f", place {place}"
            raise DataError(
                f"{', '.join(map(str, paths))}: {what} {giver} of {shown(name)} ({language}{at}) is there twice; "
                "remove one"
            )
        seen.add((key, giver))


def _optional(data: dict[str, Any], what: str, **types: type) -> dict[str, Any]:
    found = {name: typed_or_none(data, what, name, kind) for name, kind in types.items()}
    return {name: value for name, value in found.items() if value is not None}


def _language(said: str) -> str:
    code = language_code(said)
    if code is None:
        raise DataError(f"'language' must be a language such as es or en, got {shown(said)}")
    return code


def _check_place(place: int | None) -> None:
    if place is not None and place < 0:
        raise DataError(f"'place' must be the index of one of the record's answers, from 0, got {place}")


def one_judge(grades: Sequence[Grade], judge: str | None = None, rubric: str | None = None) -> tuple[Grade, ...]:
    """The grades of one judge by one rubric, of its last run.

    Raises:
        DataError: there are several, and none is named; or none by that name; or people gave them.
    """
    if any(grade.reviewer is not None for grade in grades):
        raise DataError("these grades are people's, not a judge's; give them as people's (--people)")
    kept = [each for each in grades if judge in (None, each.judge) and rubric in (None, each.rubric)]
    pairs = sorted({(str(each.judge), each.rubric) for each in kept})
    if grades and not kept:
        known = ", ".join(sorted({f"{each.judge} (rubric {each.rubric or 'unnamed'})" for each in grades}))
        raise DataError(f"no grade is by the judge and the rubric that are named; there are {known}")
    if len(pairs) > 1:
        names = ", ".join(f"{name} (rubric {told or 'unnamed'})" for name, told in pairs)
        raise DataError(f"these grades are by several judges or rubrics: {names}; name one of them")
    return tuple(kept)
