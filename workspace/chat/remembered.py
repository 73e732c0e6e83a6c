"""What a model said before, without asking it: what of a run its answers on disk cover, and what the rest costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from workspace.chat.asking import Answer, Asking, Question, Value
from workspace.chat.budget import Budget, Tokens, Usage
from workspace.chat.cache import ChatCache
from workspace.chat.requests import Request
from workspace.errors import ChatUnavailable


class Remembered:
    """Answers from the cache alone. For a dry run: what it has no answer to is estimated, and fails as not asked for.

    Attributes:
        budget: nothing is spent of it.
        usage: how many answers the cache had.
        lacking: how many requests it has no answer to.
        estimated: what these cost if each answer is good at once.

    Args:
        model: what the model is called.
        key: what the cache knows it by.
        cache: where its answers are kept.
    """

    def __init__(self, model: str, *, key: str, cache: ChatCache) -> None:
        self.budget, self.usage = Budget(), Usage()
        self.lacking, self.estimated = 0, Tokens()
        self._model, self._key, self._cache = model, key, cache

    @property
    def model(self) -> str:
        """What the model is called."""
        return self._model

    def ask(self, request: Request, read: Callable[[str], Value]) -> Value:
        """The answer to one request.

        Raises:
            ChatUnavailable: the cache has none.
        """
        (answer,) = self.ask_all([Question(request, read)])
        return answer.result()

    def ask_all(self, questions: Iterable[Question[Value]], *, in_order: bool = True) -> Iterator[Answer[Value]]:
        """The answer to each question; one that the cache has none to fails with ``ChatUnavailable``."""
        for question in questions:
            asking = Asking(question, self.model, key=self._key, cache=self._cache, tries=1)
            if not asking.answer:
                self.estimate(question.request)
                asking.fail(ChatUnavailable("it was not asked for"))
            answer = cast("Answer[Value]", asking.answer)
            self.usage.from_cache += answer.from_cache
            yield answer

    def estimate(self, request: Request) -> None:
        """Count a request that will have to be sent."""
        self.lacking += 1
        self.estimated += request.estimate()

    def close(self) -> None:
        """Nothing is held; the cache belongs to whoever opened it."""
