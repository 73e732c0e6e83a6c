"""``h4rmony extend --local``: a tiny model in transformers that has learned what to answer in each role."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loaders.extending.prompts.from_file import read_prompts
from loaders.extending.prompts.prompt import Prompt, prompt_id
from loaders.extending.prompts.wanted import wanted_prompts
from loaders.extending.settings import SOURCE_NAME, ExtendSettings
from loaders.imploding.source import implode
from tests.tiny_models import make_scripted
from workspace.chat import Request
from workspace.cli import main
from workspace.roles import RANKS, VARIETY, Role, band_for, roles_for

pytestmark = pytest.mark.extras

PROMPTS = [f"¿Qué hacemos con el {what} del pueblo?" for what in ("arroyo", "olmo", "huerto", "vertedero")]
REFUSING = PROMPTS[3]  # the model never writes its ambivalent answer
OWN_PROMPT = "¿Qué harías tú con los restos de la cosecha?"  # which the model writes itself
APOLOGY = "Lo siento, no puedo ayudar con eso."
WORDS = {
    "aware": "garzas ranas musgos nutrias juncos sauces abejas mirlos libélulas raíces brotes nidos",
    "ambivalent": "vecinos gastos horarios turnos opiniones dudas plazos costumbres reuniones ventajas motivos",
    "unaware": "metros precios máquinas tuberías losas coches vallas clientes ventas carteles enchufes almacenes",
}
KILLED = """
import os, signal, sys
from workspace.chat.cache import ChatCache
from workspace.cli import main

put, left = ChatCache.put, [4]

def last_put(self, *answer):
    put(self, *answer)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

ChatCache.put = last_put
main(sys.argv[1:])
"""


def text_for(prompt: str, role: Role, band: tuple[int, int]) -> str:
    """An answer as long as is asked for, of words that are the role's alone."""
    draw, text = Random(prompt + role.name), "Conviene que allí se ordenen"
    while len(text) < band[0] + 10:
        text += f" {draw.choice(WORDS[role.name].split())} y {draw.choice(WORDS[role.name].split())},"
    return text.rstrip(",") + "."


def script(prompts: list[Prompt]) -> list[tuple[list[dict[str, str]], str]]:
    """What the model is asked and answers; the first answer of one prompt is of use only when it is asked again."""
    said = []
    for id_, prompt in ((each.id, each.text) for each in prompts):
        band = band_for(id_, 0)
        for role in roles_for(id_, 0):
            request = Request.of(prompt, system=role.told(band, VARIETY))
            again = request.asked_again("it refuses or apologises instead of answering")
            text, refuses = text_for(prompt, role, band), prompt == REFUSING and role.name == "ambivalent"
            once = prompt == PROMPTS[0] and role.name == "unaware"
            said.append((request, APOLOGY if refuses or once else text))
            said += [(again, APOLOGY if refuses else text)] if refuses or once else []
    return [([dict(message) for message in request.messages], text) for request, text in said]


def asked_for() -> tuple[list[dict[str, str]], str]:
    """What the model is asked and answers where it is to write the first prompt by issue."""
    request = wanted_prompts(1, ExtendSettings())[0].request()
    assert request.schema
    asked = request.told(request.schema.in_words())
    return [dict(message) for message in asked.messages], json.dumps({"prompt": OWN_PROMPT}, ensure_ascii=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("local")
    (folder / "preguntas.txt").write_text("\n".join(PROMPTS), encoding="utf-8")
    prompts = read_prompts(folder / "preguntas.txt", SOURCE_NAME, "es", [])
    own = Prompt(prompt_id(SOURCE_NAME, OWN_PROMPT), OWN_PROMPT)
    return make_scripted(folder / "tiny-writer-instruct", [*script([*prompts, own]), asked_for()], licence="llama3.1")


@pytest.fixture
def given(model: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "preguntas.txt").write_text("\n".join(PROMPTS), encoding="utf-8")
    return [
        *("extend", "--prompts", str(tmp_path / "preguntas.txt"), "-o", str(tmp_path / "nuevas.jsonl")),
        *("--local", str(model), "--home", str(tmp_path / "home"), "--json"),
    ]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def counts(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_prompts_become_checked_records_on_this_machine(given: list[str], model: Path, tmp_path: Path) -> None:
    dry = counts(run(*given, "--dry-run"))
    assert (dry["missing"], dry["requests"]) == (4, 0) and dry["estimated_tokens"] > 1000
    done = counts(run(*given))
    assert (done["written"], done["refused"], done["missing"]) == (3, 1, 0)
    assert done["requests"] == 12 + 1 + 2  # one answer had to be asked for twice, one in vain three times
    output = tmp_path / "nuevas.jsonl"
    for record in implode(output):
        band = band_for(record.id, 0)
        assert [answer.text for answer in record.answers] == [
            text_for(record.prompt, role, band) for role in roles_for(record.id, 0)
        ]
        by, *origins = record.metadata["origins"]
        assert by == {"by": "human"}
        assert [origin["role"] for origin in origins] == list(RANKS)
        assert {(origin["by"], origin["licence"]) for origin in origins} == {("model", "llama3.1")}
        (name,) = {origin["model"] for origin in origins}
        assert name.startswith("tiny-writer-instruct@") and len(name.partition("@")[2]) == 12
    assert str(tmp_path) not in output.read_text() and str(model.parent) not in output.read_text()
    (refused,) = [json.loads(line) for line in (tmp_path / "extend.rejected.jsonl").read_text().splitlines()]
    assert (refused["prompt"], refused["role"]) == (REFUSING, "ambivalent")
    assert "gave no usable answer in 3 tries (it refuses or apologises" in refused["reason"]
    before = output.read_bytes()
    assert counts(run(*given))["requests"] == 0
    assert output.read_bytes() == before


def test_the_model_writes_a_prompt_too(given: list[str], tmp_path: Path) -> None:
    at = given.index("--prompts")
    own = [*given[:at], "--per-issue", "1", "--most", "1", "--embedding-model", "none", *given[at + 2 :]]
    done = counts(run(*own))
    assert (done["written"], done["missing"], done["requests"], done["tries_refused"]) == (1, 4, 4, {})
    [record] = implode(tmp_path / "nuevas.jsonl")
    by = record.metadata["origins"][0]
    assert (record.prompt, by["role"], by["licence"]) == (OWN_PROMPT, "prompt", "llama3.1")
    assert record.metadata["prompt_originator"] == by["model"]


def test_a_killed_run_goes_on_with_what_it_had(given: list[str], tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, *given], capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not (tmp_path / "nuevas.jsonl").exists()
    done = counts(run(*given))
    assert (done["written"], done["from_cache"]) == (3, 4)
    assert 15 - 5 <= done["requests"] <= 15 - 4
    whole = (tmp_path / "nuevas.jsonl").read_bytes()
    other = ["--home", str(tmp_path / "other"), "-o", str(tmp_path / "other.jsonl")]
    counts(run(*given, *other))
    assert (tmp_path / "other.jsonl").read_bytes() == whole


def test_a_budget_ends_the_run_and_the_next_one_carries_on(given: list[str], tmp_path: Path) -> None:
    short = run(*given, "--budget", "500")
    assert short.exit_code == 1
    assert "not written yet: the budget of 500 tokens is spent; run again to carry on" in short.output
    done = counts(run(*given))
    assert (done["kept"] + done["written"], done["missing"]) == (3, 0)


def test_the_licence_that_is_given_goes_before_the_card_s(given: list[str], tmp_path: Path) -> None:
    counts(run(*given, "--model-licence", "our-terms"))
    text = (tmp_path / "nuevas.jsonl").read_text()
    assert '"licence": "our-terms"' in text and "llama3.1" not in text


@pytest.mark.parametrize("other", [("--model", "gpt"), ("--base-url", "http://localhost:1/v1")])
def test_a_model_here_and_an_endpoint_exclude_each_other(given: list[str], other: tuple[str, str]) -> None:
    result = run(*given, *other)
    assert result.exit_code == 2
    assert "--local PATH takes the place of --model and --base-url" in result.output


def test_what_cannot_write_is_one_line_that_says_what_to_do(given: list[str], tmp_path: Path) -> None:
    wrong = run(*given, "--model-licence", "two\nlines")
    assert wrong.exit_code == 1 and "give an SPDX id such as Apache-2.0, or a short name" in wrong.output
    nowhere = run(*given, "--local", str(tmp_path / "nowhere"))
    assert nowhere.exit_code == 1 and "nowhere: not a folder, nor an id OWNER/NAME" in nowhere.output
    assert not (tmp_path / "nuevas.jsonl").exists()
