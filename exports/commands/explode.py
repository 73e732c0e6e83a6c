"""``h4rmony explode``: records back to preference pairs."""

from __future__ import annotations

from pathlib import Path

import click

from exports.write.explode import SCHEMAS, Schema, explode_file
from exports.write.tables import SUFFIXES
from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import print_summary


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@output_option("File to write; its suffix names the format: .csv, .tsv, .jsonl or .parquet.")
@click.option(
    "--schema",
    type=click.Choice(list(SCHEMAS)),
    required=True,
    help="h4rmony: the source's rows with all its columns. dpo: prompt, chosen, rejected for each known pair.",
)
@dry_run_option
@json_option
def explode(file: Path, output: Path, schema: Schema, dry_run: bool, as_json: bool) -> None:
    """Turn imploded records back into pairs.

    Rows are in the order of the records, then of their answers, the better one first. Records of a source
    with the columns prompt, chosen, rejected get these back from --schema h4rmony too.

    \b
    Example:
      h4rmony explode records.jsonl -o H4rmony.csv --schema h4rmony
    """
    if output.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{output}: must end in {', '.join(SUFFIXES)}", param_hint="-o")
    plan, state = explode_file(file, output, schema, dry_run=dry_run)
    counts = {"records": plan.records, "rows": plan.rows}
    if schema == "dpo":
        counts["pairs_of_unknown_order"] = plan.unknown_pairs
    if as_json:
        print_summary("", {**counts, "output": str(output), "state": state}, as_json=True)
    else:
        print_summary(f"{output}: {state}", counts)
