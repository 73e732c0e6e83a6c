"""Parquet and Arrow files: columns of typed values.

Texts are decoded a batch at a time, and their size is known before they are: a small file may hold one long text as
often as it likes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from loaders.source.content import COLUMNAR, Content, check_size
from loaders.source.json_rows import row_of
from loaders.source.table import Row, checked_names
from workspace.errors import DataError, one_line

_BATCH = 1024  # rows
_AT_ONCE = 64 << 20  # bytes of texts that are decoded at once
_BATCH_OF_LISTS = 64  # whose size is not known before they are decoded
_PARQUET, _ARROW = b"PAR1", b"ARROW1"
_INDEX = "__index_level_"  # how pandas calls an index without a name


def is_columnar(content: Content) -> bool:
    """Whether it is such a file, whatever it is called."""
    return content.head.startswith((_PARQUET, _ARROW)) or content.suffix in COLUMNAR


def read_columnar(content: Content, notes: list[str]) -> Iterator[Row]:
    """The rows of a Parquet file, or of an Arrow file or stream; ``notes`` grows by what a person should know.

    Raises:
        DataError: it cannot be read, or holds more than is read at once.
    """
    import pyarrow as pa

    is_parquet = content.head.startswith(_PARQUET) or content.suffix == ".parquet"
    size = held = number = 0
    try:
        for batch in _parquet(content) if is_parquet else _arrow(content):
            large = sum(map(_size, batch.columns))
            check_size(content.name, size := size + large)
            names = [name for name in batch.schema.names if not name.startswith(_INDEX)]
            if not number and len(names) < batch.num_columns:
                notes.append(f"{content.name}: an index of pandas without a name is dropped")
            for part in _parts(batch, large):
                columns = [_texts(part.column(name), f"{content.name}: column {name!r}") for name in names]
                for values in pa.RecordBatch.from_arrays(columns, names).to_pylist():
                    number += 1
                    row = row_of(values, number, f"{content.name}, row {number}")
                    check_size(content.name, held := held + sum(map(len, row.cells.values())))
                    yield row
    except (OSError, UnicodeDecodeError, MemoryError, pa.ArrowException) as error:
        kind = "a Parquet" if is_parquet else "an Arrow"
        raise DataError(f"{content.name}: not {kind} file that can be read ({one_line(error)})") from error


def _parts(batch: Any, size: int) -> Iterator[Any]:
    """A batch in so many parts that none of them takes much memory."""
    step = max(1, batch.num_rows * _AT_ONCE // max(size, _AT_ONCE))
    return (batch.slice(start, step) for start in range(0, batch.num_rows, step))


def _whole(content: Content) -> bytes:
    with content.open() as file:
        return file.read()


def _parquet(content: Content) -> Iterator[Any]:
    import pyarrow.parquet as pq

    source = content.path or io.BytesIO(_whole(content))
    with pq.ParquetFile(source) as file:
        fields = [*file.schema_arrow]
        footer = file.metadata
        check_size(
            content.name, sum(footer.row_group(place).total_byte_size for place in range(footer.num_row_groups))
        )
    checked_names([field.name for field in fields], content.name)
    texts = [field.name for field in fields if _is_text(field.type)]
    with pq.ParquetFile(source, read_dictionary=texts) as file:
        is_flat = all(field.type.num_fields == 0 for field in fields)
        yield from file.iter_batches(batch_size=_BATCH if is_flat else _BATCH_OF_LISTS)


def _arrow(content: Content) -> Iterator[Any]:
    import pyarrow as pa

    source = _whole(content)
    if content.head.startswith(_ARROW):
        with pa.ipc.open_file(source) as file:
            checked_names(file.schema.names, content.name)
            whole = (file.get_batch(place) for place in range(file.num_record_batches))
            yield from (batch.slice(start, _BATCH) for batch in whole for start in range(0, batch.num_rows, _BATCH))
    else:
        with pa.ipc.open_stream(source) as stream:
            checked_names(stream.schema.names, content.name)
            yield from (batch.slice(start, _BATCH) for batch in stream for start in range(0, batch.num_rows, _BATCH))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _size(column: Any) -> int:
    """How many bytes a column takes when each of its values is held by itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type) and not column.type.value_type.num_fields:
        values = column.dictionary
        if pa.types.is_primitive(values.type):
            return int(column.nbytes)
        return int(pc.sum(pc.take(pc.cast(pc.binary_length(values), pa.int64()), column.indices)).as_py() or 0)
    return int(column.nbytes)


def _texts(column: Any, called: str) -> Any:
    """A column whose texts are texts: no numbers of texts, and no bytes if they are UTF-8."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        try:
            column = column.cast(pa.large_string())
        except pa.ArrowInvalid as error:
            raise DataError(f"{called} holds bytes where a text is needed") from error
    return column
