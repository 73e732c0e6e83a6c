"""``h4rmony translate``: any source to records with a translation, or a table of texts to translated rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from loaders.implode import Imploded, implode
from loaders.sources import holds_records, read_records, read_table
from loaders.table import Table, find_schema
from loaders.translate import (
    MEMORY_FILE,
    TRANSLATORS,
    RecordCounts,
    TranslationCounts,
    TranslationMemory,
    Translator,
    make_translator,
    translate_records,
    translate_rows,
)
from loaders.translate.none import NoTranslator
from loaders.translate.protocol import EngineId
from workspace.errors import DataError
from workspace.jsonl import file_digest, write_jsonl
from workspace.options import dry_run_option, home_option, json_option
from workspace.output import Value, print_summary, progress

SOURCE_LANGUAGE = "en"
_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class _Work:
    """What is to be translated: ``lines`` makes the output's JSON objects; ``length`` is how many there will be."""

    kind: str
    length: int
    left_out: int
    counts: TranslationCounts
    lines: Callable[[Translator, TranslationMemory], Iterator[dict[str, Any]]]


@click.command()
@click.argument("source")
@click.option("-o", "--output", type=_FILE, required=True, help="JSON Lines file to write.")
@click.option(
    "--translator", type=click.Choice(list(TRANSLATORS)), default="apertium", show_default=True, help="Engine."
)
@click.option(
    "--memory",
    "memory_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Translations to take into the memory first (JSON Lines); `--translator memory` uses no others.",
)
@click.option("--target-language", default="es", show_default=True, help="Language to translate to.")
@click.option("--retranslate", is_flag=True, help="Replace translations that the records of SOURCE already have.")
@click.option("--revision", help="Revision of a Hub dataset: commit, branch or tag.")
@home_option
@dry_run_option
@json_option
def translate(
    source: str,
    output: Path,
    translator: str,
    memory_file: Path | None,
    target_language: str,
    retranslate: bool,
    revision: str | None,
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
    """
    options: dict[str, object] = {"memory_file": memory_file} if translator == "memory" else {}
    engine = make_translator(translator, source_language=SOURCE_LANGUAGE, target_language=target_language, **options)
    work = _open(source, revision, retranslate=retranslate)
    with TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory:
        if dry_run:
            _drain(work, _lookup_only(engine), memory)
            state = "not written (dry run)"
        else:
            if memory_file:
                memory.import_jsonl(memory_file)
            state = _write(output, work, engine, memory)
    _print_summary(work, engine, output, state, dry_run=dry_run, as_json=as_json)


def _open(source: str, revision: str | None, *, retranslate: bool) -> _Work:
    if holds_records(Path(source)):
        return _record_work(read_records(source, revision=revision), retranslate)
    table = read_table(source, revision=revision)
    if _holds_pairs(table):
        return _record_work(implode(table.rows, source=source), retranslate)
    counts = TranslationCounts()
    return _Work(
        "rows",
        len(table.rows),
        0,
        counts,
        lambda engine, memory: (row.to_json() for row in translate_rows(table.rows, engine, memory, counts=counts)),
    )


def _record_work(imploded: Imploded, retranslate: bool) -> _Work:
    if imploded.refusal:
        raise DataError(imploded.refusal)
    counts = RecordCounts()
    return _Work(
        "records",
        imploded.counts.records,
        imploded.counts.rows_left_out,
        counts,
        lambda engine, memory: (
            record.to_json()
            for record in translate_records(imploded.records, engine, memory, retranslate=retranslate, counts=counts)
        ),
    )


def _holds_pairs(table: Table) -> bool:
    """True if the table has a prompt, a better and a worse answer, by the names of a known schema."""
    try:
        return find_schema(table.columns, table.source).worse is not None
    except DataError:
        return False


def _write(output: Path, work: _Work, engine: Translator, memory: TranslationMemory) -> str:
    before = file_digest(output)
    with progress(work.lines(engine, memory), "translating", work.length) as lines:
        write_jsonl(output, lines)
    return "unchanged" if file_digest(output) == before else "written"


def _drain(work: _Work, engine: Translator, memory: TranslationMemory) -> None:
    with progress(work.lines(engine, memory), "looking up", work.length) as lines:
        _exhaust(lines)


def _exhaust(lines: Iterable[object]) -> None:
    for _ in lines:
        pass


def _lookup_only(engine: Translator) -> Translator:
    """Finds what the memory holds of ``engine``, and translates nothing."""
    return NoTranslator(engine.source_language, engine.target_language, engine.engine, engine.version)


def _print_summary(
    work: _Work, engine: Translator, output: Path, state: str, *, dry_run: bool, as_json: bool
) -> None:
    counts = work.counts
    numbers = {name: value for name, value in asdict(counts).items() if name != "records"}
    left = "to_translate" if dry_run and engine.engine != "none" else "untranslated"
    values: dict[str, Value] = {
        work.kind: work.length,
        "rows_left_out": work.left_out,
        **numbers,
        left: counts.untranslated,
        "engine": EngineId.of(engine).label,
    }
    if as_json:
        print_summary("", {**values, "output": str(output), "state": state}, as_json=True)
        return
    nothing = not dry_run and not counts.translated and not counts.untranslated
    print_summary(f"{output}: {state}{', nothing left to translate' if nothing else ''}", values)
