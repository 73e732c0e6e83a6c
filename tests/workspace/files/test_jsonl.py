"""The temporary files that killed processes leave beside a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workspace.files.jsonl import is_alive, part_name, replacing, sweep, write_jsonl

NO_PID = "99999999999999999999"  # no machine counts so far


@pytest.fixture(scope="module")
def dead() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", [f".a.jsonl.{NO_PID}-ab.part", ".a.jsonl.²-ab.part", ".a.jsonl.-ab.part"])
def test_no_name_beside_an_output_ends_the_work(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    write_jsonl(tmp_path / "a.jsonl", [{}])
    assert names(tmp_path) == ({"a.jsonl"} if NO_PID in name else {"a.jsonl", name}), "what is not ours stays"


def test_only_files_that_dead_processes_left_beside_this_one_are_swept(tmp_path: Path, dead: int) -> None:
    stay = {f".a.{os.getppid()}-0a.part", f".a.{os.getpid()}-0a.part", f".b.{dead}-0a.part", f".a.b.{dead}-0a.part"}
    for name in (*stay, f".a.{dead}-0a.part"):
        (tmp_path / name).touch()
    folder = tmp_path / f".a.{dead}-0b.part"
    folder.mkdir()
    sweep(tmp_path / "a")
    assert names(tmp_path) == {*stay, folder.name}
    sweep(tmp_path / "absent" / "a")


def test_a_temporary_file_says_of_which_file_it_is(tmp_path: Path) -> None:
    with replacing(tmp_path / "a b.jsonl"):
        (part,) = tmp_path.iterdir()
        assert part_name(part) == "a b.jsonl"
    assert part_name(tmp_path / f".a.{NO_PID}-0a.part") == "a"
    assert [part_name(tmp_path / name) for name in ("a.12-0a.part", ".a.part", ".a.²-0a.part", ".a.12-xy.part")] == [
        None
    ] * 4


def test_who_is_alive(dead: int) -> None:
    assert (is_alive(os.getpid()), is_alive(1), is_alive(dead), is_alive(int(NO_PID))) == (True, True, False, False)
