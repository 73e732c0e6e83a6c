"""When a request is sent again, and how long the wait is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from workspace.retries import PassingFailure, retry_after, with_retries


def failing(*failures: PassingFailure) -> Callable[[], str]:
    """A request that fails so often, then succeeds."""
    left = iter(failures)

    def send() -> str:
        for failure in left:
            raise failure
        return "done"

    return send


def test_waits_grow_and_end_at_the_longest() -> None:
    waits: list[float] = []
    failures = [PassingFailure("busy")] * 5
    assert with_retries(failing(*failures), longest_wait=3.0, sleep=waits.append) == "done"
    assert all(least <= wait <= least + 0.25 for least, wait in zip([0.5, 1, 2], waits[:3], strict=True))
    assert waits[3:] == [3.0, 3.0]


def test_the_server_s_wait_goes_first() -> None:
    waits: list[float] = []
    send = failing(PassingFailure("busy", 7.0), PassingFailure("busy", 0.0), PassingFailure("busy", 86400.0))
    with_retries(send, sleep=waits.append)
    assert waits == [7.0, 0.0, 30.0]


def test_the_last_failure_is_raised_as_it_is() -> None:
    waits: list[float] = []
    with pytest.raises(PassingFailure, match="second"):
        with_retries(failing(PassingFailure("first"), PassingFailure("second")), attempts=2, sleep=waits.append)
    assert len(waits) == 1


def test_another_error_is_raised_at_once() -> None:
    waits: list[float] = []

    def send() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        with_retries(send, sleep=waits.append)
    assert waits == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("1.5", 1.5), ("-4", 0.0), ("soon", None), ("", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_reading_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds


def test_a_date_to_come_is_a_wait() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 55 < (retry_after({"Retry-After": until}) or 0) <= 60
    assert retry_after({}) is None
