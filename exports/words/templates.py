"""How the templates of the card and the report are read and filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(room: str, finalize: Callable[[object], object]) -> Environment:
    """Jinja2 with the templates of a room; what fills them in goes through ``finalize``, then is escaped for HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # scores need this room's words, and no template

    return Environment(
        loader=PackageLoader("exports", room),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
