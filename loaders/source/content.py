"""The bytes of a file, unpacked: what begins with the mark of gzip, bzip2, xz or zip is, whatever it is called.

No more than ``MOST_BYTES`` are unpacked or read, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from loaders.source.location import STDIN
from workspace.errors import DataError, one_line

MOST_BYTES = 2 << 30
DELIMITED = {".csv": "comma", ".tsv": "tab", ".tab": "tab", ".txt": "tab"}  # with the usual separator of each
JSON_LINES = (".jsonl", ".ndjson")
JSON = (".json", *JSON_LINES)
COLUMNAR = (".parquet", ".arrow", ".feather")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TABLES = (*DELIMITED, *JSON, *COLUMNAR, *WORKBOOKS)
_PACKED: dict[bytes, tuple[str, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b": (".gz", gzip.open),
    b"BZh": (".bz2", bz2.open),
    b"\xfd7zXZ\x00": (".xz", lzma.open),
}
_ZIP, _OLE, _ZSTD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x28\xb5\x2f\xfd"
PACKED = (*(suffix for suffix, _ in _PACKED.values()), ".zip")
_WORKBOOK_PARTS = {"[Content_Types].xml", "mimetype"}  # a workbook of Excel or LibreOffice is a zip file with these
# what broken and odd archives raise; a RuntimeError is a password
_UNPACKING = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Content:
    """The unpacked bytes of one file.

    Attributes:
        name: what messages call it.
        suffix: what its name ends in, in lower case and without that of a packed file; "" where it has no name.
        opened: opens the bytes from their beginning, for as long as the stack is open.
        path: where these very bytes are; None for standard input and for what is unpacked.
    """

    name: str
    suffix: str
    opened: Callable[[ExitStack], IO[bytes]]
    path: Path | None = None

    @cached_property
    def head(self) -> bytes:
        """The first KiB.

        Raises:
            DataError: as ``open``.
        """
        with self.open() as file:
            return file.read(1024)

    def members(self, ending: str) -> Iterator[Content]:
        """The files in a zip file whose names end so; none where it is no zip file.

        Raises:
            DataError: it cannot be read, or is too large.
        """
        if self.head.startswith(_ZIP):
            for member in _members(self):
                if member.filename.endswith(ending):
                    yield Content(f"{self.name}, {member.filename}", ending, partial(_in_archive, self, member))

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook of Excel or LibreOffice, whatever it is called."""
        if not self.head.startswith(_ZIP):
            return self.suffix in WORKBOOKS or self.head.startswith(_OLE)
        return bool(_WORKBOOK_PARTS & {member.filename for member in _members(self)})

    def open(self) -> IO[bytes]:
        """The bytes from their beginning.

        Raises:
            DataError: they cannot be read, or there are more than ``MOST_BYTES``; while they are read, too.
        """
        with ExitStack() as stack:
            try:
                stream = self.opened(stack)
            except _UNPACKING as error:
                raise _unreadable(self.name, error) from error
            return io.BufferedReader(_Bounded(self.name, stream, stack.pop_all()))


class _Bounded(io.RawIOBase):
    """A stream that gives no more than ``MOST_BYTES``, and says what is wrong with its file in one line."""

    def __init__(self, name: str, stream: IO[bytes], stack: ExitStack) -> None:
        self.called, self.stream, self.stack, self.given = name, stream, stack, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes into the buffer; how many."""
        try:
            data = self.stream.read(len(buffer))
        except _UNPACKING as error:
            raise _unreadable(self.called, error) from error
        self.given += len(data)
        check_size(self.called, self.given)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream too, and what it is in."""
        self.stack.close()
        super().close()


def check_size(name: str, size: int) -> None:
    """Refuse what would fill the memory.

    Raises:
        DataError: the size is above ``MOST_BYTES``.
    """
    if size > MOST_BYTES:
        raise DataError(f"{name}: it holds more than {MOST_BYTES >> 30} GiB, the most that is read at once; split it")


def find_content(path: Path, name: str = "") -> Content:
    """The content of a file, of a pipe (``<(zcat pairs.gz)`` in a shell), or of standard input where the path is "-".

    Raises:
        DataError: it cannot be read, or is plainly no table; names the file and the remedy.
    """
    if str(path) == STDIN:
        whole = _read_once("standard input", _standard_input())
    elif path.is_fifo():
        with path.open("rb") as pipe:
            whole = _read_once(str(path), pipe)
    else:
        whole = Content(
            name or str(path), path.suffix.lower(), lambda stack: stack.enter_context(path.open("rb")), path
        )
    _check_mark(whole)
    if whole.head.startswith(_ZIP) and not whole.is_workbook:
        return _of_zip(whole)
    for mark, (ending, unpack) in _PACKED.items():
        if whole.head.startswith(mark):
            suffix = Path(path.stem).suffix.lower() if whole.suffix == ending else whole.suffix
            content = Content(whole.name, suffix, partial(_unpacked, whole, unpack))
            _check_mark(content)
            return content
    return whole


def _unpacked(whole: Content, unpack: Callable[[IO[bytes]], Any], stack: ExitStack) -> IO[bytes]:
    stream: IO[bytes] = stack.enter_context(unpack(whole.opened(stack)))
    return stream


def _standard_input() -> IO[bytes]:
    if sys.stdin.isatty():
        raise DataError("standard input: nothing is piped in; give a file, or pipe one in")
    return sys.stdin.buffer


def _read_once(name: str, stream: IO[bytes]) -> Content:
    """What comes from a stream, which can be read but once."""
    data = stream.read(MOST_BYTES + 1)
    check_size(name, len(data))
    return Content(name, "", lambda _: io.BytesIO(data))


def _of_zip(whole: Content) -> Content:
    """The one table in a zip file."""
    tables = [member for member in _members(whole) if _is_table(member.filename)]
    if len(tables) != 1:
        names = ", ".join(member.filename for member in tables[:8]) or "none"
        raise DataError(f"{whole.name}: a zip file with one table is needed, and it has {names}; unpack it")
    (member,) = tables
    name = f"{whole.name}, {member.filename}"
    content = Content(name, Path(member.filename).suffix.lower(), partial(_in_archive, whole, member))
    _check_mark(content)
    return content


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in TABLES and not any(part.startswith((".", "__")) for part in path.parts)


def _in_archive(whole: Content, member: zipfile.ZipInfo, stack: ExitStack) -> IO[bytes]:
    archive = stack.enter_context(zipfile.ZipFile(whole.opened(stack)))
    return stack.enter_context(archive.open(member))


def _members(whole: Content) -> list[zipfile.ZipInfo]:
    try:
        with ExitStack() as stack:
            members = stack.enter_context(zipfile.ZipFile(whole.opened(stack))).infolist()
    except _UNPACKING as error:
        raise _unreadable(whole.name, error) from error
    check_size(whole.name, sum(member.file_size for member in members))
    return members


def _check_mark(content: Content) -> None:
    """Refuse what is plainly no table, and say what to do."""
    start = content.head.lstrip()[:100].lower()
    if start.startswith(b"version https://git-lfs"):
        raise DataError(
            f"{content.name}: a pointer of Git LFS, not the data; run `git lfs pull` in its folder, or download it"
        )
    if start.startswith((b"<!doctype html", b"<html")):
        raise DataError(f"{content.name}: a web page, not a table; log in there and download the file itself")
    if start.startswith(_ZSTD):
        raise DataError(f"{content.name}: packed with Zstandard; unpack it with `zstd -d`")
    if not content.head:
        raise DataError(f"{content.name}: the file is empty")


def _unreadable(name: str, error: Exception) -> DataError:
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{name}: cannot be read ({error.strerror})")
    return DataError(f"{name}: cannot be unpacked ({one_line(error)}); copy it again, or unpack it by hand")
