"""Writing records in bulk for ``load``: what Argilla's own endpoint writes, in one transaction of few statements.

``PUT /api/v1/h4rmony/datasets/{id}/records/bulk`` takes what ``PUT /api/v1/datasets/{id}/records/bulk`` takes, from
whoever may use that one, and answers ``{"items": [{"id": ..., "external_id": ...}, ...], "handed_on": false}``, the
records in the order of the request.

Argilla's models read the request and Argilla's validators check it. What is ordinary (``_is_ordinary``) and valid is
then written here. Everything else is handed on to Argilla's own code: what is refused, so that status and message are
its own; responses, ids and kinds of fields that ``load`` never sends; and whatever a webhook is to hear of.

The rows of records, suggestions and vectors are those that Argilla's code writes. Statuses are kept by the database's
triggers (``database.add_indexes``). Rows of the text index are written for new and changed texts only, in the same
transaction. No statement here names the table of responses.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from workspace.server import database
from workspace.server.text_index import TextIndex

Ids = list[tuple[UUID, str]]  # of records, with their external ids
# What a validator of Argilla may raise of a wrong item; Argilla's endpoint answers 422 to each.
_REFUSALS = (ValueError, TypeError, AttributeError, LookupError)
_NOT_KEPT = "_sa"  # Argilla leaves out keys of a field that begin so
_INSERT_RECORD = (
    "INSERT INTO records (id, fields, metadata, status, external_id, dataset_id, inserted_at, updated_at) "
    "VALUES (?, ?, ?, 'pending', ?, ?, ?, ?)"
)
_UPSERT_SUGGESTION = (
    "INSERT INTO suggestions (id, value, score, agent, type, record_id, question_id, inserted_at, updated_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record_id, question_id) DO UPDATE SET value = excluded.value, "
    "score = excluded.score, agent = excluded.agent, type = excluded.type, updated_at = excluded.updated_at"
)
_UPSERT_VECTOR = (
    "INSERT INTO vectors (id, value, record_id, vector_settings_id, inserted_at, updated_at) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (record_id, vector_settings_id) DO UPDATE SET value = excluded.value, "
    "updated_at = excluded.updated_at"
)


@dataclass(frozen=True)
class _Form:
    """What a dataset asks of a record, read once from the database; Argilla's validators take it for the dataset."""

    id: UUID
    allow_extra_metadata: bool
    fields: Sequence[Any]
    metadata: dict[str, Any]
    questions: dict[UUID, Any]
    vectors: dict[str, Any]

    @classmethod
    def of(cls, dataset: Any) -> "_Form":
        """The form of a dataset whose parts are loaded."""
        kinds = ("name", "required", "is_text", "is_image", "is_chat", "is_custom")
        return cls(
            dataset.id,
            dataset.allow_extra_metadata,
            [SimpleNamespace(**{kind: getattr(each, kind) for kind in kinds}) for each in dataset.fields],
            {
                each.name: SimpleNamespace(parsed_settings=each.parsed_settings)
                for each in dataset.metadata_properties
            },
            {each.id: SimpleNamespace(parsed_settings=each.parsed_settings) for each in dataset.questions},
            {
                each.name: SimpleNamespace(id=each.id, name=each.name, dimensions=each.dimensions)
                for each in dataset.vectors_settings
            },
        )

    def metadata_property_by_name(self, name: str) -> Any:
        """A metadata property; None if there is none of this name."""
        return self.metadata.get(name)

    def question_by_id(self, question_id: UUID) -> Any:
        """A question; None if there is none of this id."""
        return self.questions.get(question_id)

    def vector_settings_by_name(self, name: str) -> Any:
        """The settings of a vector; None if there are none of this name."""
        return self.vectors.get(name)


def _is_ordinary(dataset: Any, items: Iterable[Any]) -> bool:
    """True if the dataset and the items are of the kind that ``load`` makes: nothing that only Argilla writes."""
    return (
        dataset.is_ready
        and not any(each.is_image or each.is_chat for each in dataset.fields)
        and not any(each.is_span for each in dataset.questions)
        and all(
            item.id is None
            and item.external_id is not None
            and isinstance(item.metadata, dict)
            and not item.responses
            and not _has_lost_keys(item.fields)
            for item in items
        )
    )


def _has_lost_keys(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key.startswith(_NOT_KEPT) or _has_lost_keys(each) for key, each in value.items())
    return isinstance(value, list) and any(map(_has_lost_keys, value))


def _are_valid(form: _Form, items: Iterable[Any]) -> bool:
    """True if Argilla's validators take every item, as a new one if it has fields."""
    from argilla_server.errors.future import UnprocessableEntityError
    from argilla_server.validators.records import RecordValidatorBase as Validator

    try:
        for item in items:
            item.external_id.encode()
            if item.is_set("fields"):
                Validator._validate_fields(item.fields, form)
            Validator._validate_metadata(item.metadata, form)
            Validator._validate_suggestions(item.suggestions, form, record=None)
            Validator._validate_vectors(item.vectors, form)
    except (UnprocessableEntityError, *_REFUSALS):
        return False
    return True


def write_records(connection: Connection, form: _Form, items: Sequence[Any]) -> Ids | None:
    """Write valid items in their order; None, and nothing is written, if one without fields is not there."""
    dataset_id = form.id.hex
    marks = ", ".join("?" * len(items))
    found = connection.exec_driver_sql(
        f"SELECT external_id, id, fields, metadata FROM records WHERE dataset_id = ? AND external_id IN ({marks})",
        (dataset_id, *(item.external_id for item in items)),
    )
    known = {external_id: rest for external_id, *rest in found}
    if any(item.external_id not in known and not item.is_set("fields") for item in items):
        return None
    ids: Ids = []
    new: list[tuple[Any, ...]] = []
    retold: list[UUID] = []
    for item in items:
        if before := known.get(item.external_id):
            record_id = before[0]
            if _update(connection, item, *before):
                retold.append(UUID(record_id))
        else:
            record_id, now = uuid4().hex, _now()
            texts = json.dumps(item.fields), json.dumps(item.metadata)
            new.append((record_id, *texts, item.external_id, dataset_id, now, now))
            retold.append(UUID(record_id))
        ids.append((UUID(record_id), item.external_id))
    each = [(record_id.hex, item) for (record_id, _), item in zip(ids, items, strict=True)]
    _execute(connection, _INSERT_RECORD, new)
    _execute(connection, _UPSERT_SUGGESTION, [row for id_, item in each for row in _suggested(id_, item)])
    _execute(connection, _UPSERT_VECTOR, [row for id_, item in each for row in _vectors(id_, item, form)])
    TextIndex.of(connection, form.id).update(connection, retold)
    return ids


def _update(connection: Connection, item: Any, record_id: str, fields: str, metadata: str | None) -> bool:
    """Change what differs of a record that is there; True if its texts do."""
    held = {"fields": json.loads(fields), "metadata": metadata and json.loads(metadata)}
    given = {"fields": item.fields, "metadata": item.metadata}
    changed = {name: value for name, value in given.items() if item.is_set(name) and value != held[name]}
    if changed:
        columns = ", ".join(f"{name} = ?" for name in changed)
        values = (*map(json.dumps, changed.values()), _now(), record_id)
        connection.exec_driver_sql(f"UPDATE records SET {columns}, updated_at = ? WHERE id = ?", values)
    return "fields" in changed


def _suggested(record_id: str, item: Any) -> Iterable[tuple[Any, ...]]:
    for each in item.suggestions or ():
        given, now = each.model_dump(), _now()
        kind = each.type and each.type.name
        texts = json.dumps(given["value"]), json.dumps(given["score"])
        yield uuid4().hex, *texts, each.agent, kind, record_id, each.question_id.hex, now, now


def _vectors(record_id: str, item: Any, form: _Form) -> Iterable[tuple[Any, ...]]:
    for name, value in (item.vectors or {}).items():
        now = _now()
        yield uuid4().hex, json.dumps(value), record_id, form.vectors[name].id.hex, now, now


def _execute(connection: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, rows)


def _now() -> str:
    """The time as Argilla writes it into the database."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def add_route(api: Any) -> None:
    """Add the endpoint to Argilla's API, with its own authentication, policy and models."""
    from argilla_server.api.policies.v1 import DatasetPolicy, authorize
    from argilla_server.api.schemas.v1.records_bulk import RecordsBulkUpsert
    from argilla_server.bulk.records_bulk import UpsertRecordsBulk
    from argilla_server.contexts.webhooks import list_enabled_webhooks
    from argilla_server.database import get_async_db
    from argilla_server.models import Dataset
    from argilla_server.search_engine import SearchEngine, get_search_engine
    from argilla_server.security import auth
    from fastapi import Depends, Response, Security
    from sqlalchemy.orm import selectinload

    parts = (Dataset.fields, Dataset.questions, Dataset.metadata_properties, Dataset.vectors_settings)

    async def write_bulk(
        dataset_id: UUID,
        bulk: RecordsBulkUpsert,
        db: Annotated[Any, Depends(get_async_db)],
        search_engine: Annotated[SearchEngine, Depends(get_search_engine)],
        current_user: Annotated[Any, Security(auth.get_current_user)],
    ) -> Response:
        dataset = await Dataset.get_or_raise(db, dataset_id, options=[selectinload(part) for part in parts])
        await authorize(current_user, DatasetPolicy.upsert_records(dataset))
        ids = None
        if _is_ordinary(dataset, bulk.items) and not await list_enabled_webhooks(db):
            form = _Form.of(dataset)
            if _are_valid(form, bulk.items):
                ids = await database.write(lambda connection: write_records(connection, form, bulk.items))
        is_ours = ids is not None
        if ids is None:
            done = await UpsertRecordsBulk(db, search_engine).upsert_records_bulk(dataset, bulk)
            ids = [(record.id, record.external_id) for record in done.items]
        items = [{"id": str(record_id), "external_id": external_id} for record_id, external_id in ids]
        return Response(json.dumps({"items": items, "handed_on": not is_ours}), media_type="application/json")

    api.add_api_route(
        "/h4rmony/datasets/{dataset_id}/records/bulk", write_bulk, methods=["PUT"], include_in_schema=False
    )
