"""People's grades of a model's answers, through Argilla: drawn, sent, posted, collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from exports.evaluation.grades.drawn import (
    Asked,
    Given,
    check_answers,
    check_held,
    decode,
    drawn,
    encode,
    form_values,
    given_grade,
)
from exports.evaluation.grades.files import Grade, ModelAnswer, check_grades, read_answers
from exports.review.pseudonyms import pseudonym_key, pseudonyms
from workspace.argilla.connection import Connection
from workspace.argilla.foreign import read_ours
from workspace.argilla.gateway import BULK, Gateway
from workspace.argilla.listing import RemoteDataset, RemoteRecord
from workspace.argilla.posting import account_name, post_forms
from workspace.argilla.settings import read_guidelines
from workspace.errors import ArgillaError, ConfigError, DataError, shown
from workspace.files.batches import batched
from workspace.files.jsonl import file_digest, read_jsonl, write_jsonl

Answers: TypeAlias = str | Path | Iterable[ModelAnswer]
DEFAULT_NUMBER, DEFAULT_MIN_SUBMITTED = 60, 2
_DAY = len("2024-05-01")


@dataclass(frozen=True)
class Sampled:
    """What a dataset of answers to grade holds of a model after ``sample``, or would hold.

    Attributes:
        answers: how many the model gave.
        drawn: how many of them people grade.
        new: how many of those were not in the dataset before.
        others: answers of other models that the dataset has.
    """

    answers: int
    drawn: int
    new: int
    others: int

    def to_json(self) -> dict[str, int]:
        """The counts as ``h4rmony evaluate sample --json`` prints them."""
        return asdict(self)


@dataclass(frozen=True)
class CollectedGrades:
    """What people gave to the answers of one model.

    Attributes:
        asked: how many answers people were asked to grade.
        grades: what counts, sorted by prompt, language and reviewer.
        uncounted: drafts, discarded ones, and what an earlier collection found and Argilla no longer has.
        changed: whether the file was not the same before.
    """

    asked: int
    grades: tuple[Grade, ...]
    uncounted: tuple[Given, ...]
    changed: bool

    def to_json(self) -> dict[str, Any]:
        """The counts as ``h4rmony evaluate collect --json`` prints them."""
        return {
            "answers": self.asked,
            "graded": len({grade.key for grade in self.grades if grade.grade}),
            "grades": dict(Counter(grade.grade or "cannot judge" for grade in self.grades)),
            "not_counted": dict(Counter(given.status for given in self.uncounted)),
            "graded_by": dict(Counter(str(grade.reviewer) for grade in self.grades)),
        }


def sample(
    answers: Answers,
    connection: Connection,
    *,
    number: int = DEFAULT_NUMBER,
    min_submitted: int = DEFAULT_MIN_SUBMITTED,
    guidelines: str | Path | None = None,
    dry_run: bool = False,
) -> Sampled:
    """Have people grade a random sample of a model's answers, in an Argilla dataset of its own.

    The same answers are drawn on every machine, and a larger ``number`` adds to a smaller one. Those who grade see
    neither which model answered nor what a judge said. No response is touched. Several models may share a dataset.

    Args:
        answers: one model's.
        connection: the dataset, which is made if it does not exist; one of its own, not that of a review.
        number: how many to draw.
        min_submitted: after how many grades an answer is complete; settled when the dataset is made.
        guidelines: a file with a team's own guidelines; settled when the dataset is made.
        dry_run: True to send nothing.

    Raises:
        DataError: the answers cannot be used, or are not those of which the dataset has a sample already.
        DatasetMismatch: the dataset is that of a review.

    Example:
        >>> from dataclasses import replace
        >>> from exports.evaluation.grades.files import ModelAnswer
        >>> connection = replace(connection, dataset="grades")
        >>> answers = [ModelAnswer(f"p-{n}", "¿Qué es un río?", "es", "Agua y vida.", "my-model") for n in range(9)]
        >>> sample(answers, connection, number=4)
        Sampled(answers=9, drawn=4, new=4, others=0)
        >>> sample(answers, connection, number=6).new
        2
    """
    if number < 1:
        raise ConfigError(f"at least one answer must be drawn, got {number}")
    given = read_answers(answers) if isinstance(answers, str | Path) else tuple(answers)
    check_answers(given)
    own = read_guidelines(Path(guidelines)) if guidelines else None
    with Gateway(connection) as gateway:
        dataset = gateway.find_dataset("grades")
        held = {str(remote.external_id): asked for remote, asked in _asked(gateway, dataset)}
        check_held(given, held.values())
        chosen = drawn(given, number, held)
        new = [answer for answer in chosen if Asked.of(answer).external_id not in held]
        if not dry_run:
            dataset = dataset or gateway.create_dataset(1, min_submitted, own, kind="grades")
            for batch in batched(new, BULK):
                gateway.upsert(dataset, [encode(answer) for answer in batch])
    return Sampled(len(given), len(chosen), len(new), len(held) + len(new) - len(chosen))


def post_grades(connection: Connection, grades: Iterable[Grade]) -> int:
    """Grade answers in the name of reviewers, as the web UI would; see ``Connection.post``.

    Each grade is posted from the account of its ``reviewer``, which is made where there is none. What a reviewer has
    answered before is never touched.

    Args:
        connection: the dataset that ``sample`` made.
        grades: people's; ``model`` is needed where the dataset has answers of several models.

    Returns:
        How many were new.

    Raises:
        DataError: a grade names no reviewer, or is there twice.
        ArgillaError: the answer is not in the dataset, or the server refuses a grade.

    Example:
        >>> from dataclasses import replace
        >>> from exports.evaluation.grades.files import Grade, ModelAnswer
        >>> connection = replace(connection, dataset="grades")
        >>> asked = sample([ModelAnswer("p-1", "¿Qué es un río?", "es", "Agua y vida.", "my-model")], connection)
        >>> post_grades(connection, [Grade("p-1", "es", "good", reviewer="ana")])
        1
    """
    given = tuple(grades)
    check_grades((replace(grade, id=f"{grade.model}/{grade.id}") for grade in given), "the grades")
    with Gateway(connection) as gateway:
        found = list(_asked(gateway, gateway.dataset("grades")))
    forms, records = {}, {str(remote.external_id): remote for remote, _ in found}
    for grade in given:
        if grade.reviewer is None:
            raise DataError(f"the grade of {shown(grade.id)} is by the judge {grade.judge}; people's are posted")
        record_id = str(_record_of(grade, found).external_id)
        forms[account_name(grade.reviewer), record_id] = "submitted", form_values(grade)
    return post_forms(connection, forms, records)


def collect_grades(
    connection: Connection,
    output: str | Path | None = None,
    *,
    answers: Answers | None = None,
    named: bool = True,
    dry_run: bool = False,
) -> CollectedGrades:
    """Fetch people's grades of one model's answers from Argilla.

    Each grade is kept with its reviewer; ``score`` and ``validate`` average those of one answer. Drafts and discarded
    ones are not counted, and kept apart with their status, in ``people.uncounted.jsonl`` beside ``people.jsonl``;
    so is what the files had of an earlier collection and Argilla no longer has.

    Args:
        connection: the dataset that ``sample`` made.
        output: the file to write; None writes nothing.
        answers: those of the model. Needed where the dataset has answers of several models; they also say the model's
            name, which Argilla does not know.
        named: False for grades that leave the team: reviewers have pseudonyms, there are no reasons, the day stands
            for the time, and only what counts is written.
        dry_run: True to write nothing.

    Raises:
        DataError: the dataset has answers of several models, or other answers than these, or a file cannot be used.
        ArgillaError: there is no such dataset.

    Example:
        >>> from dataclasses import replace
        >>> from exports.evaluation.grades.files import Grade, ModelAnswer
        >>> connection = replace(connection, dataset="grades")
        >>> answers = [ModelAnswer(f"p-{n}", "¿Qué es un río?", "es", "Agua y vida.", "my-model") for n in range(2)]
        >>> asked = sample(answers, connection)
        >>> posted = post_grades(connection, [Grade("p-1", "es", "good", reviewer="ana")])
        >>> [grade.grade for grade in collect_grades(connection, "people.jsonl").grades]
        ['good']
        >>> from exports import score
        >>> judged = [Grade(f"p-{n}", "es", "regular", judge="my-judge") for n in range(2)]
        >>> score(judged, people="people.jsonl").method
        'ppi'
    """
    path = Path(output) if output else None
    listed = read_answers(answers) if isinstance(answers, str | Path) else tuple(answers or ())
    with Gateway(connection) as gateway:
        usernames = {user.id: user.username for user in gateway.users()}
        found = _of_one_model(list(_asked(gateway, gateway.dataset("grades"))), listed)
    model = listed[0].model if listed else None
    given = [
        given_grade(asked, response, usernames, model) for remote, asked in found for response in remote.responses
    ]
    earlier = _earlier(path, named, model) if path else ()
    if named:
        given += _lost(earlier, {each.place: each for each in given})
    else:
        given = _pseudonymous([each for each in given if each.status == "submitted"], connection.home)
    given.sort(key=lambda each: each.place)
    counted = [each for each in given if each.status == "submitted"]
    apart = [each for each in given if each.status != "submitted"]
    changed = path is not None and not dry_run and _write(path, counted, apart if named else None)
    return CollectedGrades(len(found), tuple(each.grade for each in counted), tuple(apart), changed)


def uncounted_path(path: Path) -> Path:
    """Where the grades are kept that do not count, beside the file of those that do."""
    return path.with_name(f"{path.stem}.uncounted.jsonl")


def _asked(gateway: Gateway, dataset: RemoteDataset | None) -> Iterator[tuple[RemoteRecord, Asked]]:
    remotes = gateway.records(dataset, suggestions=False) if dataset else ()
    yield from read_ours(remotes, lambda remote: (remote, decode(remote)))


def _record_of(grade: Grade, found: Sequence[tuple[RemoteRecord, Asked]]) -> RemoteRecord:
    """The record of the answer that was graded."""
    model = None if grade.model is None else Asked.of_model(grade.model)
    fitting = [
        remote
        for remote, asked in found
        if (asked.id, asked.language) == (grade.id, grade.language) and model in (None, asked.model_hash)
    ]
    if len(fitting) != 1:
        what = "answers of several models" if fitting else "no answer"
        raise ArgillaError(
            f"the dataset has {what} to {shown(grade.id)} ({grade.language}), so a grade of it cannot be posted; "
            "check id, language and model"
        )
    return fitting[0]


def _of_one_model(
    found: Sequence[tuple[RemoteRecord, Asked]], answers: Sequence[ModelAnswer]
) -> list[tuple[RemoteRecord, Asked]]:
    """What the dataset has of the model that gave these answers; of the only one, if there are none."""
    models = {asked.model_hash for _, asked in found}
    if answers:
        check_answers(answers)
        check_held(answers, [asked for _, asked in found])
        models = {Asked.of(answers[0]).model_hash}
    elif len(models) > 1:
        raise DataError(
            f"the dataset has answers of {len(models)} models; give the answers of the one whose grades you want "
            "(--answers), and one file after another"
        )
    kept = [(remote, asked) for remote, asked in found if asked.model_hash in models]
    if answers and not kept:
        raise DataError(f"the dataset has no answer of {answers[0].model}; `h4rmony evaluate sample` sends a sample")
    return kept


def _pseudonymous(given: Sequence[Given], home: Path) -> list[Given]:
    names = pseudonyms({str(each.grade.reviewer) for each in given}, pseudonym_key(home))
    return [
        replace(
            each,
            grade=replace(each.grade, reviewer=names[str(each.grade.reviewer)], reason=""),
            updated_at=each.updated_at[:_DAY],
        )
        for each in given
    ]


def _earlier(path: Path, named: bool, model: str | None) -> tuple[Given, ...]:
    """What the files have of an earlier collection, which must be of the same kind.

    Raises:
        DataError: they cannot be read, or are of another model's answers, or have names and not pseudonyms or the
            other way round; so nothing in them may be overwritten.
    """
    found: list[Given] = []
    for file in (uncounted_path(path), path):
        if file.exists():
            try:
                found += read_jsonl(file, Given.from_json)
            except DataError as error:
                raise DataError(
                    f"{error}; it may hold grades that are nowhere else: write to another file"
                ) from error
    if any(each.grade.judge is not None for each in found):
        raise DataError(f"{path}: has a judge's grades; write people's to another file")
    if others := sorted({str(each.grade.model) for each in found} - {str(None), str(model)}) if model else []:
        raise DataError(f"{path}: has grades of answers by {others[0]}; write those of {model} to another file")
    if any((len(each.updated_at) == _DAY) is named for each in found):
        has, wanted = ("pseudonyms", "names") if named else ("names", "pseudonyms")
        raise DataError(f"{path}: has grades with {has}; write those with {wanted} to another file")
    return tuple(found)


def _lost(earlier: Iterable[Given], present: Mapping[tuple[str, str, str], Given]) -> list[Given]:
    """What an earlier collection found and Argilla no longer has, or only in an older state; the newest of each."""
    newest: dict[tuple[str, str, str], Given] = {}
    for each in earlier:
        now, known = present.get(each.place), newest.get(each.place)
        is_lost = now is None or now.updated_at < each.updated_at
        if is_lost and (known is None or known.updated_at <= each.updated_at):
            newest[each.place] = replace(each, status="gone")
    return list(newest.values())


def _write(path: Path, counted: Sequence[Given], apart: Sequence[Given] | None) -> bool:
    """Write the files, what is counted last; returns False if they were there already."""
    files = {path: counted}
    if apart is not None and (apart or uncounted_path(path).exists()):
        files = {uncounted_path(path): apart, path: counted}
    before = [file_digest(file) for file in files]
    for file, given in files.items():
        write_jsonl(file, (each.to_json() for each in given))
    return before != [file_digest(file) for file in files]
