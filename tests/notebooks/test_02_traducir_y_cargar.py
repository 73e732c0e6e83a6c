"""Notebook 2: translate, look, and load into the Argilla that it runs, which never stays behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.notebooks.running import Run, constant
from workspace import samples
from workspace.argilla.names import NAMES
from workspace.config import Credentials

pytestmark = pytest.mark.extras  # the notebook asks for the models that translate
NAME = "02_traducir_y_cargar"
SERVE = re.compile(r'^# %% tags=\["serve"\]\n(.*?)(?=^# %%)', re.MULTILINE | re.DOTALL)
AGAIN = r"""# %% tags=["serve", "raises-exception"]
\1
# %% tags=["between"]
import json, httpx
try:
    httpx.get(json.loads((Path(CARPETA) / "credentials.json").read_text())["api_url"])
except httpx.ConnectError:
    print("stopped")
PERSONAS = ["ana", "lucía"]

# %% tags=["again"]
\1
"""


def test_argilla_stops_on_an_error_and_at_the_end_and_the_cell_can_be_run_again(
    run_notebook: Callable[..., Run], tmp_path: Path
) -> None:
    """Every text is in the memory of the sample; that an engine translates is tested elsewhere."""
    run = run_notebook(
        NAME,
        tmp_path,
        edit=lambda script: SERVE.sub(AGAIN, script),
        TRADUCTOR="memory",
        MEMORIA=samples().memory,
        MODELO_DE_ADECUACION="none",
        PUERTO=0,
        PERSONAS=["¡yo!"],
    )
    said = run.text()
    assert run.text("install").strip() == "Todo está instalado: no se instala nada."
    assert "24 registros con 96 textos distintos." in said
    assert "Traducidos ahora: 0. De la memoria: 96. Sin traducir: 0." in said
    assert "49 de 96 textos tienen algún aviso." in said
    assert "Falta ¿ o ¡, Palabras desconocidas" in run.html()

    (error,) = [output for output in run.outputs() if output.output_type == "error"]
    assert error.evalue.startswith("'¡yo!' cannot be a username")
    assert run.text("between").strip() == "stopped"

    assert "24 registros: 0 nuevos, 24 que ya estaban." in run.text("again")
    assert "Traducir: 100%" in said
    assert "Cargar: 100%" in run.text("again")
    notes = sorted((tmp_path / "revision" / "invitations").iterdir())
    assert [note.name for note in notes] == ["ana.txt", "lucía.txt"]
    (link,) = [line for line in notes[0].read_text("utf-8").splitlines() if "http" in line]
    assert f'href="{link.split()[-1]}"' in run.html()
    assert "Todavía no ha respondido nadie." in said

    assert "Argilla se ha detenido." in said
    credentials = Credentials.read(tmp_path / "revision")
    assert credentials
    with pytest.raises(httpx.ConnectError):
        httpx.get(credentials.api_url)
    assert credentials.password not in str(run.notebook)


def test_flags_have_the_names_that_reviewers_read() -> None:
    assert constant(NAME, "AVISOS") == NAMES["flags"]
