"""The ballot: what one reviewer answered to one record (contract 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from workspace.errors import DataError
from workspace.model.records import text_problem, typed, with_lists

Status = Literal["submitted", "draft", "discarded"]
Mode = Literal["verify", "blind"]
NOT_RANKABLE = "not_rankable"
HARMFUL = "harmful"


@dataclass(frozen=True)
class Ballot:
    """One reviewer's answer to one record; ``ranks`` and ``answers`` are aligned with the record's answers.

    ``ranks`` are dense (1..n, 1 the best, equal ranks a tie); None where the reviewer did not rank, which only a
    draft or a discarded ballot may have. ``prompt`` and ``answers`` are the reviewer's final texts, None where the
    form was empty; if ``answers`` is left out, all are None. ``updated_at`` is the server's time, ISO 8601, UTC.
    """

    record_id: str
    reviewer: str
    status: Status = "submitted"
    updated_at: str = ""
    ranks: tuple[int | None, ...] = ()
    prompt: str | None = None
    answers: tuple[str | None, ...] = ()
    problems: tuple[str, ...] = ()
    comment: str | None = None
    mode: Mode = "verify"

    def __post_init__(self) -> None:
        if not self.answers:
            object.__setattr__(self, "answers", (None,) * len(self.ranks))

    @property
    def is_vote(self) -> bool:
        """True if the ballot counts: it is submitted; drafts and discards are kept, never counted."""
        return self.status == "submitted"

    @property
    def is_refusal(self) -> bool:
        """True if the reviewer discarded the record and says that it is not rankable or harmful."""
        return self.status == "discarded" and not {NOT_RANKABLE, HARMFUL}.isdisjoint(self.problems)

    @property
    def sort_key(self) -> tuple[str, str]:
        """Ballots are kept in this order: by record, then by reviewer."""
        return (self.record_id, self.reviewer)

    def to_json(self) -> dict[str, Any]:
        """The ballot as a JSON object of contract 3."""
        return with_lists(self)

    @classmethod
    def from_json(cls, data: Any) -> Ballot:
        """Build a ballot from a JSON object of contract 3.

        Raises:
            DataError: a key is missing or of the wrong type, a submitted ballot lacks a rank, or a text cannot be
                stored (half a surrogate pair, a NUL). A blank text is accepted; it counts as missing.
        """
        fields = typed(
            data, "ballot", record_id=str, reviewer=str, status=str, updated_at=str, ranks=list, answers=list
        )
        if fields["status"] not in get_args(Status):
            raise DataError(f"ballot: status must be one of {', '.join(get_args(Status))}, got {fields['status']!r}")
        if data.get("mode", "verify") not in get_args(Mode):
            raise DataError(f"ballot: mode must be one of {', '.join(get_args(Mode))}, got {data['mode']!r}")
        if not all(rank is None or (type(rank) is int and rank >= 1) for rank in fields["ranks"]):
            raise DataError(f"ballot: ranks must be whole numbers from 1 or null, got {fields['ranks']}")
        if fields["status"] == "submitted" and None in fields["ranks"]:
            raise DataError(f"ballot: a submitted ballot ranks every answer, got {fields['ranks']}")
        _check_texts(data)
        fields |= {"ranks": dense_ranks(fields["ranks"]), "answers": tuple(fields["answers"])}
        return cls(
            **fields,
            prompt=data.get("prompt"),
            problems=tuple(data.get("problems") or ()),
            comment=data.get("comment"),
            mode=data.get("mode", "verify"),
        )


def _check_texts(data: dict[str, Any]) -> None:
    """Refuse what is not text, and text that a file or a table cannot hold."""
    problems = [] if data.get("problems") is None else data["problems"]
    if not isinstance(problems, list) or not all(isinstance(problem, str) for problem in problems):
        raise DataError(f"ballot: problems must be a list of names, got {problems!r}")
    named = [("prompt", data.get("prompt")), ("comment", data.get("comment"))]
    named += [(f"answers[{index}]", text) for index, text in enumerate(data["answers"])]
    for name, text in named:
        if text is not None and not isinstance(text, str):
            raise DataError(f"ballot: {name} must be a text or null, got {type(text).__name__}")
    named += [(name, data[name]) for name in ("record_id", "reviewer", "updated_at")]
    named += [("problems", problem) for problem in problems]
    if text_problem(".".join(text for _, text in named if text)):  # all texts at once, because a problem is rare
        for name, text in named:
            if text and not text.isspace() and (problem := text_problem(text)):
                raise DataError(f"ballot: {name}: {problem}; correct the text")


def dense_ranks(ranks: Sequence[int | None]) -> tuple[int | None, ...]:
    """Close the gaps of a ranking: ``(1, 1, 3)`` becomes ``(1, 1, 2)``; None stays None."""
    order = {rank: place for place, rank in enumerate(sorted({r for r in ranks if r is not None}), start=1)}
    return tuple(None if rank is None else order[rank] for rank in ranks)
