"""The packages of the optional extras: a missing one is named before any work is done, with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from workspace.errors import MissingPartError


def is_installed(*packages: str) -> bool:
    """Whether packages can be imported, by their import names; none is imported."""
    return all(find_spec(name) for name in packages)


def require_packages(what: str, packages: Sequence[str], extra: str) -> None:
    """Check that packages are installed, without importing them.

    Args:
        what: what needs them; the message begins with it.
        packages: their import names.
        extra: the extra of ``pyproject.toml`` that installs them.

    Raises:
        MissingPartError: one of them is not installed.
    """
    missing = [name for name in packages if not is_installed(name)]
    if missing:
        are = "are" if len(missing) > 1 else "is"
        raise MissingPartError(
            f"{what} needs {', '.join(missing)}, which {are} not installed: pip install 'h4rmony-es[{extra}]'"
        )
