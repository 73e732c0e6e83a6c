"""Signing in: passwords are compared off the event loop, and who guesses has to wait.

An account that somebody guesses at from one address answers nobody there for a while, and an address that fails at
many accounts answers none. Somebody else's guesses so lock no reviewer out: the reviewer's own address has few
failures, and one success forgets them. All of it is in memory; a restart forgets it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError

from workspace.server import database
from workspace.server.guards import CLIENT

WINDOW = 300.0  # seconds in which failures are counted
MOST_OF_ACCOUNT = 8  # failures at one account from one address
MOST_OF_ADDRESS = 100  # failures from one address: a school or an office may share one
MOST_PLACES = 10_000  # that are remembered
# A comparison takes a core for a quarter of a second; guesses leave the other cores to those who are at work.
HASHING = ThreadPoolExecutor(1, thread_name_prefix="passwords")


class Hashed(str):
    """The hash of a password, where Argilla would take the password and hash it."""


def own_network(address: str) -> str:
    """What one client has to itself: an address, but of IPv6 a network of as many addresses as it likes.

    >>> own_network("192.0.2.7"), own_network("::ffff:192.0.2.7"), own_network("2001:db8::7")
    ('192.0.2.7', '192.0.2.7', '2001:db8::/64')
    """
    try:
        ip = ip_address(address)
    except ValueError:  # what a proxy wrote
        return address
    if not isinstance(ip, IPv6Address):
        return address
    return str(ip.ipv4_mapped or IPv6Network((int(ip) >> 64 << 64, 64)))


class Failures:
    """When signing in failed, by place: an address, or an address with an account."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[tuple[str, ...], deque[float]] = {}

    def wait(self, address: str, account: str) -> int:
        """Seconds until this address may try this account again; 0 is now."""
        limits = ((address, account), MOST_OF_ACCOUNT), ((address,), MOST_OF_ADDRESS)
        return max(self._wait(place, most) for place, most in limits)

    def _wait(self, place: tuple[str, ...], most: int) -> int:
        times, now = self._times.get(place, ()), self._clock()
        recent = [moment for moment in times if moment > now - WINDOW]
        return int(recent[-most] + WINDOW - now) + 1 if len(recent) >= most else 0

    def failed(self, address: str, account: str) -> None:
        """Count a failure; of too many places, those are forgotten whose last failure is longest ago."""
        for place in ((address, account), (address,)):
            times = self._times.pop(place, deque(maxlen=MOST_OF_ADDRESS))
            times.append(self._clock())
            self._times[place] = times
        while len(self._times) > MOST_PLACES:
            del self._times[next(iter(self._times))]

    def succeeded(self, address: str, account: str) -> None:
        """Forget the failures at an account from an address, and that the last attempt was counted as one."""
        self._times.pop((address, account), None)
        if self._times.get((address,)):
            self._times[(address,)].pop()


FAILURES = Failures()


def guard_sign_in() -> None:
    """Have Argilla compare and hash passwords off its event loop, with the waits, and log none."""
    from argilla_server.contexts import accounts

    hash_now, create, update = accounts.hash_password, accounts.create_user, accounts.update_user

    async def authenticate(db: Any, username: str, password: str) -> Any:
        address = own_network(CLIENT.get())
        if seconds := FAILURES.wait(address, username):
            raise HTTPException(
                429,
                f"Too many attempts to sign in: try again in {seconds} s",
                headers={"Retry-After": str(seconds)},
            )
        FAILURES.failed(address, username)  # before the comparison, which others may wait for
        user = await accounts.get_user_by_username(db, username)
        known = user.password_hash if user else accounts._DUMMY_HASH  # as long for an unknown name as for a known one
        if not await _aside(accounts.verify_password, password, known) or user is None:
            return None
        FAILURES.succeeded(address, username)
        return user

    async def hashed(user_attrs: Any) -> Any:
        return user_attrs | {"password": Hashed(await _aside(hash_now, user_attrs["password"]))}

    async def create_user(db: Any, user_attrs: Any, workspaces: Any = None) -> Any:
        return await create(db, await hashed(user_attrs), workspaces)

    async def update_user(db: Any, user: Any, user_attrs: Any) -> Any:
        return await update(db, user, await hashed(user_attrs) if "password" in user_attrs else user_attrs)

    accounts.authenticate_user = authenticate
    accounts.create_user, accounts.update_user = create_user, update_user
    accounts.hash_password = lambda password: password if isinstance(password, Hashed) else hash_now(password)
    logging.getLogger("argilla").addFilter(_is_no_refusal)


async def _aside(work: Callable[..., Any], *values: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(HASHING, work, *values)


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Leave out what Argilla logs of a request that it refuses: all that was sent, a new user's password too."""
    return not (record.exc_info and isinstance(record.exc_info[1], RequestValidationError))


async def is_user(headers: dict[bytes, bytes]) -> bool:
    """Whether a request has the key of a user, or a session that this server signed."""
    from argilla_server.errors import UnauthorizedError
    from argilla_server.security.authentication.jwt import JWT
    from sqlalchemy import text

    key = headers.get(b"x-argilla-api-key", b"").decode("latin-1")
    if key:
        query = text("SELECT 1 FROM users WHERE api_key = :key")
        return bool(await database.read(lambda connection: connection.execute(query, {"key": key}).first()))
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    try:
        return kind.lower() == "bearer" and bool(JWT.decode(token))
    except UnauthorizedError:
        return False
