"""The command ``serve``."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import click

from workspace.commands.options import home_option, json_option
from workspace.commands.output import say
from workspace.config import CREDENTIALS, Credentials


@click.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=6900,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@json_option
def serve(home: Path, host: str, port: int, as_json: bool) -> None:
    """Run Argilla, server and web UI, in this process.

    The first start makes an owner with random secrets and writes HOME/credentials.json (mode 0600); later
    starts keep all data. Stop it with Ctrl+C.

    \b
    Example:
      h4rmony serve --home ./review --port 6900
    """
    from workspace.server.home import address_for_others
    from workspace.server.process import end_with_parent
    from workspace.server.start import run_server

    end_with_parent()

    def ready(credentials: Credentials) -> None:
        path = home / CREDENTIALS
        if as_json:
            said = {"api_url": credentials.api_url, "username": credentials.username, "credentials": str(path)}
            line = json.dumps(said)
        else:
            line = f"Argilla is ready at {credentials.api_url}: user {credentials.username}, password in {path}"
        say(line)
        others = address_for_others(host, urlsplit(credentials.api_url).port or port)
        if others:
            say(
                f"Warning: others reach it at {others}, in plain HTTP: who is on the way reads passwords; on a "
                "network that is not your own, put HTTPS in front of it",
                err=True,
            )

    run_server(home, host, port, ready)
