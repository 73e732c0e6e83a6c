"""``auto``: the best engine of those that work here."""

from __future__ import annotations

import logging
from pathlib import Path

from loaders.translation.engines.protocol import Translator
from workspace.errors import ConfigError, MissingPartError

# Best first. Engines that cost money or send texts to somebody else are never chosen by themselves.
ORDER = ("salamandra", "opus", "apertium")
LOG = logging.getLogger("h4rmony.translation")


def best_translator(
    source_language: str = "en",
    target_language: str = "es",
    *,
    cache: Path | None = None,
    accept_licence: bool = False,
    read_only: bool = False,
) -> Translator:
    """The first engine of ``ORDER`` that is installed, has its model here or can fetch it, and knows the languages.

    ``salamandra`` needs a GPU here: on a processor it takes minutes for what ``opus`` does in seconds. ``apertium``
    is for trying out: that it was chosen is a warning, with what the others lack.

    Raises:
        MissingPartError: none of them; says what each one lacks.
    """
    from loaders.translation.engines.registry import OPTIONS, make_translator
    from workspace.local.machine import has_gpu

    given: dict[str, object] = {"cache": cache, "accept_licence": accept_licence, "read_only": read_only}
    lacking = []
    for name in ORDER:
        if name == "salamandra" and not has_gpu():
            lacking.append("salamandra: no GPU")
            continue
        options = {option: value for option, value in given.items() if option in OPTIONS.get(name, ())}
        try:
            made = make_translator(name, source_language=source_language, target_language=target_language, **options)
        except (ConfigError, MissingPartError) as error:
            lacking.append(f"{name}: {error}")
            continue
        if name == "apertium":
            LOG.warning("auto takes apertium, whose Spanish is for trying out only (%s)", "; ".join(lacking))
        return made
    raise MissingPartError(
        f"no translator works here from {source_language} to {target_language} ({'; '.join(lacking)}); install one, "
        "or name another one with --translator"
    )
