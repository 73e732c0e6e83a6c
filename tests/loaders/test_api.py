"""What ``loaders`` offers to Python."""

from __future__ import annotations

import doctest
import subprocess
import sys
from importlib import import_module

import pytest

import loaders

WITH_EXAMPLES = ["loaders.imploding.imploded", "loaders.imploding.source", "loaders.source.cells"]


def test_the_names_are_these() -> None:
    assert loaders.__all__ == [
        "AuditEntry",
        "Imploded",
        "Table",
        "Translated",
        "implode",
        "read_source",
        "translate",
    ]
    for name in loaders.__all__:
        assert getattr(loaders, name).__doc__
    with pytest.raises(AttributeError, match=r"^module 'loaders' has no attribute 'other'$"):
        loaders.other  # noqa: B018


def test_importing_it_imports_nothing_else() -> None:
    code = "import loaders, sys; print(sorted(name for name in sys.modules if name.startswith(('loaders', 'click'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['loaders']\n"


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_run(module: str) -> None:
    failed, tried = doctest.testmod(import_module(module))
    assert (failed, tried > 0) == (0, True)
