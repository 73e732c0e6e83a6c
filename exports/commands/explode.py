"""``h4rmony explode``: records back to preference pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from exports.merging.explode import Row, explode_dpo, explode_source, is_pairs
from exports.write.tables import SUFFIXES, write_rows
from workspace.commands.options import dry_run_option, json_option
from workspace.commands.output import print_summary
from workspace.errors import ConfigError, DataError
from workspace.files.jsonl import file_digest, read_jsonl
from workspace.model.h4rmony import PAIR_COLUMNS, column_order
from workspace.model.records import Record

_SCHEMAS: dict[str, Callable[[Record], list[Row]]] = {"h4rmony": explode_source, "dpo": explode_dpo}


@dataclass(frozen=True)
class _Plan:
    """What a first reading of the records found; ``unknown_pairs`` means something for --schema dpo alone."""

    records: int
    rows: int
    columns: tuple[str, ...]
    unknown_pairs: int


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write; its suffix names the format: .csv, .tsv, .jsonl or .parquet.",
)
@click.option(
    "--schema",
    type=click.Choice(list(_SCHEMAS)),
    required=True,
    help="h4rmony: the source's rows with all its columns. dpo: prompt, chosen, rejected for each known pair.",
)
@dry_run_option
@json_option
def explode(file: Path, output: Path, schema: str, dry_run: bool, as_json: bool) -> None:
    """Turn imploded records back into pairs.

    Rows stand in the order of the records, then of their answers, the better one first. Records of a source
    with prompt, chosen, rejected get these columns back from --schema h4rmony too.

    \b
    Example:
      h4rmony explode records.jsonl -o H4rmony.csv --schema h4rmony
    """
    if output.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{output}: must end in {', '.join(SUFFIXES)}", param_hint="-o")
    if file.resolve() == output.resolve():
        raise ConfigError(f"{output}: the pairs would replace the records; write to another file")
    plan = _plan(file, schema)
    state = "not written (dry run)" if dry_run else _write(file, output, schema, plan)
    counts = {"records": plan.records, "rows": plan.rows}
    if schema == "dpo":
        counts["pairs_of_unknown_order"] = plan.unknown_pairs
    if as_json:
        print_summary("", {**counts, "output": str(output), "state": state}, as_json=True)
    else:
        print_summary(f"{output}: {state}", counts)


def _plan(file: Path, schema: str) -> _Plan:
    """Read the records once: every one must be sound before anything is written, and CSV needs all columns first."""
    records = rows = unknown = 0
    columns: set[str] = set()
    kinds: dict[bool, str] = {}
    for record in read_jsonl(file, Record.from_json):
        exploded = _SCHEMAS[schema](record)
        records += 1
        rows += len(exploded)
        columns.update(*exploded)
        unknown += len(record.answers) * (len(record.answers) - 1) // 2 - len(exploded)
        kinds.setdefault(is_pairs(record) and bool(record.comparisons), record.id)
    if not records:
        raise DataError(f"{file}: it holds no records")
    if schema == "h4rmony" and len(kinds) > 1:
        raise DataError(
            f"{file}: {kinds[False]!r} has H4rmony's columns and {kinds[True]!r} prompt, chosen, rejected; explode "
            "them from two files, or use --schema dpo"
        )
    pairs = schema == "dpo" or True in kinds
    ordered = column_order(columns, pairs=pairs) or list(PAIR_COLUMNS)
    return _Plan(records, rows, tuple(ordered), unknown)


def _write(file: Path, output: Path, schema: str, plan: _Plan) -> str:
    before = file_digest(output)
    write_rows(output, _rows(file, schema), plan.columns)
    return "unchanged" if file_digest(output) == before else "written"


def _rows(file: Path, schema: str) -> Iterator[Row]:
    for record in read_jsonl(file, Record.from_json):
        yield from _SCHEMAS[schema](record)
