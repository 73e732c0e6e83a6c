"""What a run of ``extend`` did, and its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loaders.extending.outcome import Refused
from workspace.chat import Prices, Tokens, Usage
from workspace.errors import ChatError, count_of
from workspace.giveaways import GiveAways
from workspace.model.h4rmony import ISSUES
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Extended:
    """What a run of ``extend`` did.

    Attributes:
        records: all records of the output, sorted by id.
        prompts: how many prompts, or twins, there were; each is written, kept, refused or missing.
        kept: how many of them had their record in the output before.
        written: how many of them got one.
        refused: those that give no record, with the reason.
        missing: the ids of those that were not asked for to the end; another run carries on with them.
        estimated_requests, estimated: of a dry run, what is still to be paid if each text is good at once; else None.
        usage: requests and tokens.
        giveaways: how far the ranks of all records can be read without reading the answers.
        tries: texts that a model wrote as prompts and that another one took the place of, with the reason.
        issues: where a model wrote the prompts, each of the numbers above for each issue code, by its name.
        near_duplicates: where a model wrote the prompts, which embedding model compared them, or why none did.
        prices: what a million tokens cost.
        problem: why prompts are missing.
        changed: whether the output differs from before; False in a dry run.
        notes: what a person should know of how the source was read, each in one line.
    """

    records: tuple[Record, ...]
    prompts: int
    kept: int
    written: int
    refused: tuple[Refused, ...]
    missing: tuple[str, ...]
    estimated_requests: int | None
    estimated: Tokens | None
    usage: Usage
    giveaways: GiveAways
    tries: tuple[Refused, ...] = ()
    issues: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    near_duplicates: str | None = None
    prices: Prices | None = None
    problem: ChatError | None = None
    changed: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The lines of a summary."""
        return {
            "prompts": self.prompts,
            "kept": self.kept,
            "written": self.written,
            "refused": len(self.refused),
            "missing": len(self.missing),
            **{f"{name}_per_issue": dict(numbers) for name, numbers in self.issues.items()},
            "tries_refused": dict(sorted(Counter(each.reason.partition(" (")[0] for each in self.tries).items())),
            "near_duplicates": self.near_duplicates,
            "records": len(self.records),
            "estimated_requests": self.estimated_requests,
            "estimated_tokens": self.estimated and self.estimated.total,
            "estimated_cost": self._cost(self.estimated),
            "requests": self.usage.requests,
            "from_cache": self.usage.from_cache,
            "tokens": self.usage.tokens.total,
            "cost": self._cost(self.usage.tokens),
            "longer_wins": str(self.giveaways.longer_wins or "not measured"),
            "surface_tells": str(self.giveaways.surface.accuracy or f"not measured: {self.giveaways.surface.reason}"),
            "giveaways": self.giveaways.problem or "none",
        }

    def refused_frame(self) -> pd.DataFrame:
        """What was refused, one text a row: ``role`` and ``prompt``, and the ``reason``; tries come last.

        A try (``is_try``) is a prompt of a model that another one took the place of.
        """
        import pandas as pd

        columns = ("role", "prompt", "reason", "wanted", "is_try", "id")
        rows = [[getattr(each, name) for name in columns] for each in (*self.refused, *self.tries)]
        return pd.DataFrame(rows, columns=list(columns))

    def _cost(self, tokens: Tokens | None) -> float | None:
        return round(self.prices.cost(tokens), 6) if self.prices and tokens else None

    def check_done(self) -> None:
        """Check that no prompt is missing for want of an answer.

        Raises:
            ChatError: why; what was written is kept.
        """
        if self.problem:
            missing = count_of(len(self.missing), "prompt is", "prompts are")
            raise type(self.problem)(f"{missing} not written yet: {self.problem}; run again to carry on")


def counted_by_issue(states: Mapping[str, Sequence[str]], codes: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """How many of the ids in each state have each issue code, and in all; nothing where there are no codes."""
    if not codes:
        return {}
    counted = {name: Counter(codes[each] for each in ids) for name, ids in states.items()}
    counted = {"prompts": sum(counted.values(), Counter()), **counted}
    return {name: {code: numbers[code] for code in ISSUES} for name, numbers in counted.items()}
