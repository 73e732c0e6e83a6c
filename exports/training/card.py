"""The model card: from which model and data an adapter was made, under which licences, how, and how it does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exports.training.losses import MEASURES
from exports.training.plan import FEW
from exports.words.templates import environment
from workspace.licences import SPDX

_FREE = "cc-by-4.0"


def model_card(report: Mapping[str, Any], *, merged: bool = False) -> str:
    """The ``README.md`` of a model, from what ``training.json`` holds; ``merged`` is that of the merged model."""
    model, data = report["model"], report["data"]
    licence = (model["licence"] or "").lower()
    free_data = all(name.lower() == _FREE for name in data["licences"])
    front = {
        "licence": licence if licence in SPDX and free_data else "other",
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
            measure=MEASURES[held_out["measure"]] if held_out else "",
            **report,
        )
    )


def _finalize(value: object) -> object:
    """Numbers with three decimals; names and licences on one line, because they are foreign text."""
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) >= 0.001 or not value else f"{value:.1e}"
    return re.sub(r"[\r\n]+", " ", value) if type(value) is str else value
