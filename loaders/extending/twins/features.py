"""The features that a twin flips, and what a model is told of each. Pure.

What it is told are the Spanish files in ``told/``: the rules that all share, then the feature. The features are
forms of Arran Stibbe's "stories we live by" (*Ecolinguistics*, 2021: erasure, salience, evaluation, framing) and of
what M. A. K. Halliday says of who acts ("New ways of meaning", 1990: agency); ``docs/how-to/twins.md`` cites them.

A twin is at most a tenth longer or shorter than its base. Left to itself a flip makes a text longer (17 of the first
20 that we wrote by hand), so that length alone would say which answer is which: half of the twins of each feature are
to be longer, and half shorter. Which ones follows from a hash; a draw for each alone would often miss the middle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import ceil, floor

from workspace.model.records import content_hash
from workspace.model.twins import FEATURES

NEAR = 0.1  # share of the base's length that a twin may be longer, or shorter
_LANGUAGE = {"es": "el español", "en": "el inglés"}  # as a model is told


def told(feature: str, band: tuple[int, int], language: str) -> str:
    """What a model is told of a feature, as the system message."""
    least, most = band
    shared = _text("common").format(language=_LANGUAGE[language], least=least, most=most)
    return f"{shared}\n{_text(feature)}"


def version(feature: str) -> str:
    """The name of the feature's file, and a hash of all that a model is told of the feature."""
    return f"{feature}-{content_hash([_text('common'), _text(feature)])[:8]}"


def features_for(record_id: str, features: Iterable[str], per_record: int | None, seed: int) -> tuple[str, ...]:
    """The features that are flipped in a record's best answer: all of them, or ``per_record`` drawn by a hash."""
    asked = [feature for feature in FEATURES if feature in set(features)]
    drawn = sorted(asked, key=lambda feature: _drawn("feature", record_id, feature, seed))[:per_record]
    return tuple(feature for feature in asked if feature in drawn)


def longer_ones(twins: Iterable[tuple[str, str]], seed: int) -> frozenset[tuple[str, str]]:
    """Those of some (record id, feature) whose twin is to be longer: every second one of each feature, by a hash."""
    ordered = sorted(set(twins), key=lambda twin: (twin[1], _drawn("longer", twin[0], twin[1], seed)))
    return frozenset(ordered[::2])


def band_for(base: str, *, longer: bool) -> tuple[int, int]:
    """The lengths that a twin of the base may have: up to a tenth more, or up to a tenth less."""
    if longer:
        return len(base) + 1, floor((1 + NEAR) * len(base))
    return ceil((1 - NEAR) * len(base)), len(base) - 1


def _drawn(what: str, record_id: str, feature: str, seed: int) -> str:
    return hashlib.sha256(f"{what} {seed} {record_id} {feature}".encode()).hexdigest()


@cache
def _text(name: str) -> str:
    return (files("loaders.extending.twins") / "told" / f"{name}.es.md").read_text(encoding="utf-8")
