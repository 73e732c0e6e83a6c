"""Write the rows of a format as Parquet or as JSON Lines, always the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from exports.formats import Format, TrainingRow
from exports.formats.arrow import arrow_schema, arrow_table
from workspace.files.jsonl import dumps

ROWS_A_BATCH = 5000


class Table:
    """A Parquet file with the columns of one format, written in batches."""

    def __init__(self, path: Path, format: Format) -> None:
        import pyarrow.parquet

        path.parent.mkdir(parents=True, exist_ok=True)
        self._format = format
        self._schema = arrow_schema(format)
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._rows: list[TrainingRow] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, rows: Iterable[TrainingRow]) -> None:
        """Add rows; they reach the file a batch at a time."""
        self._rows.extend(rows)
        if len(self._rows) >= ROWS_A_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(arrow_table(self._rows, self._format, self._schema))
            self._rows.clear()


class Lines:
    """A JSON Lines file with one row a line, its keys in the order of the columns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, rows: Iterable[Any]) -> None:
        """Add rows."""
        self._file.writelines(dumps(row).encode() + b"\n" for row in rows)
