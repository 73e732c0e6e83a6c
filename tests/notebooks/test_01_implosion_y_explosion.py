"""Notebook 1: pairs to records and back, on the project's sample and on a source that contradicts itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from loaders import implode
from loaders.imploding.audit import LeftOut, Note
from tests.cli import DATA
from tests.notebooks.running import Run, constant
from workspace import samples

NAME = "01_implosion_y_explosion"
RunNotebook = Callable[..., Run]


def test_the_sample_goes_there_and_back(run_notebook: RunNotebook, tmp_path: Path) -> None:
    run = run_notebook(NAME, tmp_path)
    said = run.text()
    assert run.text("install").strip() == "Todo está instalado: no se instala nada."
    assert "72 pares → 24 registros; 24 con todas sus respuestas en orden.\n0 pares quedaron fuera." in said
    assert "La auditoría está vacía" in said
    assert "73 pares → 24 registros; 3 pares quedaron fuera." in said
    assert "Se traducen 96 textos en lugar de 216." in said
    assert "Iguales: las 72 filas han vuelto, con sus 20 columnas, celda por celda." in said
    assert "Y al implosionar otra vez salen los mismos registros." in said
    assert "32\u202f385" in run.html()
    assert "15\u202f311" in run.html()
    assert list(implode(tmp_path / "registros" / "registros.jsonl")) == list(implode(samples().english))
    assert len(pd.read_csv(tmp_path / "registros" / "pares.csv")) == 72


def test_what_a_source_contradicts_is_in_the_audit_and_no_text_is_code(
    run_notebook: RunNotebook, tmp_path: Path
) -> None:
    frame = pd.read_csv(DATA / "h4rmony_small.csv", dtype=str, keep_default_na=False)
    frame["Prompt"] += "<script>alert(1)</script>"
    frame.to_csv(tmp_path / "pares.csv", index=False)
    imploded = implode(tmp_path / "pares.csv")
    run = run_notebook(NAME, tmp_path, ORIGEN=tmp_path / "pares.csv", CARPETA="salida/registros")
    left_out = imploded.counts.rows_left_out
    assert left_out
    assert f"\n{left_out} pares quedaron fuera." in run.text()
    assert f"Iguales: las {len(frame) - left_out} filas han vuelto" in run.text()
    assert "La auditoría está vacía" not in run.text()
    assert "la fila contradice los puestos que más filas apoyan" in run.html()
    assert "<script>" not in run.html()
    assert (tmp_path / "salida" / "registros" / "auditoria.jsonl").read_text("utf-8").count("\n") == len(
        imploded.audit
    )


def test_every_finding_of_the_audit_is_explained() -> None:
    assert list(constant(NAME, "HALLAZGOS")) == [*Note, *LeftOut]
