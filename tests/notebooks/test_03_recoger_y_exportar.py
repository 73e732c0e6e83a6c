"""Notebook 3: from ballots to training data and its card, on the bundled review; test_02 has one on a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from exports.merging.votes import Reason
from tests.notebooks.running import Run, constant
from workspace.model.h4rmony import ISSUES

pytestmark = pytest.mark.extras  # of `report`
NAME = "03_recoger_y_exportar"
RunNotebook = Callable[..., Run]


def test_without_a_review_it_takes_the_bundled_one(run_notebook: RunNotebook, tmp_path: Path) -> None:
    run = run_notebook(NAME, tmp_path)
    said = run.text()
    assert run.text("install").strip() == "Todo está instalado: no se instala nada."
    assert "En revision no hay ninguna revisión: se usa la de muestra.\nRegistros: 48. Papeletas: 86." in said
    assert len(run.pictures()) == 3
    assert ">0,91</td>" in run.html()  # the alpha of the ranks
    assert "124 pares." in said
    assert len(pd.read_parquet(tmp_path / "datos" / "dpo" / "train.parquet")) == 115
    assert {row["reason"] for row in dropped(tmp_path / "datos")} == {"no_votes", "not_rankable", "problems", "tie"}
    assert ">empate</td>" in run.html()
    (card,) = [output.data["text/markdown"] for output in run.outputs("card")]
    assert card.startswith("# H4rmony en español\n")
    assert "## Para entrenar" in card
    assert "## To train" not in card
    assert "publicacion/README.md" in run.text("files")


def dropped(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "dropped.jsonl").read_text("utf-8").splitlines()]


def test_every_reason_and_topic_has_a_name() -> None:
    assert list(constant(NAME, "MOTIVOS")) == list(get_args(Reason))
    assert set(constant(NAME, "TEMAS")) == {*ISSUES, ""}
