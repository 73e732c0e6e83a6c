"""Small reviews for tests: records of our own, and a connection to the shared server under names of their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from workspace.argilla.connection import Connection
from workspace.config import Credentials
from workspace.model.records import Answer, Comparison, Record, Translation

_numbers = itertools.count(1)


def connection_to(server: Credentials, home: Path) -> Connection:
    """A connection to a dataset that no other test uses."""
    number = next(_numbers)
    return Connection(server.api_url, server.api_key, f"prueba-{number}", f"datos-{number}", home)


def options(connection: Connection) -> list[str]:
    """The command line options of a connection."""
    return [
        *("--api-url", connection.api_url, "--api-key", connection.api_key, "--workspace", connection.workspace),
        *("--dataset", connection.dataset, "--home", str(connection.home)),
    ]


def record(
    number: int,
    *,
    prompt: str = "Why do rivers matter?",
    answers: Sequence[str] = ("They live.", "It depends.", "They are useful."),
    spanish: Sequence[str] | None = ("¿Por qué importan los ríos?", "Viven.", "Depende.", "Son útiles."),
    ranks: Sequence[int | None] = (1, 2, 3),
) -> Record:
    """One record; ``spanish`` holds the prompt's translation, then the answers'."""
    return Record(
        id=f"h4rmony-{number}",
        prompt=f"{prompt} ({number})" if prompt == "Why do rivers matter?" else prompt,
        answers=tuple(Answer(text, rank) for text, rank in zip(answers, ranks, strict=True)),
        comparisons=(Comparison(0, 1, {"Id": str(number), "ComparedRanks": "R1-R2"}),) if ranks[0] else (),
        metadata={"prompt_id": str(number), "issues": ["NRMB"], "type": "Question", "language": "en-gb"},
        translation=Translation("es", "apertium 3.8", _numbered(spanish[0], number), tuple(spanish[1:]))
        if spanish
        else None,
    )


def _numbered(prompt: str, number: int) -> str:
    return f"{prompt} ({number})" if prompt == "¿Por qué importan los ríos?" else prompt
