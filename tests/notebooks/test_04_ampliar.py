"""Notebook 4 extends, measures, and has the ranking verified, with a server that speaks OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import json_lines
from tests.fake_openai import Answer, completion, running_fake
from tests.loaders.extending.writer import asks_for_a_prompt, role_of, whole
from tests.notebooks.running import Run
from workspace.config import Credentials
from workspace.model.h4rmony import ISSUES

pytestmark = pytest.mark.extras

REFUSED = "¿Vale la pena arreglar una licuadora vieja?"  # to this one the model always answers with numbers


def writer(body: dict[str, Any]) -> Answer:
    """A model whose answers tell nothing of their role, and that cannot do one of them."""
    if (
        not asks_for_a_prompt(body)
        and body["messages"][-1]["content"].startswith(REFUSED)
        and role_of(body) == "equidistante"
    ):
        return completion("Cuesta 300 pesos y dura 12 meses, así que compra otra y bota la que tienes en el patio.")
    return whole(body)


def test_it_extends_measures_and_has_the_ranking_verified(
    run_notebook: Callable[..., Run], tmp_path: Path, server: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("ARGILLA_API_KEY", server.api_key)
    with running_fake() as fake:
        fake.otherwise = writer
        run = run_notebook(
            "04_ampliar",
            tmp_path,
            LOCAL="",
            MODELO="escritor",
            SERVICIO=fake.url,
            ARGILLA=server.api_url,
            POR_TEMA=1,
        )
    assert "24 preguntas: unas 72 peticiones y" in run.text("costs")
    assert "23 registros, 1 preguntas sin registro." in run.text("own")
    assert all(papel in run.text("record") for papel in ("consciente", "ambivalente", "inconsciente"))
    issues = run.text("per_issue").splitlines()
    assert [line.split() for line in issues[-5:]] == [[code, "1", "0", "1", "0", "0"] for code in ISSUES]
    before, after = run.text("giveaways").splitlines()[-2:]
    assert "length gives the rank away" in before and "length gives" not in after
    assert len(run.pictures()) == 1
    assert f"{REFUSED}" in run.text("refused") and "numbers" in run.text("refused")
    ballots = json_lines(tmp_path / "revision" / "ballots.jsonl")
    assert len(ballots) == 2 * 28
    assert {ballot["mode"] for ballot in ballots} == {"verify", "blind"}
    assert "77 pares de 84 posibles." in run.text("pairs")
    assert "sk-secret" not in run.text()
