"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from workspace.argilla.connection import Connection, connect
from workspace.config import default_home
from workspace.files.jsonl import check_apart

Command = Callable[..., Any]

home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_home,
    show_default="H4RMONY_HOME, else ~/.h4rmony",
    help="Folder of all local state: server, credentials, translation memory, caches.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")

_FILE = click.Path(path_type=Path, dir_okay=False)
_SOURCES = ("places", "complete", "twins")  # parameters that read every file of a folder

guidelines_option = click.option(
    "--guidelines",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the team's own guidelines (Markdown), instead of ours.",
)


def output_option(text: str, *, required: bool = True) -> Callable[[Command], Command]:
    """Add ``--output``, a file, whose help is ``text``; a command never replaces a file that it also reads."""

    def add(command: Command) -> Command:
        @wraps(command)
        def checked(*args: Any, **kwargs: Any) -> Any:
            given = dict(click.get_current_context().params)
            outputs = [given.pop(name, None) for name in ("output", "audit")]
            for output in filter(None, outputs):
                _check_apart(output, given)
            return command(*args, **kwargs)

        return click.option("-o", "--output", type=_FILE, required=required, help=text)(checked)

    return add


def _check_apart(output: Path, given: Mapping[str, Any]) -> None:
    """Check that a command reads no file that it is to write, by whatever name.

    Raises:
        ConfigError: it does.
    """
    for name, values in given.items():
        for value in values if isinstance(values, tuple) else (values,):
            if isinstance(value, Path) or (isinstance(value, str) and name in _SOURCES):
                check_apart(output, value, is_source=name in _SOURCES)


def connection_options(command: Command) -> Command:
    """Add ``--api-url --api-key --workspace --dataset --home``; the command gets one ``connection``."""

    @wraps(command)
    def connected(*args: Any, connect: Callable[[], Connection], **kwargs: Any) -> Any:
        return command(*args, connection=connect(), **kwargs)

    return deferred_connection_options(connected)


def grades_connection_options(command: Command) -> Command:
    """Add the same options to a command on answers to grade: their dataset is the review's name and ``-grades``."""

    @wraps(command)
    def connected(*args: Any, connect: Callable[..., Connection], dataset: str | None, **kwargs: Any) -> Any:
        connection = connect(dataset=dataset)
        name = dataset or f"{connection.dataset}-grades"
        return command(*args, connection=replace(connection, dataset=name), **kwargs)

    named = click.option("--dataset", help="Argilla dataset (by default the review's name and -grades).")
    return _place_options(named(connected))


def deferred_connection_options(command: Command) -> Command:
    """Add the same options to a command that may not need Argilla.

    The command gets ``connect``, which returns the connection when it is called, or raises ``ConfigError`` then.
    """

    @wraps(command)
    def deferred(*args: Any, connect: Callable[..., Connection], dataset: str | None, **kwargs: Any) -> Any:
        return command(*args, connect=partial(connect, dataset=dataset), **kwargs)

    named = click.option("--dataset", help="Argilla dataset (H4RMONY_DATASET; default h4rmony-es).")
    return _place_options(named(deferred))


def _place_options(command: Command) -> Command:
    """Add the options that all have; the command gets ``connect``, which still takes the ``dataset``."""

    @wraps(command)
    def placed(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in ("api_url", "api_key", "workspace", "home")}
        return command(*args, connect=partial(connect, **given), **kwargs)

    for option in (
        home_option,
        click.option("--workspace", help="Argilla workspace (H4RMONY_WORKSPACE; default h4rmony)."),
        click.option("--api-key", help="API key; ARGILLA_API_KEY keeps it out of the process list."),
        click.option("--api-url", help="Address of the Argilla server (ARGILLA_API_URL)."),
    ):
        placed = option(placed)
    return placed
