"""An annotator gets the own responses and the metadata for annotators, on every route of Argilla's.

Argilla itself keeps to that where its page asks, but gives one record by its id with everybody's responses and all
metadata, and finds and sorts records by metadata that it does not show.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Endpoint = Callable[..., Awaitable[Any]]


def keep_to_oneself(api: Any) -> None:
    """Change the two routes; call it once, with Argilla's API.

    Raises:
        RuntimeError: this version of Argilla lacks one of them.
    """
    changes = {"get_record": _of_oneself, "search_current_user_dataset_records": _by_what_is_shown}
    routes = {route.name: route for route in api.routes}
    for name, change in changes.items():
        if name not in routes:
            raise RuntimeError(f"argilla_server has no route {name!r} where it is expected")
        called = routes[name].dependant
        called.call = change(called.call)


def _of_oneself(get_record: Endpoint) -> Endpoint:
    from argilla_server.api.policies.v1 import RecordPolicy, is_authorized
    from sqlalchemy.orm.attributes import set_committed_value

    async def get_own(**given: Any) -> Any:
        record, user = await get_record(**given), given["current_user"]
        if user.is_annotator:
            await record.dataset.awaitable_attrs.metadata_properties
            shown = {
                name: value
                for name, value in (record.metadata_ or {}).items()
                if await is_authorized(user, RecordPolicy.get_metadata(record, name))
            }
            own = [response for response in record.responses if response.user_id == user.id]
            set_committed_value(record, "metadata_", shown)  # what is sent, not what is stored
            set_committed_value(record, "responses", own)
        return record

    return get_own


def _by_what_is_shown(search: Endpoint) -> Endpoint:
    from argilla_server.api.schemas.v1.records import MetadataFilterScope
    from argilla_server.errors.future import UnprocessableEntityError
    from argilla_server.models import MetadataProperty

    async def search_shown(**given: Any) -> Any:
        body, user, dataset_id = given["body"], given["current_user"], given["dataset_id"]
        parts = [*(body.filters.and_ if body.filters else ()), *(body.sort or ())]
        for scope in (part.scope for part in parts if user.is_annotator):
            if not isinstance(scope, MetadataFilterScope):
                continue
            name = scope.metadata_property
            found = await MetadataProperty.get_by(given["db"], name=name, dataset_id=dataset_id)
            if found is None or user.role not in found.allowed_roles:
                raise UnprocessableEntityError(  # the same for one that is hidden as for one that there is not
                    f"MetadataProperty not found filtering by name={name}, dataset_id={dataset_id}"
                )
        return await search(**given)

    return search_shown
