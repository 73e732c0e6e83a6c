"""The languages that engines go from and to, by ISO 639 code."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workspace.errors import ConfigError

# ISO 639-1 code where there is one, else ISO 639-3 -> (ISO 639-3 code, English name)
LANGUAGES: Mapping[str, tuple[str, str]] = {
    "an": ("arg", "Aragonese"),
    "ast": ("ast", "Asturian"),
    "ca": ("cat", "Catalan"),
    "de": ("deu", "German"),
    "en": ("eng", "English"),
    "es": ("spa", "Spanish"),
    "eu": ("eus", "Basque"),
    "fr": ("fra", "French"),
    "gl": ("glg", "Galician"),
    "gn": ("grn", "Guarani"),
    "it": ("ita", "Italian"),
    "oc": ("oci", "Occitan"),
    "pt": ("por", "Portuguese"),
    "qu": ("que", "Quechua"),
}


def language_name(code: str) -> str:
    """The English name of a language."""
    return LANGUAGES[code][1]


def check_languages(
    engine: str, source: str, target: str, *, sources: Collection[str], targets: Collection[str]
) -> None:
    """Refuse languages that an engine does not know.

    Raises:
        ConfigError: lists what it knows.
    """
    if source not in sources or target not in targets or source == target:
        raise ConfigError(
            f"the {engine} translator goes from {', '.join(sources)} to {', '.join(targets)}, not {source} to "
            f"{target}; give another --target-language or another --translator"
        )
