"""The models that the report of a score is about: what was given of each, and how they compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from exports.evaluation.grades.files import Grade, ModelAnswer, one_judge
from exports.evaluation.grades.given import Answers, Grades, answers_of, judged_of, people_of
from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.run import compare, score
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.compare import Compared
from exports.evaluation.scores.score import Score
from exports.evaluation.scores.standings import Standing, standings
from exports.reporting.leaderboard import likelihood_of
from exports.words import Wording
from exports.words.markdown import one_line
from workspace.errors import ConfigError, DataError

T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """A model's answers with their grades; ``judged`` are those by the one judge and rubric."""

    grades: tuple[Grade, ...]
    judged: tuple[Grade, ...]
    people: tuple[Grade, ...] | None
    answers: tuple[ModelAnswer, ...]
    likelihood: Likelihood | None = None

    @classmethod
    def of(
        cls,
        grades: Grades,
        people: Grades | None,
        answers: Answers | None,
        likelihood: str | Path | Likelihood | None,
        judge: str | None,
        rubric: str | None,
    ) -> Side:
        """A model from its files."""
        every = judged_of(grades)
        kept = one_judge(every, judge, rubric)
        given = None if people is None else people_of(people)
        return cls(every, kept, given, answers_of(answers), None if likelihood is None else likelihood_of(likelihood))

    @property
    def model(self) -> str:
        """Who wrote the answers; "" if nobody said."""
        return _only({each.model for each in (*self.judged, *(self.people or ()))}) or _only(
            {each.model for each in self.answers}
        )

    def score(self, card: Card | None, **shared: Any) -> Score:
        """The model's score, by the best method that the evidence allows."""
        own = None if self.people else card
        return score(self.grades, people=self.people, card=own, answers=self.answers, **shared)

    def compared(self, other: Side, card: Card | None, **shared: Any) -> Compared:
        """This model minus another."""
        both = [side.people or () for side in (self, other)] if self.people or other.people else None
        return compare(self.grades, other.grades, people=both, card=card, answers=self.answers, **shared)


def sides_of(
    others: Sequence[Grades],
    people: Sequence[Grades],
    answers: Sequence[Answers],
    likelihoods: Sequence[str | Path | Likelihood],
    *,
    judge: str | None,
    rubric: str | None,
) -> list[Side]:
    """The other models, each with what was given of it.

    Raises:
        ConfigError: it is not clear of which model something is.
    """
    for name, given in (("others", others), ("other_people", people), ("other_answers", answers)):
        if isinstance(given, str | Path):
            raise ConfigError(f"{name} is a list, one for each model; got {given}")
    if not others and (people or answers or likelihoods):
        raise ConfigError("what is given of another model needs the judge's grades of that model too (--other)")
    bare = [Side.of(grades, None, None, None, judge, rubric) for grades in others]
    names = [side.model for side in bare]
    graded = [people_of(each) for each in people]
    texts = [answers_of(each) for each in answers]
    likely = [likelihood_of(each) for each in likelihoods]
    by_model = (
        _matched(graded, names, lambda each: _only({grade.model for grade in each}), "people's grades"),
        _matched(texts, names, lambda each: _only({answer.model for answer in each}), "answers"),
        _matched(likely, names, lambda each: each.model, "likelihoods"),
    )
    return [
        replace(side, people=own, answers=answered or (), likelihood=likelihood)
        for side, own, answered, likelihood in zip(bare, *by_model, strict=True)
    ]


def _matched(given: Sequence[T], names: Sequence[str], named: Callable[[T], str], what: str) -> list[T | None]:
    """What was given of each model: of that which it names, else in their order if there is one for each."""
    found: list[T | None] = [None] * len(names)
    for order, each in enumerate(given):
        model = named(each)
        if model not in names and len(given) != len(names):
            raise ConfigError(
                f"there are {what} {f'of {model}' if model else 'that name no model'}, and the other models are: "
                f"{', '.join(name or 'one without a name' for name in names)}; give what names one of these, or one "
                "for each in the same order"
            )
        place = names.index(model) if model and model in names else order
        if found[place] is not None:
            raise ConfigError(f"there are {what} of {names[place] or 'one model'} twice; give them once")
        found[place] = each
    return found


def _only(names: set[str | None]) -> str:
    said = {str(name) for name in names if name}
    return said.pop() if len(said) == 1 else ""


def standing_of(sides: Sequence[Side], card: Card | None, words: Wording, **shared: Any) -> Standing:
    """All models against each other, by one method: PPI++ if people graded all, else the matrix, else raw.

    Raises:
        DataError: one has no grade, they were graded in different languages, or two of them are one.
    """
    if not all(any(grade.grade is not None for grade in side.people or ()) for side in sides):
        sides = [replace(side, people=None) for side in sides]
    named = []
    for place, side in enumerate(sides):
        unnamed = words("no_name") if place == 0 else words("other_numbered", number=place)
        named.append((one_line(side.model) or unnamed, side.score(card, **shared)))
    if lacking := [name for name, each in named if not each.languages]:
        raise DataError(f"no answer of {', '.join(lacking)} has a grade; leave out who cannot be compared")
    matrices = {(card.judge, card.rubric): card.matrix} if card and card.matrix else {}
    found = standings(named, matrices)
    if len(found) > 1:
        said = "; ".join(f"{name}: {', '.join(each.languages)}" for name, each in named)
        raise DataError(f"these models were graded in different languages ({said}); give grades in the same ones")
    return found[0]
