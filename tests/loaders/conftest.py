"""Translators for tests: small, exact, and counting what they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from workspace.errors import TranslationError
from workspace.licences import Licence
from workspace.memory.store import TranslationMemory

CC0 = Licence("CC0-1.0")


@dataclass
class UpperCase:
    """Translates by upper-casing; fails at texts with ``bad``; answers nothing to texts with ``gap``."""

    engine: str = "upper"
    version: str = "1"
    source_language: str = "en"
    target_language: str = "es"
    licence: Licence = CC0
    asked: list[list[str]] = field(default_factory=list)

    def translate(self, texts: Sequence[str]) -> list[str]:
        self.asked.append(list(texts))
        for text in texts:
            if "bad" in text:
                raise TranslationError(f"cannot translate {text!r}")
        return ["" if "gap" in text else text.upper() for text in texts]


@pytest.fixture
def upper():
    return UpperCase()


@pytest.fixture
def memory(tmp_path):
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:
        yield memory
