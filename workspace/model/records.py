"""The imploded record: one prompt with all its answers, the comparisons they came from, and their translation.

One JSON object a record::

    {"id": "h4rmony-239", "prompt": "...", "answers": [{"text": "...", "rank": 1}, ...],
     "comparisons": [{"better": 0, "worse": 1, "Id": "612", ...}, ...],
     "metadata": {"prompt_id": "239", "type": "Question", "issues": ["PWM"], ...},
     "translation": {"language": "es", "engine": "...", "prompt": "...", "answers": ["...", ...],
                     "adequacy": [...]}}

A record of a conversation also has what came before its prompt, the system message and the earlier turns::

    {"context": [{"role": "system", "content": "..."}, {"role": "user", "content": "..."}, ...]}

and its translation then has ``context`` too, one text a message.

Records are values: they are checked when they are made, and never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any

from workspace.errors import DataError, count_of, cut, shown
from workspace.files.jsonl import is_unicode
from workspace.model.conversations import Message, context_from_json, context_problem

MAX_ANSWERS = 26
ORIGINAL = "original"  # the engine of a record that is in the translation's language already: its own translation
QUOTED = 80  # characters of an id or a name in a message
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_OWN_COMPARISON_KEYS = frozenset({"better", "worse"})


@dataclass(frozen=True, order=True)
class Answer:
    """One answer to a prompt.

    ``rank`` is 1 for the best; None where the comparisons do not settle the answer's place.
    """

    text: str
    rank: int | None


@dataclass(frozen=True)
class Comparison:
    """One pair of the source: ``better`` and ``worse`` are indices into the record's answers.

    ``columns`` are the source's columns that differ between the rows of this prompt, as text.
    """

    better: int
    worse: int
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Translation:
    """A translation of a record's texts, aligned with its answers.

    An empty text means that it is missing. ``adequacy`` holds one score from 0 to 1 a text (prompt first, then
    the answers) or is empty if it was not measured. ``context`` has one text a message of the record's context, or is
    empty if that is not translated.
    """

    language: str
    engine: str
    prompt: str
    answers: tuple[str, ...]
    adequacy: tuple[float, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """A prompt with two answers or more, sorted by rank (unsettled ones last), then by text.

    ``context`` is what came before the prompt: the system message and the earlier turns.

    Raises:
        DataError: on construction, if a rule of the record is broken; the message says which.
    """

    id: str
    prompt: str
    answers: tuple[Answer, ...]
    comparisons: tuple[Comparison, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    translation: Translation | None = None
    context: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        problem = self._problem()
        if problem:
            raise DataError(f"record {shown(self.id, QUOTED)}: {problem}")

    @property
    def ranks(self) -> tuple[int | None, ...]:
        """The rank of each answer, in the answers' order."""
        return tuple(answer.rank for answer in self.answers)

    @property
    def is_ranked(self) -> bool:
        """True if every answer's place is known."""
        return None not in self.ranks

    @property
    def texts(self) -> tuple[str, ...]:
        """The prompt, then each answer."""
        return (self.prompt, *(answer.text for answer in self.answers))

    @property
    def source_hash(self) -> str:
        """A hash of what the record says: context, prompt, answers and their ranks; not of its translation."""
        context = [[[message.role, message.content] for message in self.context]] if self.context else []
        return content_hash([self.prompt, [[answer.text, answer.rank] for answer in self.answers], *context])

    def _problem(self) -> str | None:
        if not _ID.fullmatch(self.id):
            return "its id must be 1 to 200 letters, digits, '.', '_' or '-', and begin with a letter or digit"
        if not 2 <= len(self.answers) <= MAX_ANSWERS:
            return f"it has {count_of(len(self.answers), 'answer')}; a record has 2 to {MAX_ANSWERS}"
        for text in (*self.texts, *(message.content for message in self.context)):
            if problem := text_problem(text):
                return problem
        if problem := context_problem(self.context):
            return problem
        if len({answer.text for answer in self.answers}) < len(self.answers):
            return "two of its answers are equal"
        return self._order_problem() or self._translation_problem() or self._string_problem()

    def _order_problem(self) -> str | None:
        if any(rank is not None and not 1 <= rank <= len(self.answers) for rank in self.ranks):
            return f"its ranks must be from 1 to {len(self.answers)} or null, got {cut(str(list(self.ranks)))}"
        if list(self.answers) != sorted(self.answers, key=answer_order):
            return "its answers are not sorted by rank, then text"
        for comparison in self.comparisons:
            pair = (comparison.better, comparison.worse)
            if comparison.better == comparison.worse or not all(0 <= i < len(self.answers) for i in pair):
                return f"its comparison {cut(str(list(pair)))} does not name two of its {len(self.answers)} answers"
            better, worse = self.ranks[comparison.better], self.ranks[comparison.worse]
            if better is not None and worse is not None and better >= worse:
                return f"its comparison {list(pair)} contradicts the ranks {list(self.ranks)}"
            if not _OWN_COMPARISON_KEYS.isdisjoint(comparison.columns):
                return "a comparison's column may not be named 'better' or 'worse'"
        return None

    def _translation_problem(self) -> str | None:
        if self.translation is None:
            return None
        if len(self.translation.answers) != len(self.answers):
            return f"its translation has {count_of(len(self.translation.answers), 'answer')} for {len(self.answers)}"
        if self.translation.adequacy and len(self.translation.adequacy) != len(self.answers) + 1:
            scores = count_of(len(self.translation.adequacy), "adequacy score")
            return f"its translation has {scores} for {len(self.texts)} texts"
        if self.translation.context and len(self.translation.context) != len(self.context):
            messages = count_of(len(self.translation.context), "message")
            return f"its translation has {messages} of context for {len(self.context)}"
        for text in (self.translation.prompt, *self.translation.answers, *self.translation.context):
            if text and (problem := text_problem(text)):
                return f"its translation: {problem}"
        return None

    def _string_problem(self) -> str | None:
        """Which of the other strings, names of columns too, a file cannot hold."""
        named: list[tuple[str, str, Any]] = [("metadata", *item) for item in self.metadata.items()]
        named += [("column", *item) for comparison in self.comparisons for item in comparison.columns.items()]
        if self.translation:
            named += [("translation's", name, getattr(self.translation, name)) for name in ("language", "engine")]
        if _is_writable(named):
            return None  # all at once, because a problem is rare
        kind, name, _ = next(item for item in named if not _is_writable(item))
        what = f"{kind} {name if kind.endswith('s') else shown(name, QUOTED)}"
        return f"its {what} holds half a surrogate pair, which is not valid UTF-8; remove it"

    def to_json(self) -> dict[str, Any]:
        """The record as a line of ``records.jsonl``; ``context`` and ``translation`` only when there are any."""
        data: dict[str, Any] = {
            "id": self.id,
            **({"context": [message.to_json() for message in self.context]} if self.context else {}),
            "prompt": self.prompt,
            "answers": [with_lists(answer) for answer in self.answers],
            "comparisons": [{"better": c.better, "worse": c.worse, **c.columns} for c in self.comparisons],
            "metadata": dict(self.metadata),
        }
        if self.translation:
            data["translation"] = with_lists(self.translation)
            for name in ("adequacy", "context"):
                if not data["translation"][name]:
                    del data["translation"][name]
        return data

    @classmethod
    def from_json(cls, data: Any) -> Record:
        """Build a record from a line of ``records.jsonl``.

        Raises:
            DataError: a key is missing or of the wrong type, or a rule of the record is broken.
        """
        fields = typed(data, "record", id=str, prompt=str, answers=list)
        translation = data.get("translation")
        return cls(
            id=fields["id"],
            prompt=fields["prompt"],
            answers=tuple(_answer(item) for item in fields["answers"]),
            comparisons=tuple(_comparison(item) for item in typed_or_none(data, "record", "comparisons", list) or ()),
            metadata=typed_or_none(data, "record", "metadata", dict) or {},
            translation=None if translation is None or translation == {} else _translation(translation),
            context=context_from_json(data.get("context")),
        )


def answer_order(answer: Answer) -> tuple[bool, int, str]:
    """The sort key of answers: by rank, answers without one last, then by text."""
    return (answer.rank is None, answer.rank or 0, answer.text)


def content_hash(value: object) -> str:
    """A short stable hash (16 hexadecimal digits of SHA-256) of a JSON value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def text_problem(text: str) -> str | None:
    """Why ``text`` cannot be a prompt or an answer, or None."""
    if not text.strip():
        return "a text is blank"
    if "\x00" in text:
        return "a text holds a NUL character"
    if not is_unicode(text):
        return "a text holds half a surrogate pair, which is not valid UTF-8"
    return None


def storable(text: str) -> str:
    """The text with what no file can hold, a NUL or half a surrogate pair, as the replacement character U+FFFD."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


def _is_writable(value: Any) -> bool:
    return is_unicode(json.dumps(value, ensure_ascii=False, default=str))


def with_lists(value: object) -> dict[str, Any]:
    """The fields of a dataclass as JSON holds them: its tuples become lists."""
    return {name: list(each) if isinstance(each, tuple) else each for name, each in vars(value).items()}


def typed(data: Any, what: str, **types: type) -> dict[str, Any]:
    """The named values of a JSON object, each checked to be of its type."""
    if not isinstance(data, dict):
        raise DataError(f"{what}: a JSON object is needed, got {type(data).__name__}")
    for name, kind in types.items():
        if name not in data:
            names = cut(", ".join(shown(key, QUOTED) for key in islice(data, 100)), 3 * QUOTED)
            raise DataError(f"{what}: key {name!r} is missing; it has {names or 'none'}")
        if not isinstance(data[name], kind) or (kind is int and isinstance(data[name], bool)):
            raise DataError(f"{what}: {name!r} must be {kind.__name__}, got {type(data[name]).__name__}")
    return {name: data[name] for name in types}


def typed_or_none(data: Mapping[str, Any], what: str, name: str, kind: type) -> Any:
    """The value of an optional key of a JSON object, checked to be of its type; None if it is missing or null."""
    return None if data.get(name) is None else typed(data, what, **{name: kind})[name]


def _answer(data: Any) -> Answer:
    text = typed(data, "answer", text=str)["text"]
    return Answer(text, typed_or_none(data, "answer", "rank", int))


def _comparison(data: Any) -> Comparison:
    pair = typed(data, "comparison", better=int, worse=int)
    columns = {str(name): value for name, value in data.items() if name not in _OWN_COMPARISON_KEYS}
    for name, value in columns.items():
        if not isinstance(value, str):
            raise DataError(f"comparison: column {shown(name, QUOTED)} must be str, got {type(value).__name__}")
    return Comparison(pair["better"], pair["worse"], columns)


def _translation(data: Any) -> Translation:
    fields = typed(data, "translation", language=str, engine=str, prompt=str, answers=list)
    adequacy = typed_or_none(data, "translation", "adequacy", list) or []
    context = typed_or_none(data, "translation", "context", list) or []
    if not all(isinstance(text, str) for text in (*fields["answers"], *context)):
        raise DataError("translation: every answer, and every message of the context, must be str")
    if not all(type(score) in (int, float) and 0 <= score <= 1 for score in adequacy):
        raise DataError("translation: every adequacy score must be a number from 0 to 1")
    fields |= {"answers": tuple(fields["answers"]), "adequacy": tuple(float(score) for score in adequacy)}
    fields |= {"context": tuple(context)}
    return Translation(**fields)
