"""The text of a file: UTF-8 or UTF-16, or the encoding that the user names. None is ever guessed."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from loaders.source.content import Content
from loaders.source.location import Location
from workspace.errors import ConfigError, DataError

_MARKS = {  # the byte order marks, the longer before those that they begin with
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_TO_HERE, _FROM_HERE = re.compile(rb"[^\s,;|\"]{0,20}$"), re.compile(rb"[^\s,;|\"]{0,20}")
BOM = "\ufeff"
_LEGACY = ("cp1252", "mac_roman", "cp850")  # Excel's: on Windows, on a Mac, and as "MS-DOS"
_TELLING = "áéíóúüñÁÉÍÓÚÜÑ¿¡ªº«»’‘“”–—…€"  # what texts in Spanish have beyond ASCII


@contextmanager
def opened_text(content: Content, location: Location) -> Iterator[TextIO]:
    """The text of a file, its line ends as they are, without byte order marks at its beginning.

    Raises:
        DataError: it is not text of its encoding; names the line and the option that reads it. While it is read, too.
        ConfigError: another encoding is given than that of its byte order mark.
    """
    encoding = encoding_of(content, location)
    try:
        with io.TextIOWrapper(content.open(), encoding, newline="") as text:
            yield text
    except UnicodeError as error:
        raise _not_text(content, encoding) from error


def encoding_of(content: Content, location: Location) -> str:
    """The encoding by the byte order mark, else the one that is given, else UTF-8.

    Raises:
        ConfigError: both, and they differ.
    """
    marked = next((name for mark, name in _MARKS.items() if content.head.startswith(mark)), None)
    given = location.encoding
    if marked and given and codecs.lookup(given).name.split("-")[:2] != marked.split("-"):
        raise ConfigError(f"{content.name}: it begins with the mark of {marked.upper()}; leave --encoding out")
    return marked or given or "utf-8"


def lines(text: TextIO, name: str) -> Iterator[str]:
    """The lines of a text, with their ends, without byte order marks at the beginning.

    Raises:
        DataError: a line holds a NUL character; names it.
    """
    for number, line in enumerate(text, start=1):
        if number == 1:
            line = line.lstrip(BOM)
        if "\x00" in line:
            raise DataError(
                f"{name}, line {number}: it holds a NUL character; remove it (where the file is UTF-16 without a "
                "mark, give --encoding utf-16-le)"
            )
        yield line


def decoded(content: Content, location: Location) -> str:
    """The whole text of a file.

    Raises:
        DataError, ConfigError: as ``opened_text`` and ``lines``.
    """
    with opened_text(content, location) as text:
        return "".join(lines(text, content.name))


def _not_text(content: Content, encoding: str) -> DataError:
    """Where the file is not text of its encoding, and the option that reads it."""
    if codecs.lookup(encoding).name != "utf-8":
        return DataError(f"{content.name}: it is not {encoding} text; give the --encoding that it was saved in")
    is_mixed = False
    with content.open() as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                where = f"{content.name}, line {number}: byte 0x{line[error.start]:02x} is not UTF-8 text"
                if b"\x00" in line:
                    side = "be" if content.head.startswith(b"\x00") else "le"
                    return DataError(f"{where}, but UTF-16 without its mark; give --encoding utf-16-{side}")
                word, legacy = _read_as(line, error.start)
                if is_mixed:
                    return DataError(
                        f"{where}, though the lines before it are; if it is to be {word!r}, two files were put "
                        f"together: save the one that is {legacy} as UTF-8 before"
                    )
                return DataError(f"{where}; if it is to be {word!r}, give --encoding {legacy}")
            is_mixed |= not line.isascii() and number > 1
    return DataError(f"{content.name}: the end is not UTF-8 text; the file is cut off")


def _read_as(line: bytes, place: int) -> tuple[str, str]:
    """The word that has its ``place``th byte as older programs write it, and their encoding."""
    before, after = _TO_HERE.search(line[:place]), _FROM_HERE.match(line[place:])
    word = (before[0] if before else b"") + (after[0] if after else b"")
    legacy = max(_LEGACY, key=lambda encoding: sum(map(_TELLING.count, line.decode(encoding, errors="ignore"))))
    try:
        return word.decode(legacy), legacy
    except UnicodeDecodeError:
        return word.decode("latin-1"), "latin-1"  # every byte is a character there
