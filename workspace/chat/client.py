"""The client: requests to one endpoint, several at once, again where that helps, and never paid for twice unseen.

- An answer is asked for until the caller's ``read`` can use it; the model is told what was wrong with its last one.
- What a server cannot answer now is sent again by the one policy in ``workspace.retries``. The package's own retries
  are off: they would be paid for where nobody counts them. A request that was sent and got no answer may have been
  paid for, so it counts as much as was estimated, each time.
- A schema is sent as ``json_schema``; where the endpoint refuses that, as ``json_object`` and in words; else in
  words. What an endpoint refused is not sent to it again.
- A cache keeps what could be used, by model, parameters and messages. Failures are never kept.
- The key is in the header of a request and nowhere else: no error, log or repr shows it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import count, islice
from typing import TYPE_CHECKING, Any, cast

from workspace.chat.asking import TRIES, Answer, Asking, Question, Value
from workspace.chat.budget import Budget, Tokens, Usage
from workspace.chat.cache import ChatCache
from workspace.chat.requests import BadAnswer, Endpoint, Request
from workspace.errors import (
    BudgetSpent,
    ChatError,
    ChatRefused,
    ChatStopped,
    ChatUnavailable,
    ConfigError,
    one_line,
)
from workspace.extras import require_packages
from workspace.files.jsonl import is_unicode
from workspace.proxies import check_proxies, is_this_machine
from workspace.retries import PassingFailure, retry_after, with_retries

if TYPE_CHECKING:
    from openai import APIStatusError

TIMEOUT = 120.0  # seconds for one answer
CONCURRENCY = 8  # requests under way at once
ATTEMPTS = 5  # of one request that the server does not answer
LONGEST_WAIT = 120.0  # seconds that a server may ask to wait
FAILURES_IN_A_ROW = 3  # requests without an answer before the client stops asking
_PASSING = (408, 409, 425, 429)
_REFUSING = (400, 422)
_FORMATS = ("json_schema", "json_object", "")  # how a schema is sent, best first; "" is in words alone


class Chat:
    """Asks one endpoint; may be used by several threads.

    Args:
        endpoint: who is asked.
        budget: what may be spent; by default there is no limit.
        cache: where answers are kept and looked up.
        timeout: seconds for one answer, from the request to its last byte.
        concurrency: requests under way at once.
        tries: times that an answer is asked for until it can be used.
        sleep: how to wait before a request is sent again.

    Raises:
        MissingPartError: the ``openai`` package is not installed.
        ConfigError: there is no try, or no request may be under way.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        budget: Budget | None = None,
        cache: ChatCache | None = None,
        timeout: float = TIMEOUT,
        concurrency: int = CONCURRENCY,
        tries: int = TRIES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        require_packages("a language model behind an API", ["openai"], "chat")
        if tries < 1 or concurrency < 1:
            raise ConfigError(f"tries and concurrency must be at least 1, got {tries} and {concurrency}")
        import openai

        self.endpoint, self.budget, self.usage = endpoint, budget or Budget(), Usage()
        self._cache, self._concurrency, self._tries, self._sleep = cache, concurrency, tries, sleep
        # a server of one's own may want no key, and then gets none, whatever the environment holds
        self._headers = {} if endpoint.key else {"Authorization": openai.Omit()}
        if not (is_here := is_this_machine(endpoint.base_url)):
            check_proxies()
        self._client = openai.OpenAI(
            api_key=endpoint.key or "none",
            base_url=endpoint.base_url,
            timeout=timeout,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(trust_env=not is_here),
        )
        self._timeout = timeout
        self._lock = threading.Lock()
        self._format = 0  # the best of _FORMATS that the endpoint has not refused
        self._refused: set[str] = set()  # parameters that the endpoint does not know
        self._failures = 0
        self._stopped: ChatError | ConfigError | None = None

    @property
    def model(self) -> str:
        """The endpoint's name of the model."""
        return self.endpoint.model

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._client.close()

    def ask(self, request: Request, read: Callable[[str], Value]) -> Value:
        """The answer to one request, as ``read`` makes it of the model's text.

        Raises:
            ChatError: there is no answer that can be used; says why.
            ConfigError: the key, the model or the address is wrong, or the account has no money left.
        """
        return self._answer(Question(request, read)).result()

    def ask_all(self, questions: Iterable[Question[Value]], *, in_order: bool = True) -> Iterator[Answer[Value]]:
        """The answer to each question, several under way at once; one without a value says why in its ``error``.

        Args:
            questions: any number; they are taken as the answers are.
            in_order: answers come in the order of the questions, or else as soon as they are there.

        Raises:
            ConfigError: as for ``ask``; after the answers that were under way.
        """
        waiting, under_way = iter(questions), list[Future[Answer[Value]]]()
        problem: ConfigError | None = None
        pool = ThreadPoolExecutor(self._concurrency)
        try:
            while True:
                more = islice(waiting, 4 * self._concurrency - len(under_way))
                under_way += [pool.submit(self._answer, question) for question in more]
                if not under_way:
                    break
                done = wait(under_way[:1] if in_order else under_way, return_when=FIRST_COMPLETED).done
                for future in [future for future in under_way if future in done]:
                    under_way.remove(future)
                    try:
                        yield future.result()
                    except ConfigError as error:
                        problem = problem or error
        finally:
            pool.shutdown(cancel_futures=True)
        if problem:
            raise problem

    def _answer(self, question: Question[Value]) -> Answer[Value]:
        """Ask until the question's ``read`` can use what the model says; what it could use is kept."""
        asking = Asking(question, self.model, key=self.endpoint.model, cache=self._cache, tries=self._tries)
        while not asking.answer:
            try:
                reply = self._reply(asking.asked)
            except ChatError as error:
                asking.fail(error)
            else:
                asking.take(partial(reply.whole, question.request.may_be_cut), reply.tokens.total)
        self._count(from_cache=int(asking.answer.from_cache))
        return asking.answer

    def _reply(self, request: Request) -> _Reply:
        """What the endpoint says to one request, sent again where that helps.

        Raises:
            ChatError: nothing that can be used.
            ConfigError: nothing, and neither to any other request; the client asks no more.
        """
        attempts = count()
        try:
            reply = with_retries(
                lambda: self._send(request, next(attempts)),
                attempts=ATTEMPTS,
                longest_wait=LONGEST_WAIT,
                sleep=self._sleep,
            )
        except PassingFailure as failure:
            raise self._unavailable(f"{self.endpoint.address} {failure}, {ATTEMPTS} times") from failure
        except (ConfigError, BudgetSpent) as error:
            self._stopped = self._stopped or error
            raise
        self._failures = 0
        return reply

    def _send(self, request: Request, attempt: int) -> _Reply:
        """Send a request once, within the budget."""
        if self._stopped:
            raise self._stopped
        estimate = request.estimate()
        if not self.budget.reserve(estimate, wait=True):
            raise BudgetSpent(f"the budget of {self.budget} is spent")
        spent = Tokens()
        try:
            reply = self._post(request, estimate)
            spent = reply.tokens
        except _Unanswered:
            spent = estimate
            self._count(unanswered=1)
            raise
        finally:
            self.budget.settle(estimate, spent)
            self._count(requests=1, retries=int(attempt > 0), tokens=spent)
        return reply

    def _post(self, request: Request, estimate: Tokens) -> _Reply:
        """One answer; the request is sent again at once without what the endpoint says it does not know."""
        import openai

        broken_off = _transport_error()
        while True:
            sent = self._fields(request)
            end = time.monotonic() + self._timeout
            try:
                with self._client.chat.completions.with_streaming_response.create(
                    model=self.endpoint.model, extra_headers=self._headers, **sent
                ) as answer:
                    body = b""
                    for part in answer.iter_bytes():
                        body += part
                        if time.monotonic() > end:
                            raise _Unanswered("does not answer in time")
                return _Reply.read(body, estimate)
            except openai.APITimeoutError:
                raise _Unanswered("does not answer in time") from None
            except openai.APIConnectionError as error:
                cause = type(error.__cause__).__name__
                lost = PassingFailure if cause.startswith("Connect") else _Unanswered
                raise lost(f"cannot be reached ({cause})") from None
            except openai.APIStatusError as error:
                if not self._learns(error, sent):
                    raise self._stated(error) from None
                self._count(requests=1)  # the one that is sent again
            except broken_off as error:  # in the middle of the answer
                late = "Timeout" in type(error).__name__
                why = "does not answer in time" if late else f"cannot be reached ({type(error).__name__})"
                raise _Unanswered(why) from None

    def _fields(self, request: Request) -> dict[str, Any]:
        """The body of a request without what the endpoint does not know."""
        given = {name: getattr(request, name) for name in ("temperature", "seed", "max_tokens")}
        fields = {name: value for name, value in given.items() if value is not None and name not in self._refused}
        messages = request.messages
        if request.schema:
            form, words = _FORMATS[self._format], request.schema.in_words()
            if form == "json_schema":
                schema = {"name": request.schema.name, "schema": request.schema.schema, "strict": True}
                fields["response_format"] = {"type": form, form: schema}
            elif words:
                messages = request.told(words).messages
            if form == "json_object":
                fields["response_format"] = {"type": form}
        return {"messages": [dict(message) for message in messages], **fields}

    def _learns(self, error: APIStatusError, sent: Mapping[str, Any]) -> bool:
        """Whether the endpoint objects to what it can do without, which it is not sent again."""
        said = error.response.text
        if error.status_code not in _REFUSING:
            return False
        with self._lock:
            form = sent.get("response_format", {}).get("type", "")
            if form and any(word in said for word in ("response_format", form)):
                self._format = max(self._format, _FORMATS.index(form) + 1)
                return True
            named = {name for name in ("temperature", "seed", "max_tokens") if name in sent and name in said}
            self._refused |= named
            return bool(named)

    def _stated(self, error: APIStatusError) -> Exception:
        """The error to raise for a refusal, by whether another attempt, or another request, can help."""
        where, status, said = self.endpoint.address, error.status_code, self._said(error)
        if status in (401, 403):
            return ConfigError(f"{where} refuses the API key ({status}: {said}); set OPENAI_API_KEY")
        if "insufficient_quota" in error.response.text:
            return ConfigError(f"{where}: the account's quota is used up ({said}); run again when it is not")
        if status == 404 or "model_not_found" in error.response.text:
            return ConfigError(
                f"{where} has no model {self.endpoint.model!r}, or is not the address of an OpenAI-compatible API "
                f"({status}: {said}); look at --model and --base-url"
            )
        if status not in _PASSING and status < 500:
            return ChatRefused(f"{where} answers {status} ({said})")
        asked = retry_after(error.response.headers)
        if asked is not None and asked > LONGEST_WAIT:
            return self._unavailable(f"{where} asks to wait {asked:.0f} s before the next request")
        return PassingFailure(f"answers {status} ({said})", asked)

    def _said(self, error: APIStatusError) -> str:
        """What the server says of an error, on one line, without the key."""
        body = error.body.get("message") if isinstance(error.body, dict) else error.body
        text = one_line(body or error.response.text or error.response.reason_phrase)
        return text.replace(self.endpoint.key, "***") if self.endpoint.key else text

    def _unavailable(self, problem: str) -> ChatUnavailable:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW and not self._stopped:
                said = f"{problem}; the rest was not asked for: run again when the server answers"
                self._stopped = ChatStopped(said)
        return ChatUnavailable(problem)

    def _count(self, tokens: Tokens | None = None, **numbers: int) -> None:
        with self._lock:
            for name, number in numbers.items():
                setattr(self.usage, name, getattr(self.usage, name) + number)
            self.usage.tokens += tokens or Tokens()


class _Unanswered(PassingFailure):
    """A request was sent and got no answer, so it may be paid for."""


@dataclass(frozen=True)
class _Reply:
    """What an endpoint answered: the text, why it ended, and what it cost."""

    content: str
    ending: str
    tokens: Tokens

    @classmethod
    def read(cls, body: bytes, estimate: Tokens) -> _Reply:
        """Read the body of an answer; one that is not a completion says nothing and costs as estimated."""
        try:
            data = json.loads(body)
            choice = data["choices"][0]
            content, ending = str(choice["message"]["content"] or ""), str(choice.get("finish_reason"))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            return cls("", "", estimate)
        return cls(content, ending, _tokens(data.get("usage"), estimate))

    def whole(self, may_be_cut: bool) -> str:
        """The text.

        Raises:
            BadAnswer: it was broken off.
        """
        if self.ending == "length" and not may_be_cut:
            raise BadAnswer("it was cut at the model's longest answer")
        if self.ending == "content_filter":
            raise BadAnswer("it was broken off by the provider's filter")
        if not is_unicode(self.content):
            raise BadAnswer("it held half a character")
        return self.content


def _transport_error() -> type[Exception]:
    """What is raised when an answer breaks off: the root of the errors of openai's HTTP library (httpx or httpx2)."""
    import openai

    library = openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]
    return cast(type[Exception], import_module(library).HTTPError)


def _tokens(usage: Any, estimate: Tokens) -> Tokens:
    """The tokens that a server counted; those of which it does not say what they were for are the answer's."""
    found = usage if isinstance(usage, dict) else {}
    prompt, completion, total = (_counted(found.get(f"{name}_tokens")) for name in ("prompt", "completion", "total"))
    if prompt is not None and completion is not None:
        return Tokens(prompt, completion)
    return estimate if total is None else Tokens(0, total)


def _counted(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None
