"""A listing of records with their responses for ``collect``: SQLite writes the JSON and Python passes it on.

``GET /api/v1/h4rmony/datasets/{id}/records?limit&after`` answers ``{"items": [...], "after": ..., "total": ...}`` to
whoever may list all responses of the dataset. ``after`` says where the next page begins; null after the last, whose
``total`` is how many records there are. Pages follow a key, so no record slips from one to another; one that was
written with an earlier key meanwhile is missed, and the total tells. Ids are 32 hexadecimal digits.
"""

import json
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Connection, text

from workspace.server import database

_ITEMS = text(
    """
    SELECT json_object(
        'id', r.id, 'external_id', r.external_id, 'fields', json(r.fields), 'metadata', json(r.metadata),
        'responses', (
            SELECT json_group_array(json_object(
                'user_id', p.user_id, 'status', p.status, 'updated_at', replace(p.updated_at, ' ', 'T'),
                'values', json(p."values")
            )) FROM responses p WHERE p.record_id = r.id
        )
    ), r.inserted_at || '/' || r.id
    FROM records r
    WHERE r.dataset_id = :dataset AND (r.inserted_at, r.id) > (:time, :id)
    ORDER BY r.inserted_at, r.id
    LIMIT :limit
    """
)
_TOTAL = text("SELECT count(*) FROM records WHERE dataset_id = :dataset")


def page_of(connection: Connection, dataset_id: UUID, after: str, limit: int) -> bytes:
    """One page as JSON: the records after the one that ``after`` names; ``""`` is the first page."""
    time, _, record_id = after.partition("/")
    values = {"dataset": dataset_id.hex, "time": time, "id": record_id, "limit": limit}
    rows = connection.execute(_ITEMS, values).all()
    key, total = (
        (rows[-1][1], None) if len(rows) == limit else (None, connection.execute(_TOTAL, values).scalar_one())
    )
    rest = json.dumps({"after": key, "total": total})[1:]
    return f'{{"items": [{", ".join(row[0] for row in rows)}], {rest}'.encode()


def add_route(api: Any) -> None:
    """Add the listing to Argilla's API, with its own authentication and policy."""
    from argilla_server.api.policies.v1 import DatasetPolicy, authorize
    from argilla_server.database import get_async_db
    from argilla_server.models import Dataset
    from argilla_server.security import auth
    from fastapi import Depends, Query, Response, Security

    async def list_review(
        dataset_id: UUID,
        db: Annotated[Any, Depends(get_async_db)],
        current_user: Annotated[Any, Security(auth.get_current_user)],
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=2000)] = 500,
    ) -> Response:
        dataset = await Dataset.get_or_raise(db, dataset_id)
        await authorize(current_user, DatasetPolicy.list_records_with_all_responses(dataset))
        page = await database.read(lambda connection: page_of(connection, dataset_id, after, limit))
        return Response(page, media_type="application/json")

    api.add_api_route("/h4rmony/datasets/{dataset_id}/records", list_review, methods=["GET"], include_in_schema=False)
