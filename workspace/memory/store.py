"""The translation memory: every translation that an engine made, and every text that a person approved.

One SQLite file. Its tables (``PRAGMA user_version`` 2, ``application_id`` "H4tm")::

    engines       id, engine, version, source_language, target_language     one row for each ``EngineId``
    translations  engine_id, source, target                                 one row for each engine and exact text
    approved      source_language, target_language, source, target, origin  one row for each languages and exact text

What people approved wins over every engine. ``origin`` is the label of the engine whose suggestion the person kept or
corrected, or empty. It becomes the version of the engine "human", so that a model's licence is never lost. Format 1
had no table ``approved``; it is added when such a file is opened for writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any, Protocol

from workspace.errors import DataError
from workspace.files.batches import batched
from workspace.files.database import CHUNK, Database, Format
from workspace.files.jsonl import is_unicode, read_jsonl, write_jsonl
from workspace.model.records import typed

MEMORY_FILE = "memory.sqlite"
HUMAN = "human"  # the engine of approved texts
_AND = " + "
_FORMAT_1 = """
CREATE TABLE engines (
    id INTEGER PRIMARY KEY,
    engine TEXT NOT NULL,
    version TEXT NOT NULL,
    source_language TEXT NOT NULL,
    target_language TEXT NOT NULL,
    UNIQUE (engine, version, source_language, target_language)
);
CREATE TABLE translations (
    engine_id INTEGER NOT NULL REFERENCES engines (id),
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (engine_id, source)
) WITHOUT ROWID
"""
_FORMAT_2 = """
CREATE TABLE approved (
    source_language TEXT NOT NULL,
    target_language TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (source_language, target_language, source)
) WITHOUT ROWID
"""
FORMAT = Format("a translation memory", "H4tm", (_FORMAT_1, _FORMAT_2))
_ENGINE = "engine = ? AND version = ? AND source_language = ? AND target_language = ?"
_NAMES = "engine, version, source_language, target_language"
_TRANSLATIONS = "FROM translations JOIN engines ON engines.id = engine_id"
_MACHINE = f"SELECT {_NAMES}, source, target {_TRANSLATIONS}"
_APPROVED = (
    f"SELECT '{HUMAN}' AS engine, origin AS version, source_language, target_language, source, target FROM approved"
)


class _Named(Protocol):
    """Anything that has the four names of an engine."""

    @property
    def engine(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def source_language(self) -> str: ...
    @property
    def target_language(self) -> str: ...


@dataclass(frozen=True, order=True)
class EngineId:
    """The four names that identify an engine in the translation memory; approved texts have the engine "human"."""

    engine: str
    version: str
    source_language: str
    target_language: str

    @classmethod
    def of(cls, translator: _Named) -> EngineId:
        """The names of ``translator``."""
        return cls(translator.engine, translator.version, translator.source_language, translator.target_language)

    @property
    def label(self) -> str:
        """What a record's translation says of its engine, for instance ``apertium 3.8.3/eng-spa 0.8.1``."""
        return f"{self.engine} {self.version}".strip()

    @property
    def is_human(self) -> bool:
        """True if people approved the texts."""
        return self.engine == HUMAN


@dataclass(frozen=True)
class Approved:
    """A text that a person approved; ``origin`` is the label of the engine that suggested it, or empty."""

    target: str
    origin: str = ""


@dataclass(frozen=True)
class MemoryEntry:
    """One translation of the memory; ``source`` and ``target`` are never blank."""

    engine: EngineId
    source: str
    target: str

    def to_json(self) -> dict[str, str]:
        """The entry as one line of an exported memory."""
        return {**asdict(self.engine), "source": self.source, "target": self.target}

    @classmethod
    def from_json(cls, data: Any) -> MemoryEntry:
        """Build an entry from one line of an exported memory.

        Raises:
            DataError: a key is missing or not text, or a text is blank or not valid UTF-8.
        """
        names = dict.fromkeys(EngineId.__dataclass_fields__, str)
        fields = typed(data, "translation memory entry", **names, source=str, target=str)
        for name in ("source", "target"):
            if not fields[name].strip() or not is_unicode(fields[name]):
                raise DataError(f"translation memory entry: {name!r} must be text, not blank, in valid UTF-8")
        return cls(EngineId(**{name: fields[name] for name in names}), fields["source"], fields["target"])


class TranslationMemory(Database):
    """The memory in the file ``path``, made if it does not exist; a context manager that closes it.

    Args:
        path: the SQLite file; its folder is made too.
        read_only: write nothing, not even a new file; a missing memory counts as empty.

    Raises:
        DataError: the file is not a translation memory, is damaged, or was made by a newer version. It is not
            touched; the message says what to do.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, FORMAT, read_only=read_only)
        self._keeps_approved = self.version > 1

    def count(self) -> int:
        """How many translations the memory holds, approved ones included."""
        return sum(self.counts().values())

    def counts(self) -> dict[EngineId, int]:
        """How many translations the memory holds of each engine, sorted by engine; approved ones count as "human"."""
        with self.stated():
            rows = self.connection.execute(
                f"SELECT {_NAMES}, count(*) FROM ({self._everything()}) GROUP BY {_NAMES} ORDER BY {_NAMES}"
            )
            return {EngineId(*names): int(number) for *names, number in rows}

    def get_many(self, engine: EngineId, texts: Iterable[str]) -> dict[str, str]:
        """The translations of these texts by ``engine``; texts that it did not translate are left out."""
        with self.stated():
            query = f"SELECT source, target {_TRANSLATIONS} WHERE {_ENGINE} AND source IN ({{}})"
            return dict(self._select(query, astuple(engine), texts))

    def approved(self, source_language: str, target_language: str, texts: Iterable[str]) -> dict[str, Approved]:
        """What people approved for these texts, whichever engine suggested it; other texts are left out."""
        if not self._keeps_approved:
            return {}
        query = (
            "SELECT source, target, origin FROM approved"
            " WHERE source_language = ? AND target_language = ? AND source IN ({})"
        )
        with self.stated():
            rows = self._select(query, (source_language, target_language), texts)
            return {source: Approved(target, origin) for source, target, origin in rows}

    def put_many(self, engine: EngineId, translations: Mapping[str, str]) -> int:
        """Keep what ``engine`` translated, source text to translation, in one commit; returns how many are new.

        What the memory already holds stays as it is; a blank source or translation is not kept.
        """
        return self._put_entries(
            MemoryEntry(engine, source, target)
            for source, target in translations.items()
            if source.strip() and target.strip()
        )

    def approve(self, source_language: str, target_language: str, texts: Mapping[str, Approved]) -> tuple[int, int]:
        """Keep what people approved, in one commit; it replaces what they approved before.

        Returns:
            How many are new, and how many replace another text or origin. A read-only memory returns the numbers and
            keeps nothing. Blank texts are not kept.
        """
        usable = {source: text for source, text in texts.items() if source.strip() and text.target.strip()}
        if not usable:
            return 0, 0
        before = self.approved(source_language, target_language, usable)
        changed = {source: text for source, text in usable.items() if before.get(source) != text}
        replaced = sum(source in before for source in changed)
        if not self.read_only:
            with self.transaction() as connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO approved VALUES (?, ?, ?, ?, ?)",
                    ((source_language, target_language, source, t.target, t.origin) for source, t in changed.items()),
                )
        return len(changed) - replaced, replaced

    def entries(self, *, human_only: bool = False) -> Iterator[MemoryEntry]:
        """Every translation, sorted by engine, then by source text; approved ones under the engine "human"."""
        with self.stated():
            rows = self.connection.execute(
                f"SELECT * FROM ({self._everything()}) {'WHERE engine = ?' if human_only else ''}"
                f" ORDER BY {_NAMES}, source",
                (HUMAN,) if human_only else (),
            )
            for *names, source, target in rows:
                yield MemoryEntry(EngineId(*names), source, target)

    def export_jsonl(self, path: Path, *, human_only: bool = False) -> int:
        """Write every translation as JSON Lines; returns how many.

        One object a line: ``engine, version, source_language, target_language, source, target``.
        """
        return write_jsonl(path, (entry.to_json() for entry in self.entries(human_only=human_only)))

    def import_jsonl(self, path: Path) -> int:
        """Add the translations of an exported memory; returns how many are new.

        Raises:
            DataError: a line is not an entry; the lines before it may have been added.
        """
        return self.add(read_jsonl(path, MemoryEntry.from_json))

    def add(self, entries: Iterable[MemoryEntry]) -> int:
        """Add entries, those of the engine "human" as approved texts; returns how many are new.

        What the memory already holds stays as it is.
        """
        return sum(self._put_entries(chunk) for chunk in batched(entries, CHUNK))

    def _put_entries(self, entries: Iterable[MemoryEntry]) -> int:
        by_engine: dict[EngineId, list[tuple[str, str]]] = {}
        for entry in entries:
            by_engine.setdefault(entry.engine, []).append((entry.source, entry.target))
        if not by_engine:
            return 0
        with self.transaction():
            return sum(self._insert(engine, pairs) for engine, pairs in by_engine.items())

    def _insert(self, engine: EngineId, pairs: Iterable[tuple[str, str]]) -> int:
        connection = self.connection
        if engine.is_human:
            key = (engine.source_language, engine.target_language)
            return connection.executemany(
                "INSERT INTO approved VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                ((*key, source, target, engine.version) for source, target in pairs),
            ).rowcount
        names = astuple(engine)
        connection.execute(f"INSERT INTO engines ({_NAMES}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", names)
        return connection.executemany(
            f"INSERT INTO translations SELECT id, ?, ? FROM engines WHERE {_ENGINE} ON CONFLICT DO NOTHING",
            ((source, target, *names) for source, target in pairs),
        ).rowcount

    def _select(self, query: str, first: tuple[object, ...], texts: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of ``query``, with one parameter for each text in the place of its braces."""
        for chunk in batched(dict.fromkeys(texts), CHUNK):
            yield from self.connection.execute(query.format(",".join("?" * len(chunk))), (*first, *chunk))

    def _everything(self) -> str:
        return f"{_MACHINE} UNION ALL {_APPROVED}" if self._keeps_approved else _MACHINE


def joined_label(engines: Iterable[str]) -> str:
    """The label of a text that several engines made: "human" first, then by name, as ``human + apertium 3.8.3``."""
    return _AND.join(sorted({*engines}, key=lambda engine: (engine != HUMAN, engine)))


def split_label(label: str) -> tuple[str, ...]:
    """Undo ``joined_label``."""
    return tuple(label.split(_AND)) if label else ()
