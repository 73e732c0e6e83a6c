"""Records and ballots as DataFrames and back, also by way of the files that pandas writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import ballots, records
from tests.workspace.model.test_ballots import LINE
from tests.workspace.model.test_records import GOOD
from workspace.errors import DataError
from workspace.files.jsonl import write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.frames import (
    BALLOT_COLUMNS,
    RECORD_COLUMNS,
    ballots_from_frame,
    ballots_to_frame,
    records_from_frame,
    records_to_frame,
)
from workspace.model.records import Record


@given(st.lists(records(), max_size=3))
def test_records_go_there_and_back(given: list[Record]) -> None:
    frame = records_to_frame(given)
    with_context = ("context",) if any(record.context for record in given) else ()
    assert tuple(frame.columns) == (*RECORD_COLUMNS, *with_context)
    assert records_from_frame(frame) == tuple(given)


@given(records().flatmap(lambda record: st.lists(ballots(record, "ana"), max_size=3)))
def test_ballots_go_there_and_back(given: list[Ballot]) -> None:
    frame = ballots_to_frame(given)
    assert tuple(frame.columns) == BALLOT_COLUMNS
    assert ballots_from_frame(frame) == tuple(given)


def test_the_issues_are_a_column_only_where_a_dataset_asks_for_them() -> None:
    given = [Ballot.from_json(LINE), Ballot.from_json({**LINE, "reviewer": "eva", "issues": ["SC"]})]
    frame = ballots_to_frame(given)
    assert tuple(frame.columns) == (*BALLOT_COLUMNS, "issues")
    assert frame["issues"].to_list() == [None, ["SC"]]
    assert ballots_from_frame(frame) == tuple(given)


def test_lists_stay_lists_and_none_stays_none() -> None:
    frame = records_to_frame([Record.from_json({**GOOD, "translation": None})])
    assert frame.loc[0, "translation"] is None
    assert frame.loc[0, "answers"] == GOOD["answers"]
    draft = ballots_to_frame([Ballot.from_json({**LINE, "status": "draft", "ranks": [2, None]})])
    assert draft.loc[0, "ranks"] == [1, None]
    assert draft.loc[0, "comment"] is None


def test_frames_survive_parquet_and_json_lines(tmp_path: Path) -> None:
    """Parquet gives arrays back, with NaN beside numbers, and pandas reads dates as dates."""
    given = [Ballot.from_json({**LINE, "status": "draft", "ranks": ranks}) for ranks in ([2, None], [1, 2])]
    ballots_to_frame(given).to_parquet(tmp_path / "ballots.parquet")
    assert ballots_from_frame(pd.read_parquet(tmp_path / "ballots.parquet")) == tuple(given)
    write_jsonl(tmp_path / "ballots.jsonl", (ballot.to_json() for ballot in given))
    (first, _) = ballots_from_frame(pd.read_json(tmp_path / "ballots.jsonl", lines=True))
    assert first == Ballot.from_json({**given[0].to_json(), "updated_at": "2026-01-01T00:00:00+00:00"})
    comparisons = [{"better": 0, "worse": 1, "Id": "7"}, {"better": 0, "worse": 1, "Comments": "!"}]
    answers = [{"text": "A", "rank": 1}, {"text": "B", "rank": None}]
    record = Record.from_json({**GOOD, "answers": answers, "comparisons": comparisons})
    records_to_frame([record]).to_parquet(tmp_path / "records.parquet")
    assert records_from_frame(pd.read_parquet(tmp_path / "records.parquet")) == (record,)


@pytest.mark.parametrize("missing", [float("nan"), pd.NA, pd.NaT, None])
def test_what_pandas_calls_missing_is_none(missing: object) -> None:
    frame = records_to_frame([Record.from_json(GOOD)]).assign(translation=pd.Series([missing], dtype=object))
    assert records_from_frame(frame)[0].translation is None


def test_a_row_that_cannot_be_used_is_named() -> None:
    frame = ballots_to_frame([Ballot.from_json(LINE)] * 2)
    frame.at[1, "ranks"] = [1.5, 2]
    with pytest.raises(DataError, match=r"^the DataFrame of ballots, row 2: ballot: ranks must be whole numbers"):
        ballots_from_frame(frame)
    with pytest.raises(DataError, match=r"^the DataFrame of records, row 1: record: key 'prompt' is missing"):
        records_from_frame(pd.DataFrame({"id": ["a"]}))
