"""Which source a command reads, and how: the argument and the options that all share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from loaders.source.location import SEPARATORS, Location
from workspace.commands.options import Command


def _told(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str] | None:
    """Which column has each part, as the user says."""
    told: dict[str, str] = {}
    for value in values:
        part, equals, column = value.partition("=")
        if not part or not equals or not column:
            raise click.BadParameter(f"{value!r}: write PART=COLUMN, such as prompt=pregunta")
        if part in told:
            raise click.BadParameter(f"{part} is given twice")
        told[part] = column
    return told or None


_OPTIONS = {
    "sheet": click.option("--sheet", help="Which sheet of a workbook of Excel or LibreOffice."),
    "separator": click.option(
        "--separator", type=click.Choice([*SEPARATORS]), help="What is between the columns of a CSV file."
    ),
    "encoding": click.option(
        "--encoding", help="Of a text file that is neither UTF-8 nor UTF-16: cp1252, latin-1 ..."
    ),
    "split": click.option("--split", help="Which split of a folder or a Hub dataset; by default all."),
    "config": click.option("--config", help="Which configuration of a folder or a Hub dataset."),
    "columns": click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="PART=COLUMN",
        callback=_told,
        help="Which column is the prompt, chosen, rejected ..., where names do not tell; as often as needed.",
    ),
    "revision": click.option("--revision", help="Revision of a Hub dataset: commit, branch or tag."),
}


def source_argument(command: Command) -> Command:
    """Add SOURCE, one or several, and its options; the command gets one ``source``, a ``Location``."""

    @wraps(command)
    def located(*args: Any, places: tuple[str, ...], at: Callable[..., Location], **kwargs: Any) -> Any:
        return command(*args, source=at(places), **kwargs)

    return click.argument("places", metavar="SOURCE...", nargs=-1, required=True)(source_options(located))


def source_options(command: Command) -> Command:
    """Add the options of a source; the command gets ``at``, which makes a ``Location`` of its place."""

    @wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in _OPTIONS}
        return command(*args, at=partial(_location, given), **kwargs)

    for option in _OPTIONS.values():
        with_options = option(with_options)
    return with_options


def _location(given: dict[str, Any], place: str | Path | Sequence[str]) -> Location:
    if not isinstance(place, str | Path) and len(place) == 1:
        place = place[0]
    return Location(place, **given)
