"""One endpoint that speaks OpenAI's chat protocol: retries, waiting when told to, and a budget of tokens.

It is spoken by ``httpx``, which the project has anyway: the ``openai`` package would retry by its own rules and hide
the answers that the budget needs. The key stands in a header and nowhere else; it is taken out of what a server says.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from workspace.errors import ConfigError, TranslationError

ATTEMPTS = 5  # of one request that a server does not take
TIMEOUT = 120.0  # seconds for one answer
LONGEST_WAIT = 120.0  # seconds that a server may ask to wait
_FIRST_WAIT = 1.0
_DENIED = frozenset({401, 403})


class Unavailable(TranslationError):
    """The endpoint did not answer, after all retries."""


class Refused(TranslationError):
    """The endpoint does not take this request; another one it may."""


@dataclass(frozen=True)
class Reply:
    """One answer: its text, whether it came to its end, and the tokens it cost (None if the server does not say)."""

    content: str
    finished: bool
    tokens: int | None


class Budget:
    """A number of tokens that may be spent, shared by threads; ``limit`` None is no limit.

    What a request will cost is reserved before it is sent, by an estimate, so the budget is overrun at most by what
    the requests under way cost more than estimated.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.spent = 0
        self._reserved = 0
        self._lock = threading.Lock()

    def reserve(self, tokens: int) -> bool:
        """Set tokens aside; False if there are not as many left."""
        with self._lock:
            if self.limit is not None and self.spent + self._reserved + tokens > self.limit:
                return False
            self._reserved += tokens
            return True

    def settle(self, reserved: int, spent: int) -> None:
        """What was reserved has cost ``spent``."""
        with self._lock:
            self._reserved -= reserved
            self.spent += spent


class ChatClient:
    """Asks one model at one address; used by several threads at once.

    Args:
        base_url: for instance ``https://api.openai.com/v1``.
        key: the API key; may be empty where the server needs none.
        model: the server's name for the model.
        timeout: seconds for one answer.
        sleep: how to wait.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        model: str,
        *,
        timeout: float = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._http = httpx.Client(base_url=base_url.rstrip("/") + "/", headers=headers, timeout=timeout)
        except (httpx.InvalidURL, ValueError) as error:
            raise ConfigError(f"--base-url {base_url}: not an address, or the API key is no plain text") from error
        self.base_url, self.model = base_url, model
        self._key, self._sleep = key, sleep
        # Left out for the rest of the run where the server says that it does not know them.
        self._extras: dict[str, Any] = {"temperature": 0, "response_format": {"type": "json_object"}}

    def ask(self, messages: Sequence[Mapping[str, str]]) -> Reply:
        """The model's answer.

        Raises:
            Unavailable: no answer, after all retries.
            Refused: the server does not take this request.
            ConfigError: the key, the model or the address is wrong, or the account has no money left.
        """
        problem = ""
        for attempt in range(ATTEMPTS):
            try:
                response = self._post(messages)
            except httpx.TimeoutException:
                problem, wait = "does not answer in time", _backoff(attempt)
            except httpx.HTTPError as error:
                problem, wait = f"cannot be reached ({type(error).__name__})", _backoff(attempt)
            else:
                if response.is_success:
                    return self._reply(response)
                self._check(response)
                problem = f"answers {response.status_code} ({self._said(response)})"
                wait = self._wait(response, attempt)
            if attempt + 1 < ATTEMPTS:
                self._sleep(wait)
        raise Unavailable(f"{self.base_url} {problem}, {ATTEMPTS} times")

    def _post(self, messages: Sequence[Mapping[str, str]]) -> httpx.Response:
        """One request; sent again at once where the server objects to a field that it can do without."""
        while True:
            extras = dict(self._extras)
            try:
                response = self._http.post(
                    "chat/completions", json={"model": self.model, "messages": list(messages), **extras}
                )
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise ConfigError(f"--base-url {self.base_url}: not an address that can be asked") from error
            if not self._drop_extra(response, extras):
                return response

    def _reply(self, response: httpx.Response) -> Reply:
        try:
            data = response.json()
            choice = data["choices"][0]
            content = choice["message"]["content"] or ""
            tokens = (data.get("usage") or {}).get("total_tokens")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return Reply("", finished=True, tokens=None)
        finished = choice.get("finish_reason") != "length"
        return Reply(str(content), finished, tokens if isinstance(tokens, int) else None)

    def _drop_extra(self, response: httpx.Response, sent: Mapping[str, Any]) -> bool:
        """Whether the server objects to a field that it can do without; the field is not sent again."""
        if response.status_code not in (400, 422):
            return False
        named = [name for name in sent if name in response.text]
        for name in named:
            self._extras.pop(name, None)
        return bool(named)

    def _check(self, response: httpx.Response) -> None:
        """Raise for an answer that will not change by asking again."""
        status, said = response.status_code, self._said(response)
        if status in _DENIED:
            raise ConfigError(f"{self.base_url} refuses the API key ({status}: {said}); set OPENAI_API_KEY")
        if "insufficient_quota" in response.text:
            raise ConfigError(f"{self.base_url}: the account's quota is used up ({said}); run again when it is not")
        if status == 404 or "model_not_found" in response.text:
            raise ConfigError(
                f"{self.base_url} has no model {self.model!r}, or is not the address of an OpenAI-compatible API "
                f"({status}: {said}); look at --model and --base-url"
            )
        if status not in (408, 409, 429) and status < 500:
            raise Refused(f"{self.base_url} answers {status} ({said})")

    def _wait(self, response: httpx.Response, attempt: int) -> float:
        asked = _retry_after(response.headers.get("Retry-After", ""))
        if asked is None:
            return _backoff(attempt)
        if asked > LONGEST_WAIT:
            raise Unavailable(f"{self.base_url} asks to wait {asked:.0f} s before the next request")
        return asked

    def _said(self, response: httpx.Response) -> str:
        """What the server says of an error, on one line, without the key."""
        try:
            error = response.json()["error"]
            text = str(error["message"] if isinstance(error, dict) else error)
        except (ValueError, KeyError, TypeError):
            text = response.text
        text = " ".join(text.split())[:200] or response.reason_phrase
        return text.replace(self._key, "***") if self._key else text


def _backoff(attempt: int) -> float:
    """Seconds to wait: 1, 2, 4, ... and up to a quarter more, so that threads do not come back together."""
    wait: float = _FIRST_WAIT * 2**attempt
    return wait * (1 + random.random() / 4)


def _retry_after(value: str) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: a number or a date; None if it says neither."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None
