"""What comes of asking a model: records, what gives none, and what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workspace.errors import ChatError
from workspace.model.records import Record, typed, typed_or_none


@dataclass(frozen=True)
class Refused:
    """What gives no record, and why.

    ``role`` is that of the answer that failed, if one did; "prompt" where a model wrote no prompt that can be used.
    ``feature`` is a twin's. ``wanted`` is what a model was to write the prompt for; with it and without a role, it is
    a text that another one took the place of.
    """

    id: str
    prompt: str
    reason: str
    role: str | None = None
    feature: str | None = None
    wanted: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """One line of the file of what was refused."""
        always = ("id", "prompt", "reason", "role")
        return {name: value for name, value in vars(self).items() if value is not None or name in always}

    @classmethod
    def from_json(cls, line: Any) -> Refused:
        """Read a line.

        Raises:
            DataError: it is not one of that file.
        """
        what = "what was refused"
        optional = {name: typed_or_none(line, what, name, str) for name in ("role", "feature", "wanted")}
        return cls(**typed(line, what, id=str, prompt=str, reason=str), **optional)


@dataclass
class Written:
    """What came of asking for the answers to some prompts.

    Attributes:
        records: a record for each prompt that has all its answers.
        refused: the prompts that give none, with the reason.
        missing: the ids of those that were not asked for to the end; another run carries on with them.
        problem: why they were not.
        tries: texts that a model wrote as prompts and that another one took the place of, with the reason.
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
