"""JSON Lines files: read one object at a time, and written completely or not at all; so are files of one object."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from workspace.errors import ConfigError, DataError

Value = TypeVar("Value")
_PART = re.compile(r"\.(.+)\.([0-9]+)-[0-9a-f]+\.part", re.DOTALL)  # of which file, by which process
# One line of JSON as this project writes it: UTF-8 characters as they are, keys in the order given.
# The encoder is made once: json.dumps makes one a call.
dumps = json.JSONEncoder(ensure_ascii=False).encode


def read_jsonl(path: Path, parse: Callable[[Any], Value]) -> Iterator[Value]:
    """Parse each line of a UTF-8 JSON Lines file, one at a time; blank lines and a BOM are passed over.

    Raises:
        DataError: the file cannot be read, or a line is not JSON or not what ``parse`` accepts; the message
            names the file and the line.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield _parse_line(path, number, line, parse)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


def _parse_line(path: Path, number: int, line: bytes, parse: Callable[[Any], Value]) -> Value:
    try:
        return parse(json.loads(line.decode().rstrip()))
    except UnicodeDecodeError as error:
        raise DataError(f"{path}, line {number}: not UTF-8 text; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        raise DataError(f"{path}, line {number}: not JSON ({what} at column {error.colno})") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or nesting as deep
        raise DataError(f"{path}, line {number}: not JSON that can be read ({error})") from error
    except DataError as error:
        raise DataError(f"{path}, line {number}: {error}") from error


def write_jsonl(path: Path, values: Iterable[Any]) -> int:
    """Write one JSON object a line, replacing ``path`` in one step at the end; returns the number of lines.

    Raises:
        DataError: the file cannot be written; what was at ``path`` is not touched.
    """
    count = 0
    with replacing(path) as file:
        for value in values:
            file.write(dumps(value).encode() + b"\n")
            count += 1
    return count


def write_json(path: Path, data: Any, default: Callable[[Any], Any] | None = None) -> None:
    """Write one object with sorted keys, a line each, replacing ``path`` in one step; the same data, the same bytes.

    Args:
        path: the file.
        data: the object.
        default: what to write for a value that JSON lacks; by default that is a ``TypeError``.

    Raises:
        DataError: the file cannot be written; what was at ``path`` is not touched.
    """
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=default)
    with replacing(path) as file:
        file.write(f"{text}\n".encode())


def file_digest(path: Path) -> str | None:
    """SHA-256 of a file, to tell whether writing changed it; None if it does not exist."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return None


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path``: it replaces ``path`` if the block succeeds, and is removed if it fails.

    Raises:
        DataError: the file cannot be written.
    """
    path = _place(path)
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):  # what went wrong has been said already
            part.unlink(missing_ok=True)


def check_replaceable(path: Path) -> None:
    """Check that ``replacing`` may write the file, before work is done for it; nothing is made.

    Raises:
        DataError: it cannot be written.
    """
    place = _place(path)
    folder = next(folder for folder in place.parents if folder.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataError(f"{path}: cannot be written, because {folder} may not be written to; choose another place")


def check_apart(output: Path, place: str | Path, *, is_source: bool = False) -> None:
    """Check that a file to write is none that is read, by whatever name; of a source, no file in its folder either.

    Raises:
        ConfigError: it is read.
    """
    if _is_same_file(output, place):
        raise ConfigError(f"{output}: this file is read and would be replaced; write to another one")
    if is_source and any(_is_same_file(folder, place) for folder in output.resolve().parents):
        raise ConfigError(f"{output}: all files in {place} are read; write to another folder")


def _is_same_file(path: Path, other: str | Path) -> bool:
    """Whether two names are of one file or folder, which may not be there yet, through links and other spellings."""
    with suppress(OSError):
        return path.samefile(other)
    return os.path.realpath(path) == os.path.realpath(other)


def _place(path: Path) -> Path:
    """The file to replace: a link stays, and its target is replaced."""
    try:
        place = path.resolve()
        if place.exists() and not place.is_file():
            raise DataError(f"{place}: not a regular file, so it cannot be replaced; give the name of a file")
        folder = next(folder for folder in place.parents if folder.exists())
        if not folder.is_dir():
            raise DataError(f"{path}: cannot be written, because {folder} is not a folder; choose another place")
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError
        raise DataError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from error
    return place


def part_name(path: Path) -> str | None:
    """The file for which ``replacing`` made the temporary file ``path``; None if ``path`` is not such a file."""
    match = _PART.fullmatch(path.name)
    return match[1] if match else None


def sweep(path: Path) -> None:
    """Remove the temporary files that killed processes of this machine left beside ``path``.

    Those of living processes stay, and so do those that cannot be removed: they do no harm.
    """
    with suppress(OSError):
        for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            match = _PART.fullmatch(part.name)
            if match and match[1] == path.name and part.is_file() and not is_alive(int(match[2])):
                with suppress(OSError):
                    part.unlink()


def is_alive(pid: int) -> bool:
    """True if a process of this machine has this number, or if that cannot be known."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True


def is_unicode(text: str) -> bool:
    """Whether a text can be written as UTF-8: it holds no half of a surrogate pair."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True
