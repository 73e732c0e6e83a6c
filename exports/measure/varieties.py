"""What each variety of Spanish has in a review: prompts, answers, reviewers, agreement and edits (pure, no I/O).

The rules:

- A record counts for the variety of its answers, in the agreement and the edits too, and its prompt for the prompt's
  (``workspace/model/varieties.py``). What says none has a line of its own, without a code.
- ``agreement`` is the alpha over ranks of all votes on the records of a variety, ``reviewers_agreement`` that of the
  votes of its reviewers, on any record.
- ``changed`` are the final texts of its records that differ from what the form was filled in with, Spanish ones too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exports.measure.agreement import RankedRecord, alpha_ranks
from exports.measure.edits import changed_texts
from exports.measure.estimates import Estimate
from workspace.model.records import Record
from workspace.model.varieties import stated_variety

UNSTATED = ""


@dataclass(frozen=True)
class VarietyLine:
    """One variety by its code, ``UNSTATED`` for what says none; see the top of this module."""

    code: str
    prompts: int
    answers: int
    reviewers: int
    agreement: Estimate
    reviewers_agreement: Estimate
    changed: int
    texts: int


def variety_lines(
    records: Sequence[RankedRecord], reviewers: Mapping[str, str], counted: Container[str] | None = None
) -> tuple[VarietyLine, ...]:
    """A line for each variety, by code, ``UNSTATED`` last; none if nothing and nobody states one.

    Args:
        records: the records with their votes.
        reviewers: the code of each reviewer who said one.
        counted: the ids of the records whose prompts and answers count; by default all. Figures are of all.
    """
    shown = [one for one in records if counted is None or one.record.id in counted]
    prompts = Counter(stated_variety(one.record.metadata, of_prompt=True).code or UNSTATED for one in shown)
    written = Counter(stated_variety(one.record.metadata).code or UNSTATED for one in shown)
    answers: dict[str, list[RankedRecord]] = {}
    for one in records:
        answers.setdefault(stated_variety(one.record.metadata).code or UNSTATED, []).append(one)
    voters = {vote.reviewer for one in records for vote in one.votes}
    people = Counter(reviewers.get(name, UNSTATED) for name in voters)
    codes = sorted({*prompts, *answers, *people} - {UNSTATED})
    if not codes:
        return ()
    lines = (_line(code, (prompts[code], written[code], people[code]), answers.get(code, []), records, reviewers)
             for code in (*codes, UNSTATED))  # fmt: skip
    return tuple(line for line in lines if line.prompts or line.answers or line.reviewers)


def unread_varieties(records: Iterable[Record]) -> tuple[str, ...]:
    """What records say of their variety that names none, each once, sorted."""
    said = (stated_variety(record.metadata, of_prompt=of).unread for record in records for of in (True, False))
    return tuple(sorted(set(filter(None, said))))


def _line(
    code: str,
    counts: tuple[int, int, int],
    records: Sequence[RankedRecord],
    everything: Sequence[RankedRecord],
    reviewers: Mapping[str, str],
) -> VarietyLine:
    own = [
        replace(one, votes=tuple(vote for vote in one.votes if reviewers.get(vote.reviewer, UNSTATED) == code))
        for one in everything
    ]
    submitted = [(one.record, tuple(ballot for ballot in one.ballots if ballot.is_vote)) for one in records]
    changed, texts = changed_texts(((record, ballots) for record, ballots in submitted if ballots), spanish=True)
    return VarietyLine(code, *counts, alpha_ranks(records), alpha_ranks(own), changed, texts)
