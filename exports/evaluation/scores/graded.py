"""Bring together what is known of each answer: its grades by the judge and by people, its group, issues and length.

The rules (pure, no I/O):

- The judge's repeats are averaged within an answer, and so are several reviewers' grades; a grade of null ("cannot
  judge") is left out. An answer with nulls alone has no grade, and is counted.
- Prompts with the same words are one group, and so are a record's languages and what its metadata say
  (``workspace/model/groups.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exports.evaluation.grades.files import LEVELS, MODEL, Grade, Key, ModelAnswer
from exports.merging.provenance import issue_codes
from workspace.errors import DataError, shown
from workspace.model.groups import Groups, record_group, settle_groups
from workspace.model.prompts import prompt_key
from workspace.model.records import Record

if TYPE_CHECKING:
    from exports.evaluation.scores.linear import Array, Codes

Shares = tuple[float, float, float]  # of bad, regular and good among the grades of one answer
NOTHING_SAID = ""  # the issue or type of a prompt that has none


@dataclass(frozen=True)
class GradedAnswer:
    """An answer with what is known of it; ``judge`` and ``people`` are None where nobody could grade it.

    ``reviewers`` has each person's grade, as its index in ``LEVELS``, sorted by the person's name.
    """

    key: Key
    group: str
    judge: Shares | None = None
    people: Shares | None = None
    reviewers: tuple[tuple[str, int], ...] = ()
    issues: tuple[str, ...] = (NOTHING_SAID,)
    type: str = NOTHING_SAID
    length: int | None = None
    family: str | None = None
    model: str | None = None

    @property
    def language(self) -> str:
        """The code of its language."""
        return self.key[1]

    @property
    def place(self) -> int | None:
        """Its index among the record's answers; None for a model's answer."""
        return None if self.key[2] == MODEL else self.key[2]


def points(shares: Shares | None) -> float:
    """The mean of the grades of an answer, from 0 to 100; NaN without any."""
    return float("nan") if shares is None else 50 * shares[1] + 100 * shares[2]


def gather(
    judge: Iterable[Grade],
    people: Iterable[Grade] = (),
    records: Sequence[Record] = (),
    answers: Sequence[ModelAnswer] = (),
) -> tuple[GradedAnswer, ...]:
    """Every answer that the judge graded, sorted by its key.

    Args:
        judge: one judge's grades.
        people: people's grades of the same answers.
        records: the records of the prompts; they say group, issues, type.
        answers: the answers; they say lengths, and groups where there are no records.

    Raises:
        DataError: people graded an answer that the judge did not, or the records lack a prompt.
    """
    listed = tuple(people)
    judged, graded, reviewers = _shares(judge), _shares(listed), _reviewers(listed)
    if strange := sorted(graded.keys() - judged.keys()):
        raise DataError(
            f"people graded {len(strange)} answers that the judge did not, such as {_said(strange[0])}; these are "
            "grades of other answers, or the judge has not finished"
        )
    known = {record.id: record for record in settle_groups(records)}
    texts = {answer.key: answer for answer in answers}
    if records and (lacking := sorted(key[0] for key in judged if key[0] not in known)):
        raise DataError(f"the records have no {shown(lacking[0])}, which was graded; give those that were answered")
    groups = _groups_of(judged, known, answers)
    return tuple(
        replace(
            _answer(key, groups[key[0]], known.get(key[0]), texts.get(key)),
            judge=judged[key],
            people=graded.get(key),
            reviewers=reviewers.get(key, ()),
        )
        for key in sorted(judged)
    )


def check_models(judge: Iterable[Grade], others: Iterable[Grade | ModelAnswer], what: str) -> None:
    """Refuse what is of another model's answer than the judge graded.

    Args:
        judge: the judge's grades.
        others: people's grades, or the answers.
        what: which of the two, for the message.

    Raises:
        DataError: one of them is by another model, as both say.
    """
    known = {grade.key: grade.model for grade in judge if grade.place is None and grade.model is not None}
    for each in others:
        if (model := known.get(each.key)) is not None and each.model not in (None, model):
            raise DataError(f"the judge graded answers by {model}, and {what} by {each.model}; give one model's")


def _answer(key: Key, group: str, record: Record | None, answer: ModelAnswer | None) -> GradedAnswer:
    kind = record.metadata.get("type") if record else None
    return GradedAnswer(
        key=key,
        group=group,
        issues=(record and issue_codes(record)) or (NOTHING_SAID,),
        type=kind if isinstance(kind, str) and kind.strip() else NOTHING_SAID,
        length=_length(key, record, answer),
        family=answer.family if answer else None,
        model=answer.model if answer else None,
    )


def _length(key: Key, record: Record | None, answer: ModelAnswer | None) -> int | None:
    """The characters of an answer, from its own file, else from the record, where the dataset has it."""
    if answer is not None:
        return len(answer.answer)
    if record is None or key[2] == MODEL:
        return None
    if key[2] >= len(record.answers):
        raise DataError(f"{_said(key)} is graded, and its record has {len(record.answers)} answers only")
    translation = record.translation
    if translation is not None and translation.language == key[1]:
        return len(translation.answers[key[2]])
    return len(record.answers[key[2]].text)


def _groups_of(keys: Iterable[Key], records: dict[str, Record], answers: Sequence[ModelAnswer]) -> dict[str, str]:
    """The group of each id."""
    words = sorted({(prompt_key(answer.prompt), answer.id) for answer in answers})
    found = Groups(words)
    said: dict[str, str] = {}
    for key, name in words:
        said[name] = min(found.resolve(key), said.get(name, found.resolve(key)))
    return {name: record_group(records[name]) if name in records else said.get(name, name) for name, _, _ in keys}


def _shares(grades: Iterable[Grade]) -> dict[Key, Shares | None]:
    """The shares of the grades of each answer; of a judge and of reviewers alike, each counts once."""
    counts: dict[Key, list[int]] = {}
    for grade in grades:
        count = counts.setdefault(grade.key, [0, 0, 0])
        if grade.grade is not None:
            count[LEVELS.index(grade.grade)] += 1
    return {key: _share(count) for key, count in counts.items()}


def _reviewers(people: Iterable[Grade]) -> dict[Key, tuple[tuple[str, int], ...]]:
    found: dict[Key, list[tuple[str, int]]] = {}
    for grade in people:
        if grade.grade is not None:
            found.setdefault(grade.key, []).append((str(grade.reviewer), LEVELS.index(grade.grade)))
    return {key: tuple(sorted(each)) for key, each in found.items()}


def _share(count: list[int]) -> Shares | None:
    total = sum(count)
    return (count[0] / total, count[1] / total, count[2] / total) if total else None


def _said(key: Key) -> str:
    return f"{shown(key[0])} ({key[1]}{'' if key[2] == MODEL else f', place {key[2]}'})"


def codes(answers: Sequence[GradedAnswer], names: Sequence[str] | None = None) -> tuple[Codes, list[str]]:
    """The number of each answer's group, and the groups' names; sorted unless they are given."""
    import numpy as np

    order = sorted({answer.group for answer in answers}) if names is None else list(names)
    number = {name: place for place, name in enumerate(order)}
    return np.array([number[answer.group] for answer in answers], dtype=np.int64), order


def judged_points(answers: Sequence[GradedAnswer]) -> Array:
    """The judge's mean grade of each answer."""
    import numpy as np

    return np.array([points(answer.judge) for answer in answers], dtype=np.float64)


def people_points(answers: Sequence[GradedAnswer]) -> Array:
    """People's mean grade of each answer; NaN without any."""
    import numpy as np

    return np.array([points(answer.people) for answer in answers], dtype=np.float64)
