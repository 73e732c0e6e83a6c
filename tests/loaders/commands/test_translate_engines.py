"""``h4rmony translate`` with engines of models: their options, their summary, and their evaluation."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cli
from tests.cli import DATA, json_lines
from tests.fake_openai import asked, failing, good, running_fake, wrong_count

TEXTS = str(DATA / "texts_small.csv")
PAIRS = str(DATA / "h4rmony_small.csv")
KEY = "sk-very-secret"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0) -> str:
        output = cli.run("translate", *arguments, "--home", "home", code=code)
        assert KEY not in output
        return output

    return run


@pytest.fixture
def fake(monkeypatch):
    with running_fake() as fake:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        yield fake


def test_opus_translates_and_names_its_model_and_its_licence(run, marian):
    options = ("-o", "out.jsonl", "--translator", "opus", "--model", str(marian), "--json")
    summary = json.loads(run(PAIRS, *options))
    assert summary["engine"].startswith("opus tiny-en-es@")
    assert summary["licence"] == "CC-BY-4.0"
    assert (summary["untranslated"], summary["problems"]) == (0, [])
    records = json_lines("out.jsonl")
    assert {record["translation"]["engine"] for record in records} == {summary["engine"]}
    assert {record["metadata"]["translation_licence"] for record in records} == {"CC-BY-4.0"}
    assert json.loads(run(PAIRS, *options))["translated"] == 0
    assert len(list(Path("home/models").glob("tiny-en-es-*-int8/model.bin"))) == 1


def test_a_dry_run_downloads_and_converts_nothing(run, marian):
    out = run(TEXTS, "-o", "out.jsonl", "--translator", "opus", "--model", str(marian), "--dry-run")
    assert "to translate" in out
    assert list(Path().iterdir()) == []
    out = run(TEXTS, "-o", "out.jsonl", "--translator", "opus", "--dry-run", code=1)
    assert "a dry run downloads nothing" in out
    assert list(Path().iterdir()) == []


@pytest.mark.extras
def test_a_model_that_is_not_here_is_one_line(run):
    out = run(TEXTS, "-o", "out.jsonl", "--translator", "opus", code=1)
    assert out.startswith("Error: the model Helsinki-NLP/opus-mt-tc-big-en-es is not on this machine")
    assert out.count("\n") == 1


def test_options_of_another_engine_are_wrong_usage(run):
    out = run(TEXTS, "-o", "out.jsonl", "--variety", "es-MX", code=2)
    assert "--variety is for --translator openai, not for auto" in out
    assert "--model is for --translator openai, opus, salamandra" in run(
        TEXTS, "-o", "out.jsonl", "--translator", "auto", "--model", "x", code=2
    )
    run(TEXTS, "-o", "out.jsonl", "--translator", "openai", "--budget", "0", code=2)
    run(TEXTS, code=2)


def test_auto_names_the_engine_that_it_took(run):
    out = run(TEXTS, "-o", "out.jsonl", "--translator", "auto")
    assert "apertium 3" in out
    assert "GPL-2.0-or-later (program; no claim on output)" in out


def test_openai_pays_once_and_says_what_it_cost(run, fake):
    options = ("-o", "out.jsonl", "--translator", "openai", "--model", "mock")
    summary = json.loads(run(PAIRS, *options, "--json"))
    assert (summary["records"], summary["untranslated"], summary["tokens"]) == (3, 0, 300)
    assert len(fake.requests) == 3
    assert "unchanged, nothing left to translate" in run(PAIRS, *options)
    assert len(fake.requests) == 3
    written = b"".join(path.read_bytes() for path in Path().rglob("*") if path.is_file())
    assert KEY.encode() not in written


def test_what_openai_could_not_do_is_stated_and_done_by_the_next_run(run, fake):
    options = ("-o", "out.jsonl", "--translator", "openai", "--model", "mock")
    run(PAIRS, "-o", "records.jsonl", "--translator", "none")
    bad = json_lines("records.jsonl")[1]["prompt"]
    fake.otherwise = lambda body: wrong_count(body) if asked(body)["prompt"] == bad else good(body)
    out = run(PAIRS, *options, code=1)
    assert "out.jsonl: written" in out
    assert out.splitlines()[-1].startswith("Error: 4 texts have no translation: mock gave no usable answer")
    assert [record["prompt"] for record in json_lines("out.jsonl") if "translation" not in record] == [bad]
    requests = len(fake.requests)
    fake.otherwise = good
    run(PAIRS, *options)
    assert len(fake.requests) == requests + 1
    assert all("translation" in record for record in json_lines("out.jsonl"))


def test_a_wrong_key_is_one_line_without_the_key(run, fake):
    fake.otherwise = failing(401, f"Incorrect API key: {KEY}")
    out = run(PAIRS, "-o", "out.jsonl", "--translator", "openai", "--model", "mock", code=1)
    assert out.count("\n") == 1
    assert "refuses the API key (401: Incorrect API key: ***); set OPENAI_API_KEY" in out
    assert not Path("out.jsonl").exists()


def test_evaluate_scores_an_engine_against_references(run, fake):
    pairs = [("Rivers live.", "es:Rivers live."), ("Soils breathe.", "Los suelos respiran.")]
    Path("reference.jsonl").write_text(
        "".join(json.dumps({"source": source, "target": target}) + "\n" for source, target in pairs), encoding="utf-8"
    )
    options = ("reference.jsonl", "--translator", "openai", "--model", "mock", "--home", "home")
    out = cli.run("evaluate", "translations", *options, "-o", "scored.jsonl")
    assert out.startswith("reference.jsonl: evaluated\n  texts           2\n  untranslated    0\n")
    summary = json.loads(cli.run("evaluate", "translations", *options, "--json"))
    assert len(fake.requests) == 1  # the second run is served by the memory
    assert 0 < summary["chrF"] < 100
    assert summary["BLEU_signature"].startswith("nrefs:1|")
    assert json_lines("scored.jsonl")[0]["chrf"] == 100
    Path("reference.jsonl").write_text('{"source": "Rivers live."}\n', encoding="utf-8")
    said = cli.run("evaluate", "translations", *options, code=1)
    assert said == "Error: reference.jsonl, line 1: reference: key 'target' is missing; it has 'source'\n"


def test_help_loads_no_model_library():
    program = (
        "import sys; from click.testing import CliRunner; from workspace.cli import main\n"
        "for command in ('translate', 'load'):\n"
        "    assert CliRunner().invoke(main, [command, '--help']).exit_code == 0\n"
        "heavy = ('torch', 'transformers', 'ctranslate2', 'sentence_transformers', 'datasets', 'argilla')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
