"""What makes a score doubtful, in the words of a language (pure, no I/O)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from exports.evaluation.scores.graded import GradedAnswer, codes, judged_points
from exports.evaluation.scores.linear import FEWEST_FOR_POWER
from exports.words import Wording

if TYPE_CHECKING:
    from exports.evaluation.scores.bias import Bias
    from exports.evaluation.scores.matrix import Matrix

NOT_RANDOM = 2.576  # standard errors between what people graded and the rest, from which a warning says so
Value: TypeAlias = str | int | float


@dataclass(frozen=True)
class Doubt:
    """One reason: its ``name`` in the catalogues (``doubt_NAME``), and the values to fill in."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def written(self, words: Wording) -> str:
        """The reason as a sentence; a float is a signed number of points."""
        values = {
            name: words.decimal(value, 1, signed=True) if isinstance(value, float) else value
            for name, value in self.values.items()
        }
        if "bias" in values:
            values["bias"] = bias_name(str(values["bias"]), words)
        if "languages" in values:
            names = str(values["languages"]).split(", ")
            values["languages"] = ", ".join(words.named("language", code) for code in names)
        try:
            return words(f"doubt_{self.name}", **values)
        except (KeyError, TypeError, ValueError):  # a file by another version, or by hand
            return self.name

    def __str__(self) -> str:
        return self.written(Wording("en"))


def bias_name(name: str, words: Wording) -> str:
    """What a judge is biased by: ``length``, ``language``, ``family``, or an order of the choices."""
    kind, _, order = name.partition(" ")
    return words("bias_order", order=order) if kind == "order" and order else words.named("bias", name)


def of_card(biases: Iterable[tuple[str, Bias, str]], has_matrix: bool) -> Iterator[Doubt]:
    """What a judge's card says against it."""
    for name, bias, _ in biases:
        if bias.points is not None and bias.low is not None and bias.high is not None:
            yield Doubt("biased", {"bias": name, "points": bias.points, "low": bias.low, "high": bias.high})
    if not has_matrix:
        yield Doubt("no_matrix")


def of_kin(families: Iterable[str]) -> Iterator[Doubt]:
    """Judge and model are of one family."""
    if kin := ", ".join(sorted(families)):
        yield Doubt("kin", {"families": kin})


def of_answers(answers: Sequence[GradedAnswer], method: str, matrix: Matrix | None = None) -> Iterator[Doubt]:
    """What the grades themselves say against a score by this method."""
    graded = [answer for answer in answers if answer.judge is not None]
    if answers and len(graded) < 0.9 * len(answers):
        yield Doubt("not_judged", {"count": len(answers) - len(graded), "total": len(answers)})
    languages = sorted({answer.language for answer in graded})
    if matrix and (lacking := [name for name in languages if not matrix.is_usable([name])]):
        yield Doubt("language", {"languages": ", ".join(lacking)})
    sampled = {answer.group for answer in graded if answer.people is not None}
    if method == "ppi" and len(sampled) < FEWEST_FOR_POWER:
        yield Doubt("few_graded", {"prompts": len(sampled), "least": FEWEST_FOR_POWER})
    if method == "ppi" and (apart := _apart(graded)):
        yield Doubt("not_random", {"apart": apart})


def _apart(graded: Sequence[GradedAnswer]) -> float | None:
    """How far the judge's mean of what people graded is from that of the rest, if farther than chance makes it."""
    import numpy as np

    numbers, names = codes(graded)
    sampled = np.array([answer.people is not None for answer in graded])
    if sampled.all() or sampled.sum() < 2:
        return None
    points = judged_points(graded)
    parts = np.zeros(len(names))
    means = []
    for one, sign in ((sampled, 1), (~sampled, -1)):
        means.append(points[one].mean())
        parts += sign * np.bincount(numbers[one], (points[one] - means[-1]) / one.sum(), len(names))
    error = float(parts @ parts) ** 0.5
    apart = float(means[0] - means[1])
    return apart if abs(apart) > NOT_RANDOM * error > 0 else None
