"""The packages of the optional extras: said to be missing before any work is done, with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from workspace.errors import MissingPartError


def require_packages(what: str, packages: Sequence[str], extra: str) -> None:
    """Check that packages are there, without importing them.

    Args:
        what: what needs them, to begin the message with.
        packages: their import names.
        extra: the extra of ``pyproject.toml`` that installs them.

    Raises:
        MissingPartError: one of them is not installed.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        are = "are" if len(missing) > 1 else "is"
        raise MissingPartError(
            f"{what} needs {', '.join(missing)}, which {are} not installed: pip install 'h4rmony-es[{extra}]'"
        )
