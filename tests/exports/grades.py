"""Grades for the tests of the evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from exports.evaluation.grades.files import LEVELS, Grade
from exports.evaluation.scores.graded import GradedAnswer


def judged(levels: Iterable[int | None], **changes: Any) -> list[Grade]:
    """A judge's grades of one answer each to prompts p-0, p-1, ...: 0 bad, 1 regular, 2 good, None null."""
    values = {"judge": "j", "language": "es", **changes}
    return [
        Grade(id=f"p-{number}", grade=None if level is None else LEVELS[level], **values)
        for number, level in enumerate(levels)
    ]


def reviewed(levels: Iterable[int | None], reviewer: str = "ana", **changes: Any) -> list[Grade]:
    """The same grades by a person."""
    return judged(levels, judge=None, reviewer=reviewer, **changes)


def one_hot(level: int) -> tuple[float, float, float]:
    """The shares of one grade."""
    return (float(level == 0), float(level == 1), float(level == 2))


def answers(
    judge: Sequence[int], people: Sequence[int], lengths: Sequence[int] | None = None, size: int = 1
) -> list[GradedAnswer]:
    """Answers with the grades of a judge and of one person, ``size`` of them to each prompt."""
    return [
        GradedAnswer(
            key=(f"p-{number}", "es", -1),
            group=f"g-{number // size}",
            judge=one_hot(own),
            people=one_hot(other),
            reviewers=(("ana", other),),
            length=None if lengths is None else lengths[number],
        )
        for number, (own, other) in enumerate(zip(judge, people, strict=True))
    ]


def random_levels(seed: int, count: int, shares: Sequence[float] = (0.3, 0.3, 0.4)) -> list[int]:
    """Grades drawn by these shares."""
    return [int(level) for level in np.random.default_rng(seed).choice(3, count, p=shares)]
