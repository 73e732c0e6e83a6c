"""Conversations in cells: their turns, and where the prompt and the answers are in them.

A message is an object with ``role`` and ``content`` (or ``parts``, as Gemini has it), or ``from`` and ``value``. A
conversation is a list of messages, one message, or an object whose ``messages`` are one. A CSV file has it as text,
in JSON or as Python writes it.

The last turn of the user before the answers is the prompt. What is before it is the context. Each answer is one turn
of the assistant.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.shapes.judged import Reason, Unusable
from loaders.source.cells import JsonText
from loaders.source.seen import is_changed, kept_text
from loaders.source.table import canonical_text
from workspace.files.jsonl import dumps
from workspace.model.conversations import Message, Role

_SPEAKERS: Mapping[str, Role] = {
    **dict.fromkeys(("system", "developer", "sistema"), "system"),
    **dict.fromkeys(("user", "human", "prompter", "usuario"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bot", "model", "asistente"), "assistant"),
}
_TOOLS = frozenset({"tool", "function", "function_call", "function_response", "observation", "ipython"})
_KEYS = {"role": "content", "from": "value"}
# the beginning of a conversation that was written as text: of JSON, of Python, of a NumPy array
_BEGINS = re.compile(
    r"""\s*(?:array\()?\[?[\s\[]*(?:array\()?[\s\[]*\{\s*['"](?:role|content|from|value|messages)['"]\s*:"""
)


@dataclass(frozen=True)
class Exchange:
    """The end of a conversation: what came before the prompt, the prompt, and the answers to it.

    ``trimmed`` is True if the prompt or an answer lost Windows line ends.
    """

    context: tuple[Message, ...]
    prompt: str
    answers: tuple[str, ...]
    trimmed: bool


def json_value(cell: str) -> Any:
    """What a cell is in the source, for the way back: a list or an object, or its text.

    A conversation that CSV has as JSON, as this project and Python write it, is the conversation.
    """
    if isinstance(cell, JsonText):
        return json.loads(cell)
    if _BEGINS.match(cell):
        value = _parsed(cell)
        if messages_in(value) is not None and dumps(value) == cell:
            return value
    return str(cell)


def loose_value(cell: str) -> Any:
    """What a cell is: a list or an object, also one that CSV has as text (JSON, Python), or its text."""
    if isinstance(cell, JsonText):
        return json.loads(cell)
    if not cell.lstrip().startswith(("[", "{")):
        return cell
    value = _parsed(cell)
    return value if isinstance(value, list | dict) else cell


def is_conversation(cell: str) -> bool:
    """True if a cell is a conversation, or a text that begins as one does."""
    return messages_in(json.loads(cell)) is not None if isinstance(cell, JsonText) else bool(_BEGINS.match(cell))


def is_broken(cell: str) -> bool:
    """True if a cell begins as a conversation written as text, and cannot be read as one."""
    return not isinstance(cell, JsonText) and bool(_BEGINS.match(cell)) and messages_in(_parsed(cell)) is None


def last_speaker(cell: str) -> Role | None:
    """Who speaks last in a conversation; None if a cell is none."""
    found = messages_in(loose_value(cell))
    return _SPEAKERS.get(_role(found[-1])) if found else None


def spoken(value: Any, role: Role) -> list[Message]:
    """The turns of a conversation, also one that is written as text; any other text is one turn, of this role.

    Raises:
        Unusable: a turn is not text, or nobody knows whose it is; or the value is neither a text nor a conversation.
    """
    found = messages_in(_parsed(value) if isinstance(value, str) and _BEGINS.match(value) else value)
    if found is not None:
        return [turn for message in found if (turn := _turn(message))]
    if not isinstance(value, str):
        raise Unusable(Reason.NOT_TEXT, "a cell holds a list or an object that is no conversation; left out")
    return [Message(role, value)]


def messages_in(value: Any) -> list[Mapping[str, Any]] | None:
    """The messages of a conversation; None if a value is none."""
    if isinstance(value, dict):
        if isinstance(value.get("messages"), list):
            return messages_in(value["messages"])
        value = [value]
    if not isinstance(value, list) or not value:
        return None
    is_one = all(isinstance(each, dict) and not _KEYS.keys().isdisjoint(each) for each in value)
    return value if is_one else None


def exchange(
    given: Sequence[Sequence[Message]], asked: Sequence[Message], *, is_asked: bool = True, system: str = ""
) -> Exchange:
    """Find the prompt and the answers at the end of conversations.

    Args:
        given: one conversation an answer: the answer alone, or all that leads to it.
        asked: the conversation that ends with the prompt; nothing where the others hold it.
        is_asked: whether there is a column for the prompt.
        system: a system message beside them.

    Raises:
        Unusable: they have no such end.
    """
    before = [list(turns[:-1]) for turns in given]
    turns = list(asked)
    if any(before) or not is_asked:
        turns = _before(turns, before)
        if any(each and not _ends_with(turns, each) for each in before):
            raise Unusable(Reason.NO_TURNS, "the conversations differ before their last turn; left out")
    if any(end.role != "assistant" for each in given for end in each[-1:]):
        raise Unusable(Reason.NO_TURNS, "a conversation does not end with an answer of the assistant; left out")
    if not turns or turns[-1].role != "user":
        raise Unusable(Reason.NO_TURNS, "the turn before the answers is not the user's; left out")
    context = turns[:-1]
    if system.strip() and not any(turn.role == "system" for turn in context):
        context = [Message("system", system), *context]
    raw = (turns[-1].content, *(each[-1].content if each else "" for each in given))
    prompt, *answers = map(kept_text, raw)
    return Exchange(tuple(context), prompt, tuple(answers), is_changed(raw, (prompt, *answers)))


def _before(asked: list[Message], before: Sequence[list[Message]]) -> list[Message]:
    """The turns before the answers: those that the answers' conversations share, if they agree with the prompt."""
    longest = max(before, key=len)
    if not asked or _ends_with(longest, asked) or asked[-1] in longest:
        return longest
    if all(_ends_with(asked, turns) for turns in before):
        return asked
    raise Unusable(Reason.NO_TURNS, "the prompt and the conversations have different prompts; left out")


def _ends_with(turns: Sequence[Message], end: Sequence[Message]) -> bool:
    last = turns[len(turns) - len(end) :] if len(end) <= len(turns) else None
    return last is not None and (last == end or _same(last) == _same(end))


def _same(turns: Iterable[Message]) -> list[tuple[Role, str]]:
    return [(turn.role, canonical_text(turn.content)) for turn in turns]


def _parsed(cell: str) -> Any:
    """The value of a cell that is, or is written as, a list or an object; None if it cannot be read."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _turn(message: Mapping[str, Any]) -> Message | None:
    """A message as a turn; None if it says nothing.

    Raises:
        Unusable: it is not text, or nobody knows whose it is.
    """
    role = _role(message)
    if role in _TOOLS or message.get("tool_calls") or message.get("function_call"):
        raise Unusable(Reason.NOT_TEXT, "a turn calls a tool or is its answer, which is no text; left out")
    if role not in _SPEAKERS:
        raise Unusable(Reason.NO_TURNS, f"a turn has the role {role[:40]!r}, not system, user or assistant; left out")
    content = content_of(message)
    return Message(_SPEAKERS[role], content) if content.strip() else None


def _role(message: Mapping[str, Any]) -> str:
    return str(message.get("role", message.get("from"))).strip().casefold()


def content_of(message: Mapping[str, Any]) -> str:
    """The text of a message, "" where it has none.

    Raises:
        Unusable: it is not one text.
    """
    return _content(next((message[key] for key in ("content", "value", "parts") if key in message), None))


def _content(value: Any) -> str:
    match value:
        case None:
            return ""
        case str(text):
            return text
        case [{"text": str(text), **more}] if more.get("type") in (None, "text"):
            return text
        case [*parts] if any(isinstance(part, dict) and part.get("type") not in (None, "text") for part in parts):
            raise Unusable(Reason.NOT_TEXT, "a turn holds an image, or another part that is no text; left out")
    raise Unusable(Reason.NOT_TEXT, "the content of a turn is not one text; left out")
