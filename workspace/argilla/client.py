"""Requests to Argilla's HTTP API: sent, tried again where that can help, and read."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, Self

import httpx

from workspace.argilla.listing import read_body
from workspace.config import DatasetAddress
from workspace.errors import ArgillaError, ArgillaUnreachable, ConfigError
from workspace.proxies import proxy_for
from workspace.retries import ATTEMPTS, PASSING_STATUSES, PassingFailure, retry_after, with_retries


class _NoAnswer(PassingFailure):
    """The server could not be reached."""


class Client:
    """Sends requests to one Argilla server; use it as a context manager, which closes it.

    What may pass is tried again, as ``workspace.retries`` says; everything else is an error at once. Every request
    must be one that may be sent twice without harm.

    Args:
        connection: address, key, workspace and dataset.
        transport: how requests travel, for tests.
        sleep: how to wait between attempts, for tests.

    Raises:
        ConfigError: the address is none that can be asked.
    """

    def __init__(
        self,
        connection: DatasetAddress,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = connection
        self._sleep = sleep
        self._proxy = None if transport else proxy_for(connection.api_url)
        self._http = httpx.Client(
            base_url=connection.api_url,
            headers={"X-Argilla-Api-Key": connection.api_key},
            timeout=httpx.Timeout(120.0, connect=10.0),
            transport=transport,
            proxy=self._proxy,
            verify=httpx.create_ssl_context() if connection.api_url.startswith("https:") else True,
            trust_env=False,  # its reading of NO_PROXY fails on IPv6 networks
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _request(self, method: str, path: str, *, allowed: Collection[int] = (), **content: Any) -> Any:
        """Send one request, again where that can help; returns the JSON of the answer.

        ``content`` is its ``json`` or its ``params``. The result is None where the answer is empty, or where its
        status is in ``allowed``.
        """
        where = f"{method} {self.connection.api_url}/api/v1/{path}"

        def send() -> httpx.Response:
            try:
                response = self._http.request(method, f"/api/v1/{path}", **content)
            except httpx.LocalProtocolError as error:
                # Its text may quote a header, and so the key.
                raise ConfigError(f"{where}: the address or the key cannot be sent") from error
            except httpx.TransportError as error:
                raise _NoAnswer(f"{type(error).__name__}: {error}") from error
            if response.status_code in PASSING_STATUSES.difference(allowed):
                raise PassingFailure(f"status {response.status_code}", retry_after(response.headers))
            return response

        try:
            response = with_retries(send, sleep=self._sleep)
        except _NoAnswer as failure:
            through = " through the proxy that the environment names" if self._proxy else ""
            raise ArgillaUnreachable(
                f"no answer from {self.connection.api_url}{through} after {ATTEMPTS} attempts ({failure}); is the "
                "server running? `h4rmony serve` starts one"
            ) from failure
        except PassingFailure as failure:
            raise ArgillaError(f"{where}: {failure} after {ATTEMPTS} attempts") from failure
        return None if response.status_code in allowed else read_body(response, where)
