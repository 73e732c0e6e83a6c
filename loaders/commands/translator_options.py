"""The options of commands that translate: those that choose an engine, as one decorator, and that of adequacy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click

from loaders.check.duplicates import THRESHOLD
from loaders.check.embeddings import DEFAULT_MODEL
from loaders.translation.engines.registry import OPTIONS, TRANSLATORS
from loaders.translation.texts import TranslationCounts
from workspace.commands.output import print_first
from workspace.errors import TranslationError, count_of

# parameter -> the option that sets it
_FLAGS = {"model": "--model", "base_url": "--base-url", "variety": "--variety", "budget": "--budget"}
Command = Callable[..., Any]

embedding_option: Callable[[Command], Command] = click.option(
    "--embedding-model",
    show_default=f"{DEFAULT_MODEL}, where it can be had",
    help="Multilingual sentence-transformers model (Hub id or folder) that compares meanings, or none.",
)

duplicate_threshold_option: Callable[[Command], Command] = click.option(
    "--duplicate-threshold",
    type=click.FloatRange(0.5, 1),
    default=THRESHOLD,
    show_default=True,
    help="Cosine from which two prompts say the same.",
)


def translator_options(command: Command) -> Command:
    """Add ``--translator`` and the options of the engines.

    The command gets ``translator``, a name, and ``engine_options``, the keywords of ``open_translator`` for it.
    """

    @wraps(command)
    def chosen(*args: Any, translator: str, **kwargs: Any) -> Any:
        given = {name: value for name in _FLAGS if (value := kwargs.pop(name)) is not None}
        _check(translator, given)
        given |= {
            name: kwargs.pop(name) for name in ("source_language", "target_language", "memory_file", "accept_licence")
        }
        return command(*args, translator=translator, engine_options=given, **kwargs)

    result: Command = chosen
    for option in reversed(_OPTIONS):
        result = option(result)
    return result


def report_problems(counts: TranslationCounts) -> None:
    """Say on stderr why texts have no translation, and end with a stated error; nothing if there was no problem.

    Raises:
        TranslationError: with the first problem; what was translated has been kept, and written.
    """
    if not counts.problems:
        return
    print_first(counts.problems[1:], err=True)
    raise TranslationError(
        f"{count_of(counts.untranslated, 'text has', 'texts have')} no translation: {counts.problems[0]}"
    )


def _check(translator: str, given: Mapping[str, object]) -> None:
    for name in given:
        able = [engine for engine, names in OPTIONS.items() if name in names]
        if translator not in able:
            raise click.UsageError(f"{_FLAGS[name]} is for --translator {', '.join(able)}, not for {translator}")


_OPTIONS = (
    click.option(
        "--translator",
        type=click.Choice(list(TRANSLATORS)),
        default="auto",
        show_default=True,
        help="Engine; auto is the best that works here (models: h4rmony-es[models]), apertium is for trying out.",
    ),
    click.option("--model", help="Model of opus or salamandra (Hub id, ID@REVISION or folder) or of openai."),
    click.option(
        "--language",
        "target_language",
        default="es",
        show_default=True,
        help="ISO code of the translation's language.",
    ),
    click.option(
        "--source-language",
        help="ISO code for texts whose language neither a column (language, lang, idioma) nor they tell.",
    ),
    click.option(
        "--memory",
        "memory_file",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="Translations to take into the memory first (JSON Lines); `--translator memory` uses no others.",
    ),
    click.option("--variety", help="How openai is to write, by default neutral Latin American Spanish."),
    click.option("--base-url", help="Address of an OpenAI-compatible API (OPENAI_BASE_URL); key: OPENAI_API_KEY."),
    click.option("--budget", type=click.IntRange(1), help="Tokens that openai may spend in this run."),
    click.option(
        "--accept-licence",
        is_flag=True,
        help="Use a model that forbids commercial use, or states no licence; the data is then bound by it.",
    ),
)
