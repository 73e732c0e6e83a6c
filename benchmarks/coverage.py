"""How often the intervals of `h4rmony evaluate score` hold the truth, by method, for judges whose errors are known.

A draw is a model's answers to prompts (one to three answers to each, alike in quality), graded by a judge; people
grade some of them, drawn at random; the judge grades the dataset's ranked answers too, where the better answer is
the longer one. The truth is that of all prompts that could be asked. The estimates are those of
``exports/evaluation``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from exports.evaluation.scores.linear import (
    GRADE,
    Linear,
    difference_interval,
    group_means,
    judge_power,
    ppi,
    raw,
    score_interval,
)
from exports.evaluation.scores.matrix import correct, correct_difference

Levels = npt.NDArray[np.int64]  # 0 bad, 1 regular, 2 good
Numbers = npt.NDArray[np.float64]
Judge = Callable[[np.random.Generator, Levels, Numbers], Levels]
Interval = tuple[float, float, float]
DRAWS = 1000
METHODS = ("raw", "PPI++, own answers", "PPI++, dataset's answers", "matrix")


@dataclass(frozen=True)
class Design:
    """What there is in a draw, and the shares of bad, regular and good answers among all that could be given."""

    prompts: int = 150
    people: int = 60
    records: int = 60
    shares: tuple[float, float, float] = (0.15, 0.35, 0.5)
    sizes: tuple[int, ...] = (1, 2, 3)  # of which each prompt has that many answers, at random

    @property
    def truth(self) -> float:
        """The score of all answers that could be given."""
        return GRADE * self.shares[1] + 2 * GRADE * self.shares[2]


@dataclass(frozen=True)
class Found:
    """What a method gave over all draws, in points; ``covered`` is the share of intervals that hold the truth."""

    bias: float
    width: float
    covered: float


def perfect(_: np.random.Generator, truth: Levels, __: Numbers) -> Levels:
    """Always right."""
    return truth


def lenient(random: np.random.Generator, truth: Levels, _: Numbers) -> Levels:
    """Gives a grade too much in one case of three."""
    return np.minimum(2, truth + (random.random(len(truth)) < 1 / 3))


def noisy(random: np.random.Generator, truth: Levels, _: Numbers) -> Levels:
    """Guesses in two cases of five."""
    return np.where(random.random(len(truth)) < 0.4, random.integers(0, 3, len(truth)), truth)


def guessing(random: np.random.Generator, truth: Levels, _: Numbers) -> Levels:
    """Knows nothing."""
    return random.integers(0, 3, len(truth))


def length_biased(random: np.random.Generator, truth: Levels, length: Numbers) -> Levels:
    """Looks at the length as much as at the answer."""
    seen = 0.4 + 0.6 * truth + 0.8 * length + 0.3 * random.standard_normal(len(truth))
    return np.clip(np.rint(seen), 0, 2).astype(np.int64)


JUDGES: Mapping[str, Judge] = {
    "perfect": perfect,
    "lenient": lenient,
    "noisy": noisy,
    "random": guessing,
    "length-biased": length_biased,
}
DESIGNS: Mapping[str, Design] = {
    "150 prompts, people graded 60 answers, 60 ranked records": Design(),
    "60 prompts, people graded 20 answers, 20 ranked records": Design(60, 20, 20),
    "30 prompts, 95% of the answers good, people graded 20, 20 ranked records": Design(
        30, 20, 20, (0.02, 0.03, 0.95)
    ),
}


HARD: Mapping[str, Design] = {
    "12 prompts, of which one in five has 12 answers, people graded 20": Design(12, 20, 12, sizes=(1, 1, 1, 1, 12)),
    "6 prompts alike, people graded 8": Design(6, 8, 8, sizes=(1, 1, 1, 1, 12)),
    "100 prompts, people graded 10": Design(100, 10, 30, sizes=(1,)),
    "100 prompts, people graded 5": Design(100, 5, 30, sizes=(1,)),
    "100 prompts, people graded 3": Design(100, 3, 30, sizes=(1,)),
    "20 prompts, people graded all": Design(20, 20, 30, sizes=(1,)),
    "3 prompts, people graded all": Design(3, 3, 3, sizes=(1,)),
    "93% bad, people graded 20": Design(100, 20, 30, (0.93, 0.05, 0.02), (1,)),
    "96% regular, people graded 20": Design(100, 20, 30, (0.02, 0.96, 0.02), (1,)),
    "90% good, 10% bad, people graded 20": Design(100, 20, 30, (0.1, 1e-6, 0.9 - 1e-6), (1,)),
    "97% good, 3% bad, people graded 20": Design(100, 20, 30, (0.03, 1e-6, 0.97 - 1e-6), (1,)),
}
BETTER, WORSE = (0.15, 0.35, 0.5), (0.25, 0.35, 0.4)  # two models, 10 points apart
LONGER = 0.7  # standard deviations by which the better one's answers are longer
DIFFERENCES = ("raw", "PPI++", "matrix")


def measure_difference(
    judge: Judge,
    prompts: int,
    people: int,
    draws: int,
    seed: int = 5,
    models: tuple[tuple[float, float, float], tuple[float, float, float]] = (BETTER, WORSE),
) -> dict[str, Found]:
    """What each method gives for the difference of two models that answered the same prompts, one at more length.

    People grade as many answers of each model as there are ranked records for the matrix.
    """
    random, other = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    better, worse = models
    truth = GRADE * (better[1] + 2 * better[2] - worse[1] - 2 * worse[2])
    found = []
    for _ in range(draws):
        groups, _, _ = _answers(random, Design(prompts))
        common = random.standard_normal(prompts)[groups]
        sides, given = [], []
        for shares, longer in ((better, LONGER), (worse, 0.0)):
            grades = _grades(random, common, shares)
            levels = judge(random, grades, longer + random.standard_normal(len(groups)))
            judged = GRADE * levels
            given.append(_shares(levels, groups))
            sides.append((raw(judged, groups), ppi(judged, groups, _sampled(random, grades, people))))
        both = [first.minus(second) for first, second in zip(*sides, strict=True)]
        figures = [(figure.value, *difference_interval(figure)) for figure in both]
        found.append([*figures, correct_difference(*given, _counts(*_ranked(other, judge, people)))])
    return dict(zip(DIFFERENCES, _summed(np.array(found), truth), strict=True))


def measure(judge: Judge, design: Design, draws: int, seed: int = 5) -> dict[str, Found]:
    """What each method gives for a judge."""
    random = np.random.default_rng(seed)
    found = np.array([list(_draw(random, judge, design).values()) for _ in range(draws)])  # (draws, methods, 3)
    return dict(zip(METHODS, _summed(found, design.truth), strict=True))


def _summed(found: Numbers, truth: float) -> list[Found]:
    """What each method gave over all draws, from (draws, methods, value and interval)."""
    held = ((found[:, :, 1] <= truth) & (truth <= found[:, :, 2])).mean(axis=0)
    widths, bias = (found[:, :, 2] - found[:, :, 1]).mean(axis=0), found[:, :, 0].mean(axis=0) - truth
    return [Found(float(bias[at]), float(widths[at]), float(held[at])) for at in range(found.shape[1])]


def _draw(random: np.random.Generator, judge: Judge, design: Design) -> dict[str, Interval]:
    groups, truth, length = _answers(random, design)
    judged = judge(random, truth, length)
    known, known_judged = _ranked(random, judge, design.records)
    people = _sampled(random, truth, design.people)
    return dict(
        zip(
            METHODS,
            (
                _interval(raw(GRADE * judged, groups)),
                _interval(ppi(GRADE * judged, groups, people)),
                _on_dataset(GRADE * judged, groups, GRADE * known, GRADE * known_judged),
                correct(_shares(judged, groups), _counts(known, known_judged)),
            ),
            strict=True,
        )
    )


def _answers(random: np.random.Generator, design: Design) -> tuple[Levels, Levels, Numbers]:
    """The answers' groups, their true grades, and their lengths, which say nothing of them."""
    groups = np.repeat(np.arange(design.prompts), random.choice(design.sizes, design.prompts))
    common = random.standard_normal(design.prompts)[groups]
    return groups, _grades(random, common, design.shares), random.standard_normal(len(groups))


def _grades(random: np.random.Generator, common: Numbers, shares: tuple[float, float, float]) -> Levels:
    """The true grades of answers whose quality is half their prompt's."""
    quality = (common + random.standard_normal(len(common))) / 2**0.5
    return np.searchsorted(ndtri(np.cumsum(shares)[:2]), quality)


def _sampled(random: np.random.Generator, truth: Levels, people: int) -> Numbers:
    """People's grades of a random sample, NaN elsewhere."""
    found = np.full(len(truth), np.nan)
    sample = random.permutation(len(truth))[:people]
    found[sample] = GRADE * truth[sample]
    return found


def _interval(figure: Linear) -> Interval:
    return (figure.value, *score_interval(figure))


def _on_dataset(judged: Numbers, groups: Levels, known: Numbers, known_judged: Numbers) -> Interval:
    """PPI++ as it must not be done, and as the program refuses: with people's grades of other answers."""
    records = np.repeat(np.arange(len(known) // 3), 3)
    power = judge_power(known_judged, records, known) / (1 + len(known) / len(judged))  # lambda, as in the paper
    own, error = raw(power * judged, groups), raw(known - power * known_judged, records)
    parts = np.concatenate([own.parts, error.parts])
    freedom = min(own.freedom, error.freedom)
    figure = Linear(own.value + error.value, parts, own.guard + error.guard, freedom, error.groups)
    return (figure.value, *difference_interval(figure))


def _ranked(random: np.random.Generator, judge: Judge, records: int) -> tuple[Levels, Levels]:
    """The true grades of the dataset's ranked answers, of which the better one is the longer one, and the judge's."""
    known = np.tile([2, 1, 0], records)
    length = np.tile([1.2, 0.0, -1.2], records) + 0.4 * random.standard_normal(len(known))
    return known, judge(random, known, length)


def _shares(judged: Levels, groups: Levels) -> Numbers:
    count = int(groups.max()) + 1
    return np.column_stack([group_means((judged == grade).astype(float), groups, count) for grade in range(3)])


def _counts(known: Levels, known_judged: Levels) -> Numbers:
    counts = np.zeros((len(known) // 3, 3, 3))
    np.add.at(counts, (np.arange(len(known)) // 3, known, known_judged), 1)
    return counts


def main(draws: int = DRAWS) -> str:
    """The tables, in Markdown."""
    lines: list[str] = []
    for title, design in DESIGNS.items():
        lines += [f"**{title}; the truth is {design.truth:.1f}**", "", "| judge | " + " | ".join(METHODS) + " |"]
        lines += ["|---|" + "---|" * len(METHODS)]
        for name, judge in JUDGES.items():
            found = measure(judge, design, draws)
            lines += [f"| {name} | " + " | ".join(map(_cell, found.values())) + " |"]
        lines += [""]
    lines += _hard(draws // 2)
    lines += ["**the difference of two models, 10 points apart; the better one's answers are longer**", ""]
    lines += [
        f"| judge | prompts | graded of each, ranked records | {' | '.join(DIFFERENCES)} |",
        "|---|---|---|---|---|---|",
    ]
    for prompts, people in ((150, 60), (60, 20)):
        for name, judge in JUDGES.items():
            found = measure_difference(judge, prompts, people, draws)
            lines += [f"| {name} | {prompts} | {people} | " + " | ".join(map(_cell, found.values())) + " |"]
    return "\n".join(lines)


def _hard(draws: int) -> list[str]:
    """How often the least of the intervals hold where there is little to go by."""
    lines = ["**hard designs**", "", "| design | raw, perfect judge | PPI++, its worst judge |", "|---|---|---|"]
    for title, design in HARD.items():
        found = {name: measure(judge, design, draws) for name, judge in JUDGES.items()}
        worst = min((each[METHODS[1]] for each in found.values()), key=lambda each: each.covered)
        lines += [f"| {title} | {_cell(found['perfect']['raw'])} | {_cell(worst)} |"]
    return [*lines, ""]


def _cell(found: Found) -> str:
    return f"{found.covered:.1%} ({found.bias:+.1f}, {found.width:.1f})"
