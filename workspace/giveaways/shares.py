"""A share of pairs with its 95% interval, where the pairs of one prompt are not independent of each other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum, sqrt
from typing import TypeAlias

Tally: TypeAlias = tuple[float, int]  # hits and pairs; a pair may be half a hit
_NORMAL = 1.959964  # the 97.5% point of the normal distribution


@dataclass(frozen=True)
class Share:
    """A share from 0 to 1 and its 95% interval; an interval needs two prompts."""

    value: float
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """The share, rounded to four decimals."""
        return {name: None if each is None else round(each, 4) for name, each in vars(self).items()}

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.1%}"
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


def clustered_share(clusters: Collection[Tally]) -> Share | None:
    """The share of hits; None without any pair.

    The interval is Wilson's for the number of independent pairs that would have the variance between the prompts
    (Korn & Graubard 1998, *Survey Methodology* 24): never more than there are pairs, and the number of prompts where
    all pairs or none are hits, so that no variance can be seen.

    Args:
        clusters: of each prompt.
    """
    pairs, prompts = sum(count for _, count in clusters), len(clusters)
    if not pairs:
        return None
    value = fsum(hits for hits, _ in clusters) / pairs
    if prompts < 2:
        return Share(value)
    between = fsum((hits - value * count) ** 2 for hits, count in clusters) / pairs**2 * prompts / (prompts - 1)
    if not 0 < value < 1:
        independent = float(prompts)
    else:
        independent = min(pairs, value * (1 - value) / between) if between else pairs
    square = _student(prompts - 1) ** 2 / independent
    middle = (value + square / 2) / (1 + square)
    half = sqrt(square * (value * (1 - value) + square / 4)) / (1 + square)
    return Share(value, max(0.0, middle - half), min(1.0, middle + half))


def _student(freedom: int) -> float:
    """The 97.5% point of Student's distribution (Abramowitz & Stegun 26.7.5, three terms)."""
    x = _NORMAL
    return x + (x**3 + x) / (4 * freedom) + (5 * x**5 + 16 * x**3 + 3 * x) / (96 * freedom**2)
