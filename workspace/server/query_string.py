"""The language of the search box: Elasticsearch's ``simple_query_string`` with AND as the default operator.

``a b`` both words · ``a | b`` either · ``-a`` not · ``"a b"`` a phrase · ``"a b"~3`` near each other ·
``riv*`` words that begin with it · ``( )`` groups · ``\\`` takes a character literally · ``*`` alone is everything.
There is no precedence between AND and OR: operators are read from left to right (``a | b c`` is
``(a | b) c``). Every input is accepted: an unclosed quote or parenthesis is ignored. One difference:
``word~1`` (similar words) is read as the word itself.

Pure: text in, tree out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_WORDS = 1024
MAX_DEPTH = 30
SPACE = " \t\n\r"
# In all four, a backslash and what it takes literally are one unit.
PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
PHRASE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
WORD = re.compile(r'(?:[^\\]|\\.?)(?:[^\\ \t\n\r"|+()~]|\\.?)*', re.DOTALL)
PREFIX = re.compile(r"(?:[^\\]|\\.)+\*", re.DOTALL)


class QueryTooComplex(ValueError):
    """The query has too many words or too many levels; Elasticsearch has such limits too."""


@dataclass(frozen=True)
class Words:
    """Words one after the other: one word, a phrase, or with ``slop`` up to that many others between them."""

    text: str
    prefix: bool = False
    slop: int = 0


@dataclass(frozen=True)
class Everything:
    """Every record."""


@dataclass(frozen=True)
class Not:
    """All records but those of ``child``."""

    child: Node


@dataclass(frozen=True)
class Junction:
    """``children`` joined by AND or OR."""

    operator: str
    children: tuple[Node, ...]


Node = Words | Everything | Not | Junction


def parse(query: str) -> Node | None:
    """Parse a query; None if it has no word: it finds nothing.

    Raises:
        QueryTooComplex: more than 1,024 words, or groups nested more than 30 deep.
    """
    if query.strip() == "*":
        return Everything()
    return _Reader(query).read()


def words_of(text: str) -> list[str]:
    """The words of a text as the index cuts them: runs of letters, numbers and marks."""
    cut = "".join(character if _belongs_to_a_word(character) else " " for character in text)
    return [word for word in cut.split() if any(_begins_a_word(character) for character in word)]


def _begins_a_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"


def _belongs_to_a_word(character: str) -> bool:
    return _begins_a_word(character) or unicodedata.category(character) == "Mn"


def _depth(node: Node) -> int:
    if isinstance(node, Not):
        return 1 + _depth(node.child)
    if isinstance(node, Junction):
        return 1 + max(_depth(child) for child in node.children)
    return 1


class _Reader:
    """Lucene's SimpleQueryParser, rule by rule; each pair of parentheses has a reader of its own."""

    def __init__(self, query: str, level: int = 0) -> None:
        self.query = query
        self.level = level
        self.at = 0
        self.words = 0
        self.closing = _matching_parentheses(query)
        self.tree: Node | None = None
        self.operator: str | None = None
        self.previous: str | None = None
        self.negations = 0

    def read(self) -> Node | None:
        while self.at < len(self.query):
            self._read_one()
        return self.tree

    def _read_one(self) -> None:
        character = self.query[self.at]
        if character == "-":
            # Only directly before a word, phrase or group; two of them cancel out.
            self.negations += 1
            self.at += 1
            return
        if character == "(":
            self._read_group()
        elif character == '"':
            self._read_phrase()
        elif character in "+|" + SPACE + ")":
            # An operator counts only after a term, and only the first one counts.
            if character in "+|" and self.operator is None and self.tree is not None:
                self.operator = "AND" if character == "+" else "OR"
            self.at += 1
        else:
            self._read_word()
        self.negations = 0

    def _read_group(self) -> None:
        start = self.at + 1
        end = self.closing.get(self.at)
        self.at = start if end is None else end + 1
        if end == start:
            self.operator = None  # it was meant for the "()"
        elif end is not None:
            if self.level >= MAX_DEPTH:
                raise QueryTooComplex(f"the query has more than {MAX_DEPTH} levels of parentheses")
            inner = _Reader(self.query[start:end], self.level + 1)
            node = inner.read()
            self._count(inner.words)
            if node is not None:
                self._join(node)

    def _join(self, node: Node) -> None:
        """Join ``node`` to what is on its left."""
        if self.negations % 2:
            node = Not(node)
        operator = self.operator or "AND"
        self.operator = None
        if self.tree is None:
            self.tree = node
            return
        if self.previous == operator and isinstance(self.tree, Junction):
            self.tree = Junction(operator, (*self.tree.children, node))
        else:
            self.tree = Junction(operator, (self.tree, node))
            if _depth(self.tree) > MAX_DEPTH:
                raise QueryTooComplex(f"the query changes between AND and OR more than {MAX_DEPTH} times")
        self.previous = operator

    def _read_phrase(self) -> None:
        found = PHRASE.match(self.query, self.at)
        self.at = found.end() if found else self.at + 1
        if found:
            self._add(_unescape(found[1]), slop=self._read_number())

    def _read_word(self) -> None:
        found = WORD.match(self.query, self.at)
        assert found
        self.at = found.end()
        is_fuzzy = self.query.startswith("~", self.at)
        self._read_number()
        text, prefix = _unescape(found[0]), bool(PREFIX.fullmatch(found[0])) and not is_fuzzy
        self._add(text[:-1] if prefix else text, prefix=prefix)

    def _read_number(self) -> int:
        """Read a suffix like ``~2``; 0 if there is none."""
        found = re.compile(r"~(\d*)[^\s()\"|+]*").match(self.query, self.at)
        if not found:
            return 0
        self.at = found.end()
        return min(int(found[1][:4] or 0), 1000)

    def _add(self, text: str, *, prefix: bool = False, slop: int = 0) -> None:
        found = len(words_of(text))
        self._count(found)
        if found:
            self._join(Words(text, prefix, slop))

    def _count(self, words: int) -> None:
        self.words += words
        if self.words > MAX_WORDS:
            raise QueryTooComplex(f"the query has more than {MAX_WORDS} words")


def _matching_parentheses(query: str) -> dict[int, int]:
    """Where each opening parenthesis is closed; those that never are closed are left out."""
    opened: list[int] = []
    closing: dict[int, int] = {}
    for found in PARENTHESIS.finditer(query):
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")" and opened:
            closing[opened.pop()] = found.start()
    return closing


def _unescape(text: str) -> str:
    return re.sub(r"\\(.?)", r"\1", text, flags=re.DOTALL)
