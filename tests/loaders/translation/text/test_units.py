from __future__ import annotations

import pytest

from loaders.translation.text.sentences import split_sentences
from loaders.translation.text.units import translate_in_units

pytestmark = pytest.mark.extras


class Words:
    """Translates by upper-casing; takes five words, and never ends on a unit of several words with ``loop``."""

    limit = 5

    def __init__(self):
        self.calls = []

    def lengths(self, units):
        return [len(unit.split()) for unit in units]

    def translate(self, units):
        self.calls.append(list(units))
        assert all(len(unit.split()) <= self.limit for unit in units)
        return [None if "loop" in unit and " " in unit else unit.upper() for unit in units]


def split(text):
    return split_sentences(text, "en")


def test_all_units_of_all_texts_go_in_one_call_each_once():
    model = Words()
    texts = ["One two.  Three!", "Three!\n- One two. ", "", " \n"]
    assert translate_in_units(texts, model, split) == ["ONE TWO.  THREE!", "THREE!\n- ONE TWO. ", "", " \n"]
    assert model.calls == [["One two.", "Three!"]]


def test_a_long_unit_is_cut_until_it_fits_and_loses_nothing():
    text = "a b c d; e f g h i, j k  l m n o p q r s"
    assert translate_in_units([text], Words(), split) == [text.upper()]


def test_what_does_not_end_is_cut_and_at_last_left_as_it_is():
    model = Words()
    assert translate_in_units(["say loop now"], model, split) == ["SAY LOOP NOW"]
    assert translate_in_units(["loop"], model, split) == ["LOOP"]

    class Endless(Words):
        def translate(self, units):
            return [None] * len(units)

    assert translate_in_units(["never  ends, ever"], Endless(), split) == ["never  ends, ever"]


def test_an_empty_answer_is_none():
    class Silent(Words):
        def translate(self, units):
            return ["" if unit == "One." else unit.upper() for unit in units]

    assert translate_in_units(["One. Two."], Silent(), split) == ["One. TWO."]
