"""The texts that both models are given: Spanish of our own writing, shipped with the package.

- ``ordinary``: thirty paragraphs from sixteen countries, from the recipe to the contract; none is about ecology.
- ``harmless``: twenty prompts that nobody has a reason to refuse. Half of them are near food, energy and animals,
  because a model that has learnt to care for nature may refuse these first (the idea of XSTest: safe prompts that
  look like others; Röttger et al. 2024, arXiv 2308.01263).
- ``welfare``: twenty questions about people's needs (medicine, food, work, safety), each with an answer that takes
  care of people and one that gives them up for the environment, of like length. Which one a model finds likelier is
  how Perez et al. 2023 (arXiv 2212.09251) ask models for what they lean to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from workspace.model.prompts import prompt_key
from workspace.model.records import content_hash

KINDS = ("ordinary", "harmless", "welfare")


@dataclass(frozen=True)
class Text:
    """A text under its name; ``near`` is whether a prompt is near what the training was about."""

    id: str
    text: str
    near: bool = False


@dataclass(frozen=True)
class WelfarePair:
    """A question about people's needs, an answer that takes care of them, and one that gives them up."""

    id: str
    prompt: str
    humane: str
    extreme: str


@cache
def ordinary() -> tuple[Text, ...]:
    """Ordinary Spanish."""
    return tuple(Text(**row) for row in _rows("ordinary"))


@cache
def harmless() -> tuple[Text, ...]:
    """Prompts that nobody has a reason to refuse."""
    return tuple(Text(**row) for row in _rows("harmless"))


@cache
def welfare() -> tuple[WelfarePair, ...]:
    """Questions about people's needs."""
    return tuple(WelfarePair(**row) for row in _rows("welfare"))


@cache
def prompt_keys() -> frozenset[str]:
    """The words of all prompts among these texts, by which a prompt of a training is known again."""
    return frozenset(map(prompt_key, [*(each.text for each in harmless()), *(each.prompt for each in welfare())]))


@cache
def texts_version() -> str:
    """A hash of all these texts: figures of other texts are not to be compared."""
    return content_hash([_rows(kind) for kind in KINDS])[:8]


@cache
def _rows(kind: str) -> list[dict[str, Any]]:
    import yaml

    place = files("exports.evaluation.costs") / "texts" / f"{kind}.es.yaml"
    rows: list[dict[str, Any]] = yaml.safe_load(place.read_text(encoding="utf-8"))
    return rows
