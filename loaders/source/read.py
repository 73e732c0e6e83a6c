"""Read a table of preference data or of texts: files, a folder, a dataset of the Hub, a DataFrame or rows.

What a file holds decides how it is read, and its name only where that does not show. ``loaders.source.cells`` says
which text each cell becomes. Whatever the way in, the same table has the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from loaders.source import frames
from loaders.source.cells import canonical_cell, cell_text
from loaders.source.columnar import is_columnar, read_columnar
from loaders.source.content import DELIMITED, JSON, PACKED, TABLES, Content, find_content
from loaders.source.delimited import read_delimited
from loaders.source.folder import find_parts
from loaders.source.json_rows import read_json, row_of
from loaders.source.location import STDIN, Location, Place
from loaders.source.table import Row, Table, columns_of
from loaders.source.trees import untangled
from loaders.source.workbook import read_workbook
from workspace.errors import DataError, HubError, count_of, cut
from workspace.hub import download_dataset, is_hub_id

if TYPE_CHECKING:
    import pandas as pd

ROWS = "the rows"
_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*"[^"]*"\s*:')  # no header of a table begins so
_OF_FILES = ("encoding", "separator", "sheet")  # the options of some file
_OF_FOLDERS = ("config", "split", *_OF_FILES)
# UTF-8 read as Windows-1252 (Ã©, Â¿, â€œ), and the sign for what no encoding could read
_LATER = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore")) + "\u0080-\u009f"
_MISREAD = re.compile(f"\ufffd|[\u00c2\u00c3][{_LATER}]|\u00e2\u20ac[{_LATER}]")

TableSource: TypeAlias = Union[
    Place, Sequence[Place], Location, "pd.DataFrame", "pd.Series[Any]", Iterable[Mapping[str, Any]]
]


@dataclass(frozen=True)
class Found:
    """What stands at a location: one file or several, each with its name within a folder."""

    location: Location
    name: str
    files: Sequence[tuple[str, Content]]
    notes: tuple[str, ...] = ()

    @property
    def only(self) -> Content | None:
        """The file, if there is but one."""
        return self.files[0][1] if len(self.files) == 1 else None


def read_table(source: TableSource) -> Table:
    """Read the rows of any source as text.

    Args:
        source: a path, ``owner/name`` of a dataset on the Hub, several of them, a ``Location``, a DataFrame, or rows
            as mappings.

    Raises:
        DataError: the source cannot be read; names the file or the column, the line or the row, and the remedy.
        ConfigError: an option of the location does not fit what is there.
    """
    if location := as_location(source):
        return read_found(find(location))
    frame = frames.as_frame(source)
    if frame is not None:
        return untangled(_table(frames.NAME, _numbered(frames.NAME, frames.frame_rows(frame), cell_text)))
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise DataError(
            f"a path, a Hub id, a DataFrame or an iterable of rows is needed, got {type(source).__name__}"
        )
    return untangled(_table(ROWS, _numbered(ROWS, source)))


def as_location(source: object) -> Location | None:
    """The location that a source is or names; None for data."""
    if isinstance(source, Location):
        return source
    if isinstance(source, str | Path):
        return Location(source)
    if isinstance(source, Sequence) and source and all(isinstance(each, str | Path) for each in source):
        return Location(tuple(source))
    return None


def places_of(source: object) -> tuple[Place, ...]:
    """Where a source is; nowhere for data."""
    location = as_location(source)
    if location is None:
        return ()
    return (location.place,) if isinstance(location.place, str | Path) else tuple(location.place)


def find(location: Location) -> Found:
    """What stands at a location. A dataset on the Hub is downloaded.

    Raises:
        DataError: there is nothing, or nothing that can be a table; HubError: the Hub does not give it.
        ConfigError: an option does not fit what is there.
    """
    if isinstance(location.place, str | Path):
        return _find(location, location.place)
    found = [_find(location, place) for place in location.place]
    files = [file for each in found for file in each.files]
    name = str(location.place[0]) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    return Found(location, name, files, tuple(note for each in found for note in each.notes))


def _find(location: Location, place: Place) -> Found:
    name, path = str(place), Path(place)
    if name == STDIN or (_exists(path) and not path.is_dir()):
        name = "standard input" if name == STDIN else name
        location.check(name, "a file", _OF_FILES)
        return Found(location, name, [("", find_content(path))])
    if _exists(path):
        location.check(name, "a folder", _OF_FOLDERS)
        return _in_folder(location, name, path)
    if is_hub_id(name) and path.suffix.lower() not in (*TABLES, *PACKED):
        location.check(name, "a dataset on the Hub", (*_OF_FOLDERS, "revision"))
        try:
            folder = download_dataset(name, location.revision)
        except HubError as error:
            raise type(error)(f"{error}, or give a path: there is none of this name here") from error
        return _in_folder(location, name, folder)
    shown = cut(name, 200) or "an empty name"
    raise DataError(f"{shown}: no such file; give a path, or owner/name of a dataset on the Hugging Face Hub")


def _in_folder(location: Location, name: str, folder: Path) -> Found:
    notes: list[str] = []
    places = [part.path for part in find_parts(folder, name, location, notes)]
    within = [path.relative_to(folder).as_posix() for path in places]
    contents = [find_content(path, f"{name}/{place}") for path, place in zip(places, within, strict=True)]
    return Found(location, name, [*zip(within, contents, strict=True)], tuple(notes))


def _exists(path: Path) -> bool:
    try:
        return path != Path() and path.exists()  # an empty name is not this folder
    except OSError:  # no file can have this name
        return False


def read_found(found: Found) -> Table:
    """The rows of all files, one after another, numbered through.

    Raises:
        DataError: a file cannot be read; names the file, the line or the row, and the remedy.
        ConfigError: an option does not fit it.
    """
    notes = [*found.notes]
    rows: list[Row] = []
    for place, content in found.files:
        before = len(rows)
        rows += (
            Row(before + row.number, row.cells, None if before or len(found.files) > 1 else row.line)
            for row in _read_file(content, found.location, notes)
        )
        if len(found.files) > 1:
            read = count_of(len(rows) - before, "row")
            notes.append(f"{place or content.name}: {read}" + (f", from row {before + 1} on" if before else ""))
    if wrong := _misread(rows):
        notes.append(f"{found.name}: {wrong}")
    suffix = found.only.suffix if found.only else ""
    table = _table(found.name, rows, "a header and " if suffix in DELIMITED else "")
    return untangled(replace(table, notes=tuple(notes), told=found.location.columns or {}))


def _misread(rows: Iterable[Row]) -> str:
    """What looks like text that a program read in the wrong encoding and wrote again; "" if nothing does."""
    found = [
        (row.number, sign[0])
        for row in rows
        for cell in row.cells.values()
        if not cell.isascii() and (sign := _MISREAD.search(cell))
    ]
    if not found:
        return ""
    number, example = found[0]
    cells = count_of(len(found), "cell")
    return f"{cells} may have been read in the wrong encoding and saved so, as {example!r} in row {number} shows"


def _table(name: str, rows: Iterable[Row], header: str = "") -> Table:
    table = tuple(rows)
    if not table:
        raise DataError(f"{name}: it has {header}no rows")
    return Table(name, columns_of(table), table)


def _read_file(content: Content, location: Location, notes: list[str]) -> Iterable[Row]:
    if content.is_workbook:
        _check(content, location, "a workbook", "sheet")
        return read_workbook(content, location, notes)
    if is_columnar(content):
        _check(content, location, "a file of typed columns")
        return read_columnar(content, notes)
    unnamed = not content.suffix and content.head.lstrip()[:1] in (b"{", b"[")
    misnamed = content.suffix in DELIMITED and _OBJECT.match(content.head)
    if content.suffix in JSON or unnamed or misnamed:
        _check(content, location, "JSON", "encoding")
        return read_json(content, location, notes)
    if content.suffix in DELIMITED or not content.suffix:
        _check(content, location, "a text file", "encoding", "separator")
        return read_delimited(content, location, notes)
    if content.suffix == ".tmx":
        raise DataError(
            f"{content.name}: a translation memory, not preference data; `h4rmony memory import` reads it"
        )
    raise DataError(
        f"{content.name}: cannot tell its format; it must end in {', '.join(TABLES)}, or so and {', '.join(PACKED)}"
    )


def _check(content: Content, location: Location, what: str, *fitting: str) -> None:
    """Refuse an option of one file that does not fit it; in a folder it may fit another."""
    if isinstance(location.place, str | Path) and content.path == Path(location.place):
        location.check(content.name, what, fitting)


def _numbered(
    source: str, values: Iterable[Any], text_of: Callable[[Any, str], str] = canonical_cell
) -> Iterator[Row]:
    return (row_of(value, number, f"{source}, row {number}", text_of) for number, value in enumerate(values, start=1))
