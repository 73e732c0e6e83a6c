"""``h4rmony implode``: preference pairs to records."""

from __future__ import annotations

from pathlib import Path

import click

from loaders.commands.source_options import source_argument
from loaders.imploding.audit import Note, count_findings
from loaders.imploding.imploded import Imploded
from loaders.imploding.source import implode as implode_source
from loaders.source.location import Location
from workspace.commands.garbage import no_garbage
from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import Value, print_first, print_summary, say
from workspace.errors import ConfigError, count_of
from workspace.giveaways import GiveAways, Surface

_READING = (Note.READING, Note.SHAPE)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@source_argument
@output_option("JSON Lines file to write, sorted by id.")
@click.option("--audit", type=_FILE, help="JSON Lines file of every finding: rows left out, changed or doubtful.")
@click.option("--source-name", help="Beginning of every id; by default h4rmony with PromptID, pairs without.")
@dry_run_option
@json_option
def implode(
    source: Location,
    output: Path,
    audit: Path | None,
    source_name: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Turn preference data into one record per prompt.

    SOURCE is a file (CSV and its kin, JSON, Parquet, Arrow, a workbook of Excel or LibreOffice; packed or not),
    several files, a folder, owner/name of a dataset on the Hub, or - for standard input. It holds H4rmony's columns,
    pairs under any usual names, conversations, transcripts, rated or ranked answers, or answers with a label. The
    summary names the shape, and --map says which column is what where names do not tell. Rows that contradict each
    other or cannot be used are left out, each by a stated rule, and listed. The summary says how far the ranks can be
    read from the length and the surface of the answers.

    \b
    Example:
      h4rmony implode H4rmony.csv -o records.jsonl --audit audit.jsonl
      h4rmony implode votos.csv -o records.jsonl --map prompt=pregunta --map chosen=mejor --map rejected=peor
    """
    if audit and audit.resolve() == output.resolve():
        raise ConfigError(f"{audit}: the audit needs a file of its own")
    with no_garbage():
        imploded = implode_source(source, source_name=source_name)
        if dry_run:
            imploded.checked()
            audit, state = None, "not written (dry run)"
        else:
            state = "written" if imploded.write(output, audit) else "unchanged"
    if not as_json:
        _print_audit(imploded, audit)
    _print_summary(imploded, output, state, as_json=as_json)


def _print_audit(imploded: Imploded, audit: Path | None) -> None:
    """The first entries: how the source was read, then those that leave rows out."""
    entries = sorted(imploded.audit, key=lambda entry: (entry.finding not in _READING, not entry.rows_left_out))
    if entries:
        print_first([*entries], f"; {audit or '--audit FILE'} lists all")
        say()


def _print_summary(imploded: Imploded, output: Path, state: str, *, as_json: bool) -> None:
    values: dict[str, Value] = {"shape": imploded.shape, **imploded.counts.to_json()}
    findings = count_findings(imploded.audit)
    if as_json:
        found = {"audit": findings, "giveaways": imploded.giveaways.to_json()}
        print_summary("", {**values, **found, "output": str(output), "state": state}, as_json=True)
    else:
        lines = {f"audit: {finding}": number for finding, number in findings.items()}
        print_summary(f"{output}: {state}", {**values, **lines, **_giveaways(imploded.giveaways)})


def _giveaways(found: GiveAways) -> dict[str, str]:
    """The lines of the summary about what gives the ranks away."""
    if found.longer_wins is None:
        return {"longer_wins": "not measured: no two answers have different ranks"}
    return {
        "longer_wins": f"{found.longer_wins} {_counted(found.pairs, found.prompts)}",
        "surface_tells": _surface(found.surface),
        "giveaways": found.problem or "none",
    }


def _surface(found: Surface) -> str:
    if not found.accuracy:
        return f"not measured: {found.reason}"
    by = f", above all by {found.feature}" if found.feature else ""
    return f"{found.accuracy} {_counted(found.pairs, found.prompts)}{by}"


def _counted(pairs: int, prompts: int) -> str:
    return f"of {count_of(pairs, 'pair')}, {count_of(prompts, 'prompt')}"
