"""Estimates that belong together under one caption: what every page shows as forest plots and as a table.

A ``Figure`` has a panel for each measure, and a panel has a line for each reviewer, issue, engine ... The page shows
each panel as a forest plot (``plots``), and all of them together as one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from exports.measure.estimates import Estimate
from exports.words import Unit

Items = Literal[
    "units", "pairs", "vote_pairs", "votes", "texts", "twin_votes", "records", "answers", "rows", "prompts"
]
MOST_COLUMNS = 4


@dataclass(frozen=True)
class Scale:
    """The axis of a panel: from ``low`` to ``high``, labelled at ``ticks``, with dashed lines at ``marks``."""

    low: float
    high: float
    ticks: tuple[float, ...]
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Line:
    """One estimate under its name.

    Attributes:
        name: whose or what estimate it is.
        sub: what it is made of, in words.
        estimate: the estimate.
        items: what the estimate counts.
        is_signed: whether it is a difference.
        is_total: whether it is that of all lines together.
        expected: the value without bias.
    """

    name: str
    sub: str
    estimate: Estimate
    items: Items
    is_signed: bool = False
    is_total: bool = False
    expected: float | None = None


@dataclass(frozen=True)
class Panel:
    """The lines of one measure on one axis; ``sub`` says what their ``n`` counts."""

    title: str
    sub: str
    kind: Unit
    scale: Scale
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Figure:
    """Panels under one caption; ``first`` heads the column of their lines' names."""

    caption: str
    first: str
    panels: tuple[Panel, ...]

    @property
    def has_columns(self) -> bool:
        """Whether few panels have lines of the same names, so that the table has a column for each panel."""
        names = {tuple(line.name for line in panel.lines) for panel in self.panels}
        return len(names) == 1 and len(self.panels) <= MOST_COLUMNS

    @property
    def rows(self) -> list[tuple[Line, ...]]:
        """The lines of the same name side by side."""
        return list(zip(*(panel.lines for panel in self.panels), strict=True))


def coefficients(estimates: Iterable[Estimate], marks: tuple[float, ...] = ()) -> Scale:
    """The scale of coefficients and their differences: from 0 to 1, and down to -2 or up to 2 where needed."""
    ends = _ends(estimates)
    lowest, highest = min(ends, default=0.0), max(ends, default=1.0)
    low = next(end for end in (0.0, -0.5, -1.0, -2.0) if lowest >= end or end == -2)
    high = 1.0 if highest <= 1 else 2.0
    ticks = (-2.0, -1.0, 0.0, 1.0, 2.0) if high - low > 2 else (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    return Scale(low, high, tuple(tick for tick in ticks if low <= tick <= high), marks)


def shares(estimates: Iterable[Estimate], *, whole: bool = False) -> Scale:
    """The scale of shares: from 0, or below where needed, to the next 20 %, or to 100 % if ``whole``."""
    ends = _ends(estimates)
    high = 1.0 if whole else max(0.2, math.ceil(max(ends, default=0.2) * 5) / 5)
    low = min(0.0, math.floor(min(ends, default=0.0) * 5) / 5)
    return Scale(low, high, (0.0, high) if low < 0 else (0.0, high / 2, high))


def points(estimates: Iterable[Estimate] = (), *, signed: bool = False) -> Scale:
    """The scale of scores, from 0 to 100; or of their differences, as far to both sides as the next 20 points."""
    if not signed:
        return Scale(0.0, 100.0, (0.0, 50.0, 100.0))
    high = 20.0 * max(1, math.ceil(max((abs(end) for end in _ends(estimates)), default=20.0) / 20))
    return Scale(-high, high, (-high, 0.0, high), (0.0,))


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for one in estimates for end in (one.value, one.low, one.high) if end is not None]
