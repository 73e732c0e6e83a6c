"""What a record says of itself, as rows, card and report have it."""

from __future__ import annotations

import pytest

from exports.merging.provenance import own_language, source_language
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
