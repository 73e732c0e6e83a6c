"""What no text of a model may hold, and what it may though it looks like it."""

from __future__ import annotations

import pytest

from loaders.extending.texts.hostile import hostile_problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Quien cuida el río es un imbécil.", "insults"),
        ("Esa vecina es una PENDEJA.", "insults"),
        ("Unos sudacas cortan el bosque.", "insults"),
        ("Hay que exterminar a las indígenas del río.", "attacks people"),
        ("Esos inmigrantes son una plaga.", "attacks people"),
        ("Los pobres no merecen vivir junto al río.", "attacks people"),
        ("El río <img src=x onerror=alert(1)> baja limpio.", "code"),
        ("Mira https://example.org y decide.", "code"),
        ("El río &lt; el mar.", "code"),
        ("El río\u202e baja limpio.", "cannot be seen"),
        ("El r\u00adío baja limpio.", "cannot be seen"),
        ("El río\x00 baja limpio.", "cannot be seen"),
        ("El río \ud800 baja limpio.", "cannot be seen"),
    ],
)
def test_what_nobody_should_be_shown_is_found(text: str, said: str) -> None:
    problem = hostile_problem(text)
    assert problem and problem.startswith("it ") and said in problem


@pytest.mark.parametrize(
    "text",
    [
        "Las zorras y los mapaches bajan de noche al arroyo.",
        "Las tortilleras muelen el maíz negro junto a la escoria de la vieja mina.",
        "Hay que eliminar a los mosquitos, o a las plagas, sin dañar a las abejas.",
        "Las mujeres indígenas no deberían pagar por el agua; los campesinos son quienes la cuidan.",
        "La minería desplaza a las comunidades; ¿qué merecen los inmigrantes que llegan?",
        "«Cuidar la tierra» —dijo— es cosa de todas y todos… ¿o no?",
    ],
)
def test_words_that_only_look_like_it_pass(text: str) -> None:
    assert hostile_problem(text) is None
