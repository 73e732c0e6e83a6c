"""Read preference data from a file, a folder or the Hugging Face Hub, whatever its container.

A source is a CSV, TSV, JSON Lines or Parquet file, a folder that ``datasets`` can load, or the name ``owner/name`` of
a dataset on the Hub. Its rows are pairs in H4rmony's columns or in ``prompt, chosen, rejected``; a JSON Lines file
may hold imploded records instead, which are passed on as they are.

Every cell becomes text, so that equal data are equal whatever the container: None and NaN are "", 612 and 612.0 are
"612", true is "True", a list or an object is JSON. CSV is UTF-8 (a BOM is passed over), with LF, CRLF or CR between
rows; line ends inside a quoted cell reach the rules as they are; lines without any cell are no rows.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

from loaders.imploding.implode import Counts, Imploded, implode
from loaders.source.table import Row, Table
from workspace.errors import ConfigError, DataError
from workspace.files.jsonl import read_jsonl
from workspace.model.h4rmony import PAIR_COLUMNS, TEXT_COLUMNS
from workspace.model.records import Record

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (*_DELIMITERS, *_JSON_LINES, ".parquet")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_PLAIN_COLUMNS = frozenset(name.casefold() for name in (*TEXT_COLUMNS, *PAIR_COLUMNS, "PromptID", "ComparedRanks"))


@dataclass(frozen=True)
class RecordFile:
    """The records of an imploded JSON Lines file that is sorted by id; each iteration reads it anew."""

    path: Path

    def __iter__(self) -> Iterator[Record]:
        return read_jsonl(self.path, Record.from_json)


def read_records(source: str, *, revision: str | None = None, source_name: str | None = None) -> Imploded:
    """Read any source and implode it, unless it holds imploded records already.

    Args:
        source: a path, or ``owner/name`` of a dataset on the Hub.
        revision: the Hub dataset's commit, branch or tag.
        source_name: the beginning of the records' ids; not for imploded records, which have theirs.

    Raises:
        DataError: the source cannot be read or is no preference data; names the file and the line or row.
        ConfigError: ``revision`` or ``source_name`` does not fit the source.
    """
    path = Path(source)
    if holds_records(path):
        if source_name or revision:
            raise ConfigError(f"{source}: it holds imploded records, which have no revision and keep their ids")
        return _read_imploded(path)
    return implode(read_table(source, revision=revision).rows, source=source, source_name=source_name)


def read_table(source: str, *, revision: str | None = None) -> Table:
    """Read the rows of any source as text.

    Raises:
        DataError: the source cannot be read; names the file and the line or row, and the remedy.
        ConfigError: ``revision`` is given for a local file.
    """
    path = Path(source)
    if path.exists():
        if revision:
            raise ConfigError(f"{source}: a revision is for a dataset on the Hub, and this is a local path")
        rows = _read_dataset(source, None) if path.is_dir() else _read_file(path)
    elif _HUB_NAME.fullmatch(source) and path.suffix.lower() not in (*_SUFFIXES, ".json", ".txt", ".xlsx"):
        rows = _read_dataset(source, revision)
    else:
        raise DataError(f"{source}: no such file; give a path, or owner/name of a dataset on the Hugging Face Hub")
    table = tuple(rows)
    if not table:
        header = "a header and " if path.suffix.lower() in _DELIMITERS else ""
        raise DataError(f"{source}: it has {header}no rows")
    return Table(source, tuple(dict.fromkeys(column for row in table for column in row.cells)), table)


def canonical_cell(value: Any, column: str) -> str:
    """The text of one cell, by the rules in the module's docstring.

    Raises:
        DataError: a list or an object where a text is needed, bytes, or a character that is no valid UTF-8 text.
    """
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if value is None or value != value:
        return ""
    if isinstance(value, list | dict):
        if column.strip().casefold() in _PLAIN_COLUMNS:
            kind = "a list (of messages?)" if isinstance(value, list) else "an object"
            raise DataError(f"column {column!r} holds {kind} where a text is needed; write its text into the cell")
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if not isinstance(value, str | int | float | Decimal | date | time):
        raise DataError(f"column {column!r} holds {type(value).__name__} where a text is needed")
    return _checked(str(value), column)


def _checked(text: str, column: str) -> str:
    if "\x00" in text:
        raise DataError(f"column {column!r} holds a NUL character; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"column {column!r} holds half a surrogate pair, which is no text; remove it") from error
    return text


def _read_file(path: Path) -> Iterable[Row]:
    suffix = path.suffix.lower()
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    if suffix in _DELIMITERS:
        return _read_delimited(path, _DELIMITERS[suffix])
    if suffix in _JSON_LINES:
        return _rows_of(read_jsonl(path, _json_cells))
    if suffix == ".parquet":
        return _read_parquet(path)
    raise DataError(f"{path}: cannot tell its format; it must end in {', '.join(_SUFFIXES)}")


def _read_delimited(path: Path, delimiter: str) -> Iterator[Row]:
    text = _decode(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    header: list[str] | None = None
    number = 0
    with _huge_cells():
        try:
            for cells in lines:
                line, begins = begins, lines.line_num + 1
                if not cells:
                    continue
                if header is None:
                    header = _checked_header(path, line, cells)
                    continue
                if len(cells) != len(header):
                    raise DataError(
                        f"{path}, line {line}: {len(cells)} cells where the header has {len(header)}; "
                        "quote cells that hold the separator, a quote or a line end"
                    )
                number += 1
                yield Row(number, dict(zip(header, cells, strict=True)), line)
        except csv.Error as error:
            raise DataError(f"{path}, line {begins}: a quote is not closed or stands astray ({error})") from error
    if header is None:
        raise DataError(f"{path}: the file is empty")


def _decode(path: Path) -> str:
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


def _checked_header(path: Path, line: int, cells: Sequence[str]) -> list[str]:
    twice = [name for place, name in enumerate(cells) if name in cells[:place]]
    if twice:
        raise DataError(f"{path}, line {line}: the header names column {twice[0]!r} twice; rename one")
    return list(cells)


@contextmanager
def _huge_cells() -> Iterator[None]:
    """Let ``csv`` read cells of any size; its limit is global, so it is put back."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _json_cells(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise DataError(f"a JSON object is needed, got {type(value).__name__}")
    return {_checked(column, column): canonical_cell(cell, column) for column, cell in value.items()}


def _rows_of(cells: Iterable[Mapping[str, str]]) -> Iterator[Row]:
    return (Row(number, row) for number, row in enumerate(cells, start=1))


def _numbered(source: str, values: Iterable[Any]) -> Iterator[Row]:
    for number, value in enumerate(values, start=1):
        try:
            yield Row(number, _json_cells(value))
        except DataError as error:
            raise DataError(f"{source}, row {number}: {error}") from error


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _checked_header(path, 1, names)
            yield from _numbered(str(path), chain.from_iterable(b.to_pylist() for b in file.iter_batches()))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: not a Parquet file that can be read ({_first_line(error)})") from error


def _read_dataset(source: str, revision: str | None) -> Iterator[Row]:
    """The rows of all splits of a dataset, in the order of the splits, numbered through."""
    import datasets
    import httpx
    from datasets.exceptions import DatasetsError

    try:
        if not sys.stderr.isatty():
            datasets.disable_progress_bars()
        kind = datasets.load_dataset_builder(source, revision=revision).name
        # pandas would read answers such as "None" and "NA" as no text at all
        verbatim = {"keep_default_na": False} if kind == "csv" else {}
        splits = datasets.load_dataset(source, revision=revision, **verbatim)
    except (ConnectionError, httpx.HTTPError) as error:
        raise DataError(
            f"{source}: no such path here, and the Hugging Face Hub cannot be reached ({_first_line(error)}); "
            "check the name and the network, or download the file and give its path"
        ) from error
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"{source}: cannot be loaded as a dataset ({_first_line(error)})") from error
    yield from _numbered(source, chain.from_iterable(splits[name] for name in splits))


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def holds_records(path: Path) -> bool:
    """True for a JSON Lines file whose first line is an imploded record, and no pair."""
    if path.suffix.lower() not in _JSON_LINES or not path.is_file():
        return False
    first = next(iter(islice(read_jsonl(path, lambda value: value), 1)), None)
    return isinstance(first, dict) and {"id", "prompt", "answers"} <= first.keys()


def _read_imploded(path: Path) -> Imploded:
    """Check the whole file once; stream it if it is sorted by id, else hold and sort it."""
    ids: list[str] = []
    rows = ranked = 0
    for record in RecordFile(path):
        ids.append(record.id)
        rows += len(record.comparisons)
        ranked += record.is_ranked
    in_order = all(first <= second for first, second in pairwise(ids))
    for first, second in pairwise(ids if in_order else sorted(ids)):
        if first == second:
            raise DataError(f"{path}: record {first!r} stands twice; remove one")
    records: Iterable[Record] = RecordFile(path)
    if not in_order:
        records = tuple(sorted(records, key=lambda record: record.id))
    return Imploded(records, (), Counts(rows, 0, len(ids), ranked))
