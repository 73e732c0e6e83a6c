"""The command root: instant help, one line an error, commands found by name."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import workspace
from exports.commands.evaluate import COMMANDS as EVALUATE
from exports.commands.evaluate import evaluate
from workspace.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_help_is_the_command_s_own(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command
    assert command.name == name
    assert command.get_short_help_str(limit=200) == COMMANDS[name][1]
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    if not isinstance(command, click.Group):
        assert "Example" in result.output


@pytest.mark.parametrize("name", EVALUATE)
def test_the_listed_help_of_evaluate_is_the_command_s_own(name: str) -> None:
    command = evaluate.get_command(click.Context(evaluate), name)
    assert command
    assert command.name == name
    assert command.get_short_help_str(limit=200) == EVALUATE[name][1]


def commands() -> dict[str, click.Command]:
    """Every command with its full name, those of groups too."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command
        if isinstance(command, click.Group):
            inside = click.Context(command)
            for child in command.list_commands(inside):
                member = command.get_command(inside, child)
                assert member
                found[f"{name} {child}"] = member
        else:
            found[name] = command
    return found


def test_every_command_speaks_to_machines_and_those_that_write_can_be_tried_first() -> None:
    """``demo`` is for people; ``serve`` and the others without a dry run write nothing that one would try."""
    options = {name: {o for p in command.params for o in p.opts} for name, command in commands().items()}
    assert {name for name, has in options.items() if "--json" not in has} == {"demo"}
    assert {name for name, has in options.items() if "--dry-run" not in has} == {
        *("serve", "status", "team list", "memory stats", "demo"),
        *("evaluate plan", "evaluate compare"),
    }


def test_help_imports_none_of_the_heavy_packages() -> None:
    program = (
        "import sys; from workspace.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {
        "argilla",
        "argilla_server",
        "datasets",
        "pandas",
        "pyarrow",
        "numpy",
        "httpx",
        "torch",
        "loaders",
        "exports",
    }
    assert not heavy & loaded


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("serve", "demo")])
def test_no_command_imports_the_heaviest_packages_for_its_help(name: str) -> None:
    program = (
        "import sys; from workspace.cli import main; main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, name, "--help"], capture_output=True, text=True, check=True)
    heavy = {"argilla", "argilla_server", "datasets", "pandas", "pyarrow", "torch", "sacrebleu"}
    assert not heavy & set(done.stdout.splitlines()[-1].split())


def test_evaluate_imports_a_command_only_when_it_is_called() -> None:
    program = (
        "import sys; from workspace.cli import main; main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    )
    for given, absent in (
        (["evaluate", "--help"], {"loaders", "exports.evaluation", "workspace.chat"}),
        (["evaluate", "score", "--help"], {"loaders", "workspace.chat", "exports.evaluation.judging"}),
    ):
        done = subprocess.run([sys.executable, "-c", program, *given], capture_output=True, text=True, check=True)
        assert not absent & set(done.stdout.splitlines()[-1].split())


def test_usage_errors_end_in_2_and_stated_errors_in_1_with_one_line() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["nothing"]).exit_code == 2
    assert runner.invoke(main, ["load"]).exit_code == 2
    result = runner.invoke(main, ["status"])
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: no Argilla server is known: start one with `h4rmony serve[^\n]*\n", result.output)


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"h4rmony, version {workspace.__version__}\n"
    assert f'version = "{workspace.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_summaries_are_json_for_machines(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("prompt,chosen,rejected\np,a,b\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["implode", str(pairs), "-o", str(tmp_path / "out.jsonl"), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"] == 1


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_without_a_character_gets_another_sign_for_it(charset: str, tmp_path: Path) -> None:
    source, output = tmp_path / "x.csv", str(tmp_path / "ñ🌳.jsonl")
    source.write_text("prompt,chosen,rejected\n¿Cuántos 🌳 hay?,Más,Menos\n", encoding="utf-8")
    said = CliRunner(charset=charset).invoke(main, ["implode", str(source), "-o", output])
    assert said.exit_code == 0, said.exception
    assert ("🌳" in said.output) is (charset == "utf-8")
    for_machines = CliRunner(charset=charset).invoke(main, ["implode", str(source), "-o", output, "--json"])
    assert json.loads(for_machines.output)["records"] == 1


def test_no_source_and_no_name_has_power_over_the_terminal(tmp_path: Path) -> None:
    """A title of the window, a colour, C1's escape and a line turned about are shown as what they are."""
    evil = "\x1b]0;x\x07\x1b[2J\x9b31m\u202e\r"
    for name, text in (("a.csv", f"prompt,chosen,rejected\n{evil}p,a,a\n,b,c\n"), ("b.csv", f"{evil}a,b\n1,2\n")):
        source = tmp_path / (evil.replace("\x07", "") + name)
        source.write_text(text, encoding="utf-8", newline="")
        for more in ([], ["--json"], ["--source-name", evil], ["--map", f"prompt={evil}"]):
            said = CliRunner().invoke(main, ["implode", str(source), "-o", str(tmp_path / f"{name}.jsonl"), *more])
            assert said.output
            assert not set(said.output) & set("\x1b\x07\x9b\u202e\r"), said.output
            if more == ["--json"] and said.exit_code == 0:
                assert json.loads(said.stdout)["rows"] == 2


def test_every_command_prints_in_one_place() -> None:
    packages = ("workspace", "loaders", "exports")
    commands = [path for package in packages for path in (ROOT / package / "commands").rglob("*.py")]
    raw = [str(path) for path in commands if re.search(r"click\.echo|\bprint\(", path.read_text(encoding="utf-8"))]
    assert len(commands) > 30
    assert raw == [str(ROOT / "workspace" / "commands" / "output.py")]
