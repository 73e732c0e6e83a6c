"""Counterfactual twins: an answer beside itself with one ecolinguistic feature flipped, as a record's metadata say.

The features are forms of Arran Stibbe's "stories we live by" (*Ecolinguistics*, 2021); ``docs/how-to/twins.md`` has
what each of them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TWIN_OF_KEY = "twin_of"  # in a twin's metadata: the id of the record whose best answer it has
FEATURE_KEY = "feature"  # in a twin's metadata: what is flipped in its second answer
FEATURES = ("erasure", "agency", "salience", "evaluation", "framing")


def twin_of(metadata: Mapping[str, Any]) -> str | None:
    """The id of the record that a twin is of; None for a record that is no twin."""
    found = metadata.get(TWIN_OF_KEY)
    return found if isinstance(found, str) and found else None


def feature_of(metadata: Mapping[str, Any]) -> str | None:
    """The feature that is flipped in a twin; None for a record that is no twin."""
    found = metadata.get(FEATURE_KEY) if twin_of(metadata) else None
    return found if isinstance(found, str) and found else None


def twin_id(record_id: str, feature: str) -> str:
    """The id of a twin.

    >>> twin_id("h4rmony-239", "erasure")
    'h4rmony-239-twin-erasure'
    """
    return f"{record_id}-twin-{feature}"
