"""Write the rows of a format as Parquet or as JSON Lines: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from exports.formats import Format, Kind, Row
from workspace.files.jsonl import dumps

ROWS_A_BATCH = 5000


class Sink(Protocol):
    """Where rows go."""

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows."""


class Table:
    """A Parquet file that is written in batches of one size, with the columns of one format."""

    def __init__(self, path: Path, format: Format) -> None:
        import pyarrow.parquet

        path.parent.mkdir(parents=True, exist_ok=True)
        self._format = format
        self._schema = arrow_schema(format)
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, rows: Iterable[Row]) -> None:
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, rows: Iterable[Any]) -> None:
        """Add rows."""
        self._file.writelines(dumps(row).encode() + b"\n" for row in rows)


def arrow_schema(format: Format) -> Any:
    """The pyarrow schema of a format."""
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
        "integers": pa.list_(pa.int64()),
        "messages": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    }
    return pa.schema([(name, types[kind]) for name, kind in format.columns.items()])


def arrow_table(rows: Sequence[Row], format: Format, schema: Any) -> Any:
    """A pyarrow table of some rows, made column by column; ``schema`` is the format's."""
    import pyarrow as pa

    columns = []
    for (name, kind), field in zip(format.columns.items(), schema, strict=True):
        cells = [row[name] for row in rows]
        columns.append(_conversations(cells, field.type) if kind == "messages" else pa.array(cells, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _conversations(cells: Sequence[Sequence[Mapping[str, str]]], type: Any) -> Any:
    """A column of conversations, from its texts: much faster than from the objects."""
    import pyarrow as pa

    messages = [message for cell in cells for message in cell]
    texts = [pa.array([message[name] for message in messages], pa.string()) for name in ("role", "content")]
    offsets = pa.array(list(accumulate(map(len, cells), initial=0)), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(texts, fields=list(type.value_type)), type)
