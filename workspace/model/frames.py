"""Records and ballots as pandas DataFrames, and back.

A row is one record or one ballot, and the columns are the keys of its JSON object. So
``pandas.read_json("records.jsonl", lines=True)`` reads such a frame too. The cells are Python objects: lists stay
lists, and what is missing is None. On the way back NaN, NaT and NA count as None and arrays as lists, because a frame
that comes from a Parquet file holds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from workspace.errors import DataError
from workspace.model.ballots import Ballot
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd

Value = TypeVar("Value")
CONTEXT = "context"  # a column only where a record has one
RECORD_COLUMNS = tuple(name for name in Record.__dataclass_fields__ if name != CONTEXT)
ISSUES = "issues"  # a column only where a ballot's dataset asks for it
BALLOT_COLUMNS = tuple(name for name in Ballot.__dataclass_fields__ if name != ISSUES)


def records_to_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row a record, with ``RECORD_COLUMNS``, and ``context`` where a record has one; None is what is missing."""
    rows = [record.to_json() for record in records]
    return _frame(rows, (*RECORD_COLUMNS, *([CONTEXT] if any(CONTEXT in row for row in rows) else ())))


def records_from_frame(frame: pd.DataFrame) -> tuple[Record, ...]:
    """The records of a frame, in its order; other columns are not read.

    Raises:
        DataError: a row is not a record; names the row, counted from 1, and what is wrong with it.
    """
    return values_from_frame(frame, (*RECORD_COLUMNS, CONTEXT), _record, "records")


def ballots_to_frame(ballots: Iterable[Ballot]) -> pd.DataFrame:
    """One row a ballot, with ``BALLOT_COLUMNS``, and ``issues`` where a dataset asks for them."""
    rows = [ballot.to_json() for ballot in ballots]
    return _frame(rows, (*BALLOT_COLUMNS, *([ISSUES] if any(ISSUES in row for row in rows) else ())))


def ballots_from_frame(frame: pd.DataFrame) -> tuple[Ballot, ...]:
    """The ballots of a frame, in its order; other columns are not read.

    Raises:
        DataError: a row is not a ballot; names the row, counted from 1, and what is wrong with it.
    """
    return values_from_frame(frame, (*BALLOT_COLUMNS, ISSUES), _ballot, "ballots")


def _frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([[row.get(name) for name in columns] for row in rows], columns=list(columns), dtype=object)


def values_from_frame(
    frame: pd.DataFrame, columns: tuple[str, ...], parse: Callable[[dict[str, Any]], Value], what: str
) -> tuple[Value, ...]:
    """Parse each row of a frame, as a JSON object of those of the columns that it has and that are not missing.

    Raises:
        DataError: ``parse`` refuses a row; names the row, counted from 1, and ``what`` the frame is of.
    """
    present = [column for column in columns if column in frame.columns]
    found = []
    for number, cells in enumerate(zip(*(frame[column] for column in present), strict=True), start=1):
        row = zip(present, map(_plain, cells), strict=True)
        try:
            found.append(parse({column: value for column, value in row if value is not None}))
        except DataError as error:
            raise DataError(f"the DataFrame of {what}, row {number}: {error}") from error
    return tuple(found)


def _record(row: dict[str, Any]) -> Record:
    for answer in _objects(row.get("answers")):
        answer["rank"] = _whole(answer.get("rank"))
    for comparison in _objects(row.get("comparisons")):  # Parquet gives each row the columns of all rows
        for column in [name for name, cell in comparison.items() if cell is None]:
            del comparison[column]
    return Record.from_json(row)


def _objects(cell: Any) -> Iterator[dict[str, Any]]:
    return (item for item in cell if isinstance(item, dict)) if isinstance(cell, list) else iter(())


def _ballot(row: dict[str, Any]) -> Ballot:
    ranks = row.get("ranks")
    return Ballot.from_json({**row, "ranks": [*map(_whole, ranks)]} if isinstance(ranks, list) else row)


def _plain(cell: Any) -> Any:
    """A cell as JSON holds it."""
    import numpy as np
    import pandas as pd

    if isinstance(cell, np.ndarray | np.generic):
        cell = cell.tolist()
    if isinstance(cell, Mapping):
        return {name: _plain(value) for name, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(item) for item in cell]
    if cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _whole(rank: Any) -> Any:
    """A rank as a whole number: beside a missing one pandas makes 2 a 2.0."""
    return int(rank) if isinstance(rank, float) and rank.is_integer() else rank
