"""``h4rmony team``."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from workspace.argilla.connection import Connection
from workspace.argilla.team import invite, members
from workspace.commands.options import connection_options, dry_run_option, json_option
from workspace.commands.output import print_summary, say


@click.group()
def team() -> None:
    """Add reviewers to the workspace and list them."""


@team.command("list")
@connection_options
@json_option
def list_team(connection: Connection, as_json: bool) -> None:
    """List who may review.

    \b
    Example:
      h4rmony team list
    """
    print_summary(
        f"workspace {connection.workspace} at {connection.api_url}",
        {user.username: f"{user.first_name} ({user.role})" for user in members(connection)} or {"reviewers": 0},
        as_json=as_json,
    )


@team.command("add")
@click.argument("usernames", nargs=-1, required=True, metavar="USERNAME...")
@click.option("--address", help="Where reviewers reach the server, if not at the address that this machine uses.")
@click.option("--batch", type=click.IntRange(1), help="Batch of `load --batches` that the link in the notes opens.")
@connection_options
@dry_run_option
@json_option
def add(
    connection: Connection,
    usernames: tuple[str, ...],
    address: str | None,
    batch: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add reviewers: each new one gets a random password, in a note to send to them.

    The notes are files that only you can read, in HOME/invitations; no password is printed. A note links to the
    dataset if it is loaded already. A reviewer who has an account is put into the workspace and keeps the password;
    no note is written then.

    \b
    Example:
      h4rmony team add maria joão
    """
    invited = invite(connection, usernames, address=address, batch=batch, dry_run=dry_run)
    host = urlsplit(address or connection.api_url).hostname
    if invited.new and host in ("127.0.0.1", "localhost", "::1"):
        say(f"Warning: the notes say {host}, which only this machine reaches; give --address", err=True)
    notes = connection.home / "invitations"
    if dry_run:
        title = "would add"
    elif invited.new:
        title = f"notes to send are in {notes}"
    else:
        title = f"nothing was written: they have accounts already; earlier notes are in {notes}"
    print_summary(title, {"new": list(invited.new), "known": list(invited.known)}, as_json=as_json)
