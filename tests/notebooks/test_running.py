"""Notebooks run as the tests promise: offline, in an empty folder, with the parameters that are given."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nbclient.exceptions import CellExecutionError

from tests.notebooks.running import run_script

SCRIPT = """
# %% tags=["parameters"]
NUMBER = 1

# %%
import os, subprocess, sys
print(NUMBER, os.listdir(), sys.executable)
open("made", "w").close()

# %% tags=["child"]
program = 'import socket; socket.create_connection(("192.0.2.1", 80), 5)'
print(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stderr)

# %%
import socket
if NUMBER == 3:
    socket.getaddrinfo("huggingface.co", 443)
"""


def test_a_notebook_runs_with_its_parameters_in_its_folder(tmp_path: Path) -> None:
    run = run_script(SCRIPT, tmp_path, NUMBER=2)
    assert run.text().splitlines()[0] == f"2 [] {sys.executable}"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert "PermissionError: tests reach loopback only, not 192.0.2.1" in run.text("child")
    assert run.seconds > 0


def test_a_cell_that_fails_fails_the_run_and_no_name_is_looked_up(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="tests reach loopback only, not huggingface"):
        run_script(SCRIPT, tmp_path, NUMBER=3)


def test_a_parameter_that_a_notebook_lacks_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_script(SCRIPT, tmp_path, NUMBERS=2)
