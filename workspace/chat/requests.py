"""What a language model is asked, who is asked, and how its answer is read. Pure."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from workspace.chat.budget import Tokens
from workspace.config import is_address
from workspace.errors import ConfigError

OPENAI = "https://api.openai.com/v1"
_CHARACTERS_A_TOKEN = 3  # of English and Spanish; low, so that estimates are high
_SOME_TOKENS = 50  # of every request, beside its texts
_UNSURE_TOKENS = 1000  # of an answer, where nobody says how long it will be
_KEY = re.compile(r"[!-~]*")

Message = Mapping[str, str]


class BadAnswer(Exception):
    """An answer that cannot be used; says why, as a sentence about "it" that the model can be told."""


@dataclass(frozen=True)
class Endpoint:
    """Who is asked: a model at an address, with the key that it wants."""

    model: str
    base_url: str = OPENAI
    key: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        model: str | None = None,
        base_url: str | None = None,
        environ: Mapping[str, str] = os.environ,
        *,
        option: str = "--model NAME",
    ) -> Endpoint:
        """The endpoint that the user asks for; what is not given comes from the environment, and the key always does.

        ``option`` is how the user names the model, for messages.

        Raises:
            ConfigError: there is no model, no address that can be asked, or no key that can be sent.
        """
        model = model or environ.get("OPENAI_MODEL")
        if not model:
            raise ConfigError(f"a language model is needed: give {option} or set OPENAI_MODEL")
        address = (base_url or environ.get("OPENAI_BASE_URL") or OPENAI).rstrip("/")
        if not is_address(address):
            raise ConfigError(
                f"--base-url {address.rpartition('@')[2]}: not an address; give one that begins http(s)"
            )
        key = environ.get("OPENAI_API_KEY", "").strip()
        if not key and address == OPENAI:
            raise ConfigError(f"no API key for {address}: set OPENAI_API_KEY, or give --base-url")
        if not _KEY.fullmatch(key):
            raise ConfigError("OPENAI_API_KEY holds blanks or characters beyond ASCII, as no key does; copy it again")
        return cls(model, address, key)

    @property
    def address(self) -> str:
        """The address without a user and a password, for messages."""
        parts = urlsplit(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@dataclass(frozen=True)
class Schema:
    """What an answer must look like: a JSON Schema, its name, and ``words`` that say it where it cannot be sent.

    ``words`` None makes them from the schema; "" says that the messages tell it already.
    """

    name: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    words: str | None = None

    def in_words(self) -> str:
        """What a model is told that is not given the schema."""
        told = json.dumps(self.schema, ensure_ascii=False, sort_keys=True)
        return f"Answer with nothing but JSON that follows this schema: {told}" if self.words is None else self.words


@dataclass(frozen=True)
class Request:
    """One question to a model.

    Attributes:
        messages: ``{"role": "system" | "user" | "assistant", "content": ...}``, in order.
        schema: what the answer must look like.
        temperature, seed, max_tokens: the model's parameters; None leaves one to the endpoint.
        repeat: tells apart requests that are otherwise equal, so that each gets an answer of its own.
        answer_characters: about how long the answer will be, for the budget; None if nobody can say.
        may_be_cut: an answer that is cut at ``max_tokens`` is one, and not asked for again.
    """

    messages: tuple[Message, ...]
    schema: Schema | None = None
    temperature: float | None = 0
    seed: int | None = None
    max_tokens: int | None = None
    repeat: int = 0
    answer_characters: int | None = None
    may_be_cut: bool = False

    @classmethod
    def of(cls, question: str, *, system: str = "", **parameters: Any) -> Request:
        """A question in the user's words, with instructions if there are any."""
        told = ({"role": "system", "content": system},) if system else ()
        return cls((*told, {"role": "user", "content": question}), **parameters)

    def asked_again(self, problem: str) -> Request:
        """The request that also says what was wrong with the last answer."""
        *before, last = self.messages
        told = f"{last['content']}\n\nYour last answer could not be used: {problem}."
        return replace(self, messages=(*before, {**last, "content": told}))

    def told(self, words: str) -> Request:
        """The request with more instructions, in one message with those that it has."""
        first, *others = self.messages
        if first["role"] != "system":
            return replace(self, messages=({"role": "system", "content": words}, *self.messages))
        return replace(self, messages=({**first, "content": f"{first['content']}\n\n{words}"}, *others))

    def key(self, model: str) -> bytes:
        """What the cache knows the request by: a hash of all that decides on the answer."""
        told = {**asdict(self), "messages": [dict(message) for message in self.messages], "model": model}
        del told["answer_characters"]
        if not self.may_be_cut:
            del told["may_be_cut"]  # as before there was a choice
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode(errors="surrogatepass")).digest()

    def estimate(self) -> Tokens:
        """The tokens that it will cost at most, as far as can be told."""
        sent = sum(len(message["content"]) for message in self.messages) // _CHARACTERS_A_TOKEN + _SOME_TOKENS
        if self.answer_characters is not None:
            return Tokens(sent, self.answer_characters // _CHARACTERS_A_TOKEN)
        return Tokens(sent, self.max_tokens or _UNSURE_TOKENS)


def read_text(content: str) -> str:
    """The answer as it is; a blank one cannot be used.

    Raises:
        BadAnswer: it says nothing.
    """
    if not content.strip():
        raise BadAnswer("it was blank")
    return content


def without_thoughts(content: str) -> str:
    """What a model says, without what it thought aloud before.

    >>> without_thoughts("<think>hm</think> The Ebro.")
    'The Ebro.'
    """
    return content.rpartition("</think>")[2].strip()


def read_json(content: str) -> dict[str, Any]:
    """The JSON object in an answer; what is around it (a code fence, the model's reasoning) is passed over.

    Raises:
        BadAnswer: there is none.

    >>> read_json('<think>hm</think> Here it is: {"river": "Ebro"}')
    {'river': 'Ebro'}
    """
    content = without_thoughts(content)
    start, end = content.find("{"), content.rfind("}")
    try:
        found = json.loads(content[start : end + 1], strict=False) if start >= 0 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadAnswer("it was not a JSON object")
    return found
