"""Read a table of preference data or of texts: a file, a folder, a dataset of the Hub, a DataFrame or rows.

A file is CSV, TSV, JSON Lines or Parquet. CSV is UTF-8 (a BOM is passed over), with LF, CRLF or CR between rows;
line ends inside a quoted cell reach the rules as they are; empty lines are not rows. A folder, and a dataset
``owner/name`` on the Hub, are what ``datasets`` loads. ``loaders.source.cells`` says which text each cell becomes.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from loaders.source import frames
from loaders.source.cells import canonical_cell, cell_text, checked_text
from loaders.source.table import Row, Table, checked_names
from workspace.errors import ConfigError, DataError, HubError, cut, one_line
from workspace.files.jsonl import read_jsonl
from workspace.hub import check_endpoint, download_dataset, is_hub_id

if TYPE_CHECKING:
    import pandas as pd

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (*_DELIMITERS, *JSON_LINES, ".parquet")
ROWS = "the rows"

TableSource: TypeAlias = Union[str, Path, "pd.DataFrame", "pd.Series[Any]", Iterable[Mapping[str, Any]]]


def read_table(source: TableSource, *, revision: str | None = None) -> Table:
    """Read the rows of any source as text.

    Args:
        source: a path, ``owner/name`` of a dataset on the Hub, a DataFrame, or rows as mappings.
        revision: the Hub dataset's commit, branch or tag.

    Raises:
        DataError: the source cannot be read; names the file or the column, the line or the row, and the remedy.
        ConfigError: ``revision`` is given for what is not on the Hub.
    """
    name, rows = _open(source, revision)
    table = tuple(rows)
    if not table:
        header = "a header and " if Path(name).suffix.lower() in _DELIMITERS else ""
        raise DataError(f"{name}: it has {header}no rows")
    return Table(name, tuple(dict.fromkeys(column for row in table for column in row.cells)), table)


def _open(source: TableSource, revision: str | None) -> tuple[str, Iterable[Row]]:
    """What messages call the source, and its rows."""
    if isinstance(source, str | Path):
        name, path = str(source), Path(source)
        if _exists(path):
            if revision:
                raise ConfigError(f"{name}: a revision is for a dataset on the Hub, and this is a local path")
            return name, _read_dataset(name, path) if path.is_dir() else _read_file(path)
        if is_hub_id(name) and path.suffix.lower() not in (*_SUFFIXES, ".json", ".txt", ".xlsx"):
            return name, _read_hub(name, revision)
        shown = cut(name, 200) or "an empty name"
        raise DataError(f"{shown}: no such file; give a path, or owner/name of a dataset on the Hugging Face Hub")
    if revision:
        raise ConfigError("a revision is for a dataset on the Hub, and this is data of your own")
    frame = frames.as_frame(source)
    if frame is not None:
        return frames.NAME, _numbered(frames.NAME, frames.frame_rows(frame), cell_text)
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise DataError(
            f"a path, a Hub id, a DataFrame or an iterable of rows is needed, got {type(source).__name__}"
        )
    return ROWS, _numbered(ROWS, source)


def _exists(path: Path) -> bool:
    try:
        return path != Path() and path.exists()  # an empty name is not this folder
    except OSError:  # no file can have this name
        return False


def _read_file(path: Path) -> Iterable[Row]:
    suffix = path.suffix.lower()
    if suffix in _DELIMITERS:
        return _read_delimited(path, _DELIMITERS[suffix])
    if suffix in JSON_LINES:
        return (Row(number, cells) for number, cells in enumerate(read_jsonl(path, _json_cells), start=1))
    if suffix == ".parquet":
        return _read_parquet(path)
    raise DataError(f"{path}: cannot tell its format; it must end in {', '.join(_SUFFIXES)}")


def _read_delimited(path: Path, delimiter: str) -> Iterator[Row]:
    text = decoded(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    header: list[str] | None = None
    number = 0
    limit = csv.field_size_limit(sys.maxsize)  # it is global, so it is put back
    try:
        for cells in lines:
            line, begins = begins, lines.line_num + 1
            if not cells:
                continue
            if header is None:
                header = checked_names(cells, f"{path}, line {line}")
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{path}, line {line}: {len(cells)} cells where the header has {len(header)}; "
                    "quote cells that hold the separator, a quote or a line end"
                )
            number += 1
            yield Row(number, dict(zip(header, cells, strict=True)), line)
    except csv.Error as error:
        problem = f"a quote is not closed, or is inside a cell without quotes ({error})"
        raise DataError(f"{path}, line {begins}: {problem}") from error
    finally:
        csv.field_size_limit(limit)
    if header is None:
        raise DataError(f"{path}: the file is empty")


def decoded(path: Path) -> str:
    """The text of a UTF-8 file, without a BOM.

    Raises:
        DataError: the file cannot be read, or is not UTF-8 text; names the line and the remedy.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path}, line 1: UTF-16 text; save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: byte 0x{error.object[error.start]:02x} is not UTF-8 text; save the file as UTF-8 "
            "(from Latin-1: iconv -f latin1 -t utf-8)"
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise DataError(f"{path}, line {line}: it holds a NUL character; remove it")
    return text


def _json_cells(value: Any, text_of: Callable[[Any, str], str] = canonical_cell) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise DataError(f"a JSON object is needed, got {type(value).__name__}")
    cells = {checked_text(str(name), str(name)): text_of(cell, str(name)) for name, cell in value.items()}
    if len(cells) < len(value):
        raise DataError("two columns have the same name, as 1 and '1' have; rename one")
    return cells


def _numbered(
    source: str, values: Iterable[Any], text_of: Callable[[Any, str], str] = canonical_cell
) -> Iterator[Row]:
    for number, value in enumerate(values, start=1):
        try:
            yield Row(number, _json_cells(value, text_of))
        except DataError as error:
            raise DataError(f"{source}, row {number}: {error}") from error


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            checked_names(file.schema_arrow.names, str(path))
            yield from _numbered(str(path), chain.from_iterable(b.to_pylist() for b in file.iter_batches()))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: not a Parquet file that can be read ({one_line(error)})") from error


def _read_hub(name: str, revision: str | None) -> Iterator[Row]:
    try:
        folder = download_dataset(name, revision)
    except HubError as error:
        raise type(error)(f"{error}, or give a path: there is none of this name here") from error
    return _read_dataset(name, folder)


def _read_dataset(source: str, folder: Path) -> Iterator[Row]:
    """The rows of all splits of a dataset, in the order of the splits, numbered through."""
    check_endpoint()
    import datasets
    from datasets.exceptions import DatasetsError

    try:
        if not sys.stderr.isatty():
            datasets.disable_progress_bars()
        kind = datasets.load_dataset_builder(str(folder)).name
        # pandas would read answers such as "None" and "NA" as no text at all
        verbatim = {"keep_default_na": False} if kind == "csv" else {}
        splits = datasets.load_dataset(str(folder), **verbatim)
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"{source}: cannot be loaded as a dataset ({one_line(error)})") from error
    yield from _numbered(source, chain.from_iterable(splits[name] for name in splits))
