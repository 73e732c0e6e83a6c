"""A model's score with its interval, by the method that the evidence allows (pure, no I/O).

The rules:

- People's grades of a random sample of these very answers give ``ppi``: the truth, whatever the judge is worth.
- Else a judge's card with the matrix of the dataset's ranked answers gives ``matrix``, under its assumption.
- Else the score is ``raw``: the judge's opinion, which nobody has checked.
- People's grades of the *dataset's* answers never give ``ppi``: the judge's mean error there is not its mean error
  here, even of a judge that errs alike on both, because the answers are of other quality. It is refused.
- Every figure has an interval. Where nothing can be said, that is 0 to 100, and the note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from exports.evaluation.grades.files import Grade
from exports.evaluation.scores.doubts import Doubt, of_answers
from exports.evaluation.scores.graded import GradedAnswer, Shares, codes, judged_points, people_points
from exports.evaluation.scores.influence import Influence, influence
from exports.evaluation.scores.linear import (
    TOP,
    Linear,
    group_means,
    judge_power,
    ppi,
    raw,
    score_interval,
)
from exports.evaluation.scores.matrix import WEAK, Matrix
from exports.words import Language, Wording
from workspace.errors import DataError, count_of
from workspace.model.records import content_hash

if TYPE_CHECKING:
    import pandas as pd

    from exports.evaluation.scores.compare import Anchored
    from exports.evaluation.scores.linear import Array

Method = Literal["raw", "ppi", "matrix"]
METHODS: Mapping[Method, str] = {
    "raw": "raw, unvalidated: this is the judge's opinion, and nobody has compared it with people's",
    "ppi": "PPI++: people graded a random sample of these answers, and their grades correct the judge's",
    "matrix": "3x3 matrix: corrected by how the judge grades the dataset's ranked answers; this assumes that it errs "
    "on these answers as it does on those, which nothing here can test",
}
ONE_PROMPT = "one prompt: cannot say"


@dataclass(frozen=True)
class Scored:
    """A score from 0 to 100 with its 95% interval, and what it stands on.

    ``people`` counts the answers that people graded too; ``note`` says why the interval is all or nearly all of the
    scale, "" where it is not.
    """

    score: float | None
    low: float
    high: float
    answers: int
    prompts: int
    people: int = 0
    note: str = ""

    def __str__(self) -> str:
        value = "cannot say" if self.score is None else f"{self.score:.1f}"
        people = f", {self.people} graded by people" if self.people else ""
        counted = f"{count_of(self.answers, 'answer')} to {count_of(self.prompts, 'prompt')}{people}"
        return f"{value} ({self.low:.1f} to {self.high:.1f}; {counted})" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True)
class Score:
    """The score of a model's answers, as ``h4rmony evaluate score`` prints it.

    Attributes:
        method: how it was made; ``METHODS`` says it in words.
        overall: the score.
        raw: what the judge's grades alone would say.
        power: how far PPI++ trusts the judge, from 0 to 1; None with another method.
        judge: who graded.
        rubric: the version of what the judge was told.
        without_grade: answers that the judge could not judge.
        issues: the score by issue code of the prompt.
        types: by type of the prompt.
        languages: by language.
        anchors: where the score lies between a floor and a ceiling, if they were measured.
        doubts: what makes the score doubtful; ``warnings`` has it in English.
        model: who wrote the answers; "" if nobody said.
        digest: a hash of the grades, the judge's and people's.
        influence: what each prompt does to the score; None with ``matrix``.
        shares: with ``matrix``, the judge's shares of bad, regular and good by a hash of each group of prompts.
    """

    method: Method
    overall: Scored
    raw: Scored
    power: float | None = None
    judge: str = ""
    rubric: str = ""
    without_grade: int = 0
    issues: Mapping[str, Scored] = field(default_factory=dict)
    types: Mapping[str, Scored] = field(default_factory=dict)
    languages: Mapping[str, Scored] = field(default_factory=dict)
    anchors: Anchored | None = None
    doubts: tuple[Doubt, ...] = ()
    model: str = ""
    digest: str = ""
    influence: Influence | None = None
    shares: Mapping[str, Shares] = field(default_factory=dict)

    @property
    def prompt_names(self) -> frozenset[str] | None:
        """The hashes of the groups of prompts; None where a file does not have them."""
        found = self.influence.prompts if self.influence else self.shares
        return frozenset(found) or None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the score doubtful, in English."""
        return self.warnings_in("en")

    def warnings_in(self, language: Language) -> tuple[str, ...]:
        """What makes the score doubtful, in Spanish (``es``) or English (``en``), as the page of a score says it.

        Raises:
            ValueError: there is no such language.
        """
        words = Wording(language)
        return tuple(doubt.written(words) for doubt in self.doubts)

    def to_json(self) -> dict[str, Any]:
        """The score as ``h4rmony evaluate score`` writes it with ``-o``, and prints it with ``--json``."""
        return rounded(
            {
                "score": self.overall.score,
                "interval": [self.overall.low, self.overall.high],
                "method": self.method,
                "method_in_words": METHODS[self.method],
                "warnings": self.warnings,
                **{name: each for name, each in asdict(self).items() if name != "method"},
            }
        )

    def to_pandas(self) -> pd.DataFrame:
        """One row for each figure: ``scope`` (all, raw, issue, type, language), ``name``, and the figure."""
        import pandas as pd

        rows = [
            {"scope": "all", "name": "", **asdict(self.overall)},
            {"scope": "raw", "name": "", **asdict(self.raw)},
        ]
        for scope, found in (("issue", self.issues), ("type", self.types), ("language", self.languages)):
            rows += [{"scope": scope, "name": name, **asdict(each)} for name, each in found.items()]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Evidence:
    """What is known of a judge: the method that it allows, PPI++'s power, the matrix."""

    method: Method
    power: float | None = None
    matrix: Matrix | None = None

    def measure(self, answers: Sequence[GradedAnswer]) -> Scored:
        """The score of some answers by this evidence."""
        graded = [answer for answer in answers if answer.judge is not None]
        if not graded:
            return Scored(None, 0.0, TOP, 0, 0, note="no answer has a grade")
        numbers, names = codes(graded)
        counted = {"answers": len(graded), "prompts": len(names)}
        if self.method == "matrix":
            assert self.matrix
            languages = {answer.language for answer in graded}
            interval = self.matrix.correct(mean_shares(graded), [group_hash(name) for name in names], languages)
            return Scored(*interval, **counted, note=matrix_note(interval[1], interval[2], len(names)))
        if self.method == "raw":
            figure = raw(judged_points(graded), numbers)
            return Scored(figure.value, *score_interval(figure), **counted, note=nothing_said(figure, len(names)))
        people = sum(answer.people is not None for answer in graded)
        figure = self.linear(graded)
        value = min(max(figure.value, 0.0), TOP) if people else None
        note = nothing_said(figure, len(names))
        return Scored(value, *score_interval(figure), **counted, people=people, note=note)

    def linear(self, graded: Sequence[GradedAnswer], names: Sequence[str] | None = None) -> Linear:
        """The figure of ``raw`` or ``ppi`` of answers that the judge graded, its groups in the order of ``names``."""
        numbers, _ = codes(graded, names)
        if self.method == "raw":
            return raw(judged_points(graded), numbers)
        return ppi(judged_points(graded), numbers, people_points(graded), self.power)


def score_answers(
    answers: Sequence[GradedAnswer],
    matrix: Matrix | None = None,
    *,
    judge: str = "",
    rubric: str = "",
    doubts: Iterable[Doubt] = (),
    anchors: Anchored | None = None,
    model: str = "",
    digest: str = "",
) -> Score:
    """The score of a model's answers, by the rules at the top of this module."""
    graded = [answer for answer in answers if answer.judge is not None]
    found = evidence(graded, matrix)
    # the power is estimated anew, which the interval takes account of; a slice has that of all answers
    overall = Evidence(found.method, None, matrix).measure(graded)
    by = _slicer(graded, found, overall)
    return Score(
        found.method,
        overall,
        Evidence("raw").measure(graded),
        found.power,
        judge,
        rubric,
        len(answers) - len(graded),
        by(lambda answer: answer.issues),
        by(lambda answer: (answer.type,)),
        by(lambda answer: (answer.language,)),
        anchors,
        (*doubts, *of_answers(answers, found.method, found.matrix)),
        model,
        digest,
        _influence(graded, found.method),
        _group_shares(graded) if found.method == "matrix" else {},
    )


def _group_shares(graded: Sequence[GradedAnswer]) -> dict[str, Shares]:
    names = map(group_hash, codes(graded)[1])
    return dict(sorted((name, tuple(each)) for name, each in zip(names, mean_shares(graded).tolist(), strict=True)))


def _influence(graded: Sequence[GradedAnswer], method: Method) -> Influence | None:
    if method == "matrix" or not graded:
        return None
    names = codes(graded)[1]
    return influence(Evidence(method).linear(graded), [group_hash(name) for name in names])


def evidence(graded: Sequence[GradedAnswer], matrix: Matrix | None = None) -> Evidence:
    """The method that the evidence allows."""
    if any(answer.people is not None for answer in graded):
        numbers, _ = codes(graded)
        return Evidence("ppi", judge_power(judged_points(graded), numbers, people_points(graded)))
    return Evidence("matrix", matrix=matrix) if matrix else Evidence("raw")


def refuse_dataset_grades(people: Iterable[Grade]) -> None:
    """Refuse PPI++ on people's grades of the dataset's answers.

    Raises:
        DataError: a grade is of an answer of the dataset.
    """
    if placed := sum(grade.place is not None for grade in people):
        raise DataError(
            f"{count_of(placed, 'grade')} of people {'is' if placed == 1 else 'are'} of the dataset's answers, not "
            "of this model's: with them PPI++ misses the truth, even by a perfect judge's grades, because those "
            "answers are of other quality; have people grade a random sample of this model's answers, or give a "
            "judge's card"
        )


def group_hash(name: str) -> str:
    """What stands for a group's name in a judge's card, which so has no prompt in it."""
    return content_hash(name)


def rounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object whose numbers have four decimals; tuples become lists."""
    return {name: _rounded(each) for name, each in data.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return rounded(value)
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return round(value, 4) + 0.0 if isinstance(value, float) else value


def _slicer(
    graded: Sequence[GradedAnswer], found: Evidence, overall: Scored
) -> Callable[[Callable[[GradedAnswer], Iterable[str]]], dict[str, Scored]]:
    def by(names: Callable[[GradedAnswer], Iterable[str]]) -> dict[str, Scored]:
        slices: dict[str, list[GradedAnswer]] = {}
        for answer in graded:
            for name in names(answer):
                slices.setdefault(name, []).append(answer)
        return {
            name: overall if len(slices[name]) == len(graded) else found.measure(slices[name])
            for name in sorted(slices, key=lambda name: (name == "", name))
        }

    return by


def mean_shares(graded: Sequence[GradedAnswer]) -> Array:
    """The judge's mean shares of bad, regular and good in each group, in the order of ``codes``: (groups, 3)."""
    import numpy as np

    numbers, names = codes(graded)
    shares = np.array([answer.judge for answer in graded], dtype=np.float64)
    return np.column_stack([group_means(shares[:, grade], numbers, len(names)) for grade in range(3)])


def matrix_note(low: float, high: float, prompts: int) -> str:
    """Why an interval by the matrix is wide; "" if it is not."""
    if prompts < 2:
        return ONE_PROMPT
    if high - low <= WEAK:
        return ""
    few = "or there are few prompts or ranked records"
    return f"the judge hardly tells good, regular and bad apart, {few}: little can be said"


def nothing_said(figure: Linear, prompts: int) -> str:
    """Why the interval of a figure on so many prompts is the whole scale; "" if it is not."""
    if figure.freedom >= 1:
        return ""
    return ONE_PROMPT if prompts < 2 else "people graded answers to fewer than two of these prompts: cannot say"
