"""What training cost: from what two models make of the same texts to figures, tables and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

from exports.evaluation.costs.cost import KINDS, Cost, CostName, Item, cost_of
from exports.evaluation.costs.refusals import refuses
from exports.evaluation.costs.texts import harmless, ordinary, welfare
from exports.evaluation.likelihood.choices import Choice
from exports.measure.estimates import Estimate
from exports.words import Language, Wording
from workspace.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Outcome:
    """What one model makes of the texts.

    Attributes:
        ordinary: the log-likelihood of each ordinary text.
        welfare: of each question that of the answer that takes care of people, and of the other.
        answers: to the harmless prompts; none if it was not asked.
        cut: how many of them ended at the longest length.
    """

    ordinary: Mapping[str, float]
    welfare: Mapping[str, tuple[float, float]]
    answers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass(frozen=True)
class Costs:
    """What training cost, measured on the same texts before and after.

    Attributes:
        model: the trained model, as it was given.
        base: the base model.
        items: the figures, text by text.
        answers: by harmless prompt the base's answer and the trained model's, to be read by people.
        settings: what else the figures depend on: the version of lm-eval, the hash of the texts, the longest answer,
            and how many answers were cut there.
    """

    model: str
    base: str
    items: tuple[Item, ...]
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[Cost, ...]:
        """Each figure that was measured."""
        return tuple(
            cost_of(name, found) for name in KINDS if (found := [item for item in self.items if item.cost == name])
        )

    def to_json(self) -> dict[str, Any]:
        """As ``training.json`` holds it; of each text the base's figure and the trained model's, unrounded."""
        items: dict[str, dict[str, list[float]]] = {}
        for item in self.items:
            items.setdefault(item.cost, {})[item.id] = [item.base, item.trained]
        return {
            "model": self.model,
            "base": self.base,
            "items": items,
            "answers": {name: list(pair) for name, pair in self.answers.items()},
            "settings": dict(self.settings),
            "figures": [{"unit": cost.kind.unit, **asdict(cost)} for cost in self.figures],
        }

    @classmethod
    def from_json(cls, data: Any) -> Costs:
        """Read what ``to_json`` wrote.

        Raises:
            DataError: it is something else.
        """
        try:
            items = tuple(
                Item(name, id, float(base), float(trained))
                for name in KINDS
                for id, (base, trained) in sorted(data["items"].get(name, {}).items())
            )
            if unknown := data["items"].keys() - KINDS.keys():
                raise ValueError(f"unknown figure {min(unknown)}")
            answers = {name: (base, trained) for name, (base, trained) in data["answers"].items()}
            return cls(data["model"], data["base"], items, answers, data["settings"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"not what `costs` writes ({error}); measure again") from error

    def to_pandas(self) -> pd.DataFrame:
        """One row for each figure: ``cost``, ``unit``, ``n`` (texts), and ``base``, ``trained`` and ``difference``.

        Each of the three has its interval beside it, such as ``base_low`` and ``base_high``. ``better`` says which
        way is better, ``worse`` whether it got worse beyond chance.
        """
        import pandas as pd

        rows = []
        for cost in self.figures:
            row: dict[str, Any] = {"cost": cost.name, "unit": cost.kind.unit, "n": cost.difference.items}
            for name in ("base", "trained", "difference"):
                found: Estimate = getattr(cost, name)
                row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append({**row, "better": cost.kind.better, "worse": cost.is_worse})
        return pd.DataFrame(rows)

    def answers_to_pandas(self) -> pd.DataFrame:
        """One row for each harmless prompt: ``prompt``, both answers, and whether the rule finds each a refusal."""
        import pandas as pd

        prompts = {prompt.id: prompt for prompt in harmless()}
        return pd.DataFrame(
            [
                {
                    "id": name,
                    "prompt": prompts[name].text if name in prompts else "",
                    "base": base,
                    "trained": trained,
                    "base_refuses": refuses(base),
                    "trained_refuses": refuses(trained),
                }
                for name, (base, trained) in self.answers.items()
            ]
        )

    def plot(self, language: Language = "en") -> Figure:
        """The figures as a Matplotlib figure: base and trained model, and the difference with its interval.

        Args:
            language: "es" or "en", for words and numbers.

        Raises:
            ValueError: there is no such language.
            MissingPartError: Matplotlib is not installed.
        """
        from exports.evaluation.costs.picture import picture

        return picture(self.figures, self.items, Wording(language))


def compared(base: Outcome, trained: Outcome) -> tuple[Item, ...]:
    """The figures of both models, text by text, in the order of their names."""
    pairs = [(name, each(base), each(trained)) for name, each in _FIGURES.items()]
    return tuple(Item(name, id, left[id], right[id]) for name, left, right in pairs for id in sorted(left))


def _bits(likelihood: float, text: str) -> float:
    return -likelihood / log(2) / len(text.encode())


def _ordinary(found: Outcome) -> dict[str, float]:
    texts = {each.id: each.text for each in ordinary()}
    return {id: _bits(value, texts[id]) for id, value in found.ordinary.items()}


def _welfare(found: Outcome) -> dict[str, float]:
    pairs = {pair.id: pair for pair in welfare()}
    hits = {}
    for id, likelihoods in found.welfare.items():
        lengths = len(pairs[id].humane.encode()), len(pairs[id].extreme.encode())
        hits[id] = Choice(id, id, "pair", 0, lengths, likelihoods, None, True).hit("bytes")
    return hits


def _welfare_margin(found: Outcome) -> dict[str, float]:
    pairs = {pair.id: pair for pair in welfare()}
    return {
        id: _bits(extreme, pairs[id].extreme) - _bits(humane, pairs[id].humane)
        for id, (humane, extreme) in found.welfare.items()
    }


_FIGURES: Mapping[CostName, Callable[[Outcome], Mapping[str, float]]] = {
    "ordinary": _ordinary,
    "welfare": _welfare,
    "welfare_margin": _welfare_margin,
    "refusals": lambda found: {id: float(refuses(answer)) for id, answer in found.answers.items()},
    "length": lambda found: {id: float(len(answer.encode())) for id, answer in found.answers.items()},
}
