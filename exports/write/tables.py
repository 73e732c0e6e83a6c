"""Write rows as CSV, TSV, JSON Lines or Parquet: whole or not at all, always the same bytes.

Rows are read in a stream, but for Parquet with lists and objects, whose types only all rows tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any

from workspace.files.batches import batched
from workspace.files.jsonl import dumps, replacing

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
BATCH = 1000


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows of texts, lists and objects in the format that the path's suffix names.

    CSV and TSV are UTF-8 with LF after each row, and quote only the cells that need it; what is no text is JSON
    there. A column that a row lacks is blank there, null in Parquet, and absent in JSON Lines.

    Raises:
        DataError: the file cannot be written; what was at ``path`` is not changed.
        ValueError: the suffix is not one of ``SUFFIXES``.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"a suffix must be one of {SUFFIXES}, got {suffix!r}")
    with replacing(path) as file:
        if suffix == ".parquet":
            _write_parquet(file, rows, columns)
        elif suffix == ".jsonl":
            file.writelines(f"{dumps(dict(row))}\n".encode() for row in rows)
        else:
            delimiter = "\t" if suffix == ".tsv" else ","
            cells = chain([columns], ([_text(row.get(column, "")) for column in columns] for row in rows))
            file.writelines(f"{_line(row, delimiter)}\n".encode() for row in cells)


def _text(cell: Any) -> str:
    """A cell as the loaders read it from a file that has more than texts."""
    return cell if isinstance(cell, str) else str(cell) if isinstance(cell, bool) else dumps(cell)


def _line(cells: Sequence[str], delimiter: str) -> str:
    # not csv.writer: before Python 3.13 it leaves a lone CR unquoted, which readers take for the end of a row
    line = delimiter.join(_quoted(cell, delimiter) for cell in cells)
    return line or '""'


def _quoted(cell: str, delimiter: str) -> str:
    if re.search(rf'[{delimiter}"\r\n]', cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _write_parquet(file: IO[bytes], rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    batches = batched(rows, BATCH)
    first = next(batches, [])
    rest: Iterable[Sequence[Mapping[str, Any]]] = batches
    texts = dict.fromkeys(columns, pa.string())
    if any(not isinstance(cell, str) for row in first for cell in row.values()):
        rest = [*batches]
        texts |= {column: _type([row.get(column) for row in chain(first, *rest)]) for column in columns}
    schema = pa.schema(list(texts.items()))
    with pq.ParquetWriter(file, schema) as writer:
        for batch in chain([first], rest):
            cells = [_column([row.get(column) for row in batch], texts[column]) for column in columns]
            writer.write_table(pa.Table.from_arrays(cells, schema=schema))


def _type(cells: Sequence[Any]) -> Any:
    """The Parquet type of a column: of texts where its cells are of several types, which are then JSON."""
    import pyarrow as pa

    try:
        found = pa.array(cells).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
    return pa.string() if pa.types.is_null(found) else found


def _column(cells: Sequence[Any], type: Any) -> Any:
    import pyarrow as pa

    return pa.array(
        [_text(cell) if cell is not None else None for cell in cells] if type == pa.string() else cells, type
    )
