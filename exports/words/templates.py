"""How the templates of the card and the report are read and filled in."""

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(room: str, finalize: Callable[[object], object]) -> Environment:
    """Jinja2 with the templates of a room; what fills them in goes through ``finalize``, then is escaped for HTML."""
    return Environment(
        loader=PackageLoader("exports", room),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
