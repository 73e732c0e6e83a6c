"""What goes into the text index, and how a query is written for it, in the language of SQLite's FTS5. Pure."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator, Mapping
from typing import Any

from workspace.server.query_string import Junction, Node, Words, words_of

TOKENIZER = "unicode61 remove_diacritics 2"
# Raise this number when rows are built in another way: every stamp changes, and every index is built again.
RULES = "1"
# A character for private use: a word between texts, which no phrase can contain.
BETWEEN_TEXTS = " \ue000 "


def row_key(record_id: str) -> int:
    """The index's key of a record: the first 60 bits of its uuid (the records' own rowids move on VACUUM)."""
    return int(record_id[:15], 16)


def stamp_of(fields: str) -> str:
    """A short hash of the stored fields and of the rules that turn them into text."""
    return hashlib.blake2b(f"{RULES} {fields}".encode(errors="surrogatepass"), digest_size=8).hexdigest()


def searchable_text(value: Any) -> str:
    """The text of one field: as it is, all values of a custom field unescaped, or all messages of a chat."""
    texts = _texts(value)
    return storable(BETWEEN_TEXTS.join(map(html.unescape, texts) if isinstance(value, Mapping) else texts))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield str(value)


def storable(value: str) -> str:
    """Replace what SQLite takes for the end of a text, or cannot encode: NUL and lone surrogates."""
    return value.replace("\0", " ").encode(errors="replace").decode()


def has_negation(node: Node) -> bool:
    """True if FTS5 cannot express the query: it knows only "this, but not that"."""
    if isinstance(node, Junction):
        return any(has_negation(child) for child in node.children)
    return not isinstance(node, Words)


def fts_expression(node: Node) -> str:
    """Write a query without negation in the language of FTS5; every word is quoted, so nothing else is special."""
    if isinstance(node, Junction):
        return "(" + f" {node.operator} ".join(fts_expression(child) for child in node.children) + ")"
    assert isinstance(node, Words)
    if node.slop:
        return f"NEAR({' '.join(map(_quoted, words_of(node.text)))}, {node.slop})"
    return _quoted(node.text) + (" *" if node.prefix else "")


def _quoted(value: str) -> str:
    return '"' + storable(value).replace('"', '""') + '"'
