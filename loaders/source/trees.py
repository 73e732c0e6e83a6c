"""Trees of messages, as Open Assistant keeps conversations, become a table: a row for each question with its answers.

A file has a tree a row (``prompt`` with its ``replies``), or a message a row (``message_id``, ``parent_id``). A row
of the table is a message of the ``prompter`` with two replies or more: ``prompt`` is the conversation that ends with
it, ``completions`` are its replies with their ``rank``, 0 the best. Deleted messages are passed over, and what
follows them; so are replies to a message that is not there, and a message that is there again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from loaders.source.cells import JsonText, json_cells
from loaders.source.table import Row, Table, columns_of
from workspace.errors import count_of

_FLAT = frozenset({"message_id", "parent_id", "text", "role"})
_SPEAKERS = {"prompter": "user", "assistant": "assistant"}


def untangled(table: Table) -> Table:
    """The table of the questions, if a table holds trees of messages; else the table itself."""
    found = [cells for root in _roots(table) for cells in _questions(root)]
    if not found:
        return table
    rows = tuple(Row(number, json_cells(cells)) for number, cells in enumerate(found, start=1))
    told = f"a row is one of {count_of(len(rows), 'question')} with two answers or more"
    note = f"{table.source}: its messages are trees; {told}"
    return replace(table, columns=columns_of(rows), rows=rows, notes=(*table.notes, note))


def _roots(table: Table) -> list[Mapping[str, Any]]:
    """The first message of each tree; nothing if the table holds no trees."""
    if {*table.columns} >= _FLAT:
        return _linked(table) if all(row.cells.get("role") in _SPEAKERS for row in table.rows) else []
    if not all(isinstance(row.cells.get("prompt"), JsonText) for row in table.rows):
        return []
    found = [json.loads(row.cells["prompt"]) for row in table.rows]
    return found if all(isinstance(each, dict) and isinstance(each.get("replies"), list) for each in found) else []


def _linked(table: Table) -> list[Mapping[str, Any]]:
    """The first messages of a table with a message a row, each with its replies."""
    replies: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    known = {""}
    for cells in (row.cells for row in table.rows):
        number = cells.get("message_id", "")
        if number not in known:
            known.add(number)
            message = {**cells, "rank": cells.get("rank") or None, "replies": replies[number]}
            replies[cells.get("parent_id", "")].append(message)
    return replies[""]


def _questions(root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of the questions in a tree, each before those of the replies to it."""
    waiting: list[tuple[Mapping[str, Any], list[dict[str, str]]]] = [(root, [])] if _stands(root) else []
    while waiting:
        message, before = waiting.pop()
        said = [*before, {"role": _SPEAKERS[message["role"]], "content": str(message.get("text", ""))}]
        given = message.get("replies")
        replies = [each for each in given if _stands(each)] if isinstance(given, list) else []
        answers = [each for each in replies if each["role"] == "assistant"]
        if message["role"] == "prompter" and len(answers) > 1:
            completions = [{name: each.get(name) for name in ("message_id", "text", "rank")} for each in answers]
            about = {name: message[name] for name in ("message_id", "lang") if message.get(name)}
            yield {"prompt": said, "completions": completions, **about}
        waiting += [(reply, said) for reply in reversed(replies)]


def _stands(message: Any) -> bool:
    """True for a message that was not deleted, whose speaker is known."""
    is_message = isinstance(message, Mapping) and str(message.get("role")) in _SPEAKERS
    return is_message and str(message.get("deleted", "")).casefold() != "true"
