"""Formats with one row for each answer: ``kto`` and ``sft``, conversational with an explicit prompt.

Both have the columns of ``ANSWER_ORIGIN``. ``answer_rank`` is the answer's rank by the reviewers, null if the votes
do not settle it, ``source_rank`` the source's. ``pairs_won`` and ``pairs_lost`` count the record's written pairs,
``reviewers`` those who ranked it. The other columns are as in the formats of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exports.formats.base import (
    ANSWER_ORIGIN,
    ColumnType,
    Format,
    LeftOut,
    TrainingRow,
    answer_origin,
    asking,
    message,
    row_id,
    withheld,
)
from exports.merging.pairs import ReviewedRecord
from exports.merging.texts import normal_space


@dataclass(frozen=True)
class _SameText:
    """Answers of one record with the same text, and how many written pairs they win and lose."""

    answers: tuple[int, ...]
    won: int
    lost: int

    @property
    def label(self) -> bool | None:
        """True if they win all their pairs, False if they lose all; None if they do both or have none."""
        return None if bool(self.won) == bool(self.lost) else bool(self.won)


def kto_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for each answer; ``label`` is true if it wins all its written pairs, false if it loses all.

    An answer that does both, such as the middle one of three, is left out (``mixed``). Answers with the same text
    have one row, under the first of them. In a table the rows of a prompt are apart: ``KTOTrainer`` reads them as
    they stand, and takes the completion of the row before for one of another prompt.
    """
    for same in _same_texts(reviewed):
        if same.label is None:
            continue
        answer = same.answers[0]
        row = answer_origin(reviewed, answer, row_id(reviewed, str(answer)))
        yield {
            "prompt": asking(reviewed),
            "completion": message("assistant", reviewed.texts.answers[answer].text),
            "label": same.label,
            **row,
            "pairs_won": same.won,
            "pairs_lost": same.lost,
        }


def kto_left_out(reviewed: ReviewedRecord) -> Iterator[LeftOut]:
    """Yield the answers that have no row, of a record with pairs: ``mixed``, ``no_pair`` or ``same_text``.

    A record whose pairs are withheld is left out whole.
    """
    yield from withheld(reviewed)
    if not reviewed.pairs:
        return
    for same in _same_texts(reviewed):
        if same.label is None:
            yield LeftOut(same.answers[0], "mixed" if same.won else "no_pair")
        yield from (LeftOut(answer, "same_text") for answer in same.answers[1:])


def sft_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for a record: the answer that wins a written pair against every other one, with its prompt."""
    best = reviewed.best
    if best is not None:
        yield {
            "prompt": asking(reviewed),
            "completion": message("assistant", reviewed.texts.answers[best].text),
            **answer_origin(reviewed, best, row_id(reviewed)),
        }


def best_left_out(reviewed: ReviewedRecord) -> Iterator[LeftOut]:
    """Yield a record with pairs if no answer wins against every other (``no_single_best``), or they are withheld."""
    yield from withheld(reviewed)
    if reviewed.pairs and reviewed.best is None:
        yield LeftOut(None, "no_single_best")


def _same_texts(reviewed: ReviewedRecord) -> list[_SameText]:
    groups: dict[str, list[int]] = {}
    for answer, text in enumerate(reviewed.texts.answers):
        groups.setdefault(normal_space(text.text), []).append(answer)
    return [
        _SameText(
            tuple(answers),
            won=sum(pair.chosen in answers for pair in reviewed.pairs),
            lost=sum(pair.rejected in answers for pair in reviewed.pairs),
        )
        for answers in groups.values()
    ]


_COMPLETION: dict[str, ColumnType] = {"prompt": "messages", "completion": "messages"}
KTO = Format("kto", {**_COMPLETION, "label": "flag", **ANSWER_ORIGIN}, kto_rows, left_out=kto_left_out, mixed=True)
SFT = Format("sft", {**_COMPLETION, **ANSWER_ORIGIN}, sft_rows, left_out=best_left_out)
