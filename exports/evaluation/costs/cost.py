"""A figure of the base and of the trained model on the same texts, and the paired difference (pure).

The rules:

- Both models are given the same texts, so the difference is taken text by text. Its interval, and that of a mean, is
  Student's over the texts. The interval of a share is ``clustered_share``'s; the difference of two shares has the
  guard of the scores (``exports/evaluation/scores/linear.py``): one more text, half a choice off.
- ``ordinary``: bits per byte of ordinary Spanish, as lm-eval has it: minus the log-likelihood of a text, to the
  base 2, by its UTF-8 bytes. It does not depend on the tokenizer. Perplexity per byte is 2 to the power of it.
- ``welfare``: the share of questions about people's needs in which the answer that takes care of people is the
  likelier one per byte, as in ``evaluate likelihood``; ``welfare_margin`` by how much, in bits per byte, which moves
  where the share does not yet.
- ``refusals``: the share of harmless prompts that the model refuses or evades, by the rule of ``refusals``; no judge.
- ``length``: of its answers to them, in UTF-8 bytes. An answer that is cut counts as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from exports.evaluation.scores.linear import student
from exports.measure.estimates import Estimate, not_available
from exports.words import Wording
from workspace.giveaways.shares import clustered_share

CostName = Literal["ordinary", "welfare", "welfare_margin", "refusals", "length"]
Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class Kind:
    """What a figure is: label, unit, which way is better, what is counted, and whether it is a share."""

    label: str
    unit: str
    better: Better
    of: str
    is_share: bool = False


KINDS: Mapping[CostName, Kind] = {
    "ordinary": Kind("Spanish", "bits per byte", "lower", "texts"),
    "welfare": Kind("welfare", "share", "higher", "questions", True),
    "welfare_margin": Kind("welfare, margin", "bits per byte", "higher", "questions"),
    "refusals": Kind("refusals", "share", "lower", "prompts", True),
    "length": Kind("answers' length", "bytes", "neither", "prompts"),
}


@dataclass(frozen=True)
class Item:
    """A figure of one text: of the base and of the trained model."""

    cost: CostName
    id: str
    base: float
    trained: float


@dataclass(frozen=True)
class Cost:
    """A figure of both models, and the trained one's minus the base's, text by text; each with its 95% interval."""

    name: CostName
    base: Estimate
    trained: Estimate
    difference: Estimate

    @property
    def kind(self) -> Kind:
        """What the figure is."""
        return KINDS[self.name]

    def title(self, words: Wording) -> str:
        """What the figure is, in words, with its unit and the number of texts."""
        return words(f"cost_{self.name}", items=self.difference.items)

    @property
    def is_worse(self) -> bool | None:
        """Whether it got worse, beyond chance; None where the interval holds 0 or neither way is worse."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or low <= 0 <= high or self.kind.better == "neither":
            return None
        return (low > 0) == (self.kind.better == "lower")


def said(found: Estimate, sign: str = "") -> str:
    """A figure with its interval, for people; ``sign`` is ``+`` for a difference.

    >>> said(Estimate(0.5, 0.25, 0.75, 20, 20)), said(Estimate(3.0, reason="one_record"), "+")
    ('0.500 (0.250 to 0.750)', '+3.000 (no interval)')
    """
    if found.value is None:
        return "not known"
    if found.low is None:
        return f"{found.value:{sign}z.3f} (no interval)"
    return f"{found.value:{sign}z.3f} ({found.low:{sign}z.3f} to {found.high:{sign}z.3f})"


def cost_of(name: CostName, items: Sequence[Item]) -> Cost:
    """A figure of these texts."""
    kind, apart = KINDS[name], [item.trained - item.base for item in items]
    base, trained = [item.base for item in items], [item.trained for item in items]
    if not kind.is_share:
        return Cost(name, mean_of(base), mean_of(trained), mean_of(apart))
    found = mean_of(apart, guard=0.5 / len(items))
    if found.low is not None and found.high is not None:
        found = Estimate(found.value, max(-1.0, found.low), min(1.0, found.high), found.items, found.records)
    return Cost(name, _share(base), _share(trained), found)


def mean_of(values: Sequence[float], guard: float = 0.0) -> Estimate:
    """The mean of some texts' values, with Student's interval; ``guard`` is added to its standard error."""
    count = len(values)
    if not count:
        return not_available("no_overlap")
    mean = sum(values) / count
    if count < 2:
        return Estimate(mean, items=count, records=count, reason="one_record")
    variance = sum((value - mean) ** 2 for value in values) / (count - 1) / count
    half = student(count - 1) * (variance + guard**2) ** 0.5
    return Estimate(mean, mean - half, mean + half, count, count)


def _share(hits: Sequence[float]) -> Estimate:
    found = clustered_share([(hit, 1) for hit in hits])
    if found is None:
        return not_available("no_overlap")
    return Estimate(
        found.value, found.low, found.high, len(hits), len(hits), None if found.low is not None else "one_prompt"
    )
