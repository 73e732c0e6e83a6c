"""Whether somebody watches how far long work is: at a terminal, or in a notebook."""

from __future__ import annotations

import sys


def in_notebook() -> bool:
    """True if what is printed goes to a notebook (Jupyter, Colab)."""
    return type(sys.stderr).__module__.startswith("ipykernel")


def is_watched() -> bool:
    """True if progress is to be shown."""
    return sys.stderr.isatty() or in_notebook()
