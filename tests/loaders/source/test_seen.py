"""Which texts show nothing, and which look the same."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.source import seen as seen_module
from loaders.source.seen import alike, kept_text, seen, shows_nothing

MARKS = ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u3164", "\u2800", "\u200d", "\u00a0", " ", "\n", "\t"]


@pytest.mark.parametrize("text", ["", *MARKS, "\u200b" * 300, "&nbsp;", " &#8203;&shy;\n", "<p></p>"])
def test_a_text_of_nothing_that_can_be_seen_shows_nothing(text: str) -> None:
    assert shows_nothing(text) and seen(text) == kept_text(text) == ""


@pytest.mark.parametrize(
    "text",
    ["<p class='x'><br/></p>\n<DIV>&nbsp;</DIV>", "N/A", " n/a", "#¡DIV/0!", "#ERROR!", "#SPILL!", "[deleted]"],
)
def test_a_mark_of_no_text_shows_nothing(text: str) -> None:
    assert shows_nothing(text) and seen(text) == ""


@pytest.mark.parametrize(
    "text", ["None", "NA", "null", "NaN", "nada", ".", "-", "<br>", "<p>x</p>", "&lt;", "#1", "🌳"]
)
def test_a_text_that_somebody_may_have_meant_is_one(text: str) -> None:
    assert not shows_nothing(text) and seen(text) == kept_text(text) == text


def test_a_text_is_kept_as_it_is_but_for_its_line_ends() -> None:
    assert kept_text("  def f():\r\n\treturn 1 \r") == "  def f():\n\treturn 1 \n"
    assert kept_text("Si\u0301\u200b ") == "Si\u0301\u200b "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sí.", "Si\u0301."),
        ("Sí.", "S\u200bí.\ufeff"),
        ("a b", "a\u00a0b"),
        ("a\nb", "a \r\nb\n\n"),
        ("ja\u200ds", "jas"),
    ],
)
def test_texts_that_look_the_same(one: str, other: str) -> None:
    assert seen(one) == seen(other)
    assert alike([one, other]) in ({one: other}, {other: one})


@pytest.mark.parametrize(
    ("one", "other"),
    [("x", "  x"), ("a\nb", "a\n b"), ("Sí", "sí"), ("x²", "x2"), ("👩\u200d👧", "👩👧"), ("‘a’", "'a'")],
)
def test_texts_that_do_not(one: str, other: str) -> None:
    assert seen(one) != seen(other)
    assert alike([one, other]) == {}


def test_the_commonest_stands_for_all_then_the_first_by_code() -> None:
    assert alike(["S\u00ed ", "S\u00ed", "S\u00ed "]) == {"S\u00ed": "S\u00ed "}
    assert alike(["b", "a ", "a"]) == {"a ": "a"}


@given(st.lists(st.text(st.sampled_from([*"aáeís<&#N/", "\u0301", *MARKS]), max_size=4), max_size=6))
def test_alike_is_what_seen_says(texts: list[str]) -> None:
    kept = alike(texts)
    assert all(seen(text) == seen(best) and best not in kept for text, best in kept.items())
    assert len({kept.get(text, text) for text in texts}) == len({seen(text) for text in texts})
    assert alike(reversed(texts)) == kept


def test_the_examples_run() -> None:
    assert doctest.testmod(seen_module).failed == 0
