"""``h4rmony train``: what it prints, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.exports.training.planted import planted, tiny
from workspace.cli import main

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    planted(folder / "data", train=4, test=2)
    tiny(folder / "tiny")
    return folder


def run(folder: Path, *options: str) -> Result:
    places = (str(folder / "data"), "-o", str(folder / "out"), "--home", str(folder / "home"))
    return CliRunner().invoke(main, ["train", *places, *options])


def test_a_dry_run_prints_settings_and_warnings_and_writes_nothing(folder: Path) -> None:
    config = folder / "c.yaml"
    config.write_text("learning_rate: 3e-4\n")
    options = ("--model", str(folder / "tiny"), "--config", str(config), "--loss", "sft+dpo", "--dry-run")
    said = run(folder, *options)
    assert said.exit_code == 0, said.output
    assert "Warning: the test split has 2 prompts: an accuracy on so few says little" in said.stderr
    assert "rows of dpo      4 train, 2 test" in said.stdout
    assert "settings of sft  learning_rate 0.0003" in said.stdout
    told = json.loads(run(folder, *options, "--json", "--seed", "5").stdout)
    assert (told["loss"], told["seed"], told["changed"], told["steps"]) == ("sft+dpo", 5, False, {})
    assert not (folder / "out").exists()


def test_what_is_refused_is_one_line(folder: Path) -> None:
    said = run(folder, "--model", "nobody/here@", "--loss", "orpo", "--dry-run")
    assert (said.exit_code, said.stderr.count("\n")) == (1, 1), said.output
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("mine")
    said = run(folder, "--model", str(folder / "tiny"))
    assert said.exit_code == 1
    assert said.stderr.endswith("out: it holds something else than a run of train; give a new folder\n")
    assert [path.name for path in (folder / "out").iterdir()] == ["thesis.txt"]


def test_the_help_needs_no_torch() -> None:
    program = "import sys; from workspace.cli import main; main(['train', '--help'], standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; assert not {{'torch', 'trl', 'numpy'}} & set(sys.modules)"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
