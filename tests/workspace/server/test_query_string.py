"""The language of the search box, and what SQLite's FTS5 makes of it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workspace.server.fts import TOKENIZER, fts_expression, has_negation, searchable_text
from workspace.server.query_string import (
    MAX_WORDS,
    Everything,
    Junction,
    Node,
    Not,
    QueryTooComplex,
    Words,
    parse,
    words_of,
)

A, B, C = Words("a"), Words("b"), Words("c")


def both(*children: Node) -> Junction:
    return Junction("AND", children)


def either(*children: Node) -> Junction:
    return Junction("OR", children)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", A),
        ("a b", both(A, B)),
        ("a b c", both(A, B, C)),
        ("a + b", both(A, B)),
        ("a | b", either(A, B)),
        ("a b | c", either(both(A, B), C)),
        ("a | b c", both(either(A, B), C)),
        ("a + | b", both(A, B)),
        ("| a", A),
        ("a |", A),
        ("-a", Not(A)),
        ("--a", A),
        ("- a", A),
        ("a -b", both(A, Not(B))),
        ("a-b", Words("a-b")),
        ("a | -b", either(A, Not(B))),
        ('"a b"', Words("a b")),
        ('-"a b"', Not(Words("a b"))),
        ('"a b"~2', Words("a b", slop=2)),
        ('"a b', both(A, B)),
        ('""', None),
        ("riv*", Words("riv", prefix=True)),
        ("riv\\*", Words("riv*")),
        ("*", Everything()),
        (" * ", Everything()),
        ("a *", A),
        ("a~1", A),
        ("a~", A),
        ("a~1 b", both(A, B)),
        ("(a | b) c", both(either(A, B), C)),
        ("a (b | c)", both(A, either(B, C))),
        ("-(a b)", Not(both(A, B))),
        ("(a b", both(A, B)),
        ("a) b", both(A, B)),
        ("a | () b", both(A, B)),
        ("((a))", A),
        ("\\(a\\)", Words("(a)")),
        ("a\\ b", Words("a b")),
        ("", None),
        ("   ", None),
        ("!!! ¿?", None),
        ("a !!! b", both(A, B)),
        ("-!!!", None),
        ("\\", None),
    ],
)
def test_parse(query: str, tree: Node | None) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    "query",
    [
        "(" * 31 + "a" + ")" * 31,
        " ".join(f"a{n} | b{n}" for n in range(40)),
        " ".join("a | b" for _ in range(MAX_WORDS // 2)),
        " ".join("a" for _ in range(MAX_WORDS + 1)),
    ],
    ids=["parentheses", "changes", "as many changes as words", "words"],
)
def test_too_complex(query: str) -> None:
    with pytest.raises(QueryTooComplex, match="the query"):
        parse(query)


def test_unclosed_parentheses_are_read_in_one_pass() -> None:
    assert parse("(" * 100_000 + "a") == A


@pytest.fixture(scope="module")
def texts() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(content, tokenize='{TOKENIZER}')")
    return connection


def find(texts: sqlite3.Connection, node: Node) -> list[int]:
    rows = texts.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid", [fts_expression(node)])
    return [row[0] for row in rows]


PARTS = ["a", "río", '"', "(", ")", "-", "|", "+", "*", "~2", "\\", " ", "\0", "NEAR", "^", ":", "AND"]
QUERIES = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PARTS)).map("".join),
)


@given(QUERIES)
@settings(max_examples=400, deadline=None)
def test_no_query_is_an_error(texts: sqlite3.Connection, query: str) -> None:
    try:
        tree = parse(query)
    except QueryTooComplex:
        return
    stack: list[Node] = [] if tree is None else [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Words | Junction) and not has_negation(node):
            find(texts, node)
        elif isinstance(node, Junction):
            stack += node.children
        elif isinstance(node, Not):
            stack.append(node.child)


@pytest.mark.parametrize("operator", ["AND", "OR"])
def test_the_longest_query_is_not_too_long_for_fts5(texts: sqlite3.Connection, operator: str) -> None:
    assert find(texts, Junction(operator, tuple(Words(f"w{n}") for n in range(MAX_WORDS)))) == []


def test_the_deepest_query_is_not_too_deep_for_fts5(texts: sqlite3.Connection) -> None:
    node: Node = A
    for number in range(28):
        node = Junction("AND" if number % 2 else "OR", (node, B))
    assert find(texts, node) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("plain &amp; text", "plain &amp; text"),
        ({"en": "a &amp; b", "es": None}, "a & b"),
        ({"a": {"en": "x", "es": "y"}}, "x \ue000 y"),
        ([{"role": "user", "content": "hola"}], "user \ue000 hola"),
        ("bad \ud800 and \0", "bad ? and  "),
        ({"n": 3}, "3"),
    ],
)
def test_searchable_text(value: object, text: str) -> None:
    assert searchable_text(value) == text


def test_words_of() -> None:
    assert words_of("El río, año-2 ¡ya!") == ["El", "río", "año", "2", "ya"]
