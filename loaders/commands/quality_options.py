"""Options of the commands that look at the quality of translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from loaders.check.embeddings import DEFAULT_MODEL
from loaders.check.enrich import EnrichCounts
from workspace.commands.output import Value

embedding_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--embedding-model",
    show_default=f"{DEFAULT_MODEL}, where it can be had",
    help="Multilingual sentence-transformers model (Hub id or folder) that measures adequacy, or none.",
)


def quality_summary(counts: EnrichCounts, state: str) -> dict[str, Value]:
    """The summary's lines: flags by name, the lowest adequacy, and which model measured it or why none did."""
    return {
        "flags": dict(sorted(counts.flags.items())),
        "lowest_adequacy": counts.lowest,
        "adequacy": state,
    }
