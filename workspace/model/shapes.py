"""The way back of a record to the rows of its source, whatever their shape.

A record of H4rmony's columns, or of ``prompt, chosen, rejected`` in plain text, has one comparison a row. A record of
any other shape (``loaders/shapes``) has its rows as ``metadata["source_rows"]``: one JSON text a row, an object with
the cells of those columns that are not the same in all its rows. Where a cell holds a text of the record, the row has
a hole in its place, so that each text stands once in the record:

- ``{"$text": 0}`` is the prompt, ``{"$text": 1}`` the first answer, and so on;
- ``{"$context": 0}`` is the first message of the context;
- ``{"$join": [...]}`` are pieces of one text, put together;
- ``{"$verbatim": {...}}`` is an object of the source that would else be taken for one of these.

``filled`` is the inverse of ``with_holes``: the cells come back exactly, or with the record's texts of today.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workspace.model.conversations import Message

ROWS_KEY = "source_rows"  # in a record's metadata
_TEXT, _CONTEXT, _JOIN, _VERBATIM = "$text", "$context", "$join", "$verbatim"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_HOLES = frozenset({_TEXT, _CONTEXT, _JOIN, _VERBATIM})


@dataclass(frozen=True)
class Joined:
    """A text of the source that is put together of several: literal pieces, and texts of the record."""

    pieces: tuple[str, ...]


class Holes:
    """Where the texts of one record are: finds them in the cells of its rows."""

    def __init__(self, texts: Sequence[str], context: Sequence[Message]) -> None:
        self._holes: dict[str, dict[str, Any]] = {}
        for place, text in enumerate(texts):
            self._holes.setdefault(text, {_TEXT: place})
        for place, message in enumerate(context):
            self._holes.setdefault(message.content, {_CONTEXT: place})

    def row(self, cells: Mapping[str, Any]) -> str:
        """The JSON text of a row, with holes."""
        return _ENCODER.encode({column: self.with_holes(cell) for column, cell in cells.items()})

    def with_holes(self, value: Any) -> Any:
        """A cell with a hole for each text of the record that it holds."""
        if isinstance(value, str):
            return self._of_text(value)
        if isinstance(value, Joined):
            return {_JOIN: [self._holes.get(piece, piece) for piece in value.pieces]}
        if isinstance(value, list):
            return [self.with_holes(item) for item in value]
        if isinstance(value, dict):
            held = {name: self.with_holes(item) for name, item in value.items()}
            return {_VERBATIM: held} if len(value) == 1 and _is_hole(value) else held
        return value

    def _of_text(self, text: str) -> Any:
        if hole := self._holes.get(text):
            return hole
        if not (text[:1].isspace() or text[-1:].isspace()):
            return text
        for core in (text.strip(), text.rstrip("\r\n")):
            if len(core) < len(text) and (hole := self._holes.get(core)):
                before, after = text[: text.index(core)], text[text.index(core) + len(core) :]
                return {_JOIN: [piece for piece in (before, hole, after) if piece]}
        return text


def filled(row: str, texts: Sequence[str], context: Sequence[Message]) -> dict[str, Any]:
    """The cells of a row that ``Holes.row`` wrote, with these texts in its holes."""
    cells: dict[str, Any] = {name: _filled(value, texts, context) for name, value in json.loads(row).items()}
    return cells


def _filled(value: Any, texts: Sequence[str], context: Sequence[Message]) -> Any:
    if isinstance(value, list):
        return [_filled(item, texts, context) for item in value]
    if not isinstance(value, dict):
        return value
    if not _is_hole(value):
        return {name: _filled(item, texts, context) for name, item in value.items()}
    ((kind, held),) = value.items()
    if kind == _TEXT:
        return texts[held]
    if kind == _CONTEXT:
        return context[held].content
    if kind == _JOIN:
        return "".join(_filled(piece, texts, context) for piece in held)
    return {name: _filled(item, texts, context) for name, item in held.items()}


def _is_hole(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and not _HOLES.isdisjoint(value)
