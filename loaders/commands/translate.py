"""``h4rmony translate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from loaders.check.translate import Translated
from loaders.check.translate import translate as translate_source
from loaders.commands.translator_options import embedding_option, report_problems, translator_options
from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.engines.registry import open_translator
from loaders.translation.evaluate import evaluate_engine
from workspace.commands.options import dry_run_option, home_option, json_option
from workspace.commands.output import Value, print_summary, progress

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("source", required=False)
@click.option("-o", "--output", type=_FILE, help="JSON Lines file to write.")
@click.option(
    "--evaluate",
    "reference_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    hidden=True,
    help="Will be `h4rmony evaluate translations`.",
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
    translator: str,
    engine_options: dict[str, Any],
    home: Path,
    dry_run: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Translate a source, each text once.

    SOURCE is what implode reads, or imploded records: the output is imploded records with their translation. Any
    other table is a table of texts: the output has one line a row, in order:
    {"row": 1, "source": {COLUMN: TEXT, ...}, "translation": {"language": "es", "engine": "...",
    "texts": {COLUMN: TEXT, ...}}}. Every translation is kept in HOME/memory.sqlite, so that running again
    translates only what is new.

    \b
    Example:
      h4rmony translate H4rmony.csv -o translated.jsonl
    """
    if reference_file:
        if source:
            raise click.UsageError("--evaluate takes its sources from the reference file: give no SOURCE")
        engine = open_translator(translator, home, read_only=dry_run, **engine_options)
        _evaluate(reference_file, output, engine, home, dry_run=dry_run, as_json=as_json)
        return
    if not source or not output:
        raise click.UsageError("give a SOURCE and -o FILE")
    done = translate_source(
        source, translator, output=output, home=home, dry_run=dry_run, progress=progress, **settings, **engine_options
    )
    _print_summary(done, translator, output, dry_run=dry_run, as_json=as_json)
    report_problems(done.counts)


def _evaluate(
    reference_file: Path, output: Path | None, engine: Translator, home: Path, *, dry_run: bool, as_json: bool
) -> None:
    """Print the scores of an engine's translations of the sources of ``reference_file``; write each text's."""
    scores, counts = evaluate_engine(reference_file, engine, home, output=output, dry_run=dry_run)
    values: dict[str, Value] = {
        "texts": scores.texts,
        "untranslated": counts.untranslated,
        "engine": EngineId.of(engine).label,
        "licence": str(engine.licence),
        **{name: round(score, 2) for name, score in scores.values.items()},
        **{f"{name}_signature": signature for name, signature in scores.signatures.items()},
    }
    print_summary(f"{reference_file}: evaluated", values, as_json=as_json)
    report_problems(counts)


def _print_summary(done: Translated, translator: str, output: Path, *, dry_run: bool, as_json: bool) -> None:
    counts = asdict(done.counts)
    problems, tokens = counts.pop("problems"), counts.pop("tokens")
    del counts["records"]
    if not done.of_records:
        del counts["kept"]
    values: dict[str, Value] = {
        "records" if done.of_records else "rows": done.length,
        "rows_left_out": done.rows_left_out,
        **counts,
        "to_translate" if dry_run and translator != "none" else "untranslated": done.counts.untranslated,
        "engine": done.engine,
        "licence": done.licence,
        "tokens": tokens or None,
        **done.checks.to_json(done.adequacy),
        "problems": problems if as_json else None,
    }
    state = "not written (dry run)" if dry_run else "written" if done.is_new else "unchanged"
    if as_json:
        values |= {"output": str(output), "state": state}
    nothing = not dry_run and not done.counts.translated and not done.counts.untranslated
    print_summary(f"{output}: {state}{', nothing left to translate' if nothing else ''}", values, as_json=as_json)
