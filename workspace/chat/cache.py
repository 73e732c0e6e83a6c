"""Answers that were paid for once, on disk."""

from __future__ import annotations

import threading
from pathlib import Path

from workspace.files.database import Database, Format


class ChatCache(Database):
    """Answers that could be used, kept in one SQLite file, by the hash of the request; several threads may use it."""

    FORMAT = Format(
        "a file of models' answers",
        "H4ch",
        ("CREATE TABLE answers (key BLOB PRIMARY KEY, model TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID",),
    )

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, self.FORMAT, read_only=read_only)
        self._lock = threading.Lock()

    def get(self, key: bytes) -> str | None:
        """The answer to a request; None if there is none."""
        with self._lock, self.stated():
            row = self.connection.execute("SELECT content FROM answers WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, key: bytes, model: str, content: str) -> None:
        """Keep an answer."""
        if not self.read_only:
            with self._lock, self.transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, model, content))
