"""``h4rmony status``."""

from __future__ import annotations

from collections import Counter

import click

from workspace.argilla.gateway import Gateway
from workspace.commands.options import connection_options, json_option
from workspace.commands.output import print_summary
from workspace.config import Connection


@click.command()
@connection_options
@json_option
def status(connection: Connection, as_json: bool) -> None:
    """Say how far the review is.

    \b
    Example:
      h4rmony status
    """
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        progress = gateway.progress(dataset)
        names = {user.id: user.username for user in gateway.users()}
        submitted: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for record in gateway.records(dataset):
            statuses.update(response.status for response in record.responses)
            submitted.update(
                names.get(response.user_id, response.user_id)
                for response in record.responses
                if response.status == "submitted"
            )
    print_summary(
        f"{connection.workspace}/{dataset.name} at {connection.api_url}",
        {
            "records": progress.total,
            "completed": progress.completed,
            "pending": progress.pending,
            "complete_after": dataset.min_submitted,
            "responses": dict(statuses),
            "submitted_by": dict(submitted),
        },
        as_json=as_json,
    )
