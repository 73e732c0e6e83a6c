"""``h4rmony load``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from loaders.check.duplicates import THRESHOLD
from loaders.check.embeddings import VECTORS_FILE, KeptVectors, open_vectors
from loaders.check.enrich import EnrichCounts, enrich
from loaders.commands.quality_options import embedding_option, quality_summary
from loaders.commands.translator_options import TranslatorChoice, report_problems, translator_options
from loaders.imploding.imploded import Imploded
from loaders.imploding.source import implode
from loaders.loading.load import Action, LoadReport, Policy, known_records, load_records
from loaders.loading.prepare import PromptGroups, group_prompts
from loaders.translation import (
    MEMORY_FILE,
    EngineId,
    RecordCounts,
    TranslationMemory,
    Translator,
    translate_records,
)
from loaders.translation.engines.none import memory_only
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.commands.options import connection_options, dry_run_option, json_option
from workspace.commands.output import print_summary, progress
from workspace.memory.glossary import load_glossary

MAX_NOTES = 20


@click.command()
@click.argument("source")
@translator_options
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
@embedding_option
@click.option(
    "--duplicate-threshold",
    type=click.FloatRange(0.5, 1),
    default=THRESHOLD,
    show_default=True,
    help="Cosine from which two prompts say the same and share a side of the split.",
)
@connection_options
@dry_run_option
@json_option
def load(
    connection: Connection,
    source: str,
    choice: TranslatorChoice,
    revision: str | None,
    source_name: str | None,
    blind_share: float,
    answers: int,
    min_submitted: int,
    replace_changed: bool,
    embedding_model: str | None,
    duplicate_threshold: float,
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
    imploded = implode(source, revision=revision, source_name=source_name).checked()
    policy = Policy(blind_share=blind_share, replace_changed=replace_changed, dry_run=dry_run)
    job = _Job(
        imploded, choice, choice.make(connection.home, read_only=dry_run), policy, answers, min_submitted,
        duplicate_threshold,
    )  # fmt: skip
    with (
        Gateway(connection) as gateway,
        TranslationMemory(connection.home / MEMORY_FILE, read_only=dry_run) as memory,
        open_vectors(embedding_model, connection.home / VECTORS_FILE, read_only=dry_run) as (vectors, adequacy),
    ):
        outcome = job.run(gateway, memory, vectors)
    _print_notes([*outcome.report.notes, *outcome.groups.notes])
    _print_summary(connection, job, outcome, adequacy, as_json=as_json)
    report_problems(outcome.translated)


@dataclass(frozen=True)
class _Outcome:
    """What a run did, beside what it sent."""

    report: LoadReport
    groups: PromptGroups
    translated: RecordCounts
    enriched: EnrichCounts


@dataclass(frozen=True)
class _Job:
    """What the user asked for."""

    imploded: Imploded
    choice: TranslatorChoice
    engine: Translator
    policy: Policy
    answers: int
    min_submitted: int
    threshold: float

    def run(self, gateway: Gateway, memory: TranslationMemory, vectors: KeptVectors | None) -> _Outcome:
        """Find near-duplicates, then translate, enrich and load in one stream."""
        dry_run = self.policy.dry_run
        if self.choice.memory_file and not dry_run:
            memory.import_jsonl(self.choice.memory_file)
        dataset = gateway.find_dataset() if dry_run else gateway.create_dataset(self.answers, self.min_submitted)
        known = known_records(gateway, dataset)
        groups = group_prompts(self.imploded.records, known, vectors, self.threshold)
        translated, enriched = RecordCounts(), EnrichCounts()
        asked = memory_only(self.engine) if dry_run else self.engine
        records = translate_records(self.imploded.records, asked, memory, counts=translated)
        records = groups.apply(enrich(records, load_glossary(), vectors, enriched))
        count = dataset.count if dataset else self.answers
        with progress(records, "loading") as stream:
            report = load_records(
                gateway, dataset, stream, count, self.policy, known=known,
                vectors=vectors if vectors and self._takes(gateway, dataset, vectors.dimension) else None,
            )  # fmt: skip
        return _Outcome(report, groups, translated, enriched)

    def _takes(self, gateway: Gateway, dataset: RemoteDataset | None, dimension: int) -> bool:
        """True if the dataset has a place for vectors of this length, which is made where there is none."""
        if dataset is None or self.policy.dry_run:
            return dataset is not None and gateway.vector_dimension(dataset) == dimension
        return gateway.make_place_for_vectors(dataset, dimension) == dimension


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes[:MAX_NOTES]:
        click.echo(note, err=True)
    if len(notes) > MAX_NOTES:
        click.echo(f"... and {len(notes) - MAX_NOTES} more", err=True)


def _print_summary(connection: Connection, job: _Job, outcome: _Outcome, adequacy: str, *, as_json: bool) -> None:
    report, translated, dry_run = outcome.report, outcome.translated, job.policy.dry_run
    place = f"{connection.workspace}/{connection.dataset} at {connection.api_url}"
    verb = "would change" if dry_run else "changed"
    title = f"{place}: {f'{verb} {report.changed} records' if report.changed else 'unchanged'}"
    print_summary(
        title,
        {
            "records": sum(report.counts.values()),
            **{action.value: report.counts[action] for action in Action},
            "new_by_mode": {str(mode): number for mode, number in report.modes.items()},
            "source_rows_left_out": job.imploded.counts.rows_left_out,
            "engine": EngineId.of(job.engine).label,
            "licence": str(job.engine.licence),
            "texts": translated.texts,
            "distinct_texts": translated.distinct,
            "from_memory": translated.from_memory,
            "to_translate" if dry_run else "translated": translated.untranslated
            if dry_run
            else translated.translated,
            "human": translated.human,
            "tokens": translated.tokens or None,
            **quality_summary(outcome.enriched, adequacy),
            "near_duplicates": len(outcome.groups.duplicates.pairs),
        },
        as_json=as_json,
    )
