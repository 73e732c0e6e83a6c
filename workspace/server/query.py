"""Filters, sorts and text queries of Argilla's search as SQL over its own tables.

Every value, names of questions and metadata included, is a bound parameter; names are compared as keys of the
stored JSON, never put into a path. The rules are those of Argilla's Elasticsearch engine: a filter on a list
asks for any of its elements, values that are missing come last in every order, ``pending`` is the absence of a
response. Values of text, ranking and span questions are not indexed there, so no filter finds them here.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.search_engine.base import (
    AndFilter,
    Filter,
    MetadataFilterScope,
    Order,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
    TermsFilter,
)

from workspace.server.fts import fts_expression, has_negation, storable
from workspace.server.hands import MINE, TAKEN
from workspace.server.query_string import Everything, Junction, Node, Not, Words
from workspace.server.text_index import TextIndex

LARGEST_INTEGER = 2**63 - 1
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
DATE_ONLY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
DATES = {"inserted_at", "updated_at"}
SUGGESTION_VALUES = {"agent": "s.agent", "type": "s.type", "value": "part.value", "score": "part.value"}
FILTERED_QUESTIONS = "('rating', 'label_selection', 'multi_label_selection')"
NUMERIC = "('integer', 'real')"


class Search:
    """The conditions of one search, the values bound to them, and the expressions it is ordered by.

    The record is ``r`` in all SQL. Its columns and those of a suggestion are the few that Argilla's API lets through.
    """

    def __init__(self, dataset_id: UUID) -> None:
        self.values: dict[str, Any] = {"dataset": dataset_id.hex}
        self.conditions = ["r.dataset_id = :dataset"]
        self.score: str | None = None
        self.hits = ""

    @property
    def body(self) -> str:
        """The FROM and WHERE clauses of the search."""
        return f"FROM records r {self.hits} WHERE {' AND '.join(self.conditions)}"

    def bind(self, value: Any) -> str:
        """Bind ``value``; returns its placeholder."""
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            value = float(value) if abs(value) < 10**300 else math.copysign(math.inf, value)
        name = f"v{len(self.values)}"
        self.values[name] = storable(value) if isinstance(value, str) else value
        return f":{name}"

    # -- text ---------------------------------------------------------------------------------------------------

    def match(self, node: Node | None, index: TextIndex, field: str | None) -> None:
        """Keep the records whose text matches ``node``, in one field or in any; the score is BM25."""
        column = index.columns.get(field) if field is not None else None
        is_image = field is not None and column is None  # it has no text
        if node is None or (is_image and not isinstance(node, Everything)):
            self.conditions.append("0")
            return
        columns = f"{{{column}}} : " if column else ""
        self.conditions.append(self._text_condition(node, index.table, columns))
        words = [fts_expression(found) for found in _positive_words(node)]
        if words:
            expression = self.bind(f"{columns}({' OR '.join(words)})")
            self.hits = (
                f"LEFT JOIN (SELECT record_id, -rank AS score FROM {index.table} "
                f"WHERE {index.table} MATCH {expression}) hit ON hit.record_id = r.id"
            )
            self.score = "coalesce(hit.score, 0.0)"

    def _text_condition(self, node: Node, table: str, columns: str) -> str:
        if isinstance(node, Everything):
            return "1"
        if isinstance(node, Not):
            return f"NOT {self._text_condition(node.child, table, columns)}"
        if isinstance(node, Junction) and has_negation(node):
            parts = [self._text_condition(child, table, columns) for child in node.children]
            return _joined(node.operator, parts)
        expression = self.bind(f"{columns}({fts_expression(node)})")
        return f"(r.id IN (SELECT record_id FROM {table} WHERE {table} MATCH {expression}))"

    # -- filters ------------------------------------------------------------------------------------------------

    def filter(self, condition: Filter | None) -> None:
        """Keep the records that pass a filter."""
        if condition is not None:
            self.conditions.append(self._filter(condition))

    def _filter(self, condition: Filter) -> str:
        if isinstance(condition, AndFilter):
            return "(" + (" AND ".join(self._filter(part) for part in condition.filters) or "1") + ")"
        scope = condition.scope
        if isinstance(scope, RecordFilterScope):
            return self._record_filter(condition, str(scope.property))
        if isinstance(scope, MetadataFilterScope):
            return f"EXISTS ({self._metadata(scope)} AND {self._compare(condition, METADATA_VALUE)})"
        if isinstance(scope, SuggestionFilterScope):
            value = SUGGESTION_VALUES.get(scope.property, "NULL")
            return f"EXISTS ({self._suggestions(scope)} AND {self._compare(condition, value)})"
        if scope.question:
            return f"EXISTS ({self._answers(scope)} AND {self._compare(condition, 'answer.value')})"
        return self._status_filter(condition, scope)

    def _record_filter(self, condition: Filter, column: str) -> str:
        if column in DATES:
            return self._compare_dates(condition, f"r.{column}")
        return self._compare(condition, UUID_TEXT if column == "id" else f"r.{column}")

    def _status_filter(self, condition: Filter, scope: ResponseFilterScope) -> str:
        if scope.property != "status" or not isinstance(condition, TermsFilter):
            raise UnprocessableEntityError("Responses are filtered by a question, or by the terms of their status")
        statuses = [str(value) for value in condition.values]
        given = f"SELECT 1 FROM responses p WHERE p.record_id = r.id{self._user(scope)}"
        ways = [f"NOT EXISTS ({given})"] if "pending" in statuses else []
        if others := [status for status in statuses if status != "pending"]:
            ways.append(f"EXISTS ({given} AND p.status IN ({', '.join(map(self.bind, others))}))")
        return f"({' OR '.join(ways) or '1'})"

    def _compare(self, condition: Filter, value: str) -> str:
        """Compare numbers as numbers and texts as texts; either side decides which they are."""
        if isinstance(condition, TermsFilter):
            terms: list[Any] = [str(term) for term in condition.values]
            numbers = [number for number in map(to_number, terms) if number is not None]
            return f"{value} IN ({', '.join(map(self.bind, [*terms, *numbers]))})"
        kinds = []
        texts = [(operator, str(bound)) for operator, bound in _bounds(condition)]
        for kind, bounds in ((NUMERIC, _numbers(condition)), ("('text')", texts)):
            tests = [f"{value} {operator} {self.bind(bound)}" for operator, bound in bounds]
            if tests:
                kinds.append(f"(typeof({value}) IN {kind} AND {' AND '.join(tests)})")
        return f"({' OR '.join(kinds) or '0'})"

    def _compare_dates(self, condition: Filter, column: str) -> str:
        if isinstance(condition, TermsFilter):
            moments = [
                f"({column} BETWEEN {self.bind(to_date(term))} AND {self.bind(to_date(term, end=True))})"
                for term in condition.values
            ]
            return f"({' OR '.join(moments)})"
        tests = [
            f"{column} {operator} {self.bind(to_date(bound, end=operator == '<='))}"
            for operator, bound in _bounds(condition)
        ]
        return f"({' AND '.join(tests) or '1'})"

    # -- where the values are -------------------------------------------------------------------------------------

    def _metadata(self, scope: MetadataFilterScope) -> str:
        return f"SELECT 1 {METADATA_ROWS} WHERE meta.key = {self.bind(scope.metadata_property)}"

    def _suggestions(self, scope: SuggestionFilterScope) -> str:
        column = "score" if scope.property == "score" else "value"
        kinds = f" AND {QUESTION_TYPE} IN {FILTERED_QUESTIONS}" if scope.property == "value" else ""
        parts = f", json_each(s.{column}) part" if scope.property in ("value", "score") else ""
        return (
            f"SELECT 1 FROM suggestions s JOIN questions q ON q.id = s.question_id{parts} WHERE s.record_id = r.id "
            f"AND q.dataset_id = :dataset AND q.name = {self.bind(scope.question)}{kinds}"
        )

    def _answers(self, scope: ResponseFilterScope) -> str:
        name = self.bind(scope.question)
        return (
            "SELECT 1 FROM responses p, json_each(p.\"values\") given, json_each(given.value, '$.value') answer "
            f"WHERE p.record_id = r.id{self._user(scope)} AND given.key = {name} AND EXISTS ("
            f"SELECT 1 FROM questions q WHERE q.dataset_id = :dataset AND q.name = {name} "
            f"AND {QUESTION_TYPE} IN {FILTERED_QUESTIONS})"
        )

    def _user(self, scope: ResponseFilterScope) -> str:
        return f" AND p.user_id = {self.bind(scope.user.id.hex)}" if scope.user else ""

    def not_followed(self, user_id: str) -> None:
        """Leave out what a newer version follows (``load --new-versions``), unless this user has answered it."""
        later = "json_extract(x.metadata, '$.follows')"
        self.conditions.append(
            f"(coalesce(r.external_id, '') NOT IN (SELECT {later} FROM records x WHERE x.dataset_id = :dataset "
            f"AND {later} IS NOT NULL) OR EXISTS (SELECT 1 FROM responses p WHERE p.record_id = r.id "
            f"AND p.user_id = {self.bind(user_id)}))"
        )

    # -- order --------------------------------------------------------------------------------------------------

    def order(self, order: Order) -> str:
        """One ORDER BY term. Of several values the smallest counts in ascending order, the largest in descending."""
        descending = str(order.order) == "desc"
        pick = "max" if descending else "min"
        return f"{self._sort_value(order.scope, pick)} {'DESC' if descending else 'ASC'} NULLS LAST"

    def next_votes(self, user: str, hands: str, enough: int) -> str:
        """The ORDER BY of the pending records that a reviewer is given.

        First what is in the reviewer's own hand. Then what is in nobody's: what has most votes, so that records are
        completed one after another. Then what others have in hand or saved as a draft in the last hour, from the end
        that they reach last, so that people who share the rest meet late. What has ``enough`` votes comes last. Equal
        records are shuffled by a hash of their id and the user's: nothing here follows from ranks or modes.
        """
        known = self.bind(hands)
        self.hits += (
            " LEFT JOIN (SELECT record_id AS id, sum(status = 'submitted') AS votes, sum(status = 'draft' AND "
            "updated_at > datetime('now', '-1 hour')) AS drafts FROM responses GROUP BY 1) given ON given.id = r.id"
        )
        return (
            f"CASE WHEN r.id IN (SELECT key FROM json_each({known})) "
            f"THEN json_extract({known}, '$.\"' || r.id || '\"') ELSE 0 END + {TAKEN} * coalesce(given.drafts, 0) + "
            f"{-MINE // 2} * (coalesce(given.votes, 0) >= {self.bind(enough)}), given.votes DESC, "
            f"shuffled(r.id, {self.bind(user)})"
        )

    def _sort_value(self, scope: Any, pick: str) -> str:
        if isinstance(scope, RecordFilterScope):
            return f"r.{scope.property}"
        if isinstance(scope, MetadataFilterScope):
            return f"({_select(f'{pick}({METADATA_VALUE})', self._metadata(scope))})"
        if isinstance(scope, SuggestionFilterScope):
            value = SUGGESTION_VALUES.get(scope.property, "NULL")
            return f"({_select(f'{pick}({value})', self._suggestions(scope))})"
        if scope.question:
            # Ratings of several reviewers count by their average.
            number = f"CASE WHEN typeof(answer.value) IN {NUMERIC} THEN answer.value END"
            return f"({_select(f'coalesce(avg({number}), {pick}(answer.value))', self._answers(scope))})"
        return f"(SELECT {pick}(p.status) FROM responses p WHERE p.record_id = r.id{self._user(scope)})"


METADATA_ROWS = (
    "FROM json_each(r.metadata) meta JOIN json_each(CASE meta.type WHEN 'array' THEN meta.value ELSE '[0]' END) part"
)
METADATA_VALUE = "(CASE meta.type WHEN 'array' THEN part.value ELSE meta.value END)"
QUESTION_TYPE = "json_extract(q.settings, '$.type')"
UUID_TEXT = (
    "(substr(r.id, 1, 8) || '-' || substr(r.id, 9, 4) || '-' || substr(r.id, 13, 4) || '-' || "
    "substr(r.id, 17, 4) || '-' || substr(r.id, 21))"
)


def wants_pending(condition: Filter | None) -> bool:
    """True if a filter asks for a reviewer's pending records and no others."""
    parts = condition.filters if isinstance(condition, AndFilter) else ()
    return any(
        isinstance(part, TermsFilter)
        and isinstance(part.scope, ResponseFilterScope)
        and part.scope.property == "status"
        and [str(value) for value in part.values] == ["pending"]
        for part in parts
    )


def _select(expression: str, rows: str) -> str:
    return rows.replace("SELECT 1 ", f"SELECT {expression} ", 1)


def _joined(operator: str, parts: list[str]) -> str:
    """Join conditions in halves of halves: SQLite takes no expression of a thousand levels."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_joined(operator, parts[:half])} {operator} {_joined(operator, parts[half:])})"


def _positive_words(node: Node) -> list[Words]:
    if isinstance(node, Words):
        return [node]
    if isinstance(node, Junction):
        return [found for child in node.children for found in _positive_words(child)]
    return []


def _bounds(condition: RangeFilter) -> list[tuple[str, Any]]:
    bounds = (">=", condition.ge), ("<=", condition.le)
    return [(operator, bound) for operator, bound in bounds if bound is not None]


def _numbers(condition: RangeFilter) -> list[tuple[str, Any]]:
    bounds = [(operator, to_number(bound)) for operator, bound in _bounds(condition)]
    return bounds if all(bound is not None for _, bound in bounds) else []


def to_number(value: Any) -> int | float | None:
    """Read a number; None if the value is not one."""
    if isinstance(value, int | float):
        return value
    if not NUMBER.fullmatch(str(value).strip()):
        return None
    return int(value) if re.fullmatch(r"[-+]?\d{1,300}", str(value).strip()) else float(value)


def to_date(value: Any, *, end: bool = False) -> str:
    """Write a date as the database does (UTC). Missing parts become the latest if ``end``, else the earliest.

    Numbers are milliseconds since 1970.

    Raises:
        UnprocessableEntityError: it cannot be read.
    """
    try:
        return f"{_moment(value, end=end):%Y-%m-%d %H:%M:%S.%f}"
    except (ValueError, OverflowError) as error:
        raise UnprocessableEntityError(f"`{value}` is not a date; write it like 2026-01-31T12:00:00") from error


def _moment(value: Any, *, end: bool) -> datetime:
    said = str(value).strip()
    if isinstance(value, int | float) or re.fullmatch(r"-?\d{5,}", said):
        return datetime(1970, 1, 1) + timedelta(milliseconds=float(said))
    if DATE_ONLY.fullmatch(said):
        moment = datetime.fromisoformat(said + "-01" * (2 - said.count("-")))
        return moment + timedelta(days=1, microseconds=-1) if end else moment
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    if end and "." not in said:
        moment = moment.replace(microsecond=999_999)
    return moment
