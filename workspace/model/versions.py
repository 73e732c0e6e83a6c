"""Which version of a prompt a record is: what its id and its metadata say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FOLLOWS_KEY = "follows"  # in a record's metadata: the id of the version that it is a correction of
_VERSION = re.compile(r"-v([0-9]{1,9})\Z")


def follows(metadata: Mapping[str, Any]) -> str | None:
    """The id of the version before this one; None for the first."""
    found = metadata.get(FOLLOWS_KEY)
    return found if isinstance(found, str) and found else None


def first_id(record_id: str, metadata: Mapping[str, Any]) -> str:
    """The id that the source gives the prompt: that of its first version."""
    return _VERSION.sub("", record_id) if follows(metadata) else record_id


def next_id(record_id: str, metadata: Mapping[str, Any]) -> str:
    """The id of the version after this one: ``h4rmony-239``, ``h4rmony-239-v2``, ``h4rmony-239-v3``."""
    number = _VERSION.search(record_id) if follows(metadata) else None
    return f"{first_id(record_id, metadata)}-v{int(number[1]) + 1 if number else 2}"
