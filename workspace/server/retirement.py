"""Deleting records that nobody has answered, for ``load --retire``.

``DELETE /api/v1/h4rmony/datasets/{id}/records?ids=ID,ID`` answers ``{"kept": [ID, ...]}``, the records that somebody
has answered, to whoever may delete records of the dataset. One transaction looks and deletes, and holds the write
lock from its beginning. So an answer was there before, and its record stays; or it comes after, and the database
refuses it because its record is gone. None is ever deleted, which two requests to Argilla, one to look and one to
delete, could not promise.
"""

import json
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Connection, text

from workspace.server import database
from workspace.server.text_index import TextIndex

_ASKED_FOR = "dataset_id = :dataset AND id IN (SELECT value FROM json_each(:ids))"
_DELETE = text(
    f"DELETE FROM records WHERE {_ASKED_FOR} "
    "AND NOT EXISTS (SELECT 1 FROM responses p WHERE p.record_id = records.id) RETURNING id"
)
_KEPT = text(f"SELECT id FROM records WHERE {_ASKED_FOR}")


def retire(connection: Connection, dataset_id: UUID, record_ids: list[UUID]) -> list[str]:
    """Delete those of the records that have no response of any status; returns the ids of the others."""
    values = {"dataset": dataset_id.hex, "ids": json.dumps([record_id.hex for record_id in record_ids])}
    gone = [UUID(record_id) for record_id in connection.execute(_DELETE, values).scalars()]
    TextIndex.of(connection, dataset_id).update(connection, gone)
    return [str(UUID(record_id)) for record_id in connection.execute(_KEPT, values).scalars()]


def add_route(api: Any) -> None:
    """Add the deletion to Argilla's API, with its own authentication and policy."""
    from argilla_server.api.policies.v1 import DatasetPolicy, authorize
    from argilla_server.database import get_async_db
    from argilla_server.models import Dataset
    from argilla_server.security import auth
    from fastapi import Depends, Security

    async def retire_records(
        dataset_id: UUID,
        ids: str,
        db: Annotated[Any, Depends(get_async_db)],
        current_user: Annotated[Any, Security(auth.get_current_user)],
    ) -> dict[str, list[str]]:
        dataset = await Dataset.get_or_raise(db, dataset_id)
        await authorize(current_user, DatasetPolicy.delete_records(dataset))
        record_ids = [UUID(record_id) for record_id in ids.split(",")]
        return {"kept": await database.write(lambda connection: retire(connection, dataset_id, record_ids))}

    api.add_api_route(
        "/h4rmony/datasets/{dataset_id}/records", retire_records, methods=["DELETE"], include_in_schema=False
    )
