"""What a model's answer must not be."""

from __future__ import annotations

import pytest

from loaders.extending.texts.checks import alike, text_problem

PROMPT = "¿Qué hacemos con las hojas que caen en el parque?"
GOOD = (
    "Las hojas caídas alimentan a las lombrices y guardan la humedad del suelo, así que conviene dejarlas bajo los "
    "árboles y retirar solo las que hacen resbalar a quien pasa por los caminos."
)
BAND = (120, 200)


def test_a_good_answer_passes() -> None:
    assert text_problem(GOOD, PROMPT, BAND, neutral=True) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lo siento, pero no puedo ayudar con eso. " + GOOD[:120] + ".", "refuses"),
        ("Como modelo de lenguaje, diría que " + GOOD, "refuses"),
        ("Desde una mirada ecocéntrica, " + GOOD, "role"),
        (GOOD[:150] + "\n" + GOOD[150:], "line breaks"),
        ("**Hojas:** " + GOOD, "markup"),
        ("🍂 " + GOOD, "emojis"),
        ("- " + GOOD, "list"),
        (
            "The leaves feed the worms and keep the soil moist, so it is best to leave them under the trees.",
            "Spanish",
        ),
        ("Podéis dejarlas bajo los árboles. " + GOOD[:140] + ".", "variety"),
        ("¿Qué hacemos con las hojas que caen en el parque? " + GOOD[:120] + ".", "repeats what was asked"),
        (GOOD[:-1] + " en un 80 % de los casos.", "numbers"),
        ("Es mejor dejarlas donde están. Es mejor dejarlas donde están. " + GOOD[:80] + ".", "repeats itself"),
        (GOOD[:-1], "in the middle"),
        ("Déjalas donde caen, que el suelo lo agradece.", "characters"),
        (GOOD + " " + GOOD.replace("hojas", "ramas"), "must have 120 to 200"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    problem = text_problem(text, PROMPT, BAND, neutral=True)
    assert problem and problem.startswith("it ") and said in problem


def test_what_the_prompt_says_may_be_said() -> None:
    asked = "¿Cuántas hojas caen en 2 parques?"
    assert text_problem(GOOD.replace("el suelo", "los 2 suelos"), asked, BAND, neutral=True) is None


def test_spain_may_say_vosotros() -> None:
    text = "Podéis dejarlas bajo los árboles. " + GOOD[:140] + "."
    assert text_problem(text, PROMPT, BAND, neutral=False) is None


def test_answers_that_say_nearly_the_same_are_found() -> None:
    other = "Conviene barrer todo y llevarlo al vertedero, porque un parque limpio atrae más visitas y más negocio."
    assert alike([GOOD, other, GOOD.replace("conviene", "convendría")]) == (0, 2)
    assert alike([GOOD, other]) is None


def test_a_text_may_end_in_quotation_marks_of_any_kind() -> None:
    for mark in '"»”':
        assert text_problem(GOOD[:-1] + "." + mark, PROMPT, BAND, neutral=True) is None
