"""How often a model finds the better answer the likelier one, with intervals: a score that needs no judge (pure).

The rules:

- A figure is the share of right choices (``exports/evaluation/likelihood/choices.py``). Each row counts once, so that
  it is the number that lm-eval prints, but for ties. The interval is ``clustered_share``'s: the rows of one group of
  prompts are not independent, which lm-eval's own standard error takes them for.
- The headline is per byte, of two answers of the same length: elsewhere the longer one is nearly always the better
  one. ``longer`` is how often that holds of the same rows: no model is better than who only looks at the length,
  unless its figure is higher.
- ``floor`` is the figure of a model of the same make with random weights, which knows nothing.
- A difference to a reference model is taken row by row; its variance is that of the sum of the groups' parts
  (``exports/evaluation/scores/linear.py``), with one more group half a choice off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from exports.evaluation.likelihood.choices import MEASURES, Choice, Measure, by_task
from exports.evaluation.scores.linear import GRADE, TOP, Linear, difference_interval
from exports.measure.estimates import Estimate, Reason, not_available
from workspace.giveaways.shares import clustered_share
from workspace.model.twins import FEATURES

if TYPE_CHECKING:
    import pandas as pd

_SLICES: Mapping[str, Callable[[Choice], Iterable[str]]] = {
    "issue": lambda choice: choice.issues or ("",),
    "type": lambda choice: (choice.type,),
    "language": lambda choice: (choice.language,),
    "feature": lambda choice: (choice.feature,) if choice.feature else (),
}


@dataclass(frozen=True)
class Preference:
    """How often a model's choices in one task are right; of twins, how often it prefers the base.

    Attributes:
        scores: by measure: ``bytes`` (the headline), ``pmi`` and ``sum``. Their items are rows, their records groups
            of prompts.
        longer: the same for whoever takes the longest answer.
        floor: the headline of the same model with random weights; None where it was not asked for.
        difference: the headline minus the reference model's, from -1 to 1; None without a reference.
        reference: the reference model's headline.
        slices: the headline by issue, type and language; of twins by feature.
    """

    scores: Mapping[Measure, Estimate]
    longer: Estimate
    floor: Estimate | None = None
    difference: Estimate | None = None
    reference: Estimate | None = field(default=None, kw_only=True)
    slices: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)

    def figures(self) -> Iterator[tuple[str, str, Estimate]]:
        """Yield each figure: what it is, the name of a slice or "", and the estimate; the headline first."""
        more = {"longer": self.longer, "floor": self.floor, "difference": self.difference}
        for figure in ("bytes", *more, "pmi", "sum"):
            estimate = more[figure] if figure in more else self.scores.get(cast(Measure, figure))
            if estimate:
                yield figure, "", estimate
        for scope, slices in self.slices.items():
            for name, each in slices.items():
                yield scope, name, each


@dataclass(frozen=True)
class Likelihood:
    """A model's score without a judge, as ``h4rmony evaluate likelihood`` prints it.

    Attributes:
        model: its name or path as it was given, or the path of lm-eval's samples.
        tasks: ``matched`` (two answers of the same length), ``pairs``, ``best`` (of three or more) and ``twins``.
        reference: the model that it is compared with.
        settings: what else the numbers depend on.
        notes: what could not be done, and why.
    """

    model: str
    tasks: Mapping[str, Preference]
    reference: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The score as ``--json`` and ``-o`` write it; no number is rounded."""
        return asdict(self)

    def to_pandas(self) -> pd.DataFrame:
        """One row for each figure: ``task``, ``figure`` (bytes, pmi, sum, longer ...), ``name`` and the estimate."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"task": task, "figure": figure, "name": name, **asdict(estimate)}
                for task, found in self.tasks.items()
                for figure, name, estimate in found.figures()
            ]
        )


def preferences(
    choices: Iterable[Choice], floor: Iterable[Choice] = (), reference: Iterable[Choice] = ()
) -> dict[str, Preference]:
    """The figures of each task.

    Args:
        choices: the model's.
        floor: those of the same model with random weights, on the same rows.
        reference: those of the model to compare with.
    """
    floors, others = by_task(floor), by_task(reference)
    return {
        task: _preference(task, found, floors.get(task, []), others.get(task, []))
        for task, found in by_task(choices).items()
    }


def share(choices: Sequence[Choice], hit: Callable[[Choice], float]) -> Estimate:
    """The share of hits with its interval, clustered on groups of prompts."""
    groups: dict[str, tuple[float, int]] = {}
    for choice in choices:
        hits, count = groups.get(choice.group, (0.0, 0))
        groups[choice.group] = hits + hit(choice), count + 1
    found = clustered_share(groups.values())
    if found is None:
        return not_available("no_overlap")
    reason: Reason | None = "one_prompt" if found.low is None else None
    return Estimate(found.value, found.low, found.high, len(choices), len(groups), reason)


def difference(first: Sequence[Choice], second: Sequence[Choice], measure: Measure = "bytes") -> Estimate:
    """The first model's share of hits minus the second's, on the rows that both have."""
    import numpy as np

    others = {choice.id: choice for choice in second}
    both = [choice for choice in first if choice.id in others]
    if not both:
        return not_available("no_overlap")
    apart = [TOP * (choice.hit(measure) - others[choice.id].hit(measure)) for choice in both]
    numbers = {name: number for number, name in enumerate(sorted({choice.group for choice in both}))}
    groups, rows = np.array([numbers[choice.group] for choice in both]), len(both)
    value, count = float(np.mean(apart)), len(numbers)
    if count < 2:
        return Estimate(value / TOP, items=rows, records=count, reason="one_prompt")
    parts = np.bincount(groups, np.array(apart) - value, count) / rows * (count / (count - 1)) ** 0.5
    low, high = difference_interval(Linear(value, parts, (GRADE / count) ** 2, count - 1, count))
    return Estimate(value / TOP, low / TOP, high / TOP, rows, count)


def _preference(
    task: str, choices: Sequence[Choice], floor: Sequence[Choice], reference: Sequence[Choice]
) -> Preference:
    measures = [measure for measure in MEASURES if measure != "pmi" or all(choice.alone for choice in choices)]
    return Preference(
        {measure: share(choices, _hits(measure)) for measure in measures},
        share(choices, lambda choice: choice.longer),
        share(floor, _hits("bytes")) if floor else None,
        difference(choices, reference) if reference else None,
        {
            name: _sliced(choices, names)
            for name, names in _SLICES.items()
            if (name == "feature") == (task == "twins")
        },
        reference=share(reference, _hits("bytes")) if reference else None,
    )


def _hits(measure: Measure) -> Callable[[Choice], float]:
    return lambda choice: choice.hit(measure)


def _sliced(choices: Sequence[Choice], names: Callable[[Choice], Iterable[str]]) -> dict[str, Estimate]:
    slices: dict[str, list[Choice]] = {}
    for choice in choices:
        for name in names(choice):
            slices.setdefault(name, []).append(choice)
    known = {feature: place for place, feature in enumerate(FEATURES)}
    ordered = sorted(slices, key=lambda name: (name == "", known.get(name, len(known)), name))
    return {name: share(slices[name], _hits("bytes")) for name in ordered}
