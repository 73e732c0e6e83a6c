"""Flags kept on disk: each text and its translation are checked once by the same rules, so loading again is quick.

One SQLite file (``PRAGMA user_version`` 1, ``application_id`` "H4fl")::

    flags    rules, text, flags, doubtful     ``rules`` and ``text`` are hashes, ``flags`` has spaces between them

What the rules are made of is hashed: the modules themselves, the glossary and the versions of the packages that they
ask. Where any of it is another, everything is checked anew, and what the old rules found is removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from loaders.check.flags import Checked, TextPair, check_text
from workspace.files.batches import batched
from workspace.files.database import CHUNK, Database, Format
from workspace.memory.glossary import Term

FLAGS_FILE = "flags.sqlite"
_FORMAT_1 = """
CREATE TABLE flags (
    rules BLOB NOT NULL,
    text BLOB NOT NULL,
    flags TEXT NOT NULL,
    doubtful INTEGER NOT NULL,
    PRIMARY KEY (rules, text)
) WITHOUT ROWID
"""
FORMAT = Format("a file of flags", "H4fl", (_FORMAT_1,))
RULES = (  # the modules that hold them
    *("loaders.check.flags", "loaders.check.languages", "loaders.check.markup", "loaders.check.spelling"),
    "loaders.translation.text.code",
    *("workspace.memory.glossary", "workspace.model.languages"),
)
_PACKAGES = ("py3langid", "simplemma")


class KeptFlags:
    """What was found of texts and their translations; what is not known yet is checked.

    Args:
        path: the file of flags.
        glossary: the terms whose Spanish is expected.
        read_only: write nothing.

    Raises:
        DataError: the file cannot be used.
    """

    def __init__(self, path: Path, glossary: Sequence[Term], *, read_only: bool = False) -> None:
        self._glossary = glossary
        self._rules = rules_hash(glossary)
        self._file = Database(path, FORMAT, read_only=read_only)
        if not read_only:
            with self._file.transaction() as connection:
                connection.execute("DELETE FROM flags WHERE rules != ?", (self._rules,))

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        self._file.close()

    def check(self, texts: Sequence[TextPair]) -> list[Checked]:
        """What is found in each text, in order."""
        digests = [_digest(self._rules, *pair) for pair in texts]
        rows = self._read(digests)
        new = {digest: pair for digest, pair in zip(digests, texts, strict=True) if digest not in rows}
        fresh = {digest: check_text(*pair, self._glossary) for digest, pair in new.items()}
        if fresh and not self._file.read_only:
            with self._file.transaction() as connection:
                connection.executemany(
                    "INSERT INTO flags VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    ((self._rules, each, " ".join(found.flags), found.doubtful) for each, found in fresh.items()),
                )
        rows |= fresh
        return [rows[digest] for digest in digests]

    def _read(self, digests: Sequence[bytes]) -> dict[bytes, Checked]:
        rows: dict[bytes, Checked] = {}
        with self._file.stated():
            for chunk in batched(dict.fromkeys(digests), CHUNK):
                marks = ", ".join("?" * len(chunk))
                found = self._file.connection.execute(
                    f"SELECT text, flags, doubtful FROM flags WHERE rules = ? AND text IN ({marks})",
                    (self._rules, *chunk),
                )
                rows.update((text, Checked(tuple(flags.split()), bool(doubtful))) for text, flags, doubtful in found)
        return rows


def rules_hash(glossary: Sequence[Term]) -> bytes:
    """A hash of all that flags depend on beside the texts."""
    parts = [
        *map(_source_of, RULES),
        *(version(package) for package in _PACKAGES),
        *(repr((term.source, term.targets)) for term in glossary),
    ]
    return _digest(b"", *parts)


def _source_of(module: str) -> str:
    package, _, name = module.rpartition(".")
    return (files(package) / f"{name}.py").read_text(encoding="utf-8")


def _digest(rules: bytes, *parts: str) -> bytes:
    """A hash of texts: which one ends where counts too."""
    whole = hashlib.blake2b(rules, digest_size=16)
    for part in parts:
        encoded = part.encode(errors="surrogatepass")
        whole.update(len(encoded).to_bytes(8, "big") + encoded)
    return whole.digest()
