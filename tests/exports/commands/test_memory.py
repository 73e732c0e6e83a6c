"""``h4rmony memory`` as a user runs it: learn on the real server, import, export, stats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli import json_lines, run
from tests.reviews import connection_to, options, record
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.files.jsonl import write_jsonl
from workspace.memory.store import MEMORY_FILE, Approved, EngineId, TranslationMemory

APERTIUM = EngineId("apertium", "3.8", "en", "es")


def counts(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(run(*arguments, "--json")))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with TranslationMemory(tmp_path / "home" / MEMORY_FILE) as memory:
        memory.put_many(APERTIUM, {"trees": "arboles", "bad\x00": "malo"})
        memory.approve("en", "es", {"trees": Approved("árboles", "apertium 3.8"), "birds": Approved("aves")})
    return tmp_path / "home"


def test_stats_by_engine_version_and_languages(home: Path) -> None:
    lines = [" ".join(line.split()) for line in run("memory", "stats", "--home", str(home)).splitlines()]
    assert lines == [
        f"{home}/memory.sqlite",
        "translations 4",
        "human 2",
        "apertium 3.8 (en to es) 2",
        "human (en to es) 1",
        "human apertium 3.8 (en to es) 1",
    ]
    data = counts("memory", "stats", "--home", str(home))
    assert data == {
        "translations": 4,
        "human": 2,
        "engines": {
            "apertium 3.8 (en to es)": 2,
            "human (en to es)": 1,
            "human apertium 3.8 (en to es)": 1,
        },
    }
    assert counts("memory", "stats", "--home", str(home / "none"))["translations"] == 0
    assert not (home / "none").exists()


@pytest.mark.parametrize("suffix", [".tmx", ".jsonl"])
def test_a_memory_goes_out_and_into_another(home: Path, tmp_path: Path, suffix: str) -> None:
    file, other = tmp_path / f"out{suffix}", tmp_path / "other"
    lost = 1 if suffix == ".tmx" else 0
    data = counts("memory", "export", str(file), "--home", str(home)) if not lost else None
    output = run("memory", "export", str(file), "--home", str(home))
    assert (
        next(line for line in output.splitlines() if line.startswith(str(file)))
        == f"{file}: {'written' if data is None else 'unchanged'}"
    )
    assert ("1 translation holds control characters" in output) == bool(lost)
    assert counts("memory", "import", str(file), "--home", str(other)) == {
        "entries": 4 - lost, "new": 4 - lost, "left_out_blank": 0, "in_memory": 4 - lost
    }  # fmt: skip
    assert run("memory", "import", str(file), "--home", str(other)).startswith(f"{other}/memory.sqlite: unchanged\n")
    with TranslationMemory(other / MEMORY_FILE) as memory:
        assert memory.approved("en", "es", ["trees"]) == {"trees": Approved("árboles", "apertium 3.8")}
    assert counts("memory", "export", str(file), "--human", "--home", str(home))["entries"] == 2


@pytest.mark.parametrize("suffix", [".tmx", ".jsonl"])
def test_a_dry_run_counts_and_writes_nothing(home: Path, tmp_path: Path, suffix: str) -> None:
    file, other = tmp_path / f"out{suffix}", tmp_path / "other"
    output = run("memory", "export", str(file), "--home", str(home), "--dry-run")
    assert f"{file}: not written (dry run)\n" in output
    assert not file.exists()
    run("memory", "export", str(file), "--home", str(home))
    assert f"{file}: unchanged\n" in run("memory", "export", str(file), "--home", str(home), "--dry-run")
    output = run("memory", "import", str(file), "--home", str(other), "--dry-run")
    new = 3 if suffix == ".tmx" else 4
    assert output.startswith(f"{other}/memory.sqlite: {new} new translations, nothing written (dry run)\n")
    assert not other.exists()
    before = (home / MEMORY_FILE).read_bytes()
    again = counts("memory", "import", str(file), "--home", str(home), "--dry-run")
    assert (again["new"], again["in_memory"]) == (0, 4)
    assert (home / MEMORY_FILE).read_bytes() == before


def test_errors_are_one_line(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert "no translation found" in run("memory", "import", str(empty), "--home", str(home), code=1)
    other = tmp_path / "memory.xml"
    other.write_text("")
    assert "must end in .jsonl or .tmx" in run("memory", "import", str(other), "--home", str(home), code=2)
    assert "must end in .jsonl or .tmx" in run("memory", "export", str(other), "--home", str(home), code=2)
    run("memory", "import", str(tmp_path / "none.tmx"), code=2)
    run("memory", "nothing", code=2)


def test_what_reviewers_approved_is_learned_and_wins_when_the_text_comes_again(
    server: Credentials, tmp_path: Path
) -> None:
    connection = connection_to(server, tmp_path / "home")
    file = tmp_path / "records.jsonl"
    write_jsonl(file, [record(1).to_json()])
    run("load", str(file), "--translator", "none", *options(connection))
    with Gateway(connection) as gateway:
        (remote,) = gateway.records(gateway.dataset())
        values = {name: {"value": found.value} for name, found in remote.suggestions.items()}
        values["prompt_text"] = {"value": "¿Por qué cuentan los ríos? (1)"}
        ranking = {"value": [{"value": slot, "rank": rank} for slot, rank in zip("abc", (1, 2, 3), strict=True)]}
        gateway.respond(remote.id, "submitted", {**values, "ranking": ranking})
    dry = run("memory", "learn", "--dry-run", *options(connection))
    assert dry.startswith(f"{connection.home}/memory.sqlite: would learn 4 texts\n")
    learned = counts("memory", "learn", *options(connection))
    assert learned == {
        "approved": 4, "changed_by_reviewers": 1, "kept_by_reviewers": 3, "disputed": 0, "below_support": 0,
        "new": 4, "replaced": 0,
    }  # fmt: skip
    review = tmp_path / "review"
    run("collect", "-o", str(review), *options(connection))
    again = run("memory", "learn", "--review", str(review), "--home", str(connection.home))
    assert again.startswith(f"{connection.home}/memory.sqlite: unchanged\n")

    bare = tmp_path / "bare.jsonl"
    new = record(2, spanish=None)
    write_jsonl(bare, [record(1, spanish=None).to_json(), new.to_json()])
    out = tmp_path / "out.jsonl"
    home = ("--home", str(connection.home))
    summary = counts("translate", str(bare), "-o", str(out), "--translator", "apertium", *home)
    assert (summary["human"], summary["from_memory"], summary["translated"]) == (4, 4, 1)
    one, two = (line["translation"] for line in json_lines(out))
    assert one["prompt"] == "¿Por qué cuentan los ríos? (1)"
    assert one["engine"] == "human + apertium 3.8"
    assert one["answers"] == ["Viven.", "Depende.", "Son útiles."]
    assert two["engine"] == f"human + apertium 3.8 + {summary['engine']}"
