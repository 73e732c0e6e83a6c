"""Argilla's search engine in SQL, over Argilla's own database; the text index is its only state.

Argilla commits before it calls the engine, so the database has everything by then. Responses, suggestions, statuses,
metadata and vectors, which an external engine must be told of, need nothing here. The semantics are
those of ``argilla_server.search_engine.commons``; ``query`` and ``query_string`` state the details.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.search_engine.base import (
    FloatMetadataMetrics,
    IntegerMetadataMetrics,
    SearchEngine,
    SearchResponseItem,
    SearchResponses,
    TermsMetrics,
    TextQuery,
)
from sqlalchemy import Connection, text

from workspace.server import database, text_index
from workspace.server.hands import Hands
from workspace.server.query import LARGEST_INTEGER, METADATA_ROWS, METADATA_VALUE, Search, wants_pending
from workspace.server.query_string import Node, QueryTooComplex, parse
from workspace.server.similarity import nearest, vectors_of
from workspace.server.text_index import TextIndex

MOST_TERMS = 2**14
LARGEST_PAGE = 100  # of the web UI; programs read larger ones, and nobody works on those
HANDS = Hands()


def register(name: str) -> None:
    """Register the engine with Argilla as ``name``."""
    SearchEngine.register(engine_name=name)(EmbeddedSearchEngine)


class EmbeddedSearchEngine(SearchEngine):  # type: ignore[misc]  # argilla_server has no types
    """The search engine as Argilla calls it. It keeps no state: Argilla makes a new one for each request."""

    @classmethod
    async def new_instance(cls) -> EmbeddedSearchEngine:
        """Make an engine; all engines share the database's connections."""
        return cls()

    async def ping(self) -> bool:
        """True if the database answers."""
        return bool(await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar()))

    async def info(self) -> dict[str, Any]:
        """Name and version, as the status page shows them."""
        return {"name": "embedded", "version": {"distribution": "sqlite", "number": sqlite3.sqlite_version}}

    # -- the text index -----------------------------------------------------------------------------------------

    async def create_index(self, dataset: Any) -> None:
        """Make the text index of a dataset."""
        await text_index.create_index(dataset.id)

    async def delete_index(self, dataset: Any) -> None:
        """Remove the text index of a dataset."""
        await text_index.delete_index(dataset.id)

    async def index_records(self, dataset: Any, records: Iterable[Any]) -> None:
        """Bring the index in line with records that are new, changed or deleted."""
        await text_index.update_records(dataset.id, [record.id for record in records])

    delete_records = index_records

    # -- what the database already has ----------------------------------------------------------------------------

    async def _do_nothing(self, *_args: Any, **_update: Any) -> None:
        """Do nothing: the database has it already, and there is nothing to close."""

    configure_metadata_property = configure_index_vectors = close = _do_nothing
    partial_record_update = delete_record_response = _do_nothing
    update_record_suggestion = delete_record_suggestion = _do_nothing

    async def update_record_response(self, response: Any) -> None:
        """Take a record that was answered out of the reviewer's hand."""
        HANDS.answered(response.user_id.hex, response.record_id.hex)

    # -- progress and metrics -------------------------------------------------------------------------------------

    async def get_dataset_progress(self, dataset: Any) -> dict[str, int]:
        """How many records there are, and how many in each status."""
        if dataset.is_draft:
            return {}
        statement = text("SELECT status, count(*) FROM records WHERE dataset_id = :dataset GROUP BY 1")
        return await _counted(statement, dataset=dataset.id.hex)

    async def get_dataset_user_progress(self, dataset: Any, user: Any) -> dict[str, int]:
        """How many responses a user has made, and how many in each status."""
        if dataset.is_draft:
            return {}
        statement = text(
            "SELECT p.status, count(*) FROM responses p JOIN records r ON r.id = p.record_id "
            "WHERE r.dataset_id = :dataset AND p.user_id = :user GROUP BY 1"
        )
        return await _counted(statement, dataset=dataset.id.hex, user=user.id.hex)

    async def compute_metrics_for(self, metadata_property: Any) -> Any:
        """The terms of a metadata property with their counts, or the range of its numbers."""
        values = {"dataset": metadata_property.dataset_id.hex, "name": metadata_property.name}
        rows = METADATA_ROWS.replace("FROM json_each", "FROM records r JOIN json_each", 1)
        rows += f" WHERE r.dataset_id = :dataset AND meta.key = :name AND {METADATA_VALUE} IS NOT NULL"
        if metadata_property.is_terms:
            counts = f"SELECT {METADATA_VALUE}, count(*) {rows} GROUP BY 1 ORDER BY 2 DESC, 1"
            terms = await database.read(lambda connection: connection.execute(text(counts), values).all())
            found = [TermsMetrics.TermCount(term=str(term), count=number) for term, number in terms]
            return TermsMetrics(total=sum(term.count for term in found), values=found[:MOST_TERMS])
        ends = f"SELECT min({METADATA_VALUE}), max({METADATA_VALUE}) {rows}"
        least, greatest = await database.read(lambda connection: connection.execute(text(ends), values).one())
        kind = IntegerMetadataMetrics if metadata_property.is_integer else FloatMetadataMetrics
        return kind(min=least, max=greatest)

    # -- search -------------------------------------------------------------------------------------------------

    async def search(
        self,
        dataset: Any,
        query: Any = None,
        filter: Any = None,
        sort: list[Any] | None = None,
        offset: int = 0,
        limit: int = 100,
        user_id: UUID | str | None = None,
    ) -> Any:
        """Search records.

        They come by ``sort``; else, with a query, the best match first; else, where a user asks for pending ones, as
        ``Search.next_votes`` says; else in the user's own random order, which never changes; else as they were added.
        """

        def work(connection: Connection) -> tuple[list[Any], int]:
            found = _build(connection, dataset.id, words, filter)
            user = UUID(str(user_id)).hex if user_id else None
            if user:
                found.not_followed(user)
            total = connection.execute(text(f"SELECT count(*) {found.body}"), found.values).scalar_one()
            if not user or sort or found.score or not wants_pending(filter):
                return _page(connection, found, _order(found, sort, user), offset, limit), total
            with HANDS.lock:
                hands = json.dumps(HANDS.ranks(user, anew=offset == 0))
                order = found.next_votes(user, hands, dataset.distribution["min_submitted"])
                rows = _page(connection, found, (order, "1.0"), offset, limit)
                if limit <= LARGEST_PAGE:
                    HANDS.give(user, [row[0] for row in rows])
            return rows, total

        words = await _prepare(dataset.id, query)
        rows, total = await database.read(work)
        items = [SearchResponseItem(record_id=UUID(record_id), score=score) for record_id, score in rows]
        return SearchResponses(items=items, total=total)

    async def similarity_search(
        self,
        dataset: Any,
        vector_settings: Any,
        value: list[float] | None = None,
        record: Any = None,
        query: Any = None,
        filter: Any = None,
        max_results: int = 100,
        order: Any = "most_similar",
        threshold: float | None = None,
    ) -> Any:
        """Search the records nearest to a vector, or to another record's vector.

        ``least_similar`` looks for those nearest to its opposite; ``threshold`` is the least score shown, and
        does not change the total.
        """
        if bool(value) == bool(record):
            raise ValueError("Must provide either vector value or record to compute the similarity search")
        wanted = value or record.vector_value_by_vector_settings(vector_settings)
        if not wanted:
            raise ValueError("Cannot find a vector value to apply with provided info")
        if str(order) == "least_similar":
            wanted = [-number for number in wanted]

        def work(connection: Connection) -> list[tuple[str, float]]:
            allowed = None
            if query or filter:
                found = _build(connection, dataset.id, words, filter)
                allowed = set(connection.execute(text(f"SELECT r.id {found.body}"), found.values).scalars())
            vectors = vectors_of(connection, vector_settings.id)
            without = record.id.hex if record else None
            return nearest(vectors, wanted, most=max_results, allowed=allowed, without=without)

        words = await _prepare(dataset.id, query)
        hits = await database.read(work)
        shown = [hit for hit in hits if threshold is None or hit[1] >= threshold]
        items = [SearchResponseItem(record_id=UUID(record_id), score=score) for record_id, score in shown]
        return SearchResponses(items=items, total=len(hits))


async def _counted(statement: Any, **values: str) -> dict[str, int]:
    counts = await database.read(lambda connection: dict(connection.execute(statement, values).tuples().all()))
    return {"total": sum(counts.values()), **counts}


async def _prepare(dataset_id: UUID, query: Any) -> tuple[Node | None, str | None] | None:
    """Parse a text query and repair the index where it needs it; None if there is no query."""
    if not query:
        return None
    if isinstance(query, str):
        query = TextQuery(q=query)
    try:
        tree = parse(query.q)
    except QueryTooComplex as error:
        raise UnprocessableEntityError(f"Cannot search: {error}") from error
    await text_index.repair_if_stale(dataset_id)
    return tree, query.field


def _build(
    connection: Connection, dataset_id: UUID, words: tuple[Node | None, str | None] | None, condition: Any
) -> Search:
    found = Search(dataset_id)
    if words is not None:
        tree, field = words
        found.match(tree, TextIndex.of(connection, dataset_id), field)
    found.filter(condition)
    return found


def _page(connection: Connection, found: Search, order: tuple[str, str], offset: int, limit: int) -> list[Any]:
    """One page of a search: the ids and their scores."""
    by, score = order
    page = f"LIMIT {found.bind(limit)} OFFSET {found.bind(min(offset, LARGEST_INTEGER))}"
    statement = text(f"SELECT r.id, {score} {found.body} ORDER BY {by}, r.inserted_at, r.id {page}")
    return list(connection.execute(statement, found.values))


def _order(found: Search, sort: list[Any] | None, user: str | None) -> tuple[str, str]:
    """The ORDER BY of a search, and its score; results in an order that was asked for have no score."""
    if sort:
        return ", ".join(found.order(order) for order in sort), "NULL"
    if found.score:
        return f"{found.score} DESC", found.score
    return (f"shuffled(r.id, {found.bind(user)})" if user else "1.0"), "1.0"
