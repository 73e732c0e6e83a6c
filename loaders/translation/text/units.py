"""From texts to what a model takes and back: units (sentences, or lines) that are short enough.

A unit that is too long for the model, or whose translation does not come to its end (a model that repeats itself
until it is stopped), is cut in two at a clause or a blank, and each half is translated by itself. What cannot be cut
any further stays as it is, so nothing of a text is ever left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from loaders.translation.text.pieces import Piece, joined
from loaders.translation.text.sentences import halves


class UnitModel(Protocol):
    """A model that translates units, any number in one call."""

    @property
    def limit(self) -> int:
        """How many tokens a unit may have."""

    def lengths(self, units: Sequence[str]) -> list[int]:
        """How many tokens each unit has."""

    def translate(self, units: Sequence[str]) -> list[str | None]:
        """The translation of each unit, in order; None for one that did not come to its end."""


def translate_in_units(texts: Sequence[str], model: UnitModel, split: Callable[[str], list[Piece]]) -> list[str]:
    """The translation of each text, in order; all units of all texts go to the model in one call, each once."""
    pieces = [split(text) for text in texts]
    units = dict.fromkeys(piece.text for text in pieces for piece in text if piece.translatable)
    done = _translated(list(units), model)
    return [joined((piece, done.get(piece.text, piece.text)) for piece in text) for text in pieces]


def _translated(units: Sequence[str], model: UnitModel) -> dict[str, str]:
    if not units:
        return {}
    fitting = [unit for unit, length in zip(units, model.lengths(units), strict=True) if length <= model.limit]
    answers = zip(fitting, model.translate(fitting), strict=True)
    done = {unit: answer for unit, answer in answers if answer and answer.strip()}
    cut = {unit: halves(unit) or () for unit in units if unit not in done}
    parts = dict.fromkeys(piece.text for two in cut.values() for piece in two if piece.translatable)
    done_parts = _translated(list(parts), model)
    for unit, two in cut.items():
        together = ((piece, done_parts.get(piece.text, piece.text)) for piece in two)
        done[unit] = joined(together) if two else unit
    return done
