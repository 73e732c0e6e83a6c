"""What a record says of itself, as rows, card and report have it."""

from __future__ import annotations

import pytest

from exports.merging.provenance import UNNAMED, Origin, making, origins, own_language, source_language
from tests.exports.cases import TRANSLATED, record
from workspace.model.records import Translation


def test_a_record_has_a_language_of_its_own_only_if_it_is_its_own_translation() -> None:
    assert own_language(record()) is None
    assert own_language(record(translation=None)) is None
    assert own_language(record(translation=Translation("es-MX", "original", "¿Qué?", TRANSLATED))) == "es"


@pytest.mark.parametrize(
    ("language", "code"), [("ca", "ca"), ("Spanish", "es"), ("en-gb", "en"), ("?", None), (3, None)]
)
def test_the_language_of_the_source_is_known_from_its_column(language: object, code: str | None) -> None:
    assert source_language(record(metadata={"language": language})) == code
    assert source_language(record(metadata={})) is None


MODEL, HUMAN, SOURCE = {"by": "model", "model": "m"}, {"by": "human"}, {"by": "source"}


@pytest.mark.parametrize(
    ("origins", "made"),
    [
        ([HUMAN, MODEL, MODEL, MODEL], "by_model"),
        ([SOURCE, SOURCE, MODEL, MODEL], "by_model"),
        ([HUMAN] * 4, "by_people"),
        ([MODEL, HUMAN, HUMAN, HUMAN], "in_spanish"),
        ([SOURCE] * 4, "in_spanish"),
        ([], "in_spanish"),
        (None, "in_spanish"),
        ("model", "in_spanish"),
        ([None, "model", 3], "in_spanish"),
    ],
)
def test_what_was_written_in_spanish_says_by_whom(origins: object, made: str) -> None:
    original = Translation("es-MX", "original", "¿Qué?", TRANSLATED)
    assert making(record(metadata={"origins": origins}, translation=original)) == made
    assert making(record(metadata={"origins": origins, "language": "es"}, translation=None)) == made


def test_every_other_record_is_translated_or_not_yet() -> None:
    assert making(record()) == "translated"
    assert making(record(translation=None)) == "untranslated"
    assert making(record(metadata={"origins": [HUMAN, MODEL, MODEL, MODEL], "language": "en"})) == "translated"


def test_who_wrote_each_text_is_what_the_record_says() -> None:
    model = {"by": "model", "model": "tiny@1", "role": "aware", "licence": None}
    stated = [{"by": "human"}, model, {"by": "source", "model": "no"}, {"by": "model", "licence": "MIT"}]
    assert origins(record(metadata={"origins": stated})) == (
        Origin("human"),
        Origin("model", "tiny@1", "aware"),
        Origin("source"),
        Origin("model", UNNAMED, None, "MIT"),
    )


@pytest.mark.parametrize("stated", [None, "Human", [{"by": "model", "model": "m"}], {"by": "model"}, [1, 2, 3, None]])
def test_what_says_nothing_of_each_text_names_no_model(stated: object) -> None:
    assert origins(record(metadata={"origins": stated})) == (Origin(),) * 4
