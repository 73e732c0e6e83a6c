"""``h4rmony load``."""

from __future__ import annotations

from pathlib import Path

import click

from loaders.implode import Imploded
from loaders.load import Action, LoadReport, Policy, load_records
from loaders.sources import read_records
from loaders.translate import (
    MEMORY_FILE,
    TRANSLATORS,
    EngineId,
    RecordCounts,
    TranslationMemory,
    Translator,
    make_translator,
    translate_records,
)
from loaders.translate.none import NoTranslator
from workspace.config import Connection
from workspace.errors import DataError
from workspace.gateway import Gateway
from workspace.options import connection_options, dry_run_option, json_option
from workspace.output import print_summary, progress

MAX_NOTES = 20
SOURCE_LANGUAGE = "en"


@click.command()
@click.argument("source")
@click.option(
    "--translator", type=click.Choice(list(TRANSLATORS)), default="apertium", show_default=True, help="Engine."
)
@click.option(
    "--memory",
    "memory_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Translations to take into the memory first (JSON Lines); `--translator memory` uses no others.",
)
@click.option("--target-language", default="es", show_default=True, help="Language of the suggestions.")
@click.option("--revision", help="Revision of a Hub dataset.")
@click.option("--source-name", help="Prefix of the records' ids; by default that of the source's schema.")
@click.option(
    "--blind-share",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of the records shown without the known ranking.",
)
@click.option(
    "--answers", type=click.IntRange(2, 26), default=3, show_default=True, help="Answers that each record shows."
)
@click.option(
    "--min-submitted",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Reviewers after whom a record counts as complete; settled when the dataset is made.",
)
@click.option("--replace-changed", is_flag=True, help="Replace changed records that nobody has answered.")
@connection_options
@dry_run_option
@json_option
def load(
    connection: Connection,
    source: str,
    translator: str,
    memory_file: Path | None,
    target_language: str,
    revision: str | None,
    source_name: str | None,
    blind_share: float,
    answers: int,
    min_submitted: int,
    replace_changed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Load a source into Argilla for review.

    SOURCE is a file (CSV, TSV, JSON Lines, Parquet; pairs or imploded records) or the id of a Hub dataset. Loading
    again changes nothing; an interrupted run carries on when it is run again.

    \b
    Example:
      h4rmony load neovalle/H4rmony --translator apertium
    """
    imploded = read_records(source, revision=revision, source_name=source_name)
    if imploded.refusal:
        raise DataError(imploded.refusal)
    options: dict[str, object] = {"memory_file": memory_file} if translator == "memory" else {}
    engine = make_translator(translator, source_language=SOURCE_LANGUAGE, target_language=target_language, **options)
    policy = Policy(blind_share=blind_share, replace_changed=replace_changed, dry_run=dry_run)
    translated = RecordCounts()
    memory_path = connection.home / MEMORY_FILE
    with Gateway(connection) as gateway, TranslationMemory(memory_path, read_only=dry_run) as memory:
        if memory_file and not dry_run:
            memory.import_jsonl(memory_file)
        dataset = gateway.find_dataset() if dry_run else gateway.create_dataset(answers, min_submitted)
        asked = _lookup_only(engine) if dry_run else engine
        records = translate_records(imploded.records, asked, memory, counts=translated)
        with progress(records, "loading") as stream:
            report = load_records(gateway, dataset, stream, dataset.count if dataset else answers, policy)
    for note in report.notes[:MAX_NOTES]:
        click.echo(note, err=True)
    if len(report.notes) > MAX_NOTES:
        click.echo(f"... and {len(report.notes) - MAX_NOTES} more", err=True)
    _print_summary(connection, imploded, translated, report, EngineId.of(engine).label, dry_run, as_json)


def _lookup_only(engine: Translator) -> Translator:
    """Finds what the memory holds of ``engine``, and translates nothing."""
    return NoTranslator(engine.source_language, engine.target_language, engine.engine, engine.version)


def _print_summary(
    connection: Connection,
    imploded: Imploded,
    translated: RecordCounts,
    report: LoadReport,
    engine: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    place = f"{connection.workspace}/{connection.dataset} at {connection.api_url}"
    verb = "would change" if dry_run else "changed"
    title = f"{place}: {f'{verb} {report.changed} records' if report.changed else 'unchanged'}"
    print_summary(
        title,
        {
            "records": sum(report.counts.values()),
            **{action.value: report.counts[action] for action in Action},
            "new_by_mode": {str(mode): number for mode, number in report.modes.items()},
            "source_rows_left_out": imploded.counts.rows_left_out,
            "engine": engine,
            "texts": translated.texts,
            "distinct_texts": translated.distinct,
            "from_memory": translated.from_memory,
            "to_translate" if dry_run else "translated": translated.untranslated
            if dry_run
            else translated.translated,
        },
        as_json=as_json,
    )
