"""How files arrive, by the reports and pages that tell of it: what is right, and that it is so. The data are ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders import Location
from loaders.source.read import read_table
from workspace.errors import DataError

PANDAS = "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_json.html"
CSV = "prompt,chosen,rejected\n¿Qué es un río?,Está vivo.,Solo agua.\n¿Y un pájaro?,Canta.,Vuela.\n"
ROWS = [dict(zip(("prompt", "chosen", "rejected"), line.split(","), strict=True)) for line in CSV.splitlines()[1:]]
COLUMNS = {name: {str(place): row[name] for place, row in enumerate(ROWS)} for name in ROWS[0]}


@dataclass(frozen=True)
class Report:
    """One way in which a file arrives.

    Attributes:
        page: where it is told of.
        right: what a person would expect, in one sentence.
        name: of the file.
        data: its bytes.
        refused: what the one line says, if the file is refused.
        encoding: which option the line tells to give, with which it is read.
        noted: what is said of how it was read.
    """

    page: str
    right: str
    name: str
    data: bytes
    refused: str = ""
    encoding: str = ""
    noted: str = ""


def packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


REPORTS: dict[str, Report] = {
    "Excel on a Mac": Report(
        "https://github.com/brianmario/charlock_holmes/issues/98",
        "The error offers the encoding in which the word is Spanish, which is not Windows-1252.",
        "mac.csv",
        CSV.encode("mac_roman"),
        "if it is to be '¿Qué', give --encoding mac_roman",
        "mac_roman",
    ),
    "Excel's CSV (MS-DOS)": Report(
        "https://github.com/jmhodges/rchardet/issues/27",
        "The same for the code page that Excel calls MS-DOS.",
        "dos.csv",
        CSV.encode("cp850"),
        "if it is to be '¿Qué', give --encoding cp850",
        "cp850",
    ),
    "English of Windows, with its quotes": Report(
        "https://github.com/brianmario/charlock_holmes/issues/98",
        "A typographic quote is no sign of a Mac.",
        "windows.csv",
        "prompt,chosen,rejected\nWhy?,It’s alive – “so”.,Don’t care\n".encode("cp1252"),
        "if it is to be 'It’s', give --encoding cp1252",
        "cp1252",
    ),
    "UTF-16 without its mark": Report(
        "https://github.com/modernmt/modernmt/issues/293",
        "Bytes of zero between the letters are no Windows-1252: the error offers the right UTF-16.",
        "utf16.csv",
        CSV.encode("utf-16-be"),
        "UTF-16 without its mark; give --encoding utf-16-be",
        "utf-16-be",
    ),
    "two files in two encodings, put together": Report(
        "https://github.com/PNNL-CompBio/coderdata/issues/161",
        "No option reads both halves, so none is offered: one would change the texts of the other.",
        "both.csv",
        CSV.encode() + "¿Y él?,Sí.,No.\n".encode("cp1252"),
        "line 4: byte 0xbf is not UTF-8 text, though the lines before it are; if it is to be '¿Y', two files",
    ),
    "pandas' to_json": Report(
        PANDAS,
        "A key for each column, and in it one for each row, is a table.",
        "columns.json",
        packed(COLUMNS),
        noted="orient='columns'",
    ),
    "pandas' to_json by rows": Report(
        PANDAS,
        "A key for each row is a table.",
        "index.json",
        packed({str(place): row for place, row in enumerate(ROWS)}),
        noted="orient='index'",
    ),
    "pandas' to_json, split": Report(
        PANDAS,
        "Columns beside rows are a table.",
        "split.json",
        packed({"columns": [*ROWS[0]], "index": [0, 1], "data": [[*row.values()] for row in ROWS]}),
        noted="orient='split'",
    ),
    "all splits in one file": Report(
        "https://github.com/huggingface/datasets/issues/1784",
        "Splits are read one after another, as those of a folder are.",
        "splits.json",
        packed({"test": ROWS[1:], "train": ROWS[:1]}),
        noted="'train', 'test'",
    ),
    "objects over several lines": Report(
        "https://github.com/google-research-datasets/sentence-compression/issues/1",
        "Objects that are written one after another are rows, wherever their lines end.",
        "pretty.jsonl",
        "\n".join(json.dumps(row, indent=2, ensure_ascii=False) for row in ROWS).encode(),
        noted="its objects are not one a line",
    ),
    "lines with commas between": Report(
        "https://github.com/huggingface/datasets/issues/2573",
        "A comma between two objects says nothing.",
        "commas.jsonl",
        ",\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode(),
        noted="its objects are not one a line",
    ),
    "half an object at the end": Report(
        "https://github.com/huggingface/datasets/issues/2573",
        "A file that is cut off is refused where it breaks off, not read as far as it goes.",
        "cut.jsonl",
        "\n".join(json.dumps(row, indent=2, ensure_ascii=False) for row in ROWS).encode()[:-9],
        "cut.jsonl, line 1: not JSON",
    ),
    "JSON that is called CSV": Report(
        "https://github.com/nuprl/MultiPL-E/pull/81",
        "What a file holds decides.",
        "rows.csv",
        packed(ROWS),
    ),
    "CSV that is called JSON": Report(
        "https://github.com/nuprl/MultiPL-E/pull/81",
        "It is told from a broken JSON file.",
        "rows.json",
        CSV.encode(),
        "rows.json: not JSON, as its name says; name it after what it holds, as .csv or .tsv",
    ),
    "a title above the header": Report(
        "https://www.vogt.world/guessers-guide-to-google-spreadsheets/",
        "The error names the line of the header.",
        "title.csv",
        b"Encuesta,,\n,,\n" + CSV.encode(),
        "title.csv: line 3 looks like the header; remove the lines before it",
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_reported_is_read_right_or_refused_with_its_remedy(name: str, tmp_path: Path) -> None:
    report = REPORTS[name]
    path = tmp_path / report.name
    path.write_bytes(report.data)
    if report.refused:
        with pytest.raises(DataError) as problem:
            read_table(path)
        assert report.refused in str(problem.value)
        assert "\n" not in str(problem.value)
        if not report.encoding:
            return
    table = read_table(Location(str(path), encoding=report.encoding or None))
    if "¿" in report.data.decode(report.encoding or "utf-8"):
        assert [dict(row.cells) for row in table.rows] == ROWS
    assert report.noted in " ".join(table.notes)
