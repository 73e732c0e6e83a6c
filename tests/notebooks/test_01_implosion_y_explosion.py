"""Notebook 1 runs, on the project's sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.notebooks.running import Run

RunNotebook = Callable[..., Run]


def test_it_runs_on_the_sample(run_notebook: RunNotebook, tmp_path: Path) -> None:
    run = run_notebook("01_implosion_y_explosion", tmp_path)
    assert run.text("install").strip() == "Todo está instalado: no se instala nada."
