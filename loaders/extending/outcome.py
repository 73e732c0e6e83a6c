"""What comes of asking a model: records, what gives none, and what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workspace.errors import BudgetSpent, ChatError, ChatUnavailable
from workspace.model.records import Record, typed, typed_or_none

_ALWAYS = ("id", "prompt", "reason", "role")  # keys of each line of the file of what was refused


@dataclass(frozen=True)
class Refused:
    """What gives no record, and why.

    Attributes:
        id: that of the record that it would have been.
        prompt: its prompt, or a text that a model wrote as one.
        reason: why there is no record.
        role: that of the answer that failed, if one did; "prompt" where a model wrote no prompt that can be used.
        feature: what was to be flipped, in a twin.
        wanted: what a model was to write the prompt for. Without a role, ``prompt`` is a text that another one took
            the place of.
        output: the name of the file of records that it is of; None in files that do not say it.
    """

    id: str
    prompt: str
    reason: str
    role: str | None = None
    feature: str | None = None
    wanted: str | None = None
    output: str | None = None

    @property
    def is_try(self) -> bool:
        """Whether it is a text of a model that another one took, or may take, the place of."""
        return self.wanted is not None and self.role is None

    def to_json(self) -> dict[str, str | None]:
        """One line of the file of what was refused."""
        return {name: value for name, value in vars(self).items() if value is not None or name in _ALWAYS}

    @classmethod
    def from_json(cls, line: Any) -> Refused:
        """Read a line.

        Raises:
            DataError: it is not one of that file.
        """
        what, optional = "what was refused", ("role", "feature", "wanted", "output")
        stated = {name: typed_or_none(line, what, name, str) for name in optional}
        return cls(**typed(line, what, id=str, prompt=str, reason=str), **stated)


@dataclass
class Written:
    """What came of asking a model for some records; it grows while the model is asked.

    Attributes:
        records: those that it wrote.
        refused: what gives none, with the reason.
        missing: the ids of those that were not asked for to the end; another run carries on with them.
        problem: why they were not.
        tries: texts that a model wrote as prompts and that were refused, each with the reason.
        codes: the issue code of each id, where a model writes the prompts.
        near_duplicates: where it does, which embedding model compared them, or why none did.
    """

    records: list[Record] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problem: ChatError | None = None
    tries: list[Refused] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    near_duplicates: str | None = None

    def fail(self, error: ChatError, refused: Refused) -> None:
        """A text could not be had: its record is missing where nobody could be asked, else it is refused."""
        if isinstance(error, BudgetSpent | ChatUnavailable):
            self.missing.append(refused.id)
            self.problem = self.problem or error
        else:
            self.refused.append(refused)
