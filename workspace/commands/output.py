"""What commands print: a summary of counts at the end, progress on stderr where somebody watches."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from workspace.errors import visible
from workspace.watched import in_notebook

Item = TypeVar("Item")
MOST_LINES = 20  # of a list
Value = str | int | float | bool | None | list[str] | Mapping[str, object]


def say(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text; what it holds of a source or of a name has no power over the terminal."""
    click.echo(visible(text), err=err, nl=nl)


def print_summary(title: str, counts: Mapping[str, Value], *, as_json: bool = False) -> None:
    """Print ``title`` and one aligned line a count; with ``as_json`` one JSON object on stdout instead."""
    if as_json:
        text = json.dumps(dict(counts), ensure_ascii=False, sort_keys=True)
        say(text if _can_be_shown(text) else json.dumps(dict(counts), sort_keys=True))
        return
    say(title)
    width = max((len(name) for name in counts), default=0)
    for name, value in counts.items():
        if value is None or value in ([], {}):
            continue
        if isinstance(value, Mapping):
            shown = ", ".join(f"{key} {number}" for key, number in sorted(value.items()))
        else:
            shown = ", ".join(value) if isinstance(value, list) else str(value)
        say(f"  {name.replace('_', ' '):<{width}}  {shown}")


def _can_be_shown(text: str) -> bool:
    """Whether standard output has all characters of a text; it may be no UTF-8."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def next_step(command: str, when: str = "Next") -> None:
    """Say what to run after this, as the last line."""
    say(f"{when}: h4rmony {command}")


def print_first(lines: Sequence[object], where: str = "", *, err: bool = False) -> None:
    """Print the first lines of a list, and how many more there are; ``where`` says who has them all."""
    for line in lines[:MOST_LINES]:
        say(str(line), err=err)
    if len(lines) > MOST_LINES:
        say(f"... and {len(lines) - MOST_LINES} more{where}", err=err)


@contextmanager
def progress(items: Iterable[Item], label: str, length: int | None = None) -> Iterator[Iterable[Item]]:
    """Show how many of ``items`` are done: a bar on stderr if that is a terminal, a line in a notebook."""
    if in_notebook():
        yield _counted(items, label, length)
    elif sys.stderr.isatty():
        with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
            yield bar
    else:
        yield items


def _counted(items: Iterable[Item], label: str, length: int | None) -> Iterator[Item]:
    """Yield the items, and say how many there were on one line, which is written anew once a second at most."""
    number, due = 0, time.monotonic()
    for number, item in enumerate(items, start=1):
        if time.monotonic() >= due:
            click.echo(f"\r{label}: {number}{f' / {length}' if length else ''}", nl=False, err=True)
            due = time.monotonic() + 1
        yield item
    if number:
        click.echo(f"\r{label}: {number}{f' / {length}' if length else ''}", err=True)
