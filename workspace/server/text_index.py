"""The text index: one SQLite FTS5 table a dataset, the only state that is derived from the records.

A row is built from the record's fields in the database and has a stamp of them. At the next start, a row that a crash
left missing, old or orphaned is found by its stamp and repaired. A write that fails while the server runs is repaired
before the next text search.

The index holds what a reviewer reads: the values of custom fields (never their keys), unescaped; a phrase never
reaches from one value into the next. FTS5's ``unicode61`` cuts and folds the words: case and accents do not matter.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, text

from workspace.errors import count_of
from workspace.files.batches import batched
from workspace.server import database
from workspace.server.fts import TOKENIZER, row_key, searchable_text, stamp_of

LOG = logging.getLogger("h4rmony.search")
PREFIX = "h4rmony_text_"
BATCH = 500

_stale: set[UUID] = set()


@dataclass(frozen=True)
class TextIndex:
    """The index of one dataset; ``columns`` are its fields that hold text, by name."""

    dataset_id: UUID
    columns: Mapping[str, str]

    @classmethod
    def of(cls, connection: Connection, dataset_id: UUID) -> TextIndex:
        """The index that the dataset's fields ask for, whether its table exists or not."""
        rows = connection.execute(
            text(
                "SELECT name, id FROM fields WHERE dataset_id = :dataset "
                "AND json_extract(settings, '$.type') != 'image' ORDER BY id"
            ),
            {"dataset": dataset_id.hex},
        )
        # Named by id: a field's name may hold anything.
        return cls(dataset_id, {name: f"f_{field_id}" for name, field_id in rows})

    @property
    def table(self) -> str:
        """The table's name."""
        return PREFIX + self.dataset_id.hex

    def create(self, connection: Connection) -> None:
        """Make the table if it does not exist."""
        columns = ", ".join(["record_id UNINDEXED", "stamp UNINDEXED", *self.columns.values()])
        connection.execute(
            text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.table} USING fts5({columns}, tokenize='{TOKENIZER}')")
        )

    def drop(self, connection: Connection) -> None:
        """Remove the table."""
        connection.execute(text(f"DROP TABLE IF EXISTS {self.table}"))

    def update(self, connection: Connection, record_ids: Iterable[UUID]) -> None:
        """Write the rows of these records again, as the database has them; those of deleted records go."""
        self.create(connection)
        columns = ["rowid", "record_id", "stamp", *self.columns.values()]
        values = ", ".join(f":{column}" for column in columns)
        insert = text(f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES ({values})")
        for batch in batched(record_ids, BATCH):
            self._delete(connection, [row_key(record_id.hex) for record_id in batch])
            if rows := self._rows(connection, batch):
                connection.execute(insert, rows)

    def check(self, connection: Connection) -> int:
        """Bring the whole index in line with the records; returns how many rows were missing, old or orphaned."""
        found = connection.execute(text("SELECT name FROM pragma_table_info(:table)"), {"table": self.table})
        if list(found.scalars()) != ["record_id", "stamp", *self.columns.values()]:
            self.drop(connection)
        self.create(connection)
        known = dict(connection.execute(text(f"SELECT rowid, stamp FROM {self.table}")).tuples().all())
        records = connection.execute(
            text("SELECT id, fields FROM records WHERE dataset_id = :dataset"), {"dataset": self.dataset_id.hex}
        ).tuples()
        wrong = [UUID(id_) for id_, fields in records if known.pop(row_key(id_), None) != stamp_of(fields)]
        self._delete(connection, known)
        self.update(connection, wrong)
        return len(wrong) + len(known)

    def _rows(self, connection: Connection, record_ids: Iterable[UUID]) -> list[dict[str, Any]]:
        statement = text("SELECT id, fields FROM records WHERE dataset_id = :dataset AND id IN :ids").bindparams(
            bindparam("ids", expanding=True)
        )
        values = {"dataset": self.dataset_id.hex, "ids": [record_id.hex for record_id in record_ids]}
        return [self._row(record_id, fields) for record_id, fields in connection.execute(statement, values)]

    def _row(self, record_id: str, fields: str) -> dict[str, Any]:
        content = json.loads(fields)
        texts = {column: searchable_text(content.get(name)) for name, column in self.columns.items()}
        return {"rowid": row_key(record_id), "record_id": record_id, "stamp": stamp_of(fields), **texts}

    def _delete(self, connection: Connection, keys: Iterable[int]) -> None:
        rows = [{"key": key} for key in keys]
        if rows:
            connection.execute(text(f"DELETE FROM {self.table} WHERE rowid = :key"), rows)


def check_all(connection: Connection) -> int:
    """Check the index of every published dataset, drop those without one; returns how many rows were repaired."""
    ready = connection.execute(text("SELECT id FROM datasets WHERE status = 'ready'")).scalars().all()
    indexes = [TextIndex.of(connection, UUID(dataset_id)) for dataset_id in ready]
    wanted = {index.table for index in indexes}
    tables = connection.execute(
        text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' AND name LIKE :prefix"),
        {"prefix": PREFIX + "%"},
    ).scalars()
    for table in tables.all():
        if table not in wanted:
            connection.execute(text(f"DROP TABLE {table}"))
    return sum(index.check(connection) for index in indexes)


async def create_index(dataset_id: UUID) -> None:
    """Make the index of a dataset that was just published."""
    await database.write(lambda connection: TextIndex.of(connection, dataset_id).create(connection))


async def delete_index(dataset_id: UUID) -> None:
    """Remove the index of a dataset that was just deleted."""
    await database.write(TextIndex(dataset_id, {}).drop)
    _stale.discard(dataset_id)


async def update_records(dataset_id: UUID, record_ids: list[UUID]) -> None:
    """Bring the index in line with records that were just committed or deleted."""
    try:
        await database.write(lambda connection: TextIndex.of(connection, dataset_id).update(connection, record_ids))
    except BaseException:  # a cancelled request too: the next text search repairs the index
        _stale.add(dataset_id)
        raise


async def repair_if_stale(dataset_id: UUID) -> None:
    """Check the dataset's index if an earlier write to it did not finish."""
    if dataset_id in _stale:
        _stale.discard(dataset_id)
        try:
            repaired = await database.write(lambda connection: TextIndex.of(connection, dataset_id).check(connection))
        except BaseException:
            _stale.add(dataset_id)
            raise
        LOG.warning("%s of a text index behind the records; repaired", count_of(repaired, "row"))
