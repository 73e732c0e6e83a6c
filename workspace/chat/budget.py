"""What models' answers cost, and how much of it may be spent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from workspace.errors import ConfigError


@dataclass(frozen=True)
class Tokens:
    """The tokens of a request and of its answer."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.completion

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.prompt + other.prompt, self.completion + other.completion)

    def __sub__(self, other: Tokens) -> Tokens:
        return Tokens(self.prompt - other.prompt, self.completion - other.completion)


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in any one currency."""

    prompt: float
    completion: float

    def cost(self, tokens: Tokens) -> float:
        """What these tokens cost."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion) / 1_000_000


class Budget:
    """What may be spent, in tokens and in money, shared by threads and by clients; None is no limit.

    What a request will cost is reserved before it is sent, by an estimate, so the budget is overrun at most by what
    the requests under way cost more than estimated.
    """

    def __init__(self, tokens: int | None = None, money: float | None = None, prices: Prices | None = None) -> None:
        if money is not None and prices is None:
            raise ConfigError("a budget in money needs the prices of the model's tokens")
        self.tokens, self.money, self.prices = tokens, money, prices
        self.spent = Tokens()
        self._reserved = Tokens()
        self._changed = threading.Condition()

    @property
    def cost(self) -> float | None:
        """The money spent; None where no prices are known."""
        return self.prices.cost(self.spent) if self.prices else None

    def reserve(self, tokens: Tokens, *, wait: bool = False) -> bool:
        """Set tokens aside; False if there are not as many left.

        With ``wait``, what others have reserved is waited for as long as they may give enough of it back.
        """
        with self._changed:
            while not self._allows(self.spent + self._reserved + tokens):
                if not wait or not self._allows(self.spent + tokens):
                    return False
                self._changed.wait()
            self._reserved += tokens
            return True

    def settle(self, reserved: Tokens, spent: Tokens) -> None:
        """What was reserved has cost ``spent``."""
        with self._changed:
            self._reserved -= reserved
            self.spent += spent
            self._changed.notify_all()

    def _allows(self, tokens: Tokens) -> bool:
        if self.tokens is not None and tokens.total > self.tokens:
            return False
        return self.money is None or self.prices is None or self.prices.cost(tokens) <= self.money

    def __str__(self) -> str:
        """The limits."""
        money = None if self.money is None else f"{self.money:g} in money"
        return " and ".join(filter(None, (None if self.tokens is None else f"{self.tokens} tokens", money)))


@dataclass
class Usage:
    """What a client did; it grows while the client is used.

    Attributes:
        requests: requests that were sent, again and again each counted.
        retries: those among them that were sent again because the server did not answer.
        unanswered: those that got no answer and may have been paid for.
        from_cache: answers that the cache had.
        tokens: what the answers cost, by the server's word or else as estimated, the unanswered included.
        notes: what is to be known of how it asked.
    """

    requests: int = 0
    retries: int = 0
    unanswered: int = 0
    from_cache: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    notes: list[str] = field(default_factory=list)
