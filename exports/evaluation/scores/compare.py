"""Compare two models on the prompts that both answered, and place a score between a floor and a ceiling (pure).

The rules:

- Only answers to the same prompt in the same language are compared. The difference is taken in each group, so what
  makes a prompt hard for both does not count (E. Miller 2024, arXiv 2411.00640, section 4.2).
- The difference is PPI++'s if people graded a random sample of both models' answers, else raw: then it is the
  judge's opinion, and a judge that likes length prefers the longer-winded model.
- The *anchors* are the same model's answers in the three roles of ``extend`` (unaware, ambivalent, aware), graded by
  the same judge: a measured floor, middle and ceiling. Where a score lies between floor and ceiling is ``100 (score
  - floor) / (ceiling - floor)``, all three as the judge graded them, on the prompts that all have. Its interval is
  Fieller's (1954, *JRSS B* 16), for a ratio of figures on the same groups. If floor and ceiling cannot be told
  apart, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from exports.evaluation.scores.graded import GradedAnswer
from exports.evaluation.scores.linear import TOP, Linear, difference_interval, student
from exports.evaluation.scores.score import ONE_PROMPT, Evidence, Method, Scored, evidence, nothing_said, rounded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Difference:
    """The first model's score minus the second's, with its 95% interval."""

    difference: float | None
    low: float
    high: float
    answers: int
    prompts: int
    note: str = ""

    @property
    def can_be_told_apart(self) -> bool:
        """Whether the interval is wholly on one side of 0."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Compared:
    """Two models on the same prompts.

    Attributes:
        method: ``ppi`` or ``raw``.
        overall: the difference.
        first: the first model's score on these prompts.
        second: the second model's.
        only_first: answers of the first alone, which are left out.
        only_second: answers of the second alone.
        issues: the difference by issue code.
        types: by type of the prompt.
        languages: by language.
        models: the names of the two; "" where nobody said.
    """

    method: Method
    overall: Difference
    first: Scored
    second: Scored
    only_first: int = 0
    only_second: int = 0
    issues: Mapping[str, Difference] = field(default_factory=dict)
    types: Mapping[str, Difference] = field(default_factory=dict)
    languages: Mapping[str, Difference] = field(default_factory=dict)
    models: tuple[str, str] = field(default=("", ""), kw_only=True)

    def to_json(self) -> dict[str, Any]:
        """The comparison as ``h4rmony evaluate compare --json`` prints it."""
        found = self.overall
        top = {"difference": found.difference, "interval": [found.low, found.high]}
        return rounded({**top, "can_be_told_apart": found.can_be_told_apart, **asdict(self)})

    def to_pandas(self) -> pd.DataFrame:
        """One row for each difference: ``scope`` (all, issue, type, language), ``name``, and the figure."""
        import pandas as pd

        rows = [{"scope": "all", "name": "", **asdict(self.overall)}]
        for scope, found in (("issue", self.issues), ("type", self.types), ("language", self.languages)):
            rows += [{"scope": scope, "name": name, **asdict(each)} for name, each in found.items()]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Anchored:
    """Where a score lies on the scale from a floor (0) to a ceiling (100); ``between`` may be outside it."""

    floor: Scored
    middle: Scored
    ceiling: Scored
    score: Scored
    between: float | None
    low: float | None
    high: float | None
    note: str = ""


def compare_answers(first: Sequence[GradedAnswer], second: Sequence[GradedAnswer]) -> Compared:
    """Compare two models by the rules at the top of this module."""
    left, right = common(first, second)
    methods = [evidence(left), evidence(right)]
    if any(found.method != "ppi" for found in methods):
        methods = [Evidence("raw"), Evidence("raw")]
    slices = (lambda one: one.issues, lambda one: (one.type,), lambda one: (one.language,))
    overall = _difference(left, right, [Evidence(found.method) for found in methods])
    return Compared(
        methods[0].method,
        overall,
        Evidence(methods[0].method).measure(left),
        Evidence(methods[1].method).measure(right),
        sum(answer.judge is not None for answer in first) - len(left),
        sum(answer.judge is not None for answer in second) - len(right),
        *(_by(left, right, names, methods, overall) for names in slices),
    )


def place_between(
    model: Sequence[GradedAnswer],
    floor: Sequence[GradedAnswer],
    middle: Sequence[GradedAnswer],
    ceiling: Sequence[GradedAnswer],
) -> Anchored:
    """Where a model's answers lie between those of its own roles, as the judge graded all four."""
    all_four = common(model, floor, middle, ceiling)
    judged = Evidence("raw")
    scores = [judged.measure(answers) for answers in all_four]
    figures = (scores[1], scores[2], scores[3], scores[0])
    names = sorted({answer.group for answer in all_four[0]})
    if len(names) < 2:
        return Anchored(*figures, None, None, None, "fewer than two prompts are common to all four: cannot say")
    score, low, mid, high = (judged.linear(answers, names) for answers in all_four)
    between, interval = ratio(score.minus(low), high.minus(low))
    if interval is None:
        told = "cannot be told apart" if high.value > low.value else "are not in this order"
        return Anchored(*figures, None, None, None, f"floor and ceiling {told}: cannot say")
    ordered = low.value < mid.value < high.value
    note = "" if ordered else "the middle is not between floor and ceiling, so this scale is doubtful"
    return Anchored(*figures, TOP * between, TOP * interval[0], TOP * interval[1], note)


def ratio(above: Linear, below: Linear) -> tuple[float, tuple[float, float] | None]:
    """The ratio of two figures on the same groups, and Fieller's interval; None if it has no bounds.

    That is so where ``below`` may be 0 or less.
    """
    square = student(min(above.freedom, below.freedom)) ** 2
    both = float(above.parts @ below.parts)
    a = below.value**2 - square * below.variance
    b = above.value * below.value - square * both
    c = above.value**2 - square * above.variance
    if a <= 0 or below.value <= 0:
        return float("nan"), None
    root = max(0.0, b * b - a * c) ** 0.5
    return above.value / below.value, ((b - root) / a, (b + root) / a)


def common(*models: Sequence[GradedAnswer]) -> list[list[GradedAnswer]]:
    """The graded answers of each model to the prompts and in the languages that all have, in one order.

    Each has the group, issues and type that it has in the first.
    """
    graded = [{answer.key: answer for answer in answers if answer.judge is not None} for answers in models]
    keys = sorted(set.intersection(*(set(each) for each in graded)))
    return [[each[key] for key in keys] for each in graded]


def _by(
    left: Sequence[GradedAnswer],
    right: Sequence[GradedAnswer],
    names: Callable[[GradedAnswer], Sequence[str]],
    methods: Sequence[Evidence],
    overall: Difference,
) -> dict[str, Difference]:
    slices: dict[str, list[int]] = {}
    for place, answer in enumerate(left):
        for name in names(answer):
            slices.setdefault(name, []).append(place)
    return {
        name: overall
        if len(slices[name]) == len(left)
        else _difference([left[at] for at in slices[name]], [right[at] for at in slices[name]], methods)
        for name in sorted(slices, key=lambda name: (name == "", name))
    }


def _difference(
    left: Sequence[GradedAnswer], right: Sequence[GradedAnswer], methods: Sequence[Evidence]
) -> Difference:
    if not left:
        return Difference(None, -TOP, TOP, 0, 0, "no prompt was graded for both")
    names = sorted({answer.group for answer in left})
    first, second = (method.linear(each, names) for method, each in zip(methods, (left, right), strict=True))
    figure = first.minus(second)
    note = nothing_said(figure, len(names))
    value = None if note and note != ONE_PROMPT else min(max(figure.value, -TOP), TOP)
    return Difference(value, *difference_interval(figure), len(left), len(names), note)
