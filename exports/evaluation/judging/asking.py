"""Ask a model many things, and say what came of each: a value, a refusal with its reason, or nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from exports.evaluation.judging.settings import AskSettings
from workspace.chat import Prices, Question, Tokens, Usage
from workspace.commands.output import progress
from workspace.errors import BudgetSpent, ChatError, ChatUnavailable, ChatUnusable, count_of

Value = TypeVar("Value")


@dataclass(frozen=True)
class Refusal:
    """A text that was asked for and is not there, with the reason; another run asks again."""

    id: str
    language: str
    reason: str

    def __str__(self) -> str:
        return f"{self.id} ({self.language}): {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a run did; all that was wanted is kept, written, refused or missing.

    Attributes:
        kept: how many were in the output before.
        written: how many came to it.
        refused: those that the model gave nothing usable for, with the reason.
        missing: how many were not asked for to the end; another run carries on with them.
        changed: whether the output changed.
        estimated_requests, estimated: of a dry run, what is still to be paid if each is good at once; else None.
        usage: requests and tokens.
        prices: what a million tokens cost.
        warnings: what to know before the result is used.
        problem: why some are missing.
    """

    kept: int
    written: int
    refused: tuple[Refusal, ...]
    missing: int
    changed: bool
    estimated_requests: int | None
    estimated: Tokens | None
    usage: Usage
    prices: Prices | None
    warnings: tuple[str, ...] = ()
    problem: ChatError | None = None

    def to_json(self) -> dict[str, Any]:
        """The lines of a summary."""
        return {
            "kept": self.kept,
            "written": self.written,
            "refused": len(self.refused),
            "missing": self.missing,
            "estimated_requests": self.estimated_requests,
            "estimated_tokens": self.estimated and self.estimated.total,
            "estimated_cost": self._cost(self.estimated),
            "requests": self.usage.requests,
            "from_cache": self.usage.from_cache,
            "tokens": self.usage.tokens.total,
            "cost": self._cost(self.usage.tokens),
        }

    def check_done(self) -> None:
        """Check that nothing is missing for want of a reply, and that something came of the run.

        Raises:
            ChatError: why; what was written is kept. ChatUnusable: all was refused, and nothing was there before.
        """
        if self.problem:
            missing = count_of(self.missing, "is", "are")
            raise type(self.problem)(f"{self.problem}; {missing} missing: run the command again to carry on")
        if self.refused and not (self.kept or self.written):
            count = count_of(len(self.refused), "text")
            raise ChatUnusable(f"nothing came of {count} that the model was asked for; the first, {self.refused[0]}")

    def _cost(self, tokens: Tokens | None) -> float | None:
        return round(self.prices.cost(tokens), 6) if self.prices and tokens is not None else None


@dataclass
class Replies(Generic[Value]):
    """What came of some questions: the values with what each is about, and why others have none."""

    values: list[tuple[Any, Value]] = field(default_factory=list)
    refused: list[tuple[Any, str]] = field(default_factory=list)
    missing: int = 0
    problem: ChatError | None = None
    usage: Usage = field(default_factory=Usage)
    estimated_requests: int | None = None
    estimated: Tokens | None = None


def ask(questions: Sequence[Question[Value]], settings: AskSettings, label: str) -> Replies[Value]:
    """Ask all questions, several at once; in a dry run none: what the cache has no reply to is estimated.

    Raises:
        ConfigError: the model cannot be asked: a wrong key or address, no money left, or no model that answers.
    """
    done = Replies[Value]()
    if settings.dry_run:
        done.missing = len(questions)
        with settings.remembered() as before:
            for _ in before.ask_all(questions):
                pass
        done.usage, done.estimated_requests, done.estimated = before.usage, before.lacking, before.estimated
        return done
    if not questions:
        return done
    with settings.opened() as chat:
        done.usage = chat.usage
        with progress(chat.ask_all(questions), label, len(questions)) as answers:
            for answer in answers:
                if answer.error is None:
                    done.values.append((answer.question.about, answer.result()))
                elif isinstance(answer.error, BudgetSpent | ChatUnavailable):
                    done.missing += 1
                    done.problem = done.problem or answer.error
                else:
                    done.refused.append((answer.question.about, str(answer.error)))
    return done
