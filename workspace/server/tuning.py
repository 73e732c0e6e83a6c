"""Changes to argilla-server 2.8.0: most of the time of writing is saved, and its event loop never stands still.

Loading 500 records: 4.6 s without, 1.1 s with them; the validators of metadata, shared since, took 2,000 records from
8.1 s to 3.4 s.
"""

from __future__ import annotations

import gc
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

HOOK_STATE = "h4rmony_webhooks_enabled"
WHOLE_COLLECTION_SECONDS = 60  # between collections of what has lived for some time


def tune() -> None:
    """Apply all changes; call it once, after ``argilla_server`` is imported and before it serves."""
    skip_events_that_nobody_hears()
    share_the_parsers()
    read_vectors_with_their_names()
    collect_garbage_aside()


def skip_events_that_nobody_hears() -> None:
    """Build webhook events only where a webhook is enabled; Argilla builds every one and then drops it."""
    from argilla_server.bulk import records_bulk
    from argilla_server.contexts import datasets, distribution, records

    patched = 0
    for module in (records_bulk, datasets, distribution, records):
        for name in [name for name in vars(module) if name.startswith("notify_") and name.endswith("_event_v1")]:
            setattr(module, name, _only_with_webhooks(getattr(module, name)))
            patched += 1
    if patched == 0:
        raise RuntimeError("argilla_server has no webhook events where they are expected")


def _only_with_webhooks(notify: Callable[..., Any]) -> Callable[..., Any]:
    from argilla_server.contexts import webhooks

    async def notify_if_heard(db: Any, *args: Any, **kwargs: Any) -> Any:
        # A session lives for one request, and a bulk request asks a thousand times: ask the database once.
        if HOOK_STATE not in db.info:
            db.info[HOOK_STATE] = bool(await webhooks.list_enabled_webhooks(db))
        return await notify(db, *args, **kwargs) if db.info[HOOK_STATE] else []

    return notify_if_heard


def share_the_parsers() -> None:
    """Build the validators of question and metadata settings once; Argilla builds a new one at each access."""
    from argilla_server.api.schemas.v1.questions import QuestionSettings
    from argilla_server.models import MetadataProperty, Question
    from argilla_server.models.metadata_properties import MetadataPropertySettings
    from pydantic import TypeAdapter

    for model, settings in ((Question, QuestionSettings), (MetadataProperty, MetadataPropertySettings)):
        model.parsed_settings = _parsed_by(TypeAdapter(settings))


def _parsed_by(adapter: Any) -> property:
    return property(lambda described: adapter.validate_python(described.settings))


def read_vectors_with_their_names() -> None:
    """Answer for a record that has a vector; Argilla fails, because it does not read the vector's name beforehand."""
    from argilla_server.api.handlers.v1 import records
    from argilla_server.models import Vector

    load = records.selectinload

    def load_whole(relation: Any) -> Any:
        return load(relation).selectinload(Vector.vector_settings) if relation.key == "vectors" else load(relation)

    records.selectinload = load_whole


def collect_garbage_aside() -> None:
    """Collect garbage in a thread of its own, once a second, and never look at what the start made or left behind.

    A cursor that is garbage can be one that a failed request left half read. To drop it, SQLite waits for whatever
    its connection is doing, and that may be waiting for the write lock. If the event loop dropped it, the request
    that holds the lock could not commit, and all would stand still until the wait for the lock times out.
    """
    gc.freeze()
    gc.disable()
    threading.Thread(target=_collect_garbage, name="garbage", daemon=True).start()


def _collect_garbage() -> None:
    for second in itertools.count(1):
        time.sleep(1)
        gc.collect(1 if second % WHOLE_COLLECTION_SECONDS else 2)
