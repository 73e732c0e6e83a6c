"""A dataset that anybody made, as a review: records of a prompt and answers, and ballots on them."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from exports.review.anybody.dataset import AnyDataset, AnyRecord, AnyResponse
from exports.review.files import Review
from workspace.errors import ConfigError, DataError, DatasetMismatch, H4rmonyWarning, count_of
from workspace.model.ballots import Ballot, Status
from workspace.model.records import ORIGINAL, Answer, Record, Translation

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class PairsOf:
    """Which ranking question ranks which fields.

    Attributes:
        question: the name of the ranking question.
        text_fields: the fields of the answers, in the order of the question's options; in any order if the options
            have the fields' names.
        prompt_field: the field of the prompt; by default the one text field that is no answer.
        language: the texts' language, es or en.
    """

    question: str
    text_fields: tuple[str, ...]
    prompt_field: str | None = None
    language: str = "es"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text_fields", tuple(self.text_fields))
        if len(set(self.text_fields)) < max(2, len(self.text_fields)):
            raise ConfigError(f"text fields must be two or more, each once, got {', '.join(self.text_fields)}")

    def settled(self, dataset: AnyDataset) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The prompt's field, those of the answers in the order of the options, and the options.

        Raises:
            DatasetMismatch: the dataset has not these; says what it has.
        """
        name, options = dataset.remote.name, dataset.options.get(self.question)
        if options is None:
            raise DatasetMismatch(
                f"dataset {name!r} has no ranking question {self.question!r}; it has {', '.join(dataset.options)}"
            )
        texts = [field for field, kind in dataset.fields.items() if kind == "text"]
        has = ", ".join(texts) or "none; what load made is collected without --any-dataset"
        for field in (*self.text_fields, *filter(None, [self.prompt_field])):
            if field not in texts:
                raise DatasetMismatch(f"dataset {name!r} has no text field {field!r}; it has {has}")
        if len(options) != len(self.text_fields):
            raise DatasetMismatch(
                f"question {self.question!r} ranks {count_of(len(options), 'option')} ({', '.join(options)}), and "
                f"there are {len(self.text_fields)} text fields; name one for each"
            )
        left = [field for field in texts if field not in self.text_fields]
        prompt = self.prompt_field or (left[0] if len(left) == 1 else None)
        if prompt is None or prompt in self.text_fields:
            raise DatasetMismatch(
                f"dataset {name!r}: which text field is the prompt? give --prompt-field, one of {', '.join(left)}"
            )
        by_name = set(options) == set(self.text_fields)
        return prompt, options if by_name else self.text_fields, options


def review_of(
    dataset: AnyDataset, records: Iterable[AnyRecord], responses: Sequence[AnyResponse], pairs: PairsOf
) -> Review:
    """The records of the fields that ``pairs`` names, and a ballot for each response.

    The answers are sorted by their text, as a record without a known ranking has them. Ranks are made dense. A record
    that cannot be one, for instance as two of its answers are equal, is left out with a warning.

    Raises:
        DatasetMismatch: the dataset has no such question or fields.
    """
    prompt, fields, options = pairs.settled(dataset)
    made: dict[str, tuple[Record, tuple[int, ...]]] = {}
    left_out: list[DataError] = []
    for record in records:
        try:
            made[record.record_id] = _record(record, prompt, fields, dataset.remote.name, pairs.language)
        except DataError as error:
            left_out.append(error)
    if left_out:
        what = count_of(len(left_out), "record is", "records are")
        warnings.warn(f"{what} in no pair; the first: {left_out[0]}", H4rmonyWarning, stacklevel=2)
    ballots = tuple(
        _ballot(response, *made[response.record_id], response.ranks(pairs.question, options))
        for response in responses
        if response.record_id in made
    )
    return Review(tuple(record for record, _ in made.values()), ballots)


def _record(
    shown: AnyRecord, prompt: str, fields: Sequence[str], source: str, language: str
) -> tuple[Record, tuple[int, ...]]:
    """The record, and which of the fields each of its answers is."""
    asked, *texts = (str(shown.fields.get(field) or "") for field in (prompt, *fields))
    order = tuple(sorted(range(len(texts)), key=lambda index: texts[index]))
    answers = tuple(Answer(texts[index], None) for index in order)
    spanish = Translation("es", ORIGINAL, asked, tuple(answer.text for answer in answers))
    about = {"source": source, "language": language}
    made = Record(record_id(shown.record_id), asked, answers, (), about, spanish if language == "es" else None)
    return made, order


def _ballot(response: AnyResponse, record: Record, order: Sequence[int], ranks: Sequence[int | None]) -> Ballot:
    """The ballot; one without a rank for every answer is no vote, so it counts as a draft."""
    lacks = response.status == "submitted" and None in ranks
    status: Status = "draft" if lacks else cast(Status, response.status)
    return Ballot(record.id, response.reviewer, status, response.updated_at, tuple(ranks[index] for index in order))


def record_id(name: str) -> str:
    """A record's name as an id: letters, digits, ``.``, ``_`` and ``-``; a hash is added where something is lost.

    >>> record_id("pregunta-7")
    'pregunta-7'
    >>> record_id("¿Qué es un río?")
    'Qu-es-un-r-o-a4de03b4'
    """
    safe = _UNSAFE.sub("-", name).strip(".-_")[:180]
    return name if safe == name else f"{safe or 'record'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
