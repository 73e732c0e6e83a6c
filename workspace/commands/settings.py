"""``h4rmony settings``."""

from __future__ import annotations

from pathlib import Path

import click

from workspace.argilla.connection import Connection
from workspace.argilla.renew import renew
from workspace.commands.options import connection_options, dry_run_option, guidelines_option, json_option
from workspace.commands.output import Value, print_summary, say


@click.command()
@guidelines_option
@connection_options
@dry_run_option
@json_option
def settings(connection: Connection, guidelines: Path | None, dry_run: bool, as_json: bool) -> None:
    """Bring the screen of a dataset under review up to date.

    Replaces titles, templates, guidelines and the metadata of the filters with those of this version, or with the
    guidelines that you give. No answer is touched; what answers depend on is never changed. With --dry-run it shows
    the lines that differ.

    \b
    Example:
      h4rmony settings --guidelines our-guidelines.md
    """
    renewed = renew(connection, guidelines=guidelines, dry_run=dry_run)
    if dry_run and not as_json:
        for change in renewed.changes:
            say(str(change))
    is_same = not renewed.changes and not renewed.records
    title = "unchanged" if is_same else "would change" if dry_run else "changed"
    counts: dict[str, Value] = {
        "form": [change.what for change in renewed.changes],
        "records": renewed.records,
        "guidelines": "kept, they are the team's own" if renewed.kept else None,
    }
    place = f"{connection.workspace}/{connection.dataset} at {connection.api_url}"
    print_summary(f"{place}: {title}", counts, as_json=as_json)
