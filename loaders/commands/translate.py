"""``h4rmony translate``: any source to records with a translation, or a table of texts to translated rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from loaders.check.embeddings import VECTORS_FILE, KeptVectors, open_vectors
from loaders.check.enrich import EnrichCounts, enrich, enrich_rows
from loaders.commands.evaluate import evaluate_translator
from loaders.commands.quality_options import embedding_option, quality_summary
from loaders.commands.translator_options import TranslatorChoice, report_problems, translator_options
from loaders.imploding.imploded import Imploded
from loaders.imploding.source import implode, read_source
from loaders.source.table import Table, find_schema
from loaders.translation import (
    MEMORY_FILE,
    RecordCounts,
    TranslationCounts,
    TranslationMemory,
    Translator,
    translate_records,
    translate_rows,
)
from loaders.translation.engines.none import memory_only
from loaders.translation.engines.protocol import EngineId
from workspace.commands.options import dry_run_option, home_option, json_option
from workspace.commands.output import Value, print_summary, progress
from workspace.errors import DataError
from workspace.files.jsonl import file_digest, write_jsonl
from workspace.memory.glossary import load_glossary

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class _Work:
    """What is to be translated: ``lines`` makes the output's JSON objects; ``length`` is how many there will be."""

    kind: str
    length: int
    left_out: int
    counts: TranslationCounts
    enriched: EnrichCounts
    lines: Callable[[Translator, TranslationMemory, KeptVectors | None], Iterator[dict[str, Any]]]


@click.command()
@click.argument("source", required=False)
@click.option("-o", "--output", type=_FILE, help="JSON Lines file to write.")
@click.option(
    "--evaluate",
    "reference_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Instead of a SOURCE: translate the sources of this reference file and score them (chrF, BLEU).",
)
@translator_options
@click.option("--retranslate", is_flag=True, help="Replace translations that the records of SOURCE already have.")
@click.option("--revision", help="Revision of a Hub dataset: commit, branch or tag.")
@embedding_option
@home_option
@dry_run_option
@json_option
def translate(
    source: str | None,
    output: Path | None,
    reference_file: Path | None,
    choice: TranslatorChoice,
    retranslate: bool,
    revision: str | None,
    embedding_model: str | None,
    home: Path,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Translate a source, each text once.

    SOURCE is what implode reads, or imploded records: the output is imploded records with their translation. Any
    other table is a table of texts: the output has one line a row, in order:
    {"row": 1, "source": {COLUMN: TEXT, ...}, "translation": {"language": "es", "engine": "...",
    "texts": {COLUMN: TEXT, ...}}}. Every translation is kept in HOME/memory.sqlite, so that running again
    translates only what is new.

    \b
    Example:
      h4rmony translate H4rmony.csv -o translated.jsonl --translator apertium
      h4rmony translate --evaluate review/records.jsonl --translator opus
    """
    if reference_file:
        if source:
            raise click.UsageError("--evaluate takes its sources from the reference file: give no SOURCE")
        evaluate_translator(reference_file, output, choice, home, dry_run=dry_run, as_json=as_json)
        return
    if not source or not output:
        raise click.UsageError("give a SOURCE and -o FILE, or --evaluate REFERENCE.jsonl")
    engine = choice.make(home, read_only=dry_run)
    work = _open(source, revision, retranslate=retranslate)
    with (
        TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory,
        open_vectors(embedding_model, home / VECTORS_FILE, read_only=dry_run) as (vectors, adequacy),
    ):
        if dry_run:
            _drain(work.lines(memory_only(engine), memory, vectors), work.length)
            state = "not written (dry run)"
        else:
            if choice.memory_file:
                memory.import_jsonl(choice.memory_file)
            state = _write(output, work.lines(engine, memory, vectors), work.length)
    _print_summary(work, engine, output, state, adequacy, dry_run=dry_run, as_json=as_json)
    report_problems(work.counts)


def _open(source: str, revision: str | None, *, retranslate: bool) -> _Work:
    table = read_source(source, revision=revision)
    if isinstance(table, Imploded):
        return _record_work(table, retranslate)
    if _holds_pairs(table):
        return _record_work(implode(table), retranslate)
    counts, enriched = TranslationCounts(), EnrichCounts()

    def lines(engine: Translator, memory: TranslationMemory, vectors: KeptVectors | None) -> Iterator[dict[str, Any]]:
        rows = translate_rows(table.rows, engine, memory, counts=counts)
        return enrich_rows(rows, load_glossary(), vectors, enriched)

    return _Work("rows", len(table.rows), 0, counts, enriched, lines)


def _record_work(imploded: Imploded, retranslate: bool) -> _Work:
    imploded.checked()
    counts, enriched = RecordCounts(), EnrichCounts()

    def lines(engine: Translator, memory: TranslationMemory, vectors: KeptVectors | None) -> Iterator[dict[str, Any]]:
        records = translate_records(imploded.records, engine, memory, retranslate=retranslate, counts=counts)
        return (record.to_json() for record in enrich(records, load_glossary(), vectors, enriched))

    return _Work("records", imploded.counts.records, imploded.counts.rows_left_out, counts, enriched, lines)


def _holds_pairs(table: Table) -> bool:
    """True if the table has a prompt, a better and a worse answer, by the names of a known schema."""
    try:
        return find_schema(table.columns, table.source).worse is not None
    except DataError:
        return False


def _write(output: Path, made: Iterator[dict[str, Any]], length: int) -> str:
    before = file_digest(output)
    with progress(made, "translating", length) as lines:
        write_jsonl(output, lines)
    return "unchanged" if file_digest(output) == before else "written"


def _drain(made: Iterator[dict[str, Any]], length: int) -> None:
    with progress(made, "looking up", length) as lines:
        _exhaust(lines)


def _exhaust(lines: Iterable[object]) -> None:
    for _ in lines:
        pass


def _print_summary(
    work: _Work, engine: Translator, output: Path, state: str, adequacy: str, *, dry_run: bool, as_json: bool
) -> None:
    counts = work.counts
    numbers = {name: value for name, value in asdict(counts).items() if name not in ("records", "problems", "tokens")}
    left = "to_translate" if dry_run and engine.engine != "none" else "untranslated"
    values: dict[str, Value] = {
        work.kind: work.length,
        "rows_left_out": work.left_out,
        **numbers,
        left: counts.untranslated,
        "engine": EngineId.of(engine).label,
        "licence": str(engine.licence),
        "tokens": counts.tokens or None,
        **quality_summary(work.enriched, adequacy),
        "problems": counts.problems if as_json else None,
    }
    if as_json:
        print_summary("", {**values, "output": str(output), "state": state}, as_json=True)
        return
    nothing = not dry_run and not counts.translated and not counts.untranslated
    print_summary(f"{output}: {state}{', nothing left to translate' if nothing else ''}", values)
