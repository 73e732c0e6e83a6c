"""What came before a prompt: the system message and the earlier turns of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from workspace.errors import DataError, shown

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = get_args(Role)
_QUOTED = 80  # characters of a role in a message


@dataclass(frozen=True)
class Message:
    """One turn of a conversation: who speaks, and what is said."""

    role: Role
    content: str

    def to_json(self) -> dict[str, str]:
        """The message as trainers read it."""
        return {"role": self.role, "content": self.content}


def context_from_json(data: Any) -> tuple[Message, ...]:
    """The context of a record from its JSON: a list of ``{"role", "content"}``, or None.

    Raises:
        DataError: it is anything else.
    """
    if not isinstance(data or [], list):
        raise DataError(f"record: 'context' must be list, got {type(data).__name__}")
    return tuple(_message(item) for item in data or ())


def context_problem(context: Iterable[Message]) -> str | None:
    """Why these cannot be what came before a prompt; None if they can."""
    for message in context:
        if message.role not in ROLES:
            role = shown(str(message.role), _QUOTED)
            return f"its context has the role {role}; a role is {', '.join(ROLES)}"
        if not message.content.strip():
            return "its context has a blank message"
    return None


def conversation(context: Sequence[Message], prompt: str) -> list[dict[str, str]]:
    """The messages up to the answer: the context, then the prompt as the user's turn."""
    return [*(message.to_json() for message in context), {"role": "user", "content": prompt}]


def _message(data: Any) -> Message:
    match data:
        case {"role": str(role), "content": str(content)}:
            return Message(cast(Role, role), content)
    raise DataError("record: a message of the context must be {'role': str, 'content': str}")
