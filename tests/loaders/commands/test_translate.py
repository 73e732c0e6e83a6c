"""``h4rmony translate`` as a user runs it, with the real Apertium."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from loaders.translation.engines.registry import make_translator
from tests import cli
from tests.cli import DATA, json_lines

TEXTS = str(DATA / "texts_small.csv")
PAIRS = str(DATA / "h4rmony_small.csv")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0) -> str:
        output = cli.run("translate", *arguments, "--home", "home", code=code)
        return re.sub(r"(?<=\S) {2,}", "  ", output)

    return run


@pytest.fixture(scope="module")
def engine():
    return f"apertium {make_translator('apertium').version}"


@pytest.mark.apertium
def test_a_table_of_texts_gives_one_line_a_row(run, engine):
    assert run(TEXTS, "-o", "out.jsonl", "--translator", "apertium") == (
        "out.jsonl: written\n"
        "  rows  3\n"
        "  rows left out  0\n"
        "  texts  6\n"
        "  distinct  4\n"
        "  from memory  0\n"
        "  translated  4\n"
        "  human  0\n"
        "  original  0\n"
        "  untranslated  0\n"
        f"  engine  {engine}\n"
        "  licence  GPL-2.0-or-later (program; no claim on output)\n"
        "  flags  missing_inverted 3\n"
        "  adequacy  absent: sentence-transformers/LaBSE is not on this machine and the Hugging Face Hub cannot be "
        "reached\n"
    )
    rows = json_lines("out.jsonl")
    assert [row["row"] for row in rows] == [1, 2, 3]
    assert rows[0]["source"] == {
        "Prompt": "What do we owe rivers?",
        "BetterCompletion": "Rivers are living systems, and we owe them care.",
    }
    assert {**rows[0], "row": 3} == rows[2]
    assert (rows[0]["translation"]["language"], rows[0]["translation"]["engine"]) == ("es", engine)
    assert list(rows[0]["translation"]["texts"]) == ["Prompt", "BetterCompletion"]
    assert all("ríos" in text.lower() for text in rows[0]["translation"]["texts"].values())


def test_a_second_run_translates_nothing_and_changes_nothing(run):
    run(TEXTS, "-o", "out.jsonl")
    before = Path("out.jsonl").read_bytes()
    second = run(TEXTS, "-o", "out.jsonl")
    assert second.startswith("out.jsonl: unchanged, nothing left to translate\n")
    assert "  from memory  4\n  translated  0\n" in second
    assert Path("out.jsonl").read_bytes() == before


def test_pairs_become_records_with_their_translation(run, engine):
    summary = json.loads(run(PAIRS, "-o", "out.jsonl", "--json"))
    records = json_lines("out.jsonl")
    assert (summary["records"], summary["rows_left_out"], summary["state"]) == (3, 1, "written")
    assert summary["distinct"] == summary["translated"] == len({text for record in records for text in texts(record)})
    assert [record["id"] for record in records] == ["h4rmony-131", "h4rmony-7", "h4rmony-8"]
    for record in records:
        assert record["translation"]["engine"] == engine
        assert len(record["translation"]["answers"]) == len(record["answers"])
        assert all([record["translation"]["prompt"], *record["translation"]["answers"]])


def texts(record):
    return [record["prompt"], *(answer["text"] for answer in record["answers"])]


def test_records_that_have_a_translation_keep_it(run):
    run(PAIRS, "-o", "first.jsonl")
    corrected = json_lines("first.jsonl")
    corrected[0]["translation"] = {**corrected[0]["translation"], "engine": "a person", "prompt": "¿Y los árboles?"}
    Path("first.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in corrected), encoding="utf-8")
    kept = json.loads(run("first.jsonl", "-o", "second.jsonl", "--json"))
    assert (kept["kept"], kept["texts"]) == (3, 0)
    assert [each["translation"] for each in json_lines("second.jsonl")] == [each["translation"] for each in corrected]
    run("first.jsonl", "-o", "third.jsonl", "--retranslate")
    assert json_lines("third.jsonl")[0]["translation"]["engine"] != "a person"


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(run):
    out = run(TEXTS, "-o", "out.jsonl", "--dry-run")
    assert out.startswith("out.jsonl: not written (dry run)\n")
    assert "  from memory  0\n  translated  0\n  human  0\n  original  0\n  to translate  4\n" in out
    assert list(Path().iterdir()) == []
    run(TEXTS, "-o", "out.jsonl")
    counts = "  from memory  4\n  translated  0\n  human  0\n  original  0\n  to translate  0\n"
    assert counts in run(TEXTS, "-o", "x.jsonl", "--dry-run")
    assert not Path("x.jsonl").exists()


def test_none_writes_records_without_a_translation(run):
    out = run(PAIRS, "-o", "out.jsonl", "--translator", "none")
    assert "  translated  0\n" in out
    assert all("translation" not in record for record in json_lines("out.jsonl"))
    assert "nothing left" not in out


def test_a_memory_file_is_taken_in_first(run, engine):
    name, _, version = engine.partition(" ")
    entry = {"engine": name, "version": version, "source_language": "en", "target_language": "es"}
    entry |= {"source": "What do we owe rivers?", "target": "¿Qué les debemos a los ríos?"}
    Path("memory.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    summary = json.loads(run(TEXTS, "-o", "out.jsonl", "--memory", "memory.jsonl", "--json"))
    assert (summary["from_memory"], summary["translated"]) == (1, 3)
    assert json_lines("out.jsonl")[0]["translation"]["texts"]["Prompt"] == "¿Qué les debemos a los ríos?"


def test_errors_are_one_line_and_leave_the_output_alone(run):
    Path("out.jsonl").write_text("mine\n")
    Path("home").mkdir()
    Path("home/memory.sqlite").write_text("no database at all" * 10)
    out = run(TEXTS, "-o", "out.jsonl", code=1)
    assert out.startswith("Error: home/memory.sqlite: not a translation memory, or damaged")
    assert out.count("\n") == 1
    assert "not en to fr" in run(TEXTS, "-o", "out.jsonl", "--language", "fr", code=1)
    assert "no such file" in run("absent.csv", "-o", "out.jsonl", code=1)
    run(TEXTS, "-o", "out.jsonl", "--translator", "deepl", code=2)
    assert Path("out.jsonl").read_text() == "mine\n"
