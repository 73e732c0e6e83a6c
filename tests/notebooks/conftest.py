"""What the tests of notebooks share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.notebooks.running import Run
from tests.notebooks.running import run_notebook as run


@pytest.fixture
def run_notebook(record_property: Callable[[str, object], None]) -> Callable[..., Run]:
    """``running.run_notebook``, whose seconds stand in the summary of the tests."""

    def running(stem: str, *arguments: object, **parameters: object) -> Run:
        done = run(stem, *arguments, **parameters)
        record_property("notebook", f"{stem}: {done.seconds:.1f} s")
        return done

    return running
