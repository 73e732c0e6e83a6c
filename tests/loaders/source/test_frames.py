"""A DataFrame is the same table as its CSV file, and what it holds is never guessed."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import Imploded, Table, implode, read_source
from tests.strategies import records
from workspace.errors import ConfigError, DataError
from workspace.model.records import Record

SMALL = Path(__file__).parents[2] / "data" / "h4rmony_small.csv"
PAIRS = ["prompt", "chosen", "rejected"]
NO_FILE = "no such file; give a path, or owner/name of a dataset on the Hugging Face Hub"
ROW = {"prompt": "P?", "chosen": "X", "rejected": "Y"}


def cells(source: Any) -> list[dict[str, str]]:
    table = read_source(source)
    assert isinstance(table, Table)
    return [dict(row.cells) for row in table.rows]


def column(values: Any) -> list[str]:
    """The cells of a column of these values."""
    return [row["x"] for row in cells(pd.DataFrame({"x": values}))]


@pytest.mark.parametrize("options", [{}, {"keep_default_na": False}, {"dtype": str}, {"dtype_backend": "pyarrow"}])
def test_a_csv_file_that_pandas_reads_gives_the_same_records_as_the_file(options: dict[str, Any]) -> None:
    frame = pd.read_csv(SMALL, **options)
    by_frame, by_file = implode(frame), implode(SMALL)
    assert list(by_frame) == list(by_file)
    assert by_frame.counts == by_file.counts
    assert [(e.finding, e.rows) for e in by_frame.audit] == [(e.finding, e.rows) for e in by_file.audit]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
numbers = st.integers(-(2**40), 2**40) | st.floats() | st.booleans() | st.decimals(allow_nan=False, places=2)
some_columns = st.one_of(
    st.lists(texts | st.none(), min_size=4, max_size=4),
    st.lists(st.integers(-(2**40), 2**40), min_size=4, max_size=4),
    st.lists(st.floats(allow_nan=False), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.lists(st.datetimes(min_value=pd.Timestamp(1700, 1, 1).to_pydatetime()), min_size=4, max_size=4),
    st.lists(texts | numbers | st.none(), min_size=4, max_size=4).map(lambda values: pd.Series(values, dtype=object)),
)


@given(some_columns, some_columns)
def test_a_frame_is_the_table_that_its_csv_file_is(one: Any, other: Any) -> None:
    """But for a float column with blank cells and whole numbers, which has a test of its own."""
    frame = pd.DataFrame({"prompt": one, "x": other})
    written = io.StringIO(frame.to_csv(index=False, quoting=csv.QUOTE_ALL), newline="")
    assert cells(frame) == list(csv.DictReader(written))


def test_integers_that_pandas_made_floats_because_a_cell_is_blank_are_integers() -> None:
    assert column([1, None, 3]) == ["1", "", "3"]
    assert column([1.0, 3.0]) == ["1.0", "3.0"]
    assert column([1.5, None, 3.0]) == ["1.5", "", "3.0"]
    assert column([1e300, None]) == ["1e+300", ""]


def test_cells_of_any_type_are_texts() -> None:
    mixed = [1, 2.0, "x", True, Decimal("7.00"), None, np.nan, pd.NA, pd.NaT, np.int64(4), [1, "ñ"], np.array([1])]
    assert column(pd.Series(mixed, dtype=object)) == [
        "1", "2.0", "x", "True", "7.00", "", "", "", "", "4", '[1,"ñ"]', "[1]",
    ]  # fmt: skip
    assert column(pd.Categorical(["a\nb", None, "c"])) == ["a\nb", "", "c"]
    assert column(pd.array([True, None], dtype="boolean")) == ["True", ""]


def test_a_series_is_a_column_and_a_series_or_a_list_of_dicts_is_rows() -> None:
    assert cells(pd.Series(["a", None], name="text")) == [{"text": "a"}, {"text": ""}]
    assert cells(pd.Series([ROW, {**ROW, "n": 1.0}])) == cells([ROW, {**ROW, "n": 1.0}])
    assert cells(iter([ROW, {**ROW, "n": 1.0}])) == [ROW, {**ROW, "n": "1"}]


def test_the_index_of_a_frame_is_not_read_and_rows_are_counted_from_1() -> None:
    frame = pd.DataFrame([["P?", "X", "X"], ["P?", "X", "Y"]], columns=PAIRS, index=[17, 4])
    assert implode(frame).audit[0].rows == (1,)
    assert implode(frame).audit[0].source == "the DataFrame"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pd.DataFrame(columns=PAIRS), "the DataFrame: it has no rows"),
        (
            pd.DataFrame([["P?", "X", "Y"], ["P?", ["X"], "Y"]], columns=PAIRS),
            "the DataFrame, row 2: column 'chosen' holds a list (of messages?) where a text is needed; write its "
            "text into the cell",
        ),
        (
            pd.DataFrame([["P?", "X", b"Y"]], columns=PAIRS),
            "the DataFrame, row 1: column 'rejected' holds bytes where a text is needed",
        ),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "the DataFrame: column 'a' is named twice; rename one"),
        (
            pd.DataFrame({"question": ["P?"]}),
            "the DataFrame: no columns Prompt, BetterCompletion, WorseCompletion and no columns prompt, chosen, "
            "rejected; it has 'question'; rename its columns, or say which they are (--map prompt=COLUMN "
            "--map chosen=COLUMN --map rejected=COLUMN)",
        ),
        ([ROW, {"prompt": {}}], "the rows, row 2: column 'prompt' holds an object where a text is needed; write its "
         "text into the cell"),
        ([ROW, "P?"], "the rows, row 2: a JSON object is needed, got str"),
        ([{1: "x", "1": "y"}], "the rows, row 1: two columns have the same name, as 1 and '1' have; rename one"),
        ("", f"an empty name: {NO_FILE}"),
        ("x" * 5000, f"{'x' * 199}…: {NO_FILE}"),
        (7, "a path, a Hub id, a DataFrame or an iterable of rows is needed, got int"),
        ({"prompt": ["P?"]}, "a path, a Hub id, a DataFrame or an iterable of rows is needed, got dict"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_column_and_row(source: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        implode(source)
    assert str(caught.value) == message


@given(st.lists(records(), min_size=1, max_size=3, unique_by=lambda record: record.id))
def test_imploded_records_go_to_pandas_and_back(given: list[Record]) -> None:
    imploded = Imploded.from_records(given)
    assert len(imploded) == len(given)
    again = implode(imploded.to_pandas())
    assert list(again) == list(imploded) == sorted(given, key=lambda record: record.id)
    assert again.counts == imploded.counts
    assert list(implode(list(imploded))) == list(Imploded.from_pandas(imploded.to_pandas())) == list(imploded)
    assert len(implode(imploded.to_pandas().head(0))) == 0


def test_the_audit_is_a_frame_too() -> None:
    frame = implode(SMALL).audit_frame()
    assert list(frame["kind"]) == ["incomplete", "contradicted", "incomplete"]
    assert list(frame.loc[frame.rows_left_out, "rows"]) == [[5]]
    assert list(implode([ROW]).audit_frame().columns) == list(frame.columns)


def test_what_was_read_is_passed_on_as_it_is() -> None:
    table, imploded = read_source(SMALL), implode(SMALL)
    assert read_source(table) is table
    assert list(implode(table)) == list(imploded)
    assert implode(imploded) is imploded
    with pytest.raises(ConfigError, match=r"^the DataFrame: it holds imploded records, which keep their ids$"):
        implode(imploded.to_pandas(), source_name="mine")
    with pytest.raises(DataError, match=r"^the DataFrame: record 'h4rmony-131' occurs twice; remove one$"):
        implode(pd.concat([imploded.to_pandas()] * 2))


def test_pandas_is_not_imported_until_it_is_needed() -> None:
    code = (
        "import sys, loaders; loaders.implode([{'prompt': 'P?', 'chosen': 'X', 'rejected': 'Y'}]); "
        "print([name for name in ('pandas', 'numpy', 'pyarrow', 'datasets') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_table_gives_its_rows_back_as_texts() -> None:
    frame = read_source(SMALL).to_pandas()
    assert frame.equals(pd.read_csv(SMALL, dtype=object, keep_default_na=False))
    assert list(implode(frame)) == list(implode(SMALL))
    assert read_source([{"a": "1"}, {"b": "2"}]).to_pandas().to_dict("list") == {"a": ["1", ""], "b": ["", "2"]}
