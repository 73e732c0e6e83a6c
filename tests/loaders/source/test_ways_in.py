"""The same table gives the same records byte for byte, whatever the way in."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from huggingface_hub import constants

from loaders import Location, implode
from loaders.source.read import read_table
from tests.cli import run
from tests.hub import TOKEN, Hub, Repo, local_hub
from workspace.cli import main
from workspace.errors import DataError, H4rmonyError

ROWS = [  # texts that look like something else
    {"prompt": "3/2?", "chosen": "1.50", "rejected": "007", "n": "6.02e23"},
    {"prompt": "¿Vive?", "chosen": "true", "rejected": "None", "n": "NaN"},
    {"prompt": "When?", "chosen": "2024-05-01T10:00:00Z", "rejected": "0.30000000000000004", "n": ""},
]
HEAD = "prompt,chosen,rejected\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table in a folder for each format."""
    root = tmp_path_factory.mktemp("ways")
    for folder in ("csv", "jsonl", "json", "parquet", "config/es", "gz"):
        (root / folder).mkdir(parents=True)
    with (root / "csv" / "train.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)
    table = (root / "csv" / "train.csv").read_bytes()
    (root / "config" / "es" / "train.csv").write_bytes(table)
    (root / "config" / "README.md").write_text("---\nconfigs:\n- config_name: es\n  data_files: es/*.csv\n---\n")
    (root / "gz" / "train.csv.gz").write_bytes(gzip.compress(table))
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (root / "jsonl" / "train.jsonl").write_text(lines)
    (root / "json" / "train.json").write_text(json.dumps(ROWS))
    pq.write_table(pa.Table.from_pylist(ROWS), root / "parquet" / "train-00000-of-00001.parquet")
    return root


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with local_hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield server


def imploded(source: object, folder: Path) -> bytes:
    implode(source).write(folder / "records.jsonl")
    return (folder / "records.jsonl").read_bytes()


def test_files_and_folders_of_every_format(written: Path, tmp_path: Path) -> None:
    expected = imploded(ROWS, tmp_path)
    assert b'"1.50"' in expected and b'"6.02e23"' in expected and b'"None"' in expected
    for path in sorted(written.rglob("train*")):
        assert imploded(path, tmp_path) == expected, path
    for folder in sorted(written.iterdir()):
        assert imploded(folder, tmp_path) == expected, folder


def test_standard_input(written: Path, tmp_path: Path) -> None:
    expected, out = imploded(ROWS, tmp_path), tmp_path / "out.jsonl"
    for path in sorted(written.rglob("train*")):
        done = CliRunner().invoke(main, ["implode", "-", "-o", str(out)], input=path.read_bytes())
        assert done.exit_code == 0, done.output
        assert out.read_bytes() == expected, path
    records = CliRunner().invoke(main, ["implode", "-", "-o", str(tmp_path / "again.jsonl")], input=expected)
    assert records.exit_code == 0 and (tmp_path / "again.jsonl").read_bytes() == expected
    for content, said in ((b"", "the file is empty"), (b"prompt,chosen,rejected", "it has no rows")):
        done = CliRunner().invoke(main, ["implode", "-", "-o", str(out)], input=content)
        assert (done.exit_code, done.stderr) == (1, f"Error: standard input: {said}\n")


def test_a_pipe_of_the_shell(written: Path, tmp_path: Path) -> None:
    expected, out = imploded(ROWS, tmp_path), tmp_path / "out.jsonl"
    pipe = f"<(zcat {written / 'gz' / 'train.csv.gz'})"
    command = f"{sys.executable} -m workspace.cli implode {pipe} -o {out}"
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    assert out.read_bytes() == expected


def test_the_hub(written: Path, tmp_path: Path, hub: Hub) -> None:
    expected = imploded(ROWS, tmp_path)
    for folder in sorted(written.iterdir()):
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        hub.repos[f"ana/{folder.name}"] = Repo(branches={"main": files})
        assert imploded(f"ana/{folder.name}", tmp_path) == expected
        assert imploded(Location(f"ana/{folder.name}", revision="main"), tmp_path) == expected


def test_packed_records_are_records(tmp_path: Path) -> None:
    expected = imploded(ROWS, tmp_path)
    (tmp_path / "records.jsonl.gz").write_bytes(gzip.compress(expected))
    assert imploded(tmp_path / "records.jsonl.gz", tmp_path) == expected
    (tmp_path / "bad.jsonl.gz").write_bytes(gzip.compress(expected + b'{"id": "x"}\n'))
    with pytest.raises(DataError, match=r"bad\.jsonl\.gz, line 4: record: key 'prompt' is missing"):
        implode(tmp_path / "bad.jsonl.gz")


def test_several_files_are_one_table_with_rows_numbered_through(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "P?,X,Y\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"prompt": "Q?", "chosen": "X", "rejected": "X"}))
    table = read_table([tmp_path / "a.csv", tmp_path / "b.jsonl"])
    assert [(row.number, row.line, row.cells["prompt"]) for row in table.rows] == [(1, None, "P?"), (2, None, "Q?")]
    assert table.notes == (f"{tmp_path / 'a.csv'}: 1 row", f"{tmp_path / 'b.jsonl'}: 1 row, from row 2 on")
    said = run("implode", *map(str, [tmp_path / "a.csv", tmp_path / "b.jsonl"]), "-o", str(tmp_path / "o.jsonl"))
    assert f"reading: {tmp_path / 'b.jsonl'}: 1 row, from row 2 on" in said
    assert "equal_answers: pairs-" in said


CONFIGS = "---\nconfigs:\n- config_name: en\n  data_files: en/*.csv\n- config_name: es\n  data_files:\n"
ES = "  - {split: test, path: es/b.csv}\n---\n"
FOLDERS: dict[str, tuple[dict[str, str], dict[str, str], list[str] | str]] = {
    # the files, the options, and the prompts that are read or what is said
    "splits in the Hub's order": (
        {"a-test.csv": "T?", "data/train/x.csv": "P?", "valid.csv": "V?", ".cache/x.csv": "no"}, {},
        ["P?", "V?", "T?"],
    ),
    "one split": ({"test.csv": "T?", "train.csv": "P?"}, {"split": "test"}, ["T?"]),
    "no such split": (
        {"test.csv": "T?", "train.csv": "P?"}, {"split": "prefs"}, "it has no split 'prefs'; it has train, test"
    ),
    "a split that only the name says": (
        {"data/prefs-00000-of-00002.csv": "P?", "data/prefs-00001-of-00002.csv": "Q?"}, {"split": "prefs"},
        ["P?", "Q?"],
    ),
    "a configuration": ({"README.md": CONFIGS + ES, "en/a.csv": "E?", "es/b.csv": "S?"}, {"config": "es"}, ["S?"]),
    "a configuration and its split": (
        {"README.md": CONFIGS + ES, "en/a.csv": "E?", "es/b.csv": "S?"}, {"config": "es", "split": "test"}, ["S?"]
    ),
    "two configurations": (
        {"README.md": CONFIGS + ES, "en/a.csv": "E?", "es/b.csv": "S?"}, {},
        "it has several configurations; choose one: --config en or --config es",
    ),
    "no such configuration": (
        {"README.md": CONFIGS + ES, "en/a.csv": "E?"}, {"config": "fr"}, "it has no configuration 'fr'; it has en, es"
    ),
    "a default one": (
        {"README.md": CONFIGS.replace("name: en", "name: en\n  default: true") + ES, "en/a.csv": "E?"}, {}, ["E?"]
    ),
    "a folder for a configuration": ({"en/a.csv": "E?", "es/b.csv": "S?"}, {"config": "es"}, ["S?"]),
    "a configuration with no name": (
        {"README.md": "---\nconfigs:\n- data_files: b.csv\n---\n", "a.csv": "P?", "b.csv": "Q?"}, {}, ["Q?"]
    ),
    "a file that is not there": (
        {"README.md": "---\nconfigs:\n- data_files: data/b.csv\n---\n", "b.csv": "P?"}, {},
        "/README.md: it names the file data/b.csv, which is not there; mend it, or give {}/b.csv",
    ),
    "a header that is not YAML": ({"README.md": "---\nlanguage:\n\t- es\n---\n", "a.csv": "P?"}, {}, ["P?"]),
    "one that speaks of configurations": (
        {"README.md": "---\nconfigs: [\nlicense: x\n---\n", "a.csv": "P?"}, {},
        "/README.md: its header is not YAML (line 4: expected ',' or ']', but got '<stream end>'); mend it, or give "
        "{}/a.csv",
    ),
    "configs that are a word": (
        {"README.md": "---\nconfigs: default\n---\n", "a.csv": "P?"}, {},
        "/README.md: its configs are no list; mend it, or give {}/a.csv",
    ),
    "an address": (
        {"README.md": "---\nconfigs:\n- data_files: https://x.org/a.csv\n---\n", "a.csv": "P?"}, {},
        "/README.md: it names the file https://x.org/a.csv, which is not there; mend it, or give {}/a.csv",
    ),
    "a file outside of the folder": (
        {"README.md": "---\nconfigs:\n- data_files: ../a.csv\n---\n", "a.csv": "P?"}, {},
        "/README.md: its data_files name no files of this folder; mend it, or give {}/a.csv",
    ),
    "files that are a number": (
        {"README.md": "---\nconfigs:\n- data_files: [{split: 3, path: 4}]\n---\n", "a.csv": "P?"}, {},
        "/README.md: its data_files name no files of this folder; mend it, or give {}/a.csv",
    ),
    "a configuration outside of the folder": (
        {"a.csv": "P?"}, {"config": ".."}, "it has no configuration '..', in README.md or as a folder",
    ),
    "state.json of nothing": ({"state.json": '{"_data_files": null}', "a.csv": "P?"}, {}, ["P?"]),
    "a script": ({"set.py": "import datasets", "a.csv": "P?"}, {}, ["P?"]),
    "words beside the table": ({"a.csv": "P?", "LICENSE.txt": "CC", "notes.txt": "x"}, {}, ["P?"]),
    "two kinds": (
        {"a.csv": "P?", "b.jsonl": "{}"}, {},
        "tables of several kinds (a.csv, b.jsonl); give one file, or a folder with one kind",
    ),
    "a file of no split beside others": ({"train.csv": "P?", "more.csv": "M?"}, {}, ["P?"]),
    "a review": (
        {"records.jsonl": "{}", "ballots.jsonl": "{}"}, {},
        "a review that `collect` wrote; give {}/records.jsonl",
    ),
    "half of what save_to_disk wrote": (
        {
            "dataset_dict.json": '{"splits": ["train"]}',
            "train/state.json": '{"_data_files": [{"filename": "x.arrow"}]}',
        },
        {}, "/train: x.arrow, which its state.json names, is not there; copy the whole folder again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder(tmp_path: Path, case: str) -> None:
    files, options, expected = FOLDERS[case]
    folder = tmp_path / "set"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"prompt\n{text}\n" if name.endswith(".csv") else text)
    location = Location(folder, **options)
    if isinstance(expected, list):
        assert [row.cells["prompt"] for row in read_table(location).rows] == expected
        return
    with pytest.raises(H4rmonyError) as refused:
        read_table(location)
    told = str(refused.value).removeprefix(str(folder)).removeprefix(": ")
    assert told == expected.replace("{}", str(folder))


def test_what_is_passed_over_in_a_folder_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for name in ("train.csv", "more.csv"):
        (folder / name).write_text("prompt\nP?\n")
    (folder / "set.py").write_text("import datasets")
    (folder / "README.md").write_bytes(b"---\npretty_name: \xc1rboles\n---\n")
    assert read_table(folder).notes == (
        f"{folder}/README.md: its header is not YAML ('utf-8' codec can't decode byte 0xc1 in position 13: invalid "
        "start byte); it is passed over",
        f"{folder}: its script set.py is not run; the tables beside it are read",
        f"{folder}: left out, as their names say no split and others do: more.csv",
    )


def test_what_datasets_saved_is_read(tmp_path: Path) -> None:
    import datasets

    rows = datasets.Dataset.from_list(ROWS)
    datasets.DatasetDict({"train": rows.select([0, 1]), "test": rows.select([2])}).save_to_disk(tmp_path / "set")
    assert [row.cells for row in read_table(tmp_path / "set").rows] == ROWS
    assert [row.cells for row in read_table(Location(tmp_path / "set", split="test")).rows] == ROWS[2:]
