"""Make an Arrow table of a format's rows: files and datasets are both made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from exports.formats.base import ColumnType, Format, TrainingRow


def arrow_schema(format: Format) -> Any:
    """The pyarrow schema of a format."""
    import pyarrow as pa

    types: dict[ColumnType, Any] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
        "integers": pa.list_(pa.int64()),
        "flags": pa.list_(pa.bool_()),
        "messages": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    }
    return pa.schema([(name, types[kind]) for name, kind in format.columns.items()])


def arrow_table(rows: Sequence[TrainingRow], format: Format, schema: Any) -> Any:
    """Make a pyarrow table of some rows, column by column; ``schema`` is the format's."""
    import pyarrow as pa

    columns = []
    for (name, kind), field in zip(format.columns.items(), schema, strict=True):
        cells = [row[name] for row in rows]
        columns.append(_conversations(cells, field.type) if kind == "messages" else pa.array(cells, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _conversations(cells: Sequence[Sequence[Mapping[str, str]]], type: Any) -> Any:
    """A column of conversations, made from its texts: much faster than from the objects."""
    import pyarrow as pa

    messages = [message for cell in cells for message in cell]
    texts = [pa.array([message[name] for message in messages], pa.string()) for name in ("role", "content")]
    offsets = pa.array(list(accumulate(map(len, cells), initial=0)), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(texts, fields=list(type.value_type)), type)
