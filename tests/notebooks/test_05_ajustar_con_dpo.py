"""Notebook 5 trains a tiny model with TRL as ``h4rmony train`` does, with whatever loss, test rows or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import jupytext
import pandas as pd
import pytest
from huggingface_hub import constants

import exports
from tests.exports.training.planted import planted, tiny
from tests.hub import TOKEN, local_hub
from tests.notebooks.running import Run, set_parameters
from tools.make_notebooks import FOLDER

RunNotebook = Callable[..., Run]
STEM = "05_ajustar_con_dpo"
ADAPTER = "adapter_model.safetensors"
SETTINGS = {"learning_rate": 4e-3, "max_steps": 6, "lora_r": 4, "logging_steps": 2}
pytestmark = [
    pytest.mark.extras,
    # TRL 1.16 uses names that transformers 5.23 has renamed
    pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in v6:FutureWarning"),
    pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("model") / "tiny")


def quick(data: Path, model: Path, **more: Any) -> dict[str, Any]:
    """Parameters for a run of seconds."""
    short: dict[str, Any] = {"AJUSTES": SETTINGS, "EJEMPLOS": 2, "LARGO": 8, "COSTE": "none"}
    return {"DATOS": str(data), "MODELO": str(model), **short, **more}


def test_it_gives_the_weights_that_train_gives_and_says_what_it_cost(
    run_notebook: RunNotebook, model: Path, tmp_path: Path
) -> None:
    data, place = planted(tmp_path / "data", 24, 8), tmp_path / "here"
    place.mkdir()
    run = run_notebook(STEM, place, **quick(data, model, SEMILLA=3, COSTE="quick"))
    assert run.text("install").strip() == "Todo está instalado: no se instala nada."
    trained = exports.train(data, tmp_path / "out", model=str(model), config=SETTINGS, seed=3, home=tmp_path / "home")
    assert (place / "modelo" / ADAPTER).read_bytes() == (tmp_path / "out" / ADAPTER).read_bytes()
    assert "44,832 pesos, en CPU con float32" in run.text("plan")
    assert f"Ordena bien el {trained.accuracy:.0%} de los pares (entre " in run.text("medida")
    assert "8 pares de 8 enunciados" in run.text("medida")
    assert "esto dice poco: no concluyas que el modelo mejoró" in run.text("medida")
    assert len(run.pictures()) == 1
    (before,), (after,) = (frames(run, tag) for tag in ("antes", "despues"))
    assert list(before["enunciado"]) == list(after["enunciado"]) and list(before["antes"]) == list(after["antes"])
    assert len(after) == 2
    (cost,) = frames(run, "coste")
    assert list(cost["textos"]) == [30, 20, 20] and (cost["de"] <= cost["a"]).all()
    assert run.text("subir").strip() == "REPOSITORIO está vacío: no se subió nada."


def test_without_test_rows_or_a_chat_template_it_says_so_and_pushes_the_merged_model(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, bare = planted(tmp_path / "data", 6, 0), tmp_path / "bare"
    shutil.copytree(model, bare)
    (bare / "chat_template.jinja").unlink()
    with local_hub() as hub:
        # the Hub's client has read its settings already
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        run_here(tmp_path, monkeypatch, **quick(data, bare, PERDIDA="kto", REPOSITORIO="equipo/modelo"))
        assert hub.repos["equipo/modelo"].private
        pushed = hub.repos["equipo/modelo"].branches["main"]
    said = capsys.readouterr().out
    for line in (
        "El modelo no tiene plantilla de chat",
        "kto: 12 filas para entrenar, ninguna de prueba",
        "Sin filas de prueba no se sabrá cómo va con enunciados nuevos",
        "No hay enunciados de prueba: estos son de los que se usan para entrenar",
        "No hay pares de prueba, así que no se ha medido nada",
        f"Subido a {hub.url}/equipo/modelo: README.md, ",
    ):
        assert line in said
    assert TOKEN not in said
    assert {"model.safetensors", "config.json", "chat_template.jinja", "training.json"} < pushed.keys()
    card = pushed["README.md"].decode()
    assert "| data | `data` |" in card and "| licence of the data | CC-BY-4.0 |" in card
    assert "Nothing was measured on prompts that the model had not seen" in card


@pytest.mark.parametrize("loss", ["ipo", "orpo", "sft+dpo"])
def test_every_loss_goes_from_top_to_bottom(
    loss: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = planted(tmp_path / "data", 6, 2)
    cells = run_here(tmp_path, monkeypatch, **quick(data, model, PERDIDA=loss, FUSIONAR=False))
    assert cells["hecho"].report["loss"] == loss
    assert (tmp_path / "modelo" / ADAPTER).is_file() and not (tmp_path / "modelo" / "merged").exists()
    trainers = {"ipo": ["DPO"], "orpo": ["ORPO"], "sft+dpo": ["SFT", "DPO"]}[loss]
    said = capsys.readouterr().out
    assert [
        line.partition("Trainer: ")[0] for line in said.splitlines() if "Trainer: se entrenan" in line
    ] == trainers


def run_here(folder: Path, monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> dict[str, Any]:
    """Run all cells in this process, which has loaded torch; a kernel of its own is what the first test has."""
    monkeypatch.chdir(folder)
    notebook = jupytext.read(FOLDER / f"{STEM}.py", fmt="py:percent")
    set_parameters(notebook, parameters)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, STEM, "exec"), names)
    return names


def frames(run: Run, tag: str) -> list[pd.DataFrame]:
    """The tables that the cells with a tag show."""
    pages = [output.data["text/html"] for output in run.outputs(tag) if "text/html" in output.get("data", {})]
    return [frame for page in pages for frame in pd.read_html(StringIO(page))]
