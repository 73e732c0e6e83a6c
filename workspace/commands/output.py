"""What commands print: a summary of counts at the end, progress on stderr when it is a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

Item = TypeVar("Item")
MOST_LINES = 20  # of a list
Value = str | int | float | bool | None | list[str] | Mapping[str, object]


def print_summary(title: str, counts: Mapping[str, Value], *, as_json: bool = False) -> None:
    """Print ``title`` and one aligned line a count; with ``as_json`` one JSON object on stdout instead."""
    if as_json:
        text = json.dumps(dict(counts), ensure_ascii=False, sort_keys=True)
        click.echo(text if _can_be_shown(text) else json.dumps(dict(counts), sort_keys=True))
        return
    click.echo(title)
    width = max((len(name) for name in counts), default=0)
    for name, value in counts.items():
        if value is None or value in ([], {}):
            continue
        if isinstance(value, Mapping):
            shown = ", ".join(f"{key} {number}" for key, number in sorted(value.items()))
        else:
            shown = ", ".join(value) if isinstance(value, list) else str(value)
        click.echo(f"  {name.replace('_', ' '):<{width}}  {shown}")


def _can_be_shown(text: str) -> bool:
    """Whether standard output has all characters of a text; it may be no UTF-8."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def print_first(lines: Sequence[object], where: str = "", *, err: bool = False) -> None:
    """Print the first lines of a list, and how many more there are; ``where`` says who has them all."""
    for line in lines[:MOST_LINES]:
        click.echo(str(line), err=err)
    if len(lines) > MOST_LINES:
        click.echo(f"... and {len(lines) - MOST_LINES} more{where}", err=err)


@contextmanager
def progress(items: Iterable[Item], label: str, length: int | None = None) -> Iterator[Iterable[Item]]:
    """Show a progress bar over ``items`` on stderr, if stderr is a terminal; otherwise stay silent."""
    if not sys.stderr.isatty():
        yield items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield bar
