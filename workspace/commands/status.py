"""``h4rmony status``."""

from __future__ import annotations

import click

from workspace.argilla.connection import Connection
from workspace.argilla.status import review_status
from workspace.commands.options import connection_options, json_option
from workspace.commands.output import print_summary


@click.command()
@connection_options
@json_option
def status(connection: Connection, as_json: bool) -> None:
    """Say how far the review is.

    \b
    Example:
      h4rmony status
    """
    print_summary(
        f"{connection.workspace}/{connection.dataset} at {connection.api_url}",
        review_status(connection),
        as_json=as_json,
    )
