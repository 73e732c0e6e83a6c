"""The translation engines by name; each is imported when it is first asked for.

A new engine is one module and one line in ``TRANSLATORS``. Its factory is called with ``source_language`` and
``target_language`` and the engine's own options, all by keyword.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from loaders.translate.protocol import Translator
from workspace.errors import ConfigError

# name -> where its factory is
TRANSLATORS: Mapping[str, str] = {
    "apertium": "loaders.translate.apertium:ApertiumTranslator",
    "memory": "loaders.translate.file_memory:FileMemoryTranslator",
    "none": "loaders.translate.none:NoTranslator",
}


def make_translator(
    name: str, *, source_language: str = "en", target_language: str = "es", **options: object
) -> Translator:
    """Make the engine called ``name``.

    Raises:
        ConfigError: there is no engine of that name, or it does not translate between these languages.
        MissingPartError: a program or package that the engine needs is not installed.
    """
    if name not in TRANSLATORS:
        raise ConfigError(f"there is no translator {name!r}; give one of: {', '.join(TRANSLATORS)}")
    module, _, factory = TRANSLATORS[name].partition(":")
    translator: Translator = getattr(import_module(module), factory)(
        source_language=source_language, target_language=target_language, **options
    )
    return translator
