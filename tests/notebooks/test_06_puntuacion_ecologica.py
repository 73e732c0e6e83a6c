"""Notebook 6 scores a tiny model before and after, with a judge that counts letters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exports.evaluation.judging.models import WORDS, graded_texts, says
from tests.fake_openai import Answer, running_fake
from tests.notebooks.running import Run
from tests.tiny_models import make_adapter, make_scripted

pytestmark = pytest.mark.extras


def judge_of_lengths(body: dict[str, Any]) -> Answer:
    """A judge who counts letters."""
    return says(("bad", "regular", "good")[len("".join(graded_texts(body).values())) % 3])


def test_it_scores_a_model_before_and_after(
    run_notebook: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    script = [([{"role": "user", "content": f"¿{word}?"}], f"Pienso en {word} .") for word in WORDS.values()]
    base = make_scripted(tmp_path / "base", script)
    adapter = make_adapter(tmp_path / "adapter", base)
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 4}), "utf-8")  # it still speaks
    place = tmp_path / "here"
    place.mkdir()
    with running_fake() as fake:
        fake.otherwise = judge_of_lengths
        run = run_notebook(
            "06_puntuacion_ecologica",
            place,
            ANTES=str(base),
            DESPUES=str(adapter),
            JUEZ_LOCAL="",
            JUEZ="juez",
            SERVICIO=fake.url,
            REPETICIONES=1,
            LIMITE=10,
            LARGO=16,
        )
    assert "48 enunciados, 86 votos." in run.text("review")
    assert len(run.pictures()) == 3
    assert "Notas INVENTADAS." in run.text("people")
    assert "grading: 10 / 10" in run.text("judge")  # how far long work is
    assert "difference" in run.text("likelihood_table")  # the adapter beside its base
    card = json.loads((place / "ficha-del-juez.json").read_text("utf-8"))
    assert card["answers"]["judge"]["kappa"]["value"] is not None and card["ranked"]["judge"]["same"]["items"] > 9
    assert {"ppi", "matrix", "raw"} <= set(run.text("score").split())
    assert run.text("doubts").startswith("las personas solo calificaron respuestas a ")
    assert "distinguen" in run.text("compare") and "Notas INVENTADAS." in run.text("compare")
    assert (place / "puntuacion.html").is_file() and "sk-secret" not in run.text()
