"""H4rmony's issues and what each shows itself in: the taxonomy that prompts are written from and classified by.

``taxonomy.csv`` is H4rmony's (github.com/Neovalle/H4rmony, ``data/EcologicalIssuesClassification.xlsx``, MIT): the 27
manifestations of the five issue codes, each with its Sustainable Development Goal. Their Spanish is ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Manifestation:
    """One manifestation of an issue: its code, H4rmony's name, its goal, and how a model is told of it."""

    code: str
    name: str
    sdg: str
    told: str


@cache
def taxonomy() -> tuple[Manifestation, ...]:
    """H4rmony's manifestations, in its order."""
    rows = csv.DictReader((files("loaders.check") / "taxonomy.csv").read_text(encoding="utf-8").splitlines())
    return tuple(Manifestation(row["code"], row["manifestation"], row["sdg"], row["told"]) for row in rows)
