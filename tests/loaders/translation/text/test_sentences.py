from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.translation.text.pieces import joined
from loaders.translation.text.sentences import halves, split_lines, split_sentences

pytestmark = pytest.mark.extras

TEXT = (
    "  1. Dr. Smith saw 3.5 km of river.  Why? It was alive!\n\n"
    " - Rivers flow (e.g. the Ebro); soils breathe.\t\r\n"
    "https://example.org/a.b?c=d\n42.\n"
)


def units(pieces):
    return [piece.text for piece in pieces if piece.translatable]


def test_sentences_are_found_and_everything_between_them_stays_outside():
    assert units(split_sentences(TEXT, "en")) == [
        "Dr. Smith saw 3.5 km of river.",
        "Why?",
        "It was alive!",
        "Rivers flow (e.g. the Ebro); soils breathe.",
    ]


def test_lines_are_whole_paragraphs():
    assert units(split_lines("One. Two.\n* Three.\n\n...\n")) == ["One. Two.", "Three."]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a@b.org", []),
        ("x" * 200, []),
        ("x" * 199, ["x" * 199]),
        ("a) Plant trees", ["Plant trees"]),
        ("(2) Plant trees", ["Plant trees"]),
        ("## Soil", ["Soil"]),
        ("A rose", ["A rose"]),
        ("I. ", ["I."]),
        ("\ud800 half", ["half"]),
        ("…", []),
    ],
)
def test_what_a_model_is_shown(text, shown):
    assert units(split_sentences(text, "en")) == shown


def test_a_model_is_not_shown_a_block_of_code():
    text = "Run it:\n```\nfor tree in forest: plant(tree)\n```\nThat is all.\n~~~\nopen end"
    for pieces in (split_sentences(text, "en"), split_lines(text)):
        assert units(pieces) == ["Run it:", "That is all."]


@given(st.text(st.sampled_from("aB .,;:!?`~\n\t\r\u00a0\u2028-*1)(\ud800é"), max_size=60) | st.text(max_size=40))
def test_pieces_give_the_text_back(text):
    for pieces in (split_sentences(text, "en"), split_lines(text)):
        assert joined((piece, piece.text) for piece in pieces) == text


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("one two; three, four", "one two;", "three, four"),
        ("one two, three four", "one two,", "three four"),
        ("one; two three four five six seven", "one; two three four", "five six seven"),
        ("one two", "one", "two"),
    ],
)
def test_a_sentence_is_cut_at_a_clause_near_its_middle(text, left, right):
    assert [piece.text for piece in halves(text)] == [left, right]


def test_a_word_cannot_be_cut():
    assert halves("rivers") is None
    assert halves(" rivers ") is None


@given(st.text(st.sampled_from("ab ,;:\u00a0"), min_size=1, max_size=40))
def test_halves_give_the_sentence_back_and_are_shorter(text):
    two = halves(text)
    if two:
        assert joined((piece, piece.text) for piece in two) == text
        assert all(len(piece.text) < len(text) for piece in two)
