"""Reading sources: every container gives the same text, and every broken file a stated error."""

from __future__ import annotations

import csv
import doctest
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders import implode
from loaders.imploding.imploded import LinesFile
from loaders.source import cells as cells_module
from loaders.source.cells import canonical_cell
from loaders.source.location import Location
from loaders.source.read import read_table
from loaders.source.table import Row
from workspace.errors import ConfigError, DataError, HubUnreachable

DATA = Path(__file__).parents[2] / "data"
SMALL = DATA / "h4rmony_small.csv"
HEADER = "prompt,chosen,rejected"
ASTRAY = "a quote is not closed, or is inside a cell without quotes"
NOT_UTF_8 = "is not UTF-8 text; if it is to be 'café', give --encoding cp1252"
NO_SCHEMA = "no columns Prompt, BetterCompletion, WorseCompletion and no columns prompt, chosen, rejected; it has"
RENAME = "rename its columns, or say which they are (--map prompt=COLUMN --map chosen=COLUMN --map rejected=COLUMN)"
NO_TEXT = "where a text is needed; write its text into the cell"


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def cells(source):
    return [dict(row.cells) for row in read_table(source).rows]


def test_every_container_gives_the_same_records(tmp_path):
    with SMALL.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    typed = [{**row, "Id": int(row["Id"]), "PromptID": float(row["PromptID"])} for row in rows]
    typed = [
        {**row, "PWM": int(row["PWM"]) if row["PWM"] else None, "Comments": row["Comments"] or None} for row in typed
    ]
    pq.write_table(pa.Table.from_pylist(typed), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in typed), encoding="utf-8")
    with (tmp_path / "a.tsv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "train.csv").write_bytes(SMALL.read_bytes())
    expected = [record.to_json() for record in implode(str(SMALL)).records]
    assert [record["id"] for record in expected] == ["h4rmony-131", "h4rmony-7", "h4rmony-8"]
    for name in ("a.parquet", "a.jsonl", "a.tsv", "folder"):
        assert [record.to_json() for record in implode(str(tmp_path / name)).records] == expected, name


def test_rows_have_their_number_and_the_line_they_begin_on():
    rows = read_table(str(SMALL)).rows
    assert [(row.number, row.line) for row in rows] == [(n, n + 1 + (n > 3)) for n in range(1, 9)]
    assert rows[2].cells["Comments"] == 'She said "no",\nthen left'


def test_bom_crlf_blank_lines_and_quoted_line_ends(write):
    source = write(b'\xef\xbb\xbfprompt,chosen,rejected\r\n\r\n"P\r\n?",X,"Y\nY"\r\n')
    table = read_table(source)
    assert table.columns == ("prompt", "chosen", "rejected")
    assert table.rows == (Row(1, {"prompt": "P\r\n?", "chosen": "X", "rejected": "Y\nY"}, 3),)
    (record,) = implode(source).records
    assert record.texts == ("P\n?", "X", "Y\nY")


def test_the_audit_names_the_source_the_row_and_the_line(write):
    source = write(f"{HEADER}\nP?,X,X\nP?,X,Y\n")
    entry = implode(source).audit[0]
    assert (entry.source, entry.rows, entry.lines) == (source, (1,), (2,))


def test_cells_of_a_mebibyte_are_read(write):
    before = csv.field_size_limit()
    big = "x" * (1 << 20)
    assert cells(write(f"{HEADER}\nP?,{big},Y\n"))[0]["chosen"] == big
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{}: the file is empty"),
        ("\n\n", "{}: the file is empty"),
        ("\ufeff", "{}: the file is empty"),
        (HEADER + "\n", "{}: it has a header and no rows"),
        (f"{HEADER}\nP?,X\n", "{}, line 2: 2 cells where the header has 3; quote cells that hold the separator, a "
         "quote or a line end"),
        (f'{HEADER}\n"P\n?",X,Y\nP?,X,Y,Z\n', "{}, line 4: 4 cells where the header has 3; quote cells that hold "
         "the separator, a quote or a line end"),
        ("prompt,chosen,chosen\nP?,X,Y\n", "{}, line 1: column 'chosen' is named twice; rename one"),
        (f'{HEADER}\nP?,X,Y\n"P?,X,Y\n', "{}, line 3: " + ASTRAY + " (unexpected end of data)"),
        (f'{HEADER}\n"P?"x,X,Y\n', "{}, line 2: " + ASTRAY + " (',' expected after '\"')"),
        (f"{HEADER}\nP?,X,Y\nP?,X\0,Y\n", "{}, line 3: it holds a NUL character; remove it (where the file is "
         "UTF-16 without a mark, give --encoding utf-16-le)"),
        (
            f"{HEADER}\nP?,X,Y\nP?,caf\xe9,Y\n".encode("latin-1"),
            "{}, line 3: byte 0xe9 " + NOT_UTF_8,
        ),
        (HEADER.encode("utf-16")[:-1], "{}: it is not utf-16 text; give the --encoding that it was saved in"),
        (
            "question;answer\nP;X\n",
            "{}: " + NO_SCHEMA + " 'question', 'answer'; " + RENAME,
        ),
    ],
)  # fmt: skip
def test_a_broken_csv_is_named_with_its_line(write, content, message):
    source = write(content)
    with pytest.raises(DataError) as caught:
        implode(source)
    assert str(caught.value) == message.format(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\n", "table.jsonl: it has no rows"),
        ('{"prompt": "P?"', "line 1: not JSON (Expecting ',' delimiter at column 16)"),
        ("[1]\n", "row 1: a JSON object is needed, got int"),
        ("1\n", "line 1: a JSON object is needed, got int"),
        (
            '{"prompt": "P?", "chosen": "X", "rejected": "Y"}\n{"prompt": "P?", "chosen": [1]}\n',
            "row 2: column 'chosen' holds a list (of messages?) " + NO_TEXT,
        ),
        (
            '{"prompt": {"en": "P?"}, "chosen": "X", "rejected": "Y"}\n',
            "row 1: column 'prompt' holds an object " + NO_TEXT,
        ),
        ('{"prompt": "P\\u0000"}\n', "line 1: column 'prompt' holds a NUL character; remove it"),
        (
            '{"prompt": "\\ud800"}\n',
            "line 1: column 'prompt' holds half a surrogate pair, which is not text; remove it",
        ),
        ('{"n": ' + "1" * 5000 + "}\n", "line 1: not JSON that can be read"),
        ('{"n": ' + "[" * 100_000 + "\n", "line 1: not JSON that can be read"),
    ],
)
def test_a_broken_json_lines_file_is_named_with_its_line(write, content, message):
    with pytest.raises(DataError) as caught:
        implode(write(content, "table.jsonl"))
    assert message in str(caught.value)


def test_a_broken_parquet_file_is_named(write, tmp_path):
    with pytest.raises(DataError, match=r"a\.parquet: not a Parquet file that can be read"):
        read_table(write("PAR0", "a.parquet"))
    pq.write_table(pa.table({"prompt": ["P?", "Q?"], "chosen": ["X", "a\0"]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet, row 2: column 'chosen' holds a NUL character; remove it$"):
        read_table(str(tmp_path / "b.parquet"))
    pq.write_table(pa.table([["a"], ["b"]], names=["x", "x"]), tmp_path / "c.parquet")
    with pytest.raises(DataError, match="column 'x' is named twice"):
        read_table(str(tmp_path / "c.parquet"))


def test_an_unknown_suffix_and_a_missing_file_are_named(write, tmp_path):
    with pytest.raises(DataError, match=r"table\.doc: cannot tell its format; it must end in \.csv, \.tsv"):
        read_table(write("x", "table.doc"))
    for missing in (str(tmp_path / "none.csv"), "none.csv", "data/none.csv", "squad", "a/b/c"):
        with pytest.raises(DataError, match="no such file; give a path, or owner/name of a dataset on the"):
            read_table(missing)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (612, "612"),
        (239.0, "239"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (float("inf"), "inf"),
        (Decimal("7.00"), "7"),
        (True, "True"),
        ([1, 0], "[1,0]"),
        ({"a": "ñ"}, '{"a":"ñ"}'),
        (" as it is\r\n", " as it is\r\n"),
    ],
)
def test_cells_have_one_text_whatever_their_type(value, text):
    assert canonical_cell(value, "Reward") == text


def test_the_examples_of_cells_run():
    assert doctest.testmod(cells_module) == (0, 2)


def test_bytes_are_no_text():
    with pytest.raises(DataError, match="column 'x' holds bytes where a text is needed"):
        canonical_cell(b"x", "x")


def test_a_folder_is_loaded_by_datasets_with_all_its_splits_and_its_words_verbatim(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text(f"{HEADER}\nP?,None,NA\n")
    (tmp_path / "set" / "test.csv").write_text(f"{HEADER}\nQ?,null,Y\n")
    rows = read_table(str(tmp_path / "set")).rows
    assert [(row.number, row.cells["chosen"], row.cells["rejected"]) for row in rows] == [
        (1, "None", "NA"),
        (2, "null", "Y"),
    ]


def test_a_folder_of_nothing_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"no table in this folder .*; it has nothing"):
        read_table(str(tmp_path))


def test_the_hub_out_of_reach_is_a_stated_error():
    with pytest.raises(HubUnreachable, match=r"^neovalle/H4rmony: the Hub cannot be reached .*, or give a path"):
        read_table(Location("neovalle/H4rmony", revision="main"))


def test_a_revision_is_for_the_hub():
    with pytest.raises(ConfigError, match="--revision is for a dataset on the Hub, and this is a file"):
        read_table(Location(str(SMALL), revision="main"))


@pytest.fixture
def imploded(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text(
        "".join(json.dumps(record.to_json()) + "\n" for record in implode(str(SMALL)).records), encoding="utf-8"
    )
    return path


def test_imploded_records_are_a_stream_that_can_be_read_again(imploded):
    result = implode(str(imploded))
    assert isinstance(result.records, LinesFile)
    expected = list(implode(str(SMALL)).records)
    assert list(result.records) == list(result.records) == expected
    assert (result.counts.records, result.counts.rows, result.counts.fully_ranked) == (3, 7, 3)
    assert (result.audit, result.refusal) == ((), None)


def test_imploded_records_out_of_order_are_sorted(imploded):
    lines = imploded.read_text().splitlines(keepends=True)
    imploded.write_text("".join(reversed(lines)))
    assert [record.id for record in implode(str(imploded)).records] == ["h4rmony-131", "h4rmony-7", "h4rmony-8"]


def test_imploded_records_are_checked_before_any_is_used(imploded):
    lines = imploded.read_text().splitlines(keepends=True)
    imploded.write_text("".join([*lines, lines[0]]))
    with pytest.raises(DataError, match=r"records\.jsonl: record 'h4rmony-131' occurs twice; remove one"):
        implode(str(imploded))
    imploded.write_text("".join([*lines, '{"id": "x"}\n']))
    with pytest.raises(DataError, match=r"records\.jsonl, line 4: record: key 'prompt' is missing"):
        implode(str(imploded))


def test_imploded_records_keep_their_ids(imploded):
    with pytest.raises(ConfigError, match="it holds imploded records, which keep their ids"):
        implode(str(imploded), source_name="x")
    with pytest.raises(ConfigError, match="--revision is for a dataset on the Hub, and this is a file"):
        implode(Location(imploded, revision="main"))
