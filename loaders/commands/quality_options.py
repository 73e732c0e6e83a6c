"""Options of the commands that look at the quality of translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from loaders.check.embeddings import DEFAULT_MODEL

embedding_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--embedding-model",
    show_default=f"{DEFAULT_MODEL}, where it can be had",
    help="Multilingual sentence-transformers model (Hub id or folder) that measures adequacy, or none.",
)
