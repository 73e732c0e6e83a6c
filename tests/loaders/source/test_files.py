"""Tables as people keep them, one odd thing each: what comes out, or what the one line says that refuses it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import string
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import Location, implode
from loaders.source import content as content_module
from loaders.source.read import read_table
from workspace.errors import ConfigError, DataError, H4rmonyError

HEAD = "prompt,chosen,rejected\n"
PLAIN = HEAD + "¿Río?,Sí,No\n"
ROW = {"prompt": "¿Río?", "chosen": "Sí", "rejected": "No"}
ARRAY = json.dumps([ROW])
GIT_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n"
QUOTES = "a quote is not closed, or is inside a cell without quotes"


def zipped(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return data.getvalue()


def workbook(*sheets: list[list[str]], names: str = "AB", far: str = "") -> bytes:
    """A workbook of Excel with texts alone: the few parts that make one; ``far`` is a cell beyond the others."""
    letters = "ABCDEFGH"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
    }
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = tags = ""
    for number, (rows, name) in enumerate(zip(sheets, names, strict=False), start=1):
        cells = "".join(
            f'<row r="{line}">'
            + "".join(
                f'<c r="{letter}{line}">{text}</c>'
                if text.startswith("<v>")
                else f'<c r="{letter}{line}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
                for letter, text in zip(letters, row, strict=False)
                if text
            )
            + "</row>"
            for line, row in enumerate(rows, start=1)
        )
        cells += f'<row r="{far.strip(string.ascii_uppercase)}"><c r="{far}"><v>1</v></c></row>' if far else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
        links += f'<Relationship Id="r{number}" Type="{kind}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        tags += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}" xmlns:r="{kind}"/>'
    parts["xl/workbook.xml"] = f'<workbook xmlns="{main}"><sheets>{tags}</sheets></workbook>'
    book = f'<Relationship Id="r0" Type="{kind}/officeDocument" Target="xl/workbook.xml"/>'
    for place, said in {"_rels/.rels": book, "xl/_rels/workbook.xml.rels": links}.items():
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        parts[place] = f'<Relationships xmlns="{package}">{said}</Relationships>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def libre_office(rows: list[list[str]]) -> bytes:
    """A table of LibreOffice with texts alone, and the million blank rows that it writes below."""
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
        f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table table:name="Hoja1">{cells}'
        '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{names}manifest:1.0"/>')
    return data.getvalue()


def parquet(**columns: Any) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data)
    return data.getvalue()


def arrow(new: Any) -> bytes:
    table = pa.table({name: [text] for name, text in ROW.items()})
    data = io.BytesIO()
    with new(data, table.schema) as writer:
        writer.write_table(table)
    return data.getvalue()


HEADER, CELLS = [*ROW], [*ROW.values()]
READ: dict[str, tuple[str, str | bytes, list[str]]] = {  # what is odd: the file, its bytes, what is said
    "two byte order marks": ("a.csv", "\ufeff\ufeff" + PLAIN, []),
    "semicolons, as a Spanish Excel writes": (
        "a.csv", "\ufeff" + PLAIN.replace(",", ";"), ["its columns are separated by semicolon (;)"]
    ),
    "pipes": ("a.csv", PLAIN.replace(",", "|"), ["its columns are separated by pipe (|)"]),
    "tabs in .csv": ("a.csv", PLAIN.replace(",", "\t"), ["its columns are separated by tab"]),
    "Unicode text of Excel": ("a.txt", PLAIN.replace(",", "\t").encode("utf-16"), []),
    "UTF-16 from the other end": ("a.csv", b"\xfe\xff" + PLAIN.encode("utf-16-be"), []),
    "sep=; in the first line": (
        "a.csv", "sep=;\n" + PLAIN.replace(",", ";"), ["its columns are separated by semicolon (;)"]
    ),
    "an index of pandas": (
        "a.csv", ",prompt,chosen,rejected\n0,¿Río?,Sí,No\n", ["column 1 has no name and is an index; it is dropped"]
    ),
    "an index that was written twice": (
        "a.csv", ",Unnamed: 0,prompt,chosen,rejected\n0,3,¿Río?,Sí,No\n",
        ["column 1 has no name and is an index; it is dropped", "column 2, 'Unnamed: 0', is an index; it is dropped"],
    ),
    "blank columns and rows at the end": (
        "a.csv", "prompt,chosen,rejected,\n¿Río?,Sí,No,\n,,,\n , ,,\n",
        ["2 blank rows at the end passed over", "column 4 has no name and is blank; it is dropped"],
    ),
    "another file was put behind it": (
        "a.csv", PLAIN + "\ufeff" + HEAD, ["the header is there again at line 3; that is no row"]
    ),
    "Ctrl-Z at the end": ("a.csv", PLAIN + "\x1a\n", []),
    "names with a no-break space and a mark": ("a.csv", PLAIN.replace("chosen", "\u00a0chosen\u200b"), []),
    "an array": ("a.json", ARRAY, []),
    "an array in .jsonl": ("a.jsonl", "\ufeff\n" + json.dumps([ROW], indent=1), []),
    "lines in .json": ("a.json", json.dumps(ROW), []),
    "an object over several lines": ("a.json", json.dumps(ROW, indent=1), []),
    "Windows line ends, and Unix ones": ("a.csv", HEAD.replace("\n", "\r\n") + "¿Río?,Sí,No\n", []),
    "old line ends of a Mac": ("a.csv", PLAIN.replace("\n", "\r"), []),
    "columns of lists": (
        "a.json", json.dumps({name: [text] for name, text in ROW.items()}),
        ["each key is a column, and its list the cells"],
    ),
    "rows under a key": ("a.json", json.dumps({"version": 1, "data": [ROW]}), ["its rows are those of 'data'"]),
    "gzip": ("a.csv.gz", gzip.compress(PLAIN.encode()), []),
    "gzip whose name does not say so": ("a.jsonl", gzip.compress(json.dumps(ROW).encode()), []),
    "bzip2": ("a.csv.bz2", bz2.compress(PLAIN.encode()), []),
    "xz": ("a.json.xz", lzma.compress(ARRAY.encode()), []),
    "zip with one table": ("a.zip", zipped(a_csv=PLAIN, LICENSE="CC BY"), []),
    "Excel": ("a.xlsx", workbook([HEADER, CELLS]), []),
    "Excel with a title of blank rows and an empty sheet": ("a.xlsx", workbook([], [[], HEADER, CELLS, []]), []),
    "Excel in .csv": ("a.csv", workbook([HEADER, CELLS]), []),
    "LibreOffice": ("a.ods", libre_office([HEADER, CELLS]), []),
    "bytes that are UTF-8": ("a.parquet", parquet(**{name: [text.encode()] for name, text in ROW.items()}), []),
    "an index of pandas in Parquet": (
        "a.parquet", parquet(**{name: [text] for name, text in ROW.items()}, __index_level_0__=[7]),
        ["an index of pandas without a name is dropped"],
    ),
    "Arrow": ("a.arrow", arrow(pa.ipc.new_file), []),
    "Arrow in a stream": ("a.arrow", arrow(pa.ipc.new_stream), []),
}  # fmt: skip


@pytest.mark.parametrize("odd", READ)
def test_it_is_read_and_what_is_odd_is_said(tmp_path: Path, odd: str) -> None:
    name, data, said = READ[odd]
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    table = read_table(path)
    assert [row.cells for row in table.rows] == [ROW]
    assert [note.partition(": ")[2] for note in table.notes] == said


def test_text_that_was_saved_in_the_wrong_encoding_is_said_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "¿Río?,Sí,Â¿QuÃ©?\n¿Mar?,ÃRBOL Ã‰L,agua\ufffd\n", encoding="utf-8")
    table = read_table(path)
    assert table.rows[0].cells["rejected"] == "Â¿QuÃ©?"
    said = "3 cells may have been read in the wrong encoding and saved so, as 'Â¿' in row 1 shows"
    assert table.notes == (f"{path}: {said}",)


def test_cells_of_formulas_and_odd_line_ends_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    odd = ["=1+1", "-2+3", "+34 600", "@SUM(A1)", "\tTab", "page\fbreak", "one\u2028two\x85three\x0b", " 0,5 ", "1e3"]
    path.write_text("prompt\n" + "".join(f'"{text}"\n' for text in odd), encoding="utf-8")
    assert [row.cells["prompt"] for row in read_table(path).rows] == odd


REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "a pointer of Git LFS": (
        "a.csv.gz", GIT_LFS,
        ": a pointer of Git LFS, not the data; run `git lfs pull` in its folder, or download it",
    ),
    "a login page": (
        "a.csv", "<!DOCTYPE html>\n<p>Log in</p>",
        ": a web page, not a table; log in there and download the file itself",
    ),
    "Windows-1252": (
        "a.csv", PLAIN.encode("cp1252"),
        ", line 2: byte 0xbf is not UTF-8 text; if it is to be '¿Río?', give --encoding cp1252",
    ),
    "Latin-1": (
        "a.csv", PLAIN.replace("Sí", "S\x81í").encode("latin-1"),
        ", line 2: byte 0xbf is not UTF-8 text; if it is to be '¿Río?', give --encoding cp1252",
    ),
    "UTF-16 without its mark": (
        "a.csv", "prompt,a".encode("utf-16-le"),
        ", line 1: it holds a NUL character; remove it (where the file is UTF-16 without a mark, give --encoding "
        "utf-16-le)",
    ),
    "two separators that fit": (
        "a.csv", "prompt,chosen;rejected\nRío,Sí;No\n",
        ": its columns may be separated by comma (,) or semicolon (;); give --separator comma or --separator "
        "semicolon",
    ),
    "a file glued to another": (
        "a.csv", HEAD + '¿Río?,Sí,"No"' + PLAIN,
        f", line 2: {QUOTES} (',' expected after '\"'); it ends with the header of another file: put a line end "
        "before it",
    ),
    "quotes with backslashes": (
        "a.csv", HEAD + '"Di \\"sí\\"",Sí,No\n',
        f", line 2: {QUOTES} (',' expected after '\"'); write a quote in a cell as two quotes: sed 's/\\\\\"/\"\"/g'",
    ),
    "a nameless column of texts": (
        "a.csv", "prompt,chosen,\n¿Río?,Sí,No\n", ": column 3 has no name, and holds 'No'; name it or remove it",
    ),
    "a blank header": ("a.csv", ",,\n¿Río?,Sí,No\n", ", line 1: the header is blank"),
    "a key that is there twice": (
        "a.jsonl", '{"prompt": "¿Río?"}\n{"chosen": "Sí", "chosen": "No"}\n',
        ", line 2: key 'chosen' is there twice; remove one",
    ),
    "JSON that breaks off": (
        "a.json", '[{"prompt":\n"¿Río?"}', ": not JSON (Expecting ',' delimiter at line 2, column 9)"
    ),
    "a text in JSON": ("a.json", '"¿Río?"', ": objects are needed, one a line or in an array; it holds str"),
    "zip with two tables": (
        "a.zip", zipped(a_csv=PLAIN, b_csv=PLAIN),
        ": a zip file with one table is needed, and it has a.csv, b.csv; unpack it",
    ),
    "zip that breaks off": (
        "a.zip", zipped(a_csv=PLAIN)[:60],
        ": cannot be unpacked (File is not a zip file); copy it again, or unpack it by hand",
    ),
    "gzip that breaks off": (
        "a.csv.gz", gzip.compress(PLAIN.encode())[:-9],
        ": cannot be unpacked (Compressed file ended before the end-of-stream marker was reached); copy it again, or "
        "unpack it by hand",
    ),
    "Zstandard": ("a.jsonl.zst", b"\x28\xb5\x2f\xfd rest", ": packed with Zstandard; unpack it with `zstd -d`"),
    "two sheets": (
        "a.xlsx", workbook([HEADER, CELLS], [HEADER, CELLS]),
        ": it has several sheets, 'A', 'B'; choose one with --sheet",
    ),
    "no sheet with cells": ("a.xlsx", workbook([]), ": it has no cells"),
    "a cell far from all others": (
        "a.xlsx", workbook([HEADER, CELLS], far="XFD1048576"),
        ": a sheet has a cell in row 1048576, far from all others; delete the rows and columns that are empty",
    ),
    "no workbook": ("a.xlsx", "PK", ": not a workbook that can be read (Cannot detect file format)"),
    "bytes that are no text": (
        "a.parquet", parquet(prompt=[b"\xff"]), ": column 'prompt' holds bytes where a text is needed"
    ),
    "a translation memory": (
        "a.tmx", "<tmx/>", ": a translation memory, not preference data; `h4rmony memory import` reads it"
    ),
}  # fmt: skip


@pytest.mark.parametrize("odd", REFUSED)
def test_it_is_refused_and_what_to_do_is_said(tmp_path: Path, odd: str) -> None:
    name, data, said = REFUSED[odd]
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(DataError) as refused:
        read_table(path)
    assert str(refused.value) == f"{path}{said}"


def test_the_options_that_an_error_names_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.encode("cp1252"))
    assert read_table(Location(path, encoding="cp1252")).rows[0].cells == ROW
    path.write_bytes(PLAIN.encode("utf-16-le"))
    assert read_table(Location(path, encoding="utf-16-le")).rows[0].cells == ROW
    path.write_text("prompt,chosen;rejected\nRío,Sí;No\n")
    assert read_table(Location(path, separator="comma")).columns == ("prompt", "chosen;rejected")
    (tmp_path / "a.xlsx").write_bytes(workbook([HEADER, CELLS], [["texto"], ["Río"]], names="PQ"))
    assert read_table(Location(tmp_path / "a.xlsx", sheet="Q")).rows[0].cells == {"texto": "Río"}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.jsonl", {"separator": "tab"}, "--separator is for a CSV or TSV file, and this is JSON"),
        ("a.parquet", {"encoding": "cp1252"}, "--encoding is for a text file, and this is a file of typed columns"),
        ("a.xlsx", {"encoding": "cp1252"}, "--encoding is for a text file, and this is a workbook"),
        ("a.csv", {"sheet": "A"}, "--sheet is for a workbook of Excel or LibreOffice, and this is a text file"),
        ("a.csv", {"split": "test"}, "--split is for a folder or a dataset on the Hub, and this is a file"),
        ("a.csv", {"encoding": "cp1252"}, "it begins with the mark of UTF-8; leave --encoding out"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    tmp_path: Path, name: str, options: dict[str, str], message: str
) -> None:
    data = {"a.csv": "\ufeff" + PLAIN, "a.jsonl": json.dumps(ROW), "a.xlsx": workbook([HEADER, CELLS])}
    path = tmp_path / name
    whole = data.get(name, parquet(prompt=["P"]))
    path.write_bytes(whole if isinstance(whole, bytes) else whole.encode())
    with pytest.raises(ConfigError) as refused:
        read_table(Location(path, **options))
    assert str(refused.value) == f"{path}: {message}"


@pytest.mark.parametrize("options", [{"encoding": "klingon"}, {"encoding": "base64"}, {"separator": ";"}])
def test_an_option_that_cannot_be_is_refused_at_once(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"^--(encoding|separator) \S+: (there is no such encoding|give comma, )"):
        Location("a.csv", **options)


def test_quotes_of_a_file_with_tabs_that_are_not_those_of_csv_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('prompt\tchosen\n"Ríos" ¿qué?\t"Vivos", dicen\nsin\t"comillas"\n')
    table = read_table(path)
    assert [[*row.cells.values()] for row in table.rows] == [
        ['"Ríos" ¿qué?', '"Vivos", dicen'],
        ["sin", '"comillas"'],
    ]
    assert table.notes == (f"{path}: its quotes are not those of CSV, so they are part of the texts",)


def test_numbers_are_what_a_person_reads_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 12345678901234567890123, "b": 1e400, "c": Infinity, "d": NaN, "e": 612.0, "f": 6.02e23}\n')
    assert [*read_table(path).rows[0].cells.values()] == [
        "12345678901234567890123", "1e400", "Infinity", "", "612", "6.02e+23",
    ]  # fmt: skip
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([["a", "b", "c"], ["007", "<v>7</v>", "<v>0.5</v>"]]))
    assert [*read_table(path).rows[0].cells.values()] == ["007", "7", "0.5"]
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet(a=[timedelta(days=1, seconds=3)]))
    frame = pd.DataFrame({"a": [timedelta(days=1, seconds=3)]})
    assert read_table(path).rows[0].cells == read_table(frame).rows[0].cells == {"a": "1 days 00:00:03"}


def test_a_row_of_a_sheet_has_the_number_that_excel_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([[], HEADER, CELLS, [], ["¿Río?", "Sí", "Sí"]]))
    assert [row.line for row in read_table(path).rows] == [3, 4, 5]


def test_a_workbook_of_broken_xml_is_refused_before_its_reader_never_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    path.write_bytes(libre_office([HEADER, ["</table:table/"]]))
    with pytest.raises(
        DataError, match=r"a\.ods, content\.xml: not XML that can be read .*; save the workbook again$"
    ):
        read_table(path)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_module, "MOST_BYTES", 1 << 20)


def test_a_small_file_of_gigabytes_is_refused(tmp_path: Path, little_memory: None) -> None:
    """The bound is set to a MiB."""
    long = "x" * (1 << 19)
    bombs = {
        "a.parquet": parquet(prompt=pa.array([long] * 100)),
        "b.parquet": parquet(prompt=pa.array([[long]] * 100)),
        "c.arrow": arrow_of(pa.array([long] * 100).dictionary_encode()),
        "d.csv.gz": gzip.compress(b"prompt\n" + b"x" * (1 << 21)),
        "e.jsonl.xz": lzma.compress(b'{"prompt": "' + b"x" * (1 << 21)),
        "f.zip": zipped(a_csv="prompt\n" + long * 4),
        "g.xlsx": workbook([["prompt"], [long * 3]]),
    }
    for name, data in bombs.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(
            H4rmonyError, match=r": it holds more than 0 GiB, the most that is read at once; split it$"
        ):
            read_table(tmp_path / name)


def arrow_of(column: Any) -> bytes:
    data = io.BytesIO()
    table = pa.table({"prompt": column})
    with pa.ipc.new_file(data, table.schema) as writer:
        writer.write_table(table)
    return data.getvalue()


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(READ)), st.lists(st.tuples(st.integers(0), st.binary(max_size=3)), min_size=1, max_size=4)
)
def test_a_damaged_file_is_read_or_refused_in_one_line(odd: str, damage: list[tuple[int, bytes]]) -> None:
    name, given_data, _ = READ[odd]
    data = bytearray(given_data if isinstance(given_data, bytes) else given_data.encode())
    for place, new in damage:
        start = place % len(data)
        data[start : start + 1] = new
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            implode(path)
        except H4rmonyError as error:
            assert "\n" not in str(error) and str(path) in str(error)
