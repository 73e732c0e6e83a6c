"""``h4rmony memory``: learn what people approved; import, export and count translations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from exports.commands.options import review_option
from exports.commands.reviews import review_from
from exports.write.learn import SOURCE_LANGUAGE
from exports.write.learn import learn as learn_from
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, dry_run_option, home_option, json_option
from workspace.commands.output import Value, print_summary, say
from workspace.errors import count_of
from workspace.memory.exchange import SUFFIXES, export_memory, import_memory
from workspace.memory.store import HUMAN, MEMORY_FILE, TranslationMemory


@click.group()
def memory() -> None:
    """Learn approved texts, import, export and count translations."""


@memory.command()
@review_option
@click.option(
    "--language", "target_language", default="es", show_default=True, help="Language of the texts to learn."
)
@click.option(
    "--min-support", type=click.IntRange(1), default=1, show_default=True, help="Reviewers that a text needs."
)
@deferred_connection_options
@dry_run_option
@json_option
def learn(
    connect: Callable[[], Connection],
    review_folder: Path | None,
    target_language: str,
    min_support: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add the texts that reviewers approved to the memory, where they win over every engine.

    A submitted ballot approves its texts, changed or not, unless it names the problem bad_translation. If the
    reviewers have changed their minds since, learning again replaces what was learned before.

    \b
    Example:
      h4rmony memory learn --review review/
    """
    home = click.get_current_context().params["home"]
    review = review_from(review_folder, connect)
    learned = learn_from(review, home, target_language, min_support=min_support, dry_run=dry_run)
    texts = learned.new + learned.replaced
    found = f"{'would learn' if dry_run else 'learned'} {count_of(texts, 'text')}" if texts else "unchanged"
    print_summary(f"{home / MEMORY_FILE}: {found}", asdict(learned), as_json=as_json)


def _known_suffix(context: click.Context, parameter: click.Parameter, file: Path) -> Path:
    if file.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{file}: must end in {' or '.join(SUFFIXES)}")
    return file


@memory.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), callback=_known_suffix)
@click.option(
    "--engine",
    default=HUMAN,
    show_default=True,
    help="Engine of TMX units that name none; `human` wins over all others.",
)
@home_option
@dry_run_option
@json_option
def import_(file: Path, engine: str, home: Path, dry_run: bool, as_json: bool) -> None:
    """Add the translations of a JSON Lines or TMX file; what the memory holds stays as it is.

    \b
    Example:
      h4rmony memory import translations.tmx
    """
    done = import_memory(file, home, engine=engine, dry_run=dry_run)
    found = f"{done.new} new translations" + (", nothing written (dry run)" if dry_run else "")
    print_summary(f"{home / MEMORY_FILE}: {found if done.new else 'unchanged'}", asdict(done), as_json=as_json)


@memory.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), callback=_known_suffix)
@click.option("--human", "human_only", is_flag=True, help="Only what people approved.")
@home_option
@dry_run_option
@json_option
def export(file: Path, human_only: bool, home: Path, dry_run: bool, as_json: bool) -> None:
    """Write the memory as JSON Lines or TMX 1.4, by the suffix of FILE.

    \b
    Example:
      h4rmony memory export memory.tmx
    """
    counts, changed = export_memory(
        file, home, source_language=SOURCE_LANGUAGE, human_only=human_only, dry_run=dry_run
    )
    if counts.not_xml:
        held = count_of(counts.not_xml, "translation holds", "translations hold")
        say(f"Warning: {held} control characters, which XML cannot; JSON Lines can", err=True)
    state = ("not written (dry run)" if dry_run else "written") if changed else "unchanged"
    print_summary(
        f"{file}: {state}", {"entries": counts.entries, "left_out_not_xml": counts.not_xml}, as_json=as_json
    )


@memory.command()
@home_option
@json_option
def stats(home: Path, as_json: bool) -> None:
    """Count the translations by engine, version and languages.

    \b
    Example:
      h4rmony memory stats
    """
    path = home / MEMORY_FILE
    with TranslationMemory(path, read_only=True) as kept:
        counts = kept.counts()
    by_engine = {
        f"{engine.label} ({engine.source_language} to {engine.target_language})": number
        for engine, number in counts.items()
    }
    human = sum(number for engine, number in counts.items() if engine.is_human)
    values: dict[str, Value] = {"translations": sum(counts.values()), "human": human}
    print_summary(str(path), values | ({"engines": by_engine} if as_json else by_engine), as_json=as_json)
