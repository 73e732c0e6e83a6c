"""The model card: from which model and data an adapter was made, under which licences, how, and how it does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exports.evaluation.costs.cost import said
from exports.evaluation.costs.figures import Costs
from exports.training.losses import MEASURES
from exports.training.plan import FEW
from exports.words import Wording
from exports.words.templates import environment
from workspace.licences import SPDX

_FREE = "cc-by-4.0"


def model_card(report: Mapping[str, Any], *, merged: bool = False) -> str:
    """The ``README.md`` of a model, from what ``training.json`` holds; ``merged`` is that of the merged model."""
    model, data = report["model"], report["data"]
    front = {
        "licence": "other" if what_binds(report) else model["licence"].lower(),
        "base_model": model["name"] if model["on_hub"] else None,
        "library": "transformers" if merged else "peft",
        "dataset": data["name"] if data["on_hub"] else None,
    }
    held_out = report["held_out"]
    return (
        environment("training", _finalize)
        .get_template("card.md.j2")
        .render(
            front=front,
            merged=merged,
            few=FEW,
            cost_rows=_cost_rows(report),
            refusals_measured=bool(report.get("costs") and report["costs"]["answers"]),
            measure=MEASURES[held_out["measure"]] if held_out else "",
            **report,
        )
    )


def what_binds(report: Mapping[str, Any]) -> str:
    """Why the model card cannot state the base model's licence alone, in words; nothing if it can."""
    licence, data = report["model"]["licence"], report["data"]["licences"]
    if (licence or "").lower() in SPDX and all(name.lower() == _FREE for name in data):
        return ""
    return f"the licences of model and data bind it ({licence or 'the model states none'}; {', '.join(data)})"


def _cost_rows(report: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """What the training cost, by rows of a table: title, base, trained model, difference."""
    found = Costs.from_json(report["costs"]).figures if report.get("costs") else ()
    words = Wording("en")
    return [
        (
            cost.title(words),
            said(cost.base),
            said(cost.trained),
            said(cost.difference, "+") + (", worse" * bool(cost.is_worse)),
        )
        for cost in found
    ]


def _finalize(value: object) -> object:
    """Numbers with three decimals; names and licences on one line, because they are foreign text."""
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) >= 0.001 or not value else f"{value:.1e}"
    return re.sub(r"[\r\n]+", " ", value) if type(value) is str else value
