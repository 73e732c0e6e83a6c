"""Compare two models on the prompts that both answered, and place a score between a floor and a ceiling (pure).

The rules:

- Only answers to the same prompt in the same language are compared. The difference is taken in each group, so what
  makes a prompt hard for both does not count (E. Miller 2024, arXiv 2411.00640, section 4.2).
- Both models are scored by one method. It is PPI++ if people graded a random sample of both models' answers to these
  prompts; else the matrix of a judge's card, for both (``matrix.py``); else raw, which is the judge's opinion: a
  judge that likes length prefers the longer-winded model. People's grades of one model alone are not used, because
  a corrected score less an uncorrected one says what the judge is worth, not how far the models are apart.
- The *anchors* are the same model's answers in the three roles of ``extend`` (unaware, ambivalent, aware), graded by
  the same judge: a measured floor, middle and ceiling. Where a score lies between floor and ceiling is ``100 (score
  - floor) / (ceiling - floor)``, all three as the judge graded them, on the prompts that all have. Its interval is
  Fieller's (1954, *JRSS B* 16), for a ratio of figures on the same groups. If floor and ceiling cannot be told
  apart, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from exports.evaluation.scores.doubts import Doubt, of_answers
from exports.evaluation.scores.graded import GradedAnswer, codes
from exports.evaluation.scores.linear import LEVEL, TOP, Linear, difference_interval, student
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.score import (
    ONE_PROMPT,
    Evidence,
    Method,
    Scored,
    evidence,
    group_hash,
    matrix_note,
    mean_shares,
    nothing_said,
    rounded,
)
from exports.words import Wording

if TYPE_CHECKING:
    import pandas as pd

Side = Literal["first", "second"]
_NO_COMMON = "no prompt was graded for both"
_NOTHING = Scored(None, 0.0, TOP, 0, 0, note=_NO_COMMON)


@dataclass(frozen=True)
class Difference:
    """The first model's score minus the second's, with its interval."""

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
        method: ``ppi``, ``matrix`` or ``raw``.
        overall: the difference.
        first: the first model's score on these prompts.
        second: the second model's.
        only_first: answers of the first alone, which are left out.
        only_second: answers of the second alone.
        issues: the difference by issue code.
        types: by type of the prompt.
        languages: by language.
        graded: the models of which people graded answers to these prompts.
        doubts: what makes the difference doubtful, and of which model that is said; "" if it is of both.
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
    graded: tuple[Side, ...] = field(default=(), kw_only=True)
    doubts: tuple[tuple[Side | Literal[""], Doubt], ...] = field(default=(), kw_only=True)
    models: tuple[str, str] = field(default=("", ""), kw_only=True)

    def name(self, side: Side, words: Wording) -> str:
        """What to call one of the two."""
        own = self.models[side == "second"]
        return own if own and self.models[0] != self.models[1] else words(f"compared_{side}")

    def why(self, words: Wording) -> str:
        """By which method the difference was made and why, as a sentence."""
        one = self.graded[0] if len(self.graded) == 1 else None
        alone = words("compared_one", model=self.name(one, words)) + " " if one else ""
        return alone + words(f"compared_method_{self.method}")

    def doubted(self, words: Wording) -> Iterator[str]:
        """What makes the difference doubtful, each with the model that it is about."""
        for side, doubt in self.doubts:
            yield (f"{self.name(side, words)}: " if side else "") + doubt.written(words)

    def to_json(self) -> dict[str, Any]:
        """The comparison as ``h4rmony evaluate compare --json`` prints it."""
        found = self.overall
        words = Wording("en")
        top = {
            "difference": found.difference,
            "interval": [found.low, found.high],
            "method_in_words": self.why(words),
            "warnings": tuple(self.doubted(words)),
        }
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


def compare_answers(
    first: Sequence[GradedAnswer],
    second: Sequence[GradedAnswer],
    matrix: Matrix | None = None,
    *,
    level: float = LEVEL,
) -> Compared:
    """Compare two models by the rules at the top of this module.

    Args:
        first: the first model's answers.
        second: the second's.
        matrix: of the judge's card.
        level: in so many cases an interval of a difference may miss the truth.
    """
    left, right = common(first, second)
    methods = [evidence(left, matrix), evidence(right, matrix)]
    sides: tuple[Side, Side] = ("first", "second")
    graded = tuple(side for side, found in zip(sides, methods, strict=True) if found.method == "ppi")
    if len(graded) < 2:
        methods = [Evidence("matrix", matrix=matrix) if matrix else Evidence("raw")] * 2
    method = methods[0].method
    anew = [Evidence(method, None, matrix)] * 2  # the power is estimated anew, as in a score
    slices = (lambda one: one.issues, lambda one: (one.type,), lambda one: (one.language,))
    overall = _difference(left, right, anew, level)
    return Compared(
        method,
        overall,
        anew[0].measure(left) if left else _NOTHING,
        anew[1].measure(right) if right else _NOTHING,
        sum(answer.judge is not None for answer in first) - len(left),
        sum(answer.judge is not None for answer in second) - len(right),
        *(_by(left, right, names, methods, overall, level) for names in slices),
        graded=graded,
        doubts=tuple(_doubts(first, second, method, matrix)),
    )


def _doubts(
    first: Sequence[GradedAnswer], second: Sequence[GradedAnswer], method: Method, matrix: Matrix | None
) -> Iterator[tuple[Side | Literal[""], Doubt]]:
    """What the grades say against the difference; what holds for both models is said once."""
    own, other = (list(of_answers(answers, method, matrix)) for answers in (first, second))
    yield from (("" if doubt in other else "first", doubt) for doubt in own)
    yield from (("second", doubt) for doubt in other if doubt not in own)


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
    level: float,
) -> dict[str, Difference]:
    slices: dict[str, list[int]] = {}
    for place, answer in enumerate(left):
        for name in names(answer):
            slices.setdefault(name, []).append(place)
    return {
        name: overall
        if len(slices[name]) == len(left)
        else _difference([left[at] for at in slices[name]], [right[at] for at in slices[name]], methods, level)
        for name in sorted(slices, key=lambda name: (name == "", name))
    }


def _difference(
    left: Sequence[GradedAnswer], right: Sequence[GradedAnswer], methods: Sequence[Evidence], level: float
) -> Difference:
    if not left:
        return Difference(None, -TOP, TOP, 0, 0, _NO_COMMON)
    names = codes(left)[1]
    counted = len(left), len(names)
    if matrix := methods[0].matrix:
        languages = {answer.language for answer in left}
        hashes = [group_hash(name) for name in names]
        found = matrix.difference(mean_shares(left), mean_shares(right), hashes, languages, level)
        return Difference(*found, *counted, matrix_note(found[1], found[2], len(names)))
    first, second = (method.linear(each, names) for method, each in zip(methods, (left, right), strict=True))
    figure = first.minus(second)
    note = nothing_said(figure, len(names))
    value = None if note and note != ONE_PROMPT else min(max(figure.value, -TOP), TOP)
    return Difference(value, *difference_interval(figure, level), *counted, note)
