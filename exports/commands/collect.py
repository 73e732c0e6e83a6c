"""``h4rmony collect``."""

from __future__ import annotations

from pathlib import Path

import click

from exports.commands.reviews import warn_of_gone
from exports.review.collect import collect_to
from workspace.argilla.connection import Connection
from workspace.commands.options import connection_options, dry_run_option, json_option
from workspace.commands.output import print_summary


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@connection_options
@dry_run_option
@json_option
def collect(connection: Connection, output: Path, dry_run: bool, as_json: bool) -> None:
    """Fetch every record and every ballot from Argilla.

    Writes records.jsonl and ballots.jsonl, drafts and discards included with their status. Ballots of an earlier
    collection that Argilla no longer has are kept in ballots-gone.jsonl, and not counted.

    \b
    Example:
      h4rmony collect -o review/
    """
    done = collect_to(connection, output, dry_run=dry_run)
    warn_of_gone(done.gone, output, "Argilla", dry_run=dry_run)
    title = f"would write {output}" if dry_run else f"wrote {output}" if done.changed else f"{output} is unchanged"
    print_summary(
        title,
        {
            "records": done.records,
            "ballots": done.ballots.total(),
            "status": dict(done.ballots),
            "reviewers": done.reviewers,
            "gone": len(done.gone.kept),
        },
        as_json=as_json,
    )
