"""Tables of a publication: their columns with their types, and constant columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_columns(path: Path, columns: Mapping[str, str]) -> None:
    """Add constant columns to a table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = path.with_suffix(".part")
    with pq.ParquetFile(path) as source:
        schema = pa.schema([*source.schema_arrow, *((name, pa.string()) for name in columns)])
        with pq.ParquetWriter(part, schema) as writer:
            for group in range(source.num_row_groups):
                table = source.read_row_group(group)
                for name, value in columns.items():
                    table = table.append_column(name, pa.array([value] * len(table), pa.string()))
                writer.write_table(table)
    part.replace(path)


def kinds_of(schema: Any) -> dict[str, str]:
    """The columns of a table with their types as ``words.KINDS`` names them."""
    import pyarrow as pa

    def kind(type: Any) -> str:
        if pa.types.is_list(type):
            return f"list<{kind(type.value_type)}>"
        return "message" if pa.types.is_struct(type) else str(type)

    return {column.name: kind(column.type) for column in schema}
