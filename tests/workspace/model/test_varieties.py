"""Varieties of Spanish: one spelling for whatever people write, and nothing for what names none."""

from __future__ import annotations

import pytest

from workspace.model.varieties import Stated, country_code, stated_variety, variety_code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *((said, "es-MX") for said in ("es-MX", "es_mx", "ES-mx", "es-Latn-MX", "MX", "mex", "México", " mexico ",
                                       "español de México", "Spanish of Mexico", "español mexicano")),
        *((said, "es-419") for said in ("es-419", "419", "Latinoamérica", "español latinoamericano neutro")),
        ("ES", "es-ES"), ("España", "es-ES"), ("español de España", "es-ES"), ("rioplatense", "es-AR"),
        ("República Dominicana", "es-DO"), ("USA", "es-US"), ("EE. UU.", "es-US"), ("pt-BR", "pt-BR"),
        *((said, None) for said in ("", "es", "spa", "español", "castellano", "español neutro", "Narnia", "es-XX",
                                    "es-ZZ", "es-EU", "xx", "mul-MX", "saludos a todos en México")),
    ],
)  # fmt: skip
def test_a_variety_has_one_spelling(said: str, code: str | None) -> None:
    assert variety_code(said) == code
    assert code is None or variety_code(code) == code


def test_a_country_is_known_by_its_codes_and_names() -> None:
    assert [country_code(said) for said in ("pe", "PER", "Perú", "Peru", "Germany", "Alemania", "UE", "ZZ")] == [
        "PE", "PE", "PE", "PE", "DE", "DE", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "answers", "prompt"),
    [
        ({"variety": "español latinoamericano neutro", "country": "Perú", "language": "es"}, "es-419", "es-PE"),
        ({"Variedad": "es_ar"}, "es-AR", "es-AR"),
        ({"lang": "es-MX"}, "es-MX", "es-MX"),
        ({"language": "es", "Idioma": "es-cl"}, "es-CL", "es-CL"),
        ({"país_origen": "ES"}, "es-ES", "es-ES"),
        ({"pais": "MX", "lang": "es-AR"}, "es-AR", "es-MX"),
        ({"language": "en-gb", "country": " "}, None, None),  # the language of the source, which was translated
        ({"language": "ES"}, None, None),
        ({"country": 34, "variety": ["MX"]}, None, None),
    ],
)
def test_a_record_says_its_variety_in_its_columns(
    metadata: dict[str, object], answers: str | None, prompt: str | None
) -> None:
    assert stated_variety(metadata) == Stated(answers)
    assert stated_variety(metadata, of_prompt=True) == Stated(prompt)


def test_what_names_none_is_returned_as_it_was_written() -> None:
    assert stated_variety({"variety": "neutro"}) == Stated(None, "neutro")
    assert stated_variety({"variety": "neutro", "pais": "Chile"}) == Stated("es-CL")
    assert stated_variety({"pais": "Narnia"}, of_prompt=True) == Stated(None, "Narnia")
