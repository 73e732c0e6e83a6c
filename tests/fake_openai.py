"""A server on loopback that speaks OpenAI's chat protocol, translates by a rule, and misbehaves when told to."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import serving

TOKENS = 100  # what every answer costs


@dataclass
class Answer:
    """What the server answers: JSON by default a good one; ``delay`` and ``drip`` (between bytes) in seconds.

    ``cut`` closes the connection in the middle.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    cut: bool = False


Behaviour = Callable[[dict[str, Any]], Answer]


def spanish(text: str) -> str:
    """The fake's translation of one text."""
    return f"es:{text.strip()}"


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """The request in the user's message."""
    content = body["messages"][-1]["content"]
    found, _ = json.JSONDecoder().raw_decode(content)
    return found


def completion(content: str | None, *, reason: str = "stop", tokens: int | None = TOKENS) -> Answer:
    """A chat completion; a quarter of its tokens are the answer's."""
    body: dict[str, Any] = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": reason}]
    }
    if tokens is not None:
        body["usage"] = {"prompt_tokens": tokens - tokens // 4, "completion_tokens": tokens // 4}
        body["usage"]["total_tokens"] = tokens
    return Answer(body=body)


def good(body: dict[str, Any]) -> Answer:
    """Every text translated."""
    return completion(json.dumps({"translations": [spanish(text) for text in asked(body)["texts"]]}))


def wrong_count(body: dict[str, Any]) -> Answer:
    """One translation too few."""
    return completion(json.dumps({"translations": [spanish(text) for text in asked(body)["texts"][1:]]}))


def not_json(body: dict[str, Any]) -> Answer:
    """Prose."""
    return completion("Claro, aquí está la traducción: {")


def failing(status: int, message: str = "no", headers: dict[str, str] | None = None) -> Behaviour:
    """An error of OpenAI's form."""
    return lambda body: Answer(status, {"error": {"message": message}}, headers or {})


def slow(seconds: float) -> Behaviour:
    """A good answer, too late."""

    def behave(body: dict[str, Any]) -> Answer:
        answer = good(body)
        answer.delay = seconds
        return answer

    return behave


@dataclass
class FakeOpenAI:
    """What the server was asked, and how it will behave: ``script`` for the next requests, then ``otherwise``."""

    url: str = ""
    script: deque[Behaviour] = field(default_factory=deque)
    otherwise: Behaviour = good
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def texts(self) -> list[str]:
        """All texts that were asked for, sorted."""
        return sorted(text for request in self.requests for text in asked(request)["texts"])

    def answer(self, body: dict[str, Any], key: str | None) -> Answer:
        with self._lock:
            self.requests.append(body)
            self.keys.append(key)
            behave = self.script.popleft() if self.script else self.otherwise
        return behave(body)


@contextmanager
def running_fake() -> Iterator[FakeOpenAI]:
    """The server on a free port of loopback."""
    fake = FakeOpenAI()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                answer = Answer(404, {"error": {"message": "no such path"}})
            else:
                answer = fake.answer(body, self.headers.get("Authorization"))
            time.sleep(answer.delay)
            data = json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if not answer.drip:
                    self.wfile.write(data[: len(data) // 2] if answer.cut else data)
                    return
                for byte in data:
                    self.wfile.write(bytes((byte,)))
                    self.wfile.flush()
                    time.sleep(answer.drip)
            except OSError:
                pass  # the client has given up

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as address:
        fake.url = f"{address}/v1"
        yield fake
