from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.merging.texts import FinalText, final_texts, settle_text
from tests.exports.cases import TRANSLATED, record, vote

MACHINE = "El compost es bueno por el suelo."


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], FinalText(MACHINE, "machine", 0)),
        ([None, "  ", "\n", "nul \x00", "half \ud800"], FinalText(MACHINE, "machine", 0)),
        ([MACHINE], FinalText(MACHINE, "agreed", 1)),
        (["Otro.\n"], FinalText("Otro.", "agreed", 1)),
        (["  Otro.  \n\n"], FinalText("  Otro.  ", "agreed", 1)),
        (["Otro.", "Otro.", MACHINE], FinalText("Otro.", "agreed", 2)),
        # equal but for white space: one version, in its most used spelling, else in its shortest
        (["a  b c", "a b\nc", "a b\nc", "d", "d"], FinalText("a b\nc", "agreed", 3)),
        (["a b\nc", "a  b c", "a  b c", "d"], FinalText("a  b c", "agreed", 3)),
        (["a  b c", "a b c", "a b\nc", MACHINE], FinalText("a b\nc", "agreed", 3)),
        ([None, "Otro.", ""], FinalText("Otro.", "agreed", 1)),
        # one against one: the correction wins over the untouched translation, whichever is longer
        ([MACHINE + "\n", "Es bueno."], FinalText("Es bueno.", "closest", 1)),
        ([MACHINE, "El compost es muy bueno para todo el suelo."],
         FinalText("El compost es muy bueno para todo el suelo.", "closest", 1)),
        (["Dos, más largo.", "Uno."], FinalText("Uno.", "closest", 1)),
        (["Uno b.", "Uno a."], FinalText("Uno a.", "closest", 1)),
        # all differ: the middle one by chrF
        (
            ["El compost es bueno.", "El compost es bueno para el suelo.", "Es muy útil para el suelo."],
            FinalText("El compost es bueno para el suelo.", "closest", 1),
        ),
        # three and three, two near the one and one nearer the other: each reviewer weighs the same
        (
            ["El gato negro duerme."] * 3 + ["Los perros ladran."] * 3
            + ["El gato negro duerme ya."] * 2 + ["Los perros ladran!"],
            FinalText("El gato negro duerme.", "closest", 3),
        ),
        # two and two and one: the one is not a candidate, but it decides
        (
            ["El gato negro duerme.", "El gato negro duerme.", "Los perros ladran.", "Los perros ladran.",
             "Los perros ladran fuerte."],
            FinalText("Los perros ladran.", "closest", 2),
        ),
    ],
)  # fmt: skip
def test_table_of_versions(versions: list[str | None], expected: FinalText) -> None:
    assert settle_text(versions, MACHINE) == expected
    assert settle_text(versions[::-1], MACHINE) == expected


def test_without_any_text_it_is_missing() -> None:
    assert settle_text([None], "") == FinalText("", "missing", 0)
    assert settle_text([None], " \n") == FinalText("", "missing", 0)
    assert not settle_text([], MACHINE + "\n").is_reviewed
    assert settle_text([], MACHINE + "\n").text == MACHINE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\n\r\n", "\n\r"])
def test_line_ends_of_every_kind_are_cut_at_the_end_alone(end: str) -> None:
    assert settle_text([f"Hola{end}"], "") == FinalText("Hola", "agreed", 1)
    assert settle_text([f"Hola{end}", "Hola"], "") == FinalText("Hola", "agreed", 2)
    assert settle_text([f"a{end}b{end}", None], "") == FinalText(f"a{end}b", "agreed", 1)
    assert settle_text([], f"Hola{end}") == FinalText("Hola", "machine", 0)


versions = st.lists(st.sampled_from(["a b", "a  b", "a b\n", "a c", "b", "b b", MACHINE, "", None]), max_size=7)


@given(versions, st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(given_versions: list[str | None], random: Any) -> None:
    shuffled = random.sample(given_versions, len(given_versions))
    assert settle_text(shuffled, MACHINE) == settle_text(given_versions, MACHINE)


@given(versions)
def test_a_version_with_more_than_half_stands(given_versions: list[str | None]) -> None:
    settled = settle_text([*given_versions, *["La mayoría."] * (len(given_versions) + 1)], MACHINE)
    assert (settled.text, settled.choice) == ("La mayoría.", "agreed")


def test_texts_of_a_record_come_from_submitted_ballots_alone() -> None:
    ballots = [
        vote(1, 2, 3, prompt="¿Qué es?", answers=("Uno.", TRANSLATED[1], None), problems=("not_rankable",)),
        vote(1, 2, 3, reviewer="eva", status="draft", prompt="borrador", answers=("borrador",) * 3),
        vote(1, 2, 3, reviewer="leo", status="discarded", prompt="descartado", answers=("descartado",) * 3),
    ]
    texts = final_texts(record(), ballots)
    assert texts.prompt == FinalText("¿Qué es?", "agreed", 1)
    assert [text.text for text in texts.answers] == ["Uno.", *TRANSLATED[1:]]
    assert [text.choice for text in texts.answers] == ["agreed", "agreed", "machine"]
    assert final_texts(record(translation=None), []).prompt.choice == "missing"
