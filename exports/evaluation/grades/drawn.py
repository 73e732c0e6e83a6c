"""Which answers people grade, and how Argilla holds them: pure rules, no I/O.

The rules:

- The sample is a simple random sample of one model's answers, which is what PPI++ (``linear.py``) stands on. Answers
  are ordered by a hash of their prompt's id and language, and the first are drawn: the same again on every machine,
  and a larger sample holds the smaller one. Models that answered the same prompts get the same prompts drawn, which
  makes their difference surer.
- Where a file has grown since a sample was drawn, all answers that come before the last one of that sample are drawn
  too. Otherwise the newer answers would have a smaller chance than the older ones.
- Nothing in Argilla names the model. A record's id is a hash, and its hidden metadata have the prompt's id, the
  language, and hashes of the model's name and of the texts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from exports.evaluation.grades.files import Grade, Level, ModelAnswer
from workspace.argilla.codec import utc_time
from workspace.argilla.listing import Json, RemoteRecord, RemoteResponse
from workspace.argilla.settings import ANSWER, CANNOT_JUDGE, GRADE, GRADE_TITLES, PROMPT, REASON
from workspace.argilla.verbatim import embed, escape, guard, unembed, unguard
from workspace.errors import DataError, ForeignRecord, count_of, shown
from workspace.model.records import content_hash, text_problem

ANSWERED = "answer"  # metadata; not declared, so that those who grade do not get it


@dataclass(frozen=True)
class Asked:
    """What the dataset holds of an answer: of which prompt, in which language, and hashes of model and texts."""

    id: str
    language: str
    model_hash: str
    texts_hash: str

    @classmethod
    def of(cls, answer: ModelAnswer) -> Asked:
        """That of an answer."""
        texts = content_hash([answer.prompt, answer.answer])
        return cls(answer.id, answer.language, cls.of_model(answer.model), texts)

    @staticmethod
    def of_model(name: str) -> str:
        """What stands for a model's name."""
        return content_hash(["model", name])

    @property
    def external_id(self) -> str:
        """The id of its record in Argilla."""
        return f"answer-{content_hash([self.model_hash, self.id, self.language])}"


def drawn(answers: Iterable[ModelAnswer], number: int, held: Container[str] = ()) -> tuple[ModelAnswer, ...]:
    """The answers that people grade, in the order in which they are drawn, by the rules at the top of this module.

    Args:
        answers: one model's.
        number: how many to draw; all, if there are fewer.
        held: the external ids of what was drawn before.
    """
    order = sorted(answers, key=lambda answer: (content_hash(["drawn", answer.id, answer.language]), answer.key))
    last = [place for place, answer in enumerate(order, start=1) if Asked.of(answer).external_id in held]
    return tuple(order[: max(number, *last, 0)])


def check_answers(answers: Sequence[ModelAnswer]) -> None:
    """Refuse what cannot be sampled.

    Raises:
        DataError: there is no answer, or they are of several models or of the dataset, or one cannot be stored.
    """
    if not answers:
        raise DataError("there is no answer to draw from; `h4rmony evaluate answer` writes them")
    if len(models := sorted({answer.model for answer in answers})) > 1:
        raise DataError(f"these answers are by {', '.join(models)}; give one model's, one file after another")
    if placed := sum(answer.place is not None for answer in answers):
        raise DataError(
            f"{count_of(placed, 'answer')} {'has' if placed == 1 else 'have'} a place, so the dataset has them, not "
            "the model; people's grades of those correct no model's score: leave them out"
        )
    if len({answer.key for answer in answers}) < len(answers):
        raise DataError("two answers are to one prompt in one language; remove one")
    for answer in answers:
        problem = text_problem(answer.answer)
        if problem and answer.answer.strip():  # what a model says may be nothing
            raise DataError(f"the answer to {shown(answer.id)} ({answer.language}): {problem}; correct it")


def check_held(answers: Sequence[ModelAnswer], held: Iterable[Asked]) -> None:
    """Refuse answers that are not those of which people got a sample.

    Raises:
        DataError: an answer has other texts than the dataset shows, or the model has none to that prompt any more.
    """
    own = {Asked.of(answer).external_id: Asked.of(answer) for answer in answers}
    of_model = [asked for asked in held if asked.model_hash == Asked.of(answers[0]).model_hash]
    if changed := sorted((asked.id, asked.language) for asked in of_model if own.get(asked.external_id) != asked):
        name, language = changed[0]
        verb = "is" if len(changed) == 1 else "are"
        raise DataError(
            f"conflict: {count_of(len(changed), 'answer')} of this model {verb} in the dataset with other words than "
            f"here, or no longer here, such as that to {shown(name)} ({language}); people's grades are of those "
            "words: give the answers that they graded, or another --dataset for these"
        )


def encode(answer: ModelAnswer) -> Json:
    """The answer for Argilla, in its own language; nothing is filled in."""
    asked = Asked.of(answer)
    texts = {PROMPT: answer.prompt, ANSWER: answer.answer}
    return {
        "external_id": asked.external_id,
        "fields": {name: {"text": escape(text), "language": answer.language} for name, text in texts.items()},
        "metadata": {ANSWERED: embed(list(vars(asked).values()))},
    }


def decode(remote: RemoteRecord) -> Asked:
    """What the dataset holds of an answer.

    Raises:
        ForeignRecord: the record was not made by ``encode``, or was changed by hand; names the record.
    """
    try:
        asked = Asked(*map(str, unembed(remote.metadata[ANSWERED])))
    except (KeyError, TypeError, ValueError) as error:
        raise ForeignRecord(remote.external_id, remote.id, len(remote.responses), error) from error
    return asked


@dataclass(frozen=True)
class Given:
    """A grade that a person gave, with the status of the form: only what is ``submitted`` counts.

    ``gone`` is what an earlier collection found and Argilla no longer has. ``updated_at`` is the server's time, UTC.
    """

    grade: Grade
    status: str = "submitted"
    updated_at: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Whose grade of which answer it is."""
        return (self.grade.id, self.grade.language, str(self.grade.reviewer))

    def to_json(self) -> dict[str, Any]:
        """The grade as a line of ``grades.jsonl``; its status only where it does not count."""
        names = ("id", "language", "grade", "reason", "reviewer", "model")
        line = {name: getattr(self.grade, name) for name in names if getattr(self.grade, name) is not None}
        counts = {} if self.status == "submitted" else {"status": self.status}
        return {**line, "grade": self.grade.grade, **counts, "updated_at": self.updated_at}

    @classmethod
    def from_json(cls, data: Any) -> Given:
        """Read such a line.

        Raises:
            DataError: it is no grade.
        """
        grade = Grade.from_json(data)
        return cls(grade, str(data.get("status", "submitted")), str(data.get("updated_at", "")))


def given_grade(
    asked: Asked, response: RemoteResponse, usernames: Mapping[str, str], model: str | None = None
) -> Given:
    """A response as a grade; a draft may have none. A user who is gone is named by the id."""
    level = response.values.get(GRADE)
    reason = unguard(str(response.values.get(REASON) or "")).strip("\n")
    return Given(
        Grade(
            asked.id,
            asked.language,
            None if level in (None, CANNOT_JUDGE) else cast(Level, level),
            reason,
            reviewer=usernames.get(response.user_id, response.user_id),
            model=model,
        ),
        response.status,
        utc_time(response.updated_at),
    )


def form_values(grade: Grade) -> Json:
    """A grade as the web UI would post it; ``given_grade`` makes the same of it."""
    values = {GRADE: grade.grade or CANNOT_JUDGE, **({REASON: guard(grade.reason)} if grade.reason else {})}
    assert values[GRADE] in GRADE_TITLES
    return {name: {"value": value} for name, value in values.items()}
