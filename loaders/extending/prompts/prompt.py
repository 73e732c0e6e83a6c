"""A prompt that is to be answered, and its id. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workspace.model.prompts import prompt_key


@dataclass(frozen=True)
class Prompt:
    """A prompt, the id that its record will have, its metadata, and its best answer where that is known.

    ``origin`` says who wrote it, and is the first of the record's origins.
    """

    id: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    known: str | None = None
    origin: Mapping[str, Any] = field(default_factory=lambda: {"by": "human"})


def prompt_id(source_name: str, text: str) -> str:
    """The id of a prompt's record: another one for other words."""
    return f"{source_name}-{hashlib.sha256(prompt_key(text).encode()).hexdigest()[:16]}"
