"""``h4rmony load``."""

from __future__ import annotations

from typing import Any

import click

from loaders.commands.source_options import source_argument
from loaders.commands.translator_options import (
    duplicate_threshold_option,
    embedding_option,
    report_problems,
    translator_options,
)
from loaders.loading.load import load as load_source
from loaders.source.location import Location
from workspace.argilla.connection import Connection
from workspace.commands.options import connection_options, dry_run_option, guidelines_option, json_option
from workspace.commands.output import print_first, print_summary, progress
from workspace.errors import count_of


class AnswersType(click.ParamType[int | str]):
    """A number of answers, or ``all``."""

    name = "number|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The number, or ``all``."""
        if value != "all" and not str(value).isdecimal():
            self.fail(f"{value!r} is neither a number from 2 to 26 nor all", param, ctx)
        return "all" if value == "all" else click.IntRange(2, 26).convert(value, param, ctx)


@click.command()
@source_argument
@translator_options
@click.option("--source-name", help="Prefix of the records' ids; by default that of the source's schema.")
@click.option(
    "--blind-share",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of the records shown without the known ranking.",
)
@click.option(
    "--answers",
    type=AnswersType(),
    help="Answers that each record shows, or all: a dataset for each number, NAME-2 beside NAME; by default what the "
    "dataset shows, or most records have.",
)
@click.option(
    "--min-submitted",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Reviewers after whom a record counts as complete; settled when the dataset is made.",
)
@click.option(
    "--batches", type=click.IntRange(1), help="Deal the records to so many batches, for `team add --batch`."
)
@click.option(
    "--topics",
    type=click.Choice(["ask", "suggest"]),
    help="Ask for the issue codes too; suggest also fills them in, and what is filled in anchors the reviewers.",
)
@guidelines_option
@click.option("--replace-changed", is_flag=True, help="Replace changed records that nobody has answered.")
@click.option("--new-versions", is_flag=True, help="Load changed records that somebody has answered under a new id.")
@click.option("--retire", is_flag=True, help="Take out what the source no longer has, where nobody has answered it.")
@click.option("--allow-conflicts", is_flag=True, help="End with status 0 where records conflict with the dataset.")
@embedding_option
@duplicate_threshold_option
@connection_options
@dry_run_option
@json_option
def load(
    connection: Connection,
    source: Location,
    engine_options: dict[str, Any],
    allow_conflicts: bool,
    dry_run: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Load a source into Argilla for review.

    SOURCE is what implode reads, or imploded records. Loading again changes nothing; an interrupted run carries on
    when it is run again. A record whose prompt, answers or ranks are not those of the dataset is a conflict: it is
    named and not sent, all others are loaded, and the status is 1.
    With --new-versions, a changed record that somebody has answered is no conflict: it is loaded as a record of its
    own (h4rmony-239-v2), and the old one keeps its text and its answers.

    Records of the same source (the name that their ids begin with) that SOURCE no longer has are named. They stay, or
    leave with --retire if nobody has answered them.

    \b
    Example:
      h4rmony load neovalle/H4rmony
    """
    loaded = load_source(source, connection, dry_run=dry_run, progress=progress, **settings, **engine_options)
    print_first(loaded.notes, err=True)
    verb = "would change" if dry_run else "changed"
    what = f"{verb} {count_of(loaded.changed, 'record')}" if loaded.changed else "unchanged"
    place = f"{connection.workspace}/{connection.dataset} at {connection.api_url}"
    notes = {"notes": list(loaded.notes)} if as_json else {}
    print_summary(f"{place}: {what}", loaded.to_json() | notes, as_json=as_json)
    report_problems(loaded.counts)
    if not allow_conflicts:
        loaded.check_conflicts()
