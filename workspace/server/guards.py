"""What stands between the network and Argilla: limits of what is read, and headers that browsers obey.

Argilla reads a body whole before it looks at the key, and Starlette's time for ``Range`` grows with its square.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

MIB = 2**20
MOST_HEADERS = 32 * 1024  # bytes of a request
MOST_UNREAD = MIB // 2  # bytes of headers that do not end
MOST_OF_STRANGERS = MIB  # bytes of a body without a valid key or session
MOST_OF_USERS = 256 * MIB
ONE_RANGE = re.compile(rb"\s*bytes\s*=\s*\d*\s*-\s*\d*\s*", re.ASCII)
PROXIES = "127.0.0.1, ::1, ::ffff:127.0.0.1"  # whose X-Forwarded-For is believed: those on this machine
CLIENT: ContextVar[str] = ContextVar("client", default="")  # the address that the request came from

# Argilla's page is one of inline scripts, and its custom fields are compiled from templates in a frame of their own,
# which obeys this too. Nothing is asked of another site, and no other site has the page in a frame.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
ANSWER_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class Protocol(HttpToolsProtocol):  # uvicorn knows no limit of what it keeps of headers
    """HTTP, for headers that end."""

    _unread: int | None = 0  # bytes since the last request; None within a body

    def on_headers_complete(self) -> None:
        """Begin a body."""
        self._unread = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the next request."""
        super().on_message_complete()
        self._unread = 0

    def data_received(self, data: bytes) -> None:
        """Take what the client sends; close the connection where headers do not end."""
        super().data_received(data)
        if self._unread is not None:
            self._unread += len(data)
            if self._unread > MOST_UNREAD and not self.transport.is_closing():
                self.transport.close()


class Guard:
    """An application behind the limits; ``is_user`` says whether a request's headers have a valid key or session."""

    def __init__(self, app: App, is_user: Callable[[dict[bytes, bytes]], Awaitable[bool]]) -> None:
        self._app = app
        self._is_user = is_user

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *ANSWER_HEADERS]
            await send(message)

        CLIENT.set((scope.get("client") or ("", 0))[0])
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
            return await _refuse(answer, 431, f"the headers of a request may have {MOST_HEADERS} bytes")
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if name != b"range" or ONE_RANGE.fullmatch(value)
        ]
        body = Body(receive, scope["headers"])
        if await body.exceeds(MOST_OF_STRANGERS) and not await self._is_user(dict(scope["headers"])):
            return await _refuse(answer, 401, "a body so long needs a valid key or session")
        if await body.exceeds(MOST_OF_USERS, look_ahead=False):
            return await _refuse(answer, 413, f"the body of a request may have {MOST_OF_USERS // MIB} MiB")
        await self._app(scope, body.receive, answer)
        return None


class Body:
    """What a client sends after the headers; where they do not say how long it is, its beginning is read ahead."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._ahead: list[Message] = []
        said = next((value for name, value in headers if name == b"content-length"), b"")
        self._length = int(said) if said.isdigit() else None
        self._taken = 0

    async def exceeds(self, limit: int, *, look_ahead: bool = True) -> bool:
        """Whether it is longer than ``limit``, as far as is known without reading more than that."""
        if self._length is not None:
            return self._length > limit
        while look_ahead and self._taken <= limit and (not self._ahead or self._ahead[-1].get("more_body")):
            self._ahead.append(await self._take())
        return self._taken > limit

    async def receive(self) -> Message:
        """The next part, from the beginning; a body that turns out to be too long is given up in the middle."""
        message = self._ahead.pop(0) if self._ahead else await self._take()
        return message if self._taken <= MOST_OF_USERS else {"type": "http.disconnect"}

    async def _take(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        return message


async def _refuse(send: Send, status: int, why: str) -> None:
    """Answer without reading any more; the connection ends, since the rest of the request may still be coming."""
    body = f'{{"detail":"{why}"}}'.encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
