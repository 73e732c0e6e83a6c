"""What training cost, as one picture: above zero or below, text by text, with the interval of the mean.

A row for each figure, each on its own axis, because they have different units. The dots are the texts' differences,
so that one text that moves everything is seen; the bar is the interval of their mean, in red where the figure got
worse beyond chance and in green where it got better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exports.evaluation.costs.cost import Cost, Item
from exports.words import Wording
from workspace.extras import require_packages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _ROW = 7.5, 1.15  # inches
_COLOURS = {None: "#5b6a61", True: "#b8542b", False: "#1f6b4a"}  # nothing to be said, worse, better


def picture(rows: Sequence[Cost], items: Sequence[Item], words: Wording) -> Figure:
    """Draw figures, and the texts that they are of.

    Raises:
        MissingPartError: Matplotlib is not installed.
    """
    require_packages("a picture", ("matplotlib",), "report")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, _ROW * len(rows) + 0.4), layout="constrained")
    figure.suptitle(words("cost_picture"), fontsize=11, x=0.01, ha="left")
    for axes, cost in zip(figure.subplots(len(rows), squeeze=False)[:, 0], rows, strict=True):
        apart = [item.trained - item.base for item in items if item.cost == cost.name]
        _row(axes, cost, apart, words)
    return figure


def _row(axes: Axes, cost: Cost, apart: list[float], words: Wording) -> None:
    found, colour = cost.difference, _COLOURS[cost.is_worse]
    assert found.value is not None
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    heights = [0.25 * (place % 5 - 2) / 2 for place in range(len(apart))]  # so that equal dots are seen
    axes.axvline(0, color="#b9bdb4", linewidth=1, zorder=0)
    axes.scatter(apart, heights, s=9, color="#8db9a5", alpha=0.8, linewidths=0, zorder=1)
    axes.plot([low, high], [0, 0], color=colour, linewidth=4, solid_capstyle="round", zorder=2)
    axes.plot([found.value], [0], "D", color=colour, markersize=7, zorder=3)
    reach = 1.1 * max([abs(low), abs(high), *map(abs, apart)]) or 1.0
    axes.set(xlim=(-reach, reach), ylim=(-0.5, 0.5), yticks=[])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_formatter(lambda value, _: words.short(value))
    axes.set_title(cost.title(words), fontsize=9, loc="left")
    better = "" if cost.kind.better == "neither" else words(f"cost_{cost.kind.better}")
    axes.set_title(f"{_level(cost, words)}  {better}", fontsize=8, loc="right", color="#5b6a61")


def _level(cost: Cost, words: Wording) -> str:
    """The figures of both models; their intervals are in the table."""
    digits = 0 if cost.name == "length" else 2
    base, trained = (words.decimal(found.value or 0, digits) for found in (cost.base, cost.trained))
    return words("cost_level", base=base, trained=trained)
