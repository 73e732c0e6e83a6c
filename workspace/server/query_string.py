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
    tree = _Reader(query).read()
    if tree is not None and _depth(tree) > MAX_DEPTH:
        raise QueryTooComplex(f"the query changes between AND and OR more than {MAX_DEPTH} times")
    return tree


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


class _Level:
    """What has been read so far inside one pair of parentheses."""

    def __init__(self) -> None:
        self.tree: Node | None = None
        self.operator: str | None = None
        self.previous: str | None = None
        self.negations = 0

    def say(self, operator: str) -> None:
        """Note ``+`` or ``|``; it counts only after a term, and only the first one counts."""
        if self.operator is None and self.tree is not None:
            self.operator = operator

    def add(self, node: Node) -> None:
        """Join ``node`` to what is on its left."""
        if self.negations % 2:
            node = Not(node)
        if self.tree is None:
            self.tree = node
        else:
            operator = self.operator or "AND"
            if self.previous == operator and isinstance(self.tree, Junction):
                self.tree = Junction(operator, (*self.tree.children, node))
            else:
                self.tree = Junction(operator, (self.tree, node))
            self.previous = operator
        self.operator = None


class _Reader:
    """Lucene's SimpleQueryParser, rule by rule."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.words = 0
        self.closing = _matching_parentheses(query)
        self.ends: list[int] = []
        self.levels = [_Level()]

    def read(self) -> Node | None:
        while True:
            if self.ends and self.at == self.ends[-1]:
                self._close_group()
            elif self.at >= len(self.query):
                return self.levels[0].tree
            else:
                self._read_one()

    def _read_one(self) -> None:
        character, level = self.query[self.at], self.levels[-1]
        if character == "-":
            # Only directly before a word, phrase or group; two of them cancel out.
            level.negations += 1
            self.at += 1
            return
        if character == "(":
            self._open_group()
            return
        if character == '"':
            self._read_phrase()
        elif character in "+|":
            level.say("AND" if character == "+" else "OR")
            self.at += 1
        elif character in SPACE or character == ")":
            self.at += 1
        else:
            self._read_word()
        level.negations = 0

    def _open_group(self) -> None:
        end = self.closing.get(self.at)
        self.at += 1
        if end is None:
            self.levels[-1].negations = 0
        elif end == self.at:
            # An operator before "()" was meant for it.
            self.levels[-1].operator = None
            self.levels[-1].negations = 0
            self.at += 1
        else:
            if len(self.ends) >= MAX_DEPTH:
                raise QueryTooComplex(f"the query has more than {MAX_DEPTH} levels of parentheses")
            self.ends.append(end)
            self.levels.append(_Level())

    def _close_group(self) -> None:
        self.at = self.ends.pop() + 1
        inner = self.levels.pop().tree
        if inner is not None:
            self.levels[-1].add(inner)
        self.levels[-1].negations = 0

    def _read_phrase(self) -> None:
        found = PHRASE.match(self.query, self.at, self._limit())
        self.at = found.end() if found else self.at + 1
        if found:
            self._add(_unescape(found[1]), slop=self._read_number())

    def _read_word(self) -> None:
        found = WORD.match(self.query, self.at, self._limit())
        assert found
        self.at = found.end()
        is_fuzzy = self.query.startswith("~", self.at, self._limit())
        self._read_number()
        text, prefix = _unescape(found[0]), bool(PREFIX.fullmatch(found[0])) and not is_fuzzy
        self._add(text[:-1] if prefix else text, prefix=prefix)

    def _read_number(self) -> int:
        """Read a suffix like ``~2``; 0 if there is none."""
        found = re.compile(r"~(\d*)[^\s()\"|+]*").match(self.query, self.at, self._limit())
        if not found:
            return 0
        self.at = found.end()
        return min(int(found[1][:4] or 0), 1000)

    def _add(self, text: str, *, prefix: bool = False, slop: int = 0) -> None:
        found = len(words_of(text))
        self.words += found
        if self.words > MAX_WORDS:
            raise QueryTooComplex(f"the query has more than {MAX_WORDS} words")
        if found:
            self.levels[-1].add(Words(text, prefix, slop))

    def _limit(self) -> int:
        return self.ends[-1] if self.ends else len(self.query)


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
