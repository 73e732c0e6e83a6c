"""Every command that reads a source takes the same options, and says how it was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import run
from tests.reviews import connection_to, options
from workspace.config import Credentials

PAIRS = "prompt;chosen;rejected\n¿Río?;Sí, vive;Agua, nada más\n¿Mar?;Sí;No\n"
BEST = "prompt;chosen\n¿Qué le debemos al río?;Cuidado, porque vive.\n"
SAID = "its columns are separated by semicolon (;)"
EXTEND = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--dry-run")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table of pairs, and one of best answers alone, as a Spanish Excel saves them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pares.csv").write_bytes(PAIRS.encode("cp1252"))
    (tmp_path / "mejores.csv").write_bytes(BEST.encode("cp1252"))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("implode", "pares.csv", "-o", "o.jsonl"),
        ("translate", "pares.csv", "-o", "o.jsonl", "--translator", "none", "--embedding-model", "none"),
        ("extend", "--complete", "mejores.csv", "-o", "o.jsonl", *EXTEND),
        ("extend", "--prompts", "mejores.csv", "-o", "o.jsonl", *EXTEND),
        ("extend", "--twins", "pares.csv", "-o", "o.jsonl", *EXTEND),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_file_of_a_spanish_excel_is_read_by_every_command(table: Path, arguments: tuple[str, ...]) -> None:
    home = () if arguments[0] == "implode" else ("--home", "home")
    refused = run(*arguments, *home, code=1)
    assert "is not UTF-8 text; if it is to be '¿" in refused and refused.endswith("give --encoding cp1252\n")
    assert SAID in run(*arguments, *home, "--encoding", "cp1252")


def test_answers_are_a_number_or_all(table: Path) -> None:
    for wrong, said in (("few", "'few' is neither a number from 2 to 26 nor all"), ("1", "1 is not in the range")):
        assert said in run("load", "pares.csv", "--answers", wrong, code=2)


def test_load_says_it_too(table: Path, server: Credentials) -> None:
    connection = connection_to(server, table / "home")
    given = ("--translator", "none", "--embedding-model", "none", "--answers", "2", "--dry-run", *options(connection))
    assert "give --encoding cp1252\n" in run("load", "pares.csv", *given, code=1)
    said = run("load", "pares.csv", "--encoding", "cp1252", "--separator", "semicolon", *given)
    assert SAID in said and "would change 2 records" in said
