"""One question to a language model, from the cache or from as many tries as it takes; the same for every client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from workspace.chat.budget import Budget, Usage
from workspace.chat.cache import ChatCache
from workspace.chat.requests import BadAnswer, Request
from workspace.errors import ChatError, ChatRefused, ChatUnusable, count_of
from workspace.files.jsonl import is_unicode

TRIES = 3  # times that an answer is asked for until it can be used

Value = TypeVar("Value")


@dataclass(frozen=True)
class Question(Generic[Value]):
    """A request, what makes a value of its answer, and what it is about: anything of the caller's, handed back.

    ``read`` raises ``BadAnswer`` where it can make nothing of a text, and the model is asked again.
    """

    request: Request
    read: Callable[[str], Value]
    about: Any = None


@dataclass(frozen=True)
class Answer(Generic[Value]):
    """What came of a question: its value, or the error that left it without one; and the tokens that it cost."""

    question: Question[Value]
    value: Value | None = None
    error: ChatError | None = None
    tokens: int = 0
    from_cache: bool = False

    def result(self) -> Value:
        """The value.

        Raises:
            ChatError: there is none; says why.
        """
        if self.error:
            raise self.error
        return cast(Value, self.value)


class LanguageModel(Protocol):
    """Whoever answers questions: ``Chat`` asks an endpoint, ``LocalChat`` runs a model on this machine.

    Attributes:
        budget: what may be spent.
        usage: what has been done.
    """

    budget: Budget
    usage: Usage

    @property
    def model(self) -> str:
        """What the model is called where a text is credited to it."""

    def ask(self, request: Request, read: Callable[[str], Value]) -> Value:
        """The answer to one request, as ``read`` makes it of the model's text.

        Raises:
            ChatError: there is no answer that can be used; says why.
            ConfigError: the model cannot be asked at all.
        """

    def ask_all(self, questions: Iterable[Question[Value]], *, in_order: bool = True) -> Iterator[Answer[Value]]:
        """The answer to each question; one without a value says why in its ``error``.

        Args:
            questions: any number; they are taken as the answers are.
            in_order: answers come in the order of the questions, or else as soon as they are there.

        Raises:
            ConfigError: as for ``ask``.
        """

    def close(self) -> None:
        """Give back what the model holds; it cannot be asked afterwards."""


class Asking(Generic[Value]):
    """The way of one question to its answer: what the cache has of it, or what to ask next.

    Attributes:
        asked: the request to send now; from the second try on, it says what was wrong with the last answer.
        answer: what came of it; None until then.

    Args:
        question: the question.
        model: what the model is called, for messages and in the cache.
        key: what the cache knows the model by.
        cache: where answers are kept.
        tries: times that it is asked until an answer can be used.
    """

    def __init__(
        self, question: Question[Value], model: str, *, key: str, cache: ChatCache | None, tries: int
    ) -> None:
        self.asked, self.answer = question.request, None  # type: Request, Answer[Value] | None
        self._question, self._model, self._cache, self._left, self._tries = question, model, cache, tries, tries
        self._tokens = 0
        if not all(is_unicode(message["content"]) for message in question.request.messages):
            self.fail(ChatRefused("the request holds half a surrogate pair; correct the text"))
            return
        self._key = question.request.key(key)
        kept = cache.get(self._key) if cache else None
        if kept is not None:
            with suppress(BadAnswer):  # read more strictly today than when it was kept
                self.answer = Answer(question, question.read(kept), from_cache=True)

    @property
    def turn(self) -> int:
        """How many answers could not be used."""
        return self._tries - self._left

    def fail(self, error: ChatError) -> None:
        """No answer can be had."""
        self.answer = Answer(self._question, error=error, tokens=self._tokens)

    def take(self, text: Callable[[], str], tokens: int) -> None:
        """The model said something; what can be used is kept, and is the answer.

        Args:
            text: returns it, or raises ``BadAnswer`` where it is not whole.
            tokens: what it cost.
        """
        self._tokens += tokens
        self._left -= 1
        try:
            said = text()
            value = self._question.read(said)
        except BadAnswer as bad:
            self.asked = self._question.request.asked_again(str(bad))
            if not self._left:
                problem = f"{self._model} gave no usable answer in {count_of(self._tries, 'try', 'tries')} ({bad})"
                self.fail(ChatUnusable(problem))
            return
        if self._cache:
            self._cache.put(self._key, self._model, said)
        self.answer = Answer(self._question, value, tokens=self._tokens)
