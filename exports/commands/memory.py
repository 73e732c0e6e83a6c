"""``h4rmony memory``: learn what people approved; import, export and count translations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from exports.commands.options import review_option
from exports.commands.reviews import review_from
from exports.write.learn import SOURCE_LANGUAGE
from exports.write.learn import learn as learn_from
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, dry_run_option, home_option, json_option
from workspace.commands.output import Value, print_summary
from workspace.errors import DataError
from workspace.files.jsonl import file_digest, read_jsonl
from workspace.memory.store import HUMAN, MEMORY_FILE, MemoryEntry, TranslationMemory
from workspace.memory.tmx import SUFFIX, TmxCounts, read_tmx, write_tmx

SUFFIXES = (".jsonl", SUFFIX)


@click.group()
def memory() -> None:
    """Learn approved texts, import, export and count translations."""


@memory.command()
@review_option
@click.option("--target-language", default="es", show_default=True, help="Language of the texts to learn.")
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
    found = f"{'would learn' if dry_run else 'learned'} {texts} texts" if texts else "unchanged"
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
    counts = TmxCounts()
    path = home / MEMORY_FILE
    with _memory_to_add_to(path, dry_run=dry_run) as kept:
        is_tmx = file.suffix.lower() == SUFFIX
        new = kept.add(read_tmx(file, engine=engine, counts=counts) if is_tmx else _counted(file, counts))
        values: dict[str, Value] = {"entries": counts.entries, "new": new, "left_out_blank": counts.blank}
        values["in_memory"] = kept.count()
    if not counts.entries:
        raise DataError(f"{file}: no translation found; give a file with at least one")
    found = f"{new} new translations" + (", nothing written (dry run)" if dry_run else "") if new else "unchanged"
    print_summary(f"{path}: {found}", values, as_json=as_json)


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
    before = file_digest(file)
    with TemporaryDirectory() as folder, TranslationMemory(home / MEMORY_FILE, read_only=True) as kept:
        target = Path(folder) / file.name if dry_run else file
        if file.suffix.lower() == SUFFIX:
            counts = write_tmx(target, kept.entries(human_only=human_only), source_language=SOURCE_LANGUAGE)
        else:
            counts = TmxCounts(entries=kept.export_jsonl(target, human_only=human_only))
        changed = file_digest(target) != before
    if counts.not_xml:
        click.echo(
            f"Warning: {counts.not_xml} translations hold control characters, which XML cannot; JSON Lines can",
            err=True,
        )
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


@contextmanager
def _memory_to_add_to(path: Path, *, dry_run: bool) -> Iterator[TranslationMemory]:
    """Open the memory at ``path``; in a dry run a temporary copy of it."""
    if not dry_run:
        with TranslationMemory(path) as memory:
            yield memory
        return
    with TemporaryDirectory() as folder, TranslationMemory(Path(folder) / path.name) as copy:
        with TranslationMemory(path, read_only=True) as memory:
            copy.add(memory.entries())
        yield copy


def _counted(file: Path, counts: TmxCounts) -> Iterator[MemoryEntry]:
    for entry in read_jsonl(file, MemoryEntry.from_json):
        counts.entries += 1
        yield entry
