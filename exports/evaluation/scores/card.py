"""The card of a judge: how far it agrees with people, what else its grades depend on, how steady it is (pure).

The rules are in ``tables.py`` (agreement), ``rankings.py`` (the dataset's ranked answers), ``bias.py`` and
``matrix.py``. *Steadiness* is the share of two grades of one answer that are equal: of two repeats, or by two
wordings of the rubric.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from exports.evaluation.grades.files import Grade, Key, ModelAnswer
from exports.evaluation.scores.bias import Bias, family_bias, language_bias, length_bias, order_bias
from exports.evaluation.scores.graded import GradedAnswer, check_models, gather
from exports.evaluation.scores.linear import raw, score_interval
from exports.evaluation.scores.matrix import Matrix
from exports.evaluation.scores.rankings import Within, grades_by_rank, judge_within, people_within, rankings
from exports.evaluation.scores.score import group_hash, rounded
from exports.evaluation.scores.tables import Agreement, by_slice, judge_and_people, people_and_people, table_of
from exports.review.files import Review
from workspace.errors import DataError
from workspace.model.records import Record, typed, typed_or_none

if TYPE_CHECKING:
    import pandas as pd


ALONE = "no two people graded the same answers, and if people are unsure, fair judges look like this too"


@dataclass(frozen=True)
class Section:
    """The judge beside people on some answers; ``people`` is people beside each other, the ceiling."""

    judge: Agreement
    people: Agreement
    issues: Mapping[str, Agreement]
    languages: Mapping[str, Agreement]
    lengths: Mapping[str, Agreement]
    biases: Mapping[str, Bias]


@dataclass(frozen=True)
class Steadiness:
    """How often two grades of one answer are equal, in percent, with the 95% interval; None without two grades."""

    percent: float | None
    low: float | None
    high: float | None
    pairs: int
    prompts: int


@dataclass(frozen=True)
class Card:
    """What is known of a judge, as ``h4rmony evaluate validate`` writes it.

    Attributes:
        judge: its name.
        rubric: the version of what it was told.
        answers: on a model's answers that people graded; None without any.
        ranked: on the dataset's answers that reviewers ranked, with grades by rank; None without any.
        within: its ranking of the answers of a record, beside each reviewer's.
        within_people: the same between reviewers.
        matrix: how it grades the dataset's answers by their rank; None if a grade never occurs.
        repeats: how often it grades an answer alike when it is asked again.
        rubrics: how often it grades an answer alike by another wording of the rubric.
        orders: what the order is worth in which it was shown its choices.
    """

    judge: str
    rubric: str = ""
    answers: Section | None = None
    ranked: Section | None = None
    within: Within | None = None
    within_people: Within | None = None
    matrix: Matrix | None = None
    repeats: Steadiness | None = None
    rubrics: Steadiness | None = None
    orders: Mapping[str, Bias] = field(default_factory=dict)

    @property
    def biases(self) -> tuple[tuple[str, Bias, str], ...]:
        """Every bias that was looked for: its name, what was found, and on which answers."""
        found = [
            (name, bias, where)
            for section, where in ((self.answers, "a model's answers"), (self.ranked, "the dataset's answers"))
            if section is not None
            for name, bias in section.biases.items()
        ]
        return (*found, *((f"order {name}", bias, "all answers") for name, bias in self.orders.items()))

    @property
    def named(self) -> tuple[str, ...]:
        """Every bias that was found, in words."""
        return tuple(
            f"{name}: {bias.points:+.1f} {bias.unit} ({bias.low:+.1f} to {bias.high:+.1f}), on {where}"
            + (f"; {ALONE}" if bias.is_alone else "")
            for name, bias, where in self.biases
            if bias.is_found
        )

    def to_json(self) -> dict[str, Any]:
        """The card as its file holds it."""
        data = asdict(replace(self, matrix=None))
        matrix = self.matrix and {"rows": self.matrix.rows, "languages": self.matrix.languages}
        return rounded({**data, "matrix": matrix, "biased_by": self.named})

    def to_pandas(self) -> pd.DataFrame:
        """One row for each figure of agreement: of which ``answers``, by which ``graders``, in which ``scope``."""
        import pandas as pd

        rows = []
        for where, section in (("model", self.answers), ("dataset", self.ranked)):
            if section is not None:
                for graders, scope, name, found in _figures(section):
                    place = {"answers": where, "graders": graders, "scope": scope, "name": name}
                    rows += [
                        {**place, "measure": measure, **asdict(getattr(found, measure))}
                        for measure in ("same", "kappa", "tau", "pairs")
                    ]
        return pd.DataFrame(rows)


def make_card(
    grades: Sequence[Grade],
    wordings: Sequence[Grade] = (),
    *,
    people: Sequence[Grade] = (),
    review: Review | None = None,
    records: Sequence[Record] = (),
    answers: Sequence[ModelAnswer] = (),
) -> Card:
    """Measure a judge.

    Args:
        grades: its grades by one rubric, of a model's answers and of the dataset's.
        wordings: its grades by other wordings of the rubric.
        people: people's grades of the model's answers.
        review: the records with the reviewers' rankings.
        records: the records of the prompts, where there is no review.
        answers: the answers, for their lengths and families.

    Raises:
        DataError: there is nothing to compare the judge with, or the parts do not belong together.
    """
    own = [grade for grade in grades if grade.place is None]
    placed = [grade for grade in grades if grade.place is not None]
    known = review.records if review else records
    votes = rankings(review) if review else {}
    by_rank = grades_by_rank(votes, placed)
    check_models(own, people, "people graded answers")
    if review and not placed:
        raise DataError(
            "a review is given, and no grade of its answers; `h4rmony evaluate grade --data REVIEW` has the judge "
            "grade them (--ranked); for issues and types alone give --records"
        )
    if not people and not review:
        raise DataError(
            "there is nothing to compare the judge with: people's grades of the model's answers (--people) are none, "
            "and no review is given with the judge's grades of its answers (--review)"
        )
    family = next((grade.family for grade in grades if grade.family), None)
    graded = gather(own, people, known, answers)
    ranked = gather(placed, by_rank, known, answers)
    groups = {answer.key: answer.group for answer in (*graded, *ranked)}
    return Card(
        str(grades[0].judge) if grades else "",
        grades[0].rubric if grades else "",
        _section(graded, family) if people else None,
        _section(ranked, family) if by_rank else None,
        judge_within(ranked, votes) if review and placed else None,
        people_within(ranked, votes) if review and placed else None,
        _matrix(ranked),
        _steadiness(_repeats(grades), groups),
        _steadiness(_wordings(grades, wordings), groups),
        order_bias(grades, groups),
    )


def read_matrix(data: Any) -> tuple[str, str, Matrix | None, tuple[str, ...]]:
    """The judge, the rubric, the matrix and the biases of a card's JSON object.

    Raises:
        DataError: it is not a card.
    """
    fields = typed(data, "judge's card", judge=str, rubric=str)
    named = typed_or_none(data, "judge's card", "biased_by", list) or []
    matrix = typed_or_none(data, "judge's card", "matrix", dict)
    languages = {} if matrix is None else typed(matrix, "matrix", languages=dict)["languages"]
    for language, groups in languages.items():
        if not isinstance(groups, dict) or not all(map(_is_table, groups.values())):
            raise DataError(
                f"judge's card: each group of the matrix of {language!r} must be 3 rows of 3 numbers from 0"
            )
    found = Matrix(
        {
            language: {name: tuple(map(tuple, rows)) for name, rows in groups.items()}
            for language, groups in languages.items()
        }
    )
    usable = found if found.is_usable(found.languages) else None
    return fields["judge"], fields["rubric"], usable, tuple(map(str, named))


def _is_table(rows: Any) -> bool:
    return (
        isinstance(rows, list)
        and len(rows) == 3
        and all(isinstance(row, list) and len(row) == 3 for row in rows)
        and all(type(cell) in (int, float) and 0 <= cell < float("inf") for row in rows for cell in row)
    )


def _section(answers: Sequence[GradedAnswer], family: str | None) -> Section:
    compared = [answer for answer in answers if answer.people is not None and answer.judge is not None]
    return Section(
        judge_and_people(compared),
        people_and_people(compared),
        by_slice(compared, lambda answer: answer.issues),
        by_slice(compared, lambda answer: (answer.language,)),
        _by_length(compared),
        {
            "length": length_bias(compared),
            "language": language_bias(compared),
            "family": family_bias(compared, family),
        },
    )


def _by_length(answers: Sequence[GradedAnswer]) -> dict[str, Agreement]:
    """By thirds of the lengths, the shortest first."""
    lengths = sorted(answer.length for answer in answers if answer.length is not None)
    if len(lengths) < 3:
        return {}
    low, high = lengths[len(lengths) // 3], lengths[2 * len(lengths) // 3]
    names = (f"under {low} characters", f"{low} to {high - 1} characters", f"{high} characters or more")

    def third(answer: GradedAnswer) -> Iterable[str]:
        return () if answer.length is None else (names[(answer.length >= low) + (answer.length >= high)],)

    found = by_slice(answers, third)
    return {name: found[name] for name in names if name in found}


def _matrix(ranked: Sequence[GradedAnswer]) -> Matrix | None:
    import numpy as np

    tables: dict[str, dict[str, Any]] = {}
    for answer in ranked:
        if answer.people is not None and answer.judge is not None:
            groups = tables.setdefault(answer.language, {})
            table = groups.setdefault(group_hash(answer.group), np.zeros((3, 3)))
            table += np.outer(answer.people, answer.judge)
    found = Matrix(
        {
            language: {name: table_of(groups[name]) for name in sorted(groups)}
            for language, groups in sorted(tables.items())
        }
    )
    return found if found.is_usable(found.languages) else None


def _repeats(grades: Iterable[Grade]) -> Iterator[tuple[Key, float]]:
    """Of each answer graded twice or more: the share of two repeats that are equal."""
    found: dict[tuple[Key, str | None], list[str]] = {}
    for grade in grades:
        if grade.grade is not None:
            found.setdefault((grade.key, grade.order), []).append(grade.grade)
    for (key, _), given in found.items():
        for first, second in combinations(given, 2):
            yield key, float(first == second)


def _wordings(grades: Iterable[Grade], others: Iterable[Grade]) -> Iterator[tuple[Key, float]]:
    """Of each answer graded by two wordings: the share of two grades that are equal."""
    found: dict[Key, list[str]] = {}
    for grade in grades:
        if grade.grade is not None:
            found.setdefault(grade.key, []).append(grade.grade)
    for other in others:
        if other.grade is not None:
            for first in found.get(other.key, ()):
                yield other.key, float(first == other.grade)


def _steadiness(pairs: Iterable[tuple[Key, float]], groups: Mapping[Key, str]) -> Steadiness:
    import numpy as np

    equal = list(pairs)
    if not equal:
        return Steadiness(None, None, None, 0, 0)
    order = {name: place for place, name in enumerate(sorted({groups[key] for key, _ in equal}))}
    figure = raw(np.array([100 * each for _, each in equal]), np.array([order[groups[key]] for key, _ in equal]))
    return Steadiness(figure.value, *score_interval(figure), len(equal), len(order))


def _figures(section: Section) -> Iterator[tuple[str, str, str, Agreement]]:
    yield "judge", "all", "", section.judge
    yield "people", "all", "", section.people
    for scope, slices in (("issue", section.issues), ("language", section.languages), ("length", section.lengths)):
        for name, found in slices.items():
            yield "judge", scope, name, found
