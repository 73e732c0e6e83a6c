"""Options that several commands of ``evaluate`` share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.evaluation.scores.compare import Difference
    from exports.evaluation.scores.standings import Pair

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
people_option = click.option(
    "--people", type=FILE, help="People's grades of a random sample of these very answers (JSON Lines)."
)
anchors_option = click.option(
    "--anchors",
    type=FILE,
    nargs=3,
    metavar="FLOOR MIDDLE CEILING",
    help="Grades of the same model's answers as unaware, ambivalent and aware writer.",
)


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which grades are meant, and of which prompts."""
    for option in (
        click.option("--rubric", help="Take the grades by this rubric, where there are several."),
        click.option("--judge", help="Take this judge's grades, where there are several judges'."),
        click.option("--answers", type=FILE, help="The answers that were graded (JSON Lines)."),
        click.option(
            "--records",
            type=click.Path(path_type=Path, exists=True),
            help="The records of the prompts, or the folder of a review: groups, issues, types.",
        ),
    ):
        command = option(command)
    return command


def outcome(path: Path, *, changed: bool, dry_run: bool) -> str:
    """What became of a file: the first line of a summary."""
    return f"{'would write' if dry_run else 'wrote'} {path}" if changed else f"{path} is unchanged"


def difference(found: Difference) -> str:
    """A difference of two scores with its interval."""
    value = "cannot say" if found.difference is None else f"{found.difference:+.1f}"
    counted = f"{count_of(found.answers, 'answer')} to {count_of(found.prompts, 'prompt')}"
    return f"{value} ({found.low:+.1f} to {found.high:+.1f}; {counted})" + (f": {found.note}" if found.note else "")


def pair(found: Pair) -> str:
    """A difference of two of several models with its interval, which holds at once with the others'."""
    value = "cannot say" if found.difference is None else f"{found.difference:+.1f}"
    counted = "" if found.prompts is None else f"; {count_of(found.prompts, 'prompt')} of both"
    counted = "; each on its own prompts" if found.prompts == 0 else counted
    told = "can be told apart" if found.is_apart else "cannot be told apart"
    return f"{value} ({found.low:+.1f} to {found.high:+.1f}{counted}): they {told}"
