"""Notebook 2: translate, look, and load into the Argilla that it runs; and notebook 3 on the review in its folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import httpx
import pandas as pd
import pytest

from exports import merge, pairs, read_review
from tests.exports.sample import sample_review
from tests.notebooks.running import Run, constant
from workspace import Ballot, samples
from workspace.argilla.names import NAMES
from workspace.config import Credentials

pytestmark = pytest.mark.extras  # the notebook asks for the models that translate
NAME, NEXT = "02_traducir_y_cargar", "03_recoger_y_exportar"
SERVE = re.compile(r'^# %% tags=\["serve"\]\n(.*?)(?=^# %%)', re.MULTILINE | re.DOTALL)
# what happens while it runs: the cell `serve` fails, is run again with other names, and then people review
EVENTS = r"""# %% tags=["serve", "raises-exception"]
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
# %%
from workspace.demo.reviewers import scripted_ballots
there = {record.id for record in traducido.records}
for ballots in scripted_ballots().values():
    conexion.post(ballot for ballot in ballots if ballot.record_id in there)

"""


def test_a_review_in_the_argilla_that_a_notebook_runs_and_stops(
    run_notebook: Callable[..., Run], tmp_path: Path
) -> None:
    """Every text is in the memory of the sample; that an engine translates is tested elsewhere."""
    run = run_notebook(
        NAME,
        tmp_path,
        edit=lambda script: SERVE.sub(EVENTS, script),
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
    assert [note.name for note in notes] == ["ana.txt", "lucía.txt", "luis.txt"]
    (link,) = [line for line in notes[0].read_text("utf-8").splitlines() if "http" in line]
    assert f'href="{link.split()[-1]}"' in run.html()
    assert "Todavía no ha respondido nadie." not in said
    (progress,) = pd.read_html(StringIO(run.outputs("progress")[0].data["text/html"]))
    assert progress.to_dict("list") == {
        "quién": ["ana", "luis"], "borradores": [1, 1], "descartadas": [1, 1], "enviadas": [19, 20],
    }  # fmt: skip

    assert "Argilla se ha detenido." in said
    credentials = Credentials.read(tmp_path / "revision")
    assert credentials
    with pytest.raises(httpx.ConnectError):
        httpx.get(credentials.api_url)
    assert credentials.password not in str(run.notebook)

    run = run_notebook(
        NEXT, tmp_path, edit=lambda script: script.partition("# %% [markdown]\n# ## Escribir")[0], VOTOS=2
    )
    assert "Argilla arranca mientras se recoge ...\nRegistros: 24. Papeletas: 43." in run.text()
    review = read_review(tmp_path / "datos" / "revision")
    assert list(map(untimed, review.ballots)) == list(map(untimed, sample_review().ballots))
    assert f"{len(pairs(merge(review, min_reviewers=2)))} pares." in run.text()


def untimed(ballot: Ballot) -> Ballot:
    return replace(ballot, updated_at="")


def test_flags_have_the_names_that_reviewers_read() -> None:
    assert constant(NAME, "AVISOS") == NAMES["flags"]
