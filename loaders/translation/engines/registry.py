"""The translation engines by name; each is imported when it is first asked for.

A new engine is one module and one line in ``TRANSLATORS``. Its factory is called with ``source_language`` and
``target_language`` and the engine's own options, all by keyword.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from loaders.translation.engines.licences import check_licence
from loaders.translation.engines.protocol import EngineId, Translator
from workspace.errors import ConfigError
from workspace.hub import MODELS

# name -> where its factory is
TRANSLATORS: Mapping[str, str] = {
    "apertium": "loaders.translation.engines.apertium:ApertiumTranslator",
    "auto": "loaders.translation.engines.auto:best_translator",
    "memory": "loaders.translation.engines.file_memory:FileMemoryTranslator",
    "none": "loaders.translation.engines.none:NoTranslator",
    "openai": "loaders.translation.engines.openai:OpenAITranslator",
    "opus": "loaders.translation.engines.opus:OpusTranslator",
    "salamandra": "loaders.translation.engines.salamandra:SalamandraTranslator",
}
# name -> the options that its factory takes beside the languages
OPTIONS: Mapping[str, frozenset[str]] = {
    "auto": frozenset({"cache", "accept_licence", "read_only"}),
    "memory": frozenset({"memory_file"}),
    "openai": frozenset({"model", "base_url", "variety", "budget", "accept_licence"}),
    "opus": frozenset({"model", "cache", "accept_licence", "read_only"}),
    "salamandra": frozenset({"model", "cache", "accept_licence", "read_only"}),
}


def open_translator(
    translator: str | Translator,
    home: Path,
    *,
    source_language: str | None = None,
    target_language: str = "es",
    memory_file: Path | None = None,
    read_only: bool = False,
    **options: Any,
) -> Translator:
    """Make the engine of that name for a user whose local state is in ``home``; an engine is returned as it is.

    Args:
        translator: the name of an engine, or an engine.
        home: models are kept in it.
        source_language: ISO 639 code; None, or the target language, for English.
        target_language: ISO 639 code.
        memory_file: the translations of the engine ``memory``; of no use to others.
        read_only: download nothing.
        options: the engine's own.

    Raises:
        ConfigError, MissingPartError: as for ``make_translator``.
    """
    if not isinstance(translator, str):
        return translator
    local: dict[str, Any] = {"memory_file": memory_file, "cache": home / MODELS, "read_only": read_only}
    taken = {option: value for option, value in local.items() if option in OPTIONS.get(translator, ())}
    source = "en" if source_language in (None, target_language) else source_language
    return make_translator(translator, source_language=source, target_language=target_language, **taken, **options)


def make_translator(
    name: str, *, source_language: str = "en", target_language: str = "es", **options: Any
) -> Translator:
    """Make the engine called ``name``; ``accept_licence`` may be given to any engine.

    Raises:
        ConfigError: there is no engine of that name, it does not translate between these languages, it does not take
            an option, or its licence forbids commercial use and is not accepted.
        MissingPartError: a program, package or model that the engine needs is not there.
    """
    if name not in TRANSLATORS:
        raise ConfigError(f"there is no translator {name!r}; give one of: {', '.join(TRANSLATORS)}")
    taken = OPTIONS.get(name, frozenset())
    accepted = bool(options.get("accept_licence"))
    foreign = sorted(options.keys() - taken - {"accept_licence"})
    if foreign:
        able = [other for other, names in OPTIONS.items() if foreign[0] in names]
        raise ConfigError(f"the translator {name} takes no {foreign[0]}; it is for: {', '.join(able) or 'none'}")
    module, _, factory = TRANSLATORS[name].partition(":")
    translator: Translator = getattr(import_module(module), factory)(
        source_language=source_language,
        target_language=target_language,
        **{option: value for option, value in options.items() if option in taken},
    )
    check_licence(translator.licence, f"the engine {EngineId.of(translator).label}", accepted=accepted)
    return translator
