"""What a source's column of languages means."""

from __future__ import annotations

import pytest

from workspace.model.languages import language_code


@pytest.mark.parametrize(
    ("language", "code"),
    [("es", "es"), (" ES-mx ", "es"), ("spa", "es"), ("spa_MX", "es"), ("en_GB", "en"), ("ENG", "en"), ("ca", "ca"),
     ("ast-ES", "ast"), ("es-419", "es"), ("fr_CA", "fr"), ("zh_Hant", "zh"), ("English", "en"), ("inglés", "en"),
     ("Spanish", "es"), ("Español", "es"), ("castellano", "es"), ("", None), ("12", None), ("N/A", None),
     ("na", None), ("und", None), ("unknown", None), ("la nuestra", None), ("\\x00", None)],
)  # fmt: skip
def test_a_language_is_known_by_its_code_or_one_of_the_two_by_its_name(language: str, code: str | None) -> None:
    assert language_code(language) == code
