"""DataFrames as tables: the cells are the texts that pandas would write into a CSV file.

- None, NaN, NaT and NA are blank cells; numbers, dates and True are as ``DataFrame.to_csv`` writes them.
- A float column in which a cell is blank and every number is whole holds integers: pandas turns integers into floats
  where a cell is missing. So ``pandas.read_csv`` and the file itself give the same records.
- In a column of objects each cell is written by itself. Lists and objects are JSON.

``read_csv`` also takes words such as "None" and "NA" for missing cells, unless it is told ``keep_default_na=False``.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loaders.source.table import checked_names

if TYPE_CHECKING:
    import pandas as pd

NAME = "the DataFrame"
_EXACT = 2**53  # beyond, a float does not tell whole numbers apart


def as_frame(source: object) -> pd.DataFrame | None:
    """``source`` if it is a DataFrame, or a Series as a DataFrame of one column; None for anything else.

    A Series of dicts is not a column but an iterable of rows. pandas is not imported: whoever has a DataFrame has it.
    """
    pandas = sys.modules.get("pandas")
    if pandas and isinstance(source, pandas.Series) and not any(isinstance(value, Mapping) for value in source):
        source = source.to_frame()
    return source if pandas and isinstance(source, pandas.DataFrame) else None


def frame_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The cells of each row of a DataFrame, in their order; numbers and dates are texts. Its index is not read.

    Raises:
        DataError: two columns have one name.
    """
    names = checked_names([str(name) for name in frame.columns], NAME)
    for cells in zip(*(_cells(frame.iloc[:, place]) for place in range(len(names))), strict=True):
        yield dict(zip(names, cells, strict=True))


def _cells(column: pd.Series[Any]) -> Iterable[Any]:
    from pandas.api import types

    if types.is_float_dtype(column.dtype) and column.isna().any():
        numbers = column.dropna()
        if ((numbers % 1 == 0) & (numbers.abs() < _EXACT)).all():
            column = column.astype("Int64")
    kinds = (types.is_numeric_dtype, types.is_datetime64_any_dtype, types.is_timedelta64_dtype)
    if any(is_kind(column.dtype) for is_kind in kinds):
        return [line[0] for line in csv.reader(io.StringIO(column.to_csv(index=False, header=False)))]
    return column
