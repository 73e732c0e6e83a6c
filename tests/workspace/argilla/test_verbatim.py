"""Hostile texts stay what they are: escaped, guarded and embedded texts come back exactly and can do nothing."""

import html
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workspace.argilla.verbatim import embed, escape, final_text, guard, unembed, unescape, unguard

# Pieces that put the dangerous patterns together in every way, word joiners and half patterns included.
PIECES = st.sampled_from(
    ["<", "</", "script", "SCRIPT", ">", "<!--", "-->", "$", "&", "'", "`", "#", "TEMPLATE", "#TEMPLATE#", "\u2060",
     "{{x}}", "\\", '"', "\n", "\r\n", "a", "🌱", "&amp;", "&#36;", " "]
)  # fmt: skip
HOSTILE = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=30))
DANGEROUS = re.compile(r"</?script|<!--|\$[$&`']|#TEMPLATE#", re.IGNORECASE)


@given(HOSTILE)
@example("<\u2060script>")
@example("$$$'")
def test_guard_is_undone_exactly_and_leaves_nothing_dangerous(text: str) -> None:
    guarded = guard(text)
    assert unguard(guarded) == text
    assert not DANGEROUS.search(guarded)


@given(HOSTILE)
def test_escape_is_undone_by_the_standard_library_and_leaves_no_markup(text: str) -> None:
    escaped = escape(text)
    assert html.unescape(escaped) == unescape(escaped) == text
    assert not re.search(r"[<>$\"']|#TEMPLATE#", escaped)


@given(st.dictionaries(HOSTILE, st.lists(HOSTILE, max_size=3), max_size=3))
def test_embed_is_undone_exactly_and_holds_none_of_the_special_characters(value: dict[str, list[str]]) -> None:
    embedded = embed(value)
    assert unembed(embedded) == json.loads(embedded) == value
    assert not re.search(r"[<$#]", embedded)


def test_a_text_without_the_patterns_is_not_changed() -> None:
    text = "a<b y x>y, US$5, #1, {{x}}, </b>"
    assert guard(text) == text


@pytest.mark.parametrize(
    ("response", "suggestion", "said"),
    [
        ("Hola\n", "Hola", "Hola"),
        ("Hola", "Hola\n", "Hola\n"),
        ("a\nb", "a\r\nb", "a\r\nb"),
        ("Hola, mundo\n\n", "Hola", "Hola, mundo"),
        ("<\u2060script>", "<script>", "<script>"),
        (" Hola", "Hola", " Hola"),
        ("Hola\n", None, "Hola"),
        ("\nHola\n", None, "Hola"),
        ("\nHola", "Hola", "Hola"),
        ("\nAdiós", "\nHola", "\nAdiós"),
    ],
)
def test_the_text_box_adds_and_changes_line_ends_only(response: str, suggestion: str | None, said: str) -> None:
    assert final_text(response, suggestion) == said
