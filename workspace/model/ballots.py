"""The ballot: what one reviewer answered to one record."""

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

    ``ranks`` are made dense (1..n, 1 the best, equal ranks a tie); None where the reviewer did not rank, which only a
    draft or a discarded ballot may have. ``prompt`` and ``answers`` are the reviewer's final texts, None where the
    form was empty; if ``answers`` is left out, all are None. ``updated_at`` is the server's time, ISO 8601, UTC.
    ``issues`` are the issue codes that the reviewer chose; None where the dataset does not ask for them.

    Raises:
        DataError: on construction, if a value is of the wrong type, the status, the mode or a rank is not one that
            there is, or a submitted ballot lacks a rank.
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
    issues: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "ranks", dense_ranks(self.ranks))
        object.__setattr__(self, "answers", tuple(self.answers) or (None,) * len(self.ranks))
        object.__setattr__(self, "problems", tuple(self.problems))
        if self.issues is not None:
            object.__setattr__(self, "issues", tuple(self.issues))

    def _check(self) -> None:
        typed(vars(self), "ballot", record_id=str, reviewer=str, updated_at=str)
        for name, known in (("status", get_args(Status)), ("mode", get_args(Mode))):
            if (value := getattr(self, name)) not in known:
                raise DataError(f"ballot: {name} must be one of {', '.join(known)}, got {value!r}")
        for name in ("ranks", "answers"):
            if not isinstance(value := getattr(self, name), tuple | list):
                raise DataError(f"ballot: {name} must be a list, got {type(value).__name__}")
        if not all(rank is None or (type(rank) is int and rank >= 1) for rank in self.ranks):
            raise DataError(f"ballot: ranks must be whole numbers from 1 or null, got {list(self.ranks)}")
        if self.status == "submitted" and None in self.ranks:
            raise DataError(f"ballot: a submitted ballot ranks every answer, got {list(self.ranks)}")
        for name, names in (("problems", self.problems), ("issues", () if self.issues is None else self.issues)):
            if not isinstance(names, tuple | list) or not all(isinstance(each, str) for each in names):
                raise DataError(f"ballot: {name} must be a list of names, got {names!r}")
        for name, text in self._texts():
            if text is not None and not isinstance(text, str):
                raise DataError(f"ballot: {name} must be a text or null, got {type(text).__name__}")

    def _texts(self) -> list[tuple[str, str | None]]:
        """Every text that a reviewer wrote, with its name."""
        answers = [(f"answers[{index}]", text) for index, text in enumerate(self.answers)]
        return [("prompt", self.prompt), ("comment", self.comment), *answers]

    def check_storable(self) -> None:
        """Refuse a text that a file or a table cannot hold; a blank one is accepted, and counts as missing.

        Raises:
            DataError: a text has half a surrogate pair or a NUL.
        """
        named = [*self._texts(), *(("problems", problem) for problem in self.problems)]
        named += [("issues", code) for code in self.issues or ()]
        named += [(name, getattr(self, name)) for name in ("record_id", "reviewer", "updated_at")]
        for name, text in named:
            if text and not text.isspace() and (problem := text_problem(text)):
                raise DataError(f"ballot: {name}: {problem}; correct the text")

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
        """The ballot as a line of ``ballots.jsonl``; ``issues`` only where the dataset asks for them."""
        data = with_lists(self)
        if self.issues is None:
            del data["issues"]
        return data

    @classmethod
    def from_json(cls, data: Any) -> Ballot:
        """Build a ballot from a line of ``ballots.jsonl``.

        Raises:
            DataError: a key is missing or of the wrong type, a submitted ballot lacks a rank, or a text cannot be
                stored (half a surrogate pair, a NUL). A blank text is accepted; it counts as missing.
        """
        fields = typed(
            data, "ballot", record_id=str, reviewer=str, status=str, updated_at=str, ranks=list, answers=list
        )
        optional = ("prompt", "problems", "comment", "mode", "issues")
        ballot = cls(**fields, **{name: data[name] for name in optional if data.get(name) is not None})
        ballot.check_storable()
        return ballot


def dense_ranks(ranks: Sequence[int | None]) -> tuple[int | None, ...]:
    """Close the gaps of a ranking: ``(1, 1, 3)`` becomes ``(1, 1, 2)``; None stays None."""
    order = {rank: place for place, rank in enumerate(sorted({r for r in ranks if r is not None}), start=1)}
    return tuple(None if rank is None else order[rank] for rank in ranks)
