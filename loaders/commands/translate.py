"""``h4rmony translate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from loaders.check.translate import Translated
from loaders.check.translate import translate as translate_source
from loaders.commands.source_options import source_argument
from loaders.commands.translator_options import embedding_option, report_problems, translator_options
from loaders.source.location import Location
from workspace.commands.options import dry_run_option, home_option, json_option, output_option
from workspace.commands.output import Value, print_first, print_summary, progress


@click.command()
@source_argument
@output_option("JSON Lines file to write.")
@translator_options
@click.option("--retranslate", is_flag=True, help="Replace translations that the records of SOURCE already have.")
@embedding_option
@home_option
@dry_run_option
@json_option
def translate(
    source: Location,
    output: Path,
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
    done = translate_source(
        source, translator, output=output, home=home, dry_run=dry_run, progress=progress, **settings, **engine_options
    )
    print_first(done.notes, err=True)
    _print_summary(done, translator, output, dry_run=dry_run, as_json=as_json)
    report_problems(done.counts)


def _print_summary(done: Translated, translator: str, output: Path, *, dry_run: bool, as_json: bool) -> None:
    counts = asdict(done.counts)
    problems, tokens = counts.pop("problems"), counts.pop("tokens")
    del counts["records"]
    if not done.of_records:
        del counts["kept"]
    values: dict[str, Value] = {
        **({"shape": done.shape} if done.shape else {}),
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
