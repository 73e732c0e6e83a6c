"""The one policy for HTTP requests that fail and may succeed when they are sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

ATTEMPTS = 6
LONGEST_WAIT = 30.0  # seconds before one attempt
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

Answer = TypeVar("Answer")


class PassingFailure(Exception):
    """A request failed in a way that may pass.

    Args:
        problem: what happened.
        retry_after: the seconds that the server asks to wait, or None.
    """

    def __init__(self, problem: str, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


def with_retries(
    send: Callable[[], Answer],
    *,
    attempts: int = ATTEMPTS,
    longest_wait: float = LONGEST_WAIT,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Send a request until it no longer raises ``PassingFailure``.

    Before the next attempt it waits as long as the server asks for, else 0.5, 1, 2, ... seconds and up to 0.25 more,
    so that many clients do not come back together; never longer than ``longest_wait``.

    Args:
        send: sends the request once. It raises ``PassingFailure`` where another attempt can help.
        attempts: how often to send it, at most.
        longest_wait: seconds before one attempt, at most.
        sleep: how to wait.

    Raises:
        PassingFailure: the last attempt failed too.
    """
    growing = wait_exponential(multiplier=0.5) + wait_random(0, 0.25)

    def wait(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.retry_after if isinstance(failure, PassingFailure) else None
        return min(growing(state) if asked is None else asked, longest_wait)

    return Retrying(
        retry=retry_if_exception_type(PassingFailure),
        stop=stop_after_attempt(attempts),
        wait=wait,
        sleep=sleep,
        reraise=True,
    )(send)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a ``Retry-After`` header asks to wait, given as a number or as a date; None without one.

    >>> retry_after({"Retry-After": "3"})
    3.0
    """
    value = headers.get("Retry-After", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None
