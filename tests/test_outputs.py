"""No command replaces a file that it reads, whatever the file is called."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from loaders import implode, translate
from loaders.source.location import Location
from tests.cli import DATA, run
from workspace.errors import ConfigError


@pytest.mark.parametrize("name", ["same", "other spelling", "link", "hard link"])
@pytest.mark.parametrize(
    "command",
    [
        "implode {source} -o {output}",
        "implode {source} -o new.jsonl --audit {output}",
        "implode other.csv {source} -o {output}",
        "translate {source} -o {output} --translator none",
        "evaluate translations {source} -o {output} --translator none",
        "evaluate score {source} -o {output}",
        "evaluate report {source} -o {output}",
        "evaluate leaderboard {source} -o {output}",
        "evaluate answer MODEL --data {source} -o {output}",
        "evaluate grade {source} -o {output}",
        "evaluate validate {source} --ranked {source} -o {output}",
        "evaluate collect -o {output} --answers {source}",
        "explode {source} -o {output} --schema dpo",
        "extend --twins {source} -o {output}",
        "extend --prompts {source} -o {output}",
    ],
)
def test_no_command_replaces_what_it_reads(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = Path("source.csv")
    shutil.copy(DATA / "h4rmony_small.csv", source)
    shutil.copy(DATA / "pairs_small.csv", "other.csv")
    output = Path({"same": "source.csv", "other spelling": f"../{tmp_path.name}/./source.csv"}.get(name, "twin.csv"))
    if name == "link":
        output.symlink_to(source)
    elif name == "hard link":
        os.link(source, output)
    before = source.read_bytes()
    said = run(*command.format(source=source, output=output).split(), code=1)
    assert said == f"Error: {output}: this file is read and would be replaced; write to another one\n"
    assert source.read_bytes() == before
    assert not Path("new.jsonl").exists()


def test_nothing_is_written_into_a_folder_that_is_the_source(tmp_path: Path) -> None:
    shutil.copy(DATA / "pairs_small.csv", tmp_path)
    said = run("implode", str(tmp_path), "-o", str(tmp_path / "new.jsonl"), code=1)
    assert said.endswith(f": all files in {tmp_path} are read; write to another folder\n")
    assert not (tmp_path / "new.jsonl").exists()


def test_implode_from_python_keeps_its_source(tmp_path: Path) -> None:
    source, records, link = tmp_path / "in" / "source.csv", tmp_path / "records.jsonl", tmp_path / "link.csv"
    source.parent.mkdir()
    shutil.copy(DATA / "pairs_small.csv", source)
    link.symlink_to(source)
    implode(source).write(records)
    before = source.read_bytes(), records.read_bytes()
    for place, output in ((source, source), (Location(source), link), ([str(source)], source), (records, records)):
        imploded = implode(place)
        for written in ((output,), (tmp_path / "new.jsonl", output)):
            with pytest.raises(ConfigError, match="this file is read and would be replaced; write to another one"):
                imploded.write(*written)
    with pytest.raises(ConfigError, match=r"all files in .* are read; write to another folder"):
        implode(source.parent).write(source.parent / "new.jsonl")
    with pytest.raises(ConfigError, match="this file is read and would be replaced; write to another one"):
        translate(implode(records), "none", output=records, home=tmp_path / "home")
    assert (source.read_bytes(), records.read_bytes()) == before
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["link.csv", "records.jsonl", "source.csv"]


def test_translate_from_python_keeps_its_source(tmp_path: Path) -> None:
    source, link = tmp_path / "source.csv", tmp_path / "link.csv"
    shutil.copy(DATA / "texts_small.csv", source)
    link.symlink_to(source)
    before = source.read_bytes()
    for output in (source, link, str(tmp_path / ".." / tmp_path.name / "source.csv")):
        with pytest.raises(ConfigError, match="this file is read and would be replaced; write to another one"):
            translate(source, "none", output=output, home=tmp_path / "home")
    assert source.read_bytes() == before
