"""What each prompt does to a score, kept with it, so that scores can be compared without their grades (pure, no I/O).

The *influence* of a group of prompts is its part in the error of the score (``Linear.parts``), times the number of
groups: for a raw score, by how many points the group is from the mean, but for a factor near 1. The error of the
difference of two scores is then known from two files: what makes a prompt hard for both models cancels out, group by
group, and a group that only one of them answered counts in full. On the same answers it is that of ``compare.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exports.evaluation.scores.linear import Linear


@dataclass(frozen=True)
class Influence:
    """A score and the parts of its error.

    Attributes:
        value: the score, which may be outside 0 to 100 before it is cut.
        prompts: by a hash of each group of prompts, its part in the error times the number of groups, in points.
        guard: the root of the guard's variance (``linear.py``), times the number of groups.
        freedom: the degrees of freedom of the variance.
        groups: how many groups the least certain part of the score stands on.
    """

    value: float
    prompts: Mapping[str, float]
    guard: float
    freedom: float
    groups: int


def influence(figure: Linear, names: Sequence[str]) -> Influence:
    """The influence of each group; ``names`` are in the order of the figure's parts."""
    count = len(names)
    prompts = {name: count * part for name, part in zip(names, figure.parts.tolist(), strict=True)}
    return Influence(
        figure.value, dict(sorted(prompts.items())), count * figure.guard**0.5, figure.freedom, figure.groups
    )


def minus(first: Influence, second: Influence, names: Sequence[str] | None = None) -> Linear:
    """The first score minus the second, with its error.

    Args:
        first: of the first score.
        second: of the second.
        names: the groups that the parts of the error are of, in this order; by default those of the two.
    """
    import numpy as np

    if names is None:
        names = sorted(first.prompts.keys() | second.prompts.keys())
    sides = [
        Linear(
            each.value,
            np.array([each.prompts.get(name, 0.0) for name in names]) / max(1, len(each.prompts)),
            (each.guard / max(1, len(each.prompts))) ** 2,
            each.freedom,
            each.groups,
        )
        for each in (first, second)
    ]
    found = sides[0].minus(sides[1])
    if first.prompts.keys() == second.prompts.keys():
        return found
    # on other prompts each has its own guard
    return Linear(found.value, found.parts, sides[0].guard + sides[1].guard, found.freedom, found.groups)
