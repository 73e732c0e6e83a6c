"""``h4rmony publish``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.options import export_options, review_option, reviewers_option
from exports.commands.reviews import both_sides, said_to_people
from exports.formats import FORMATS
from exports.merging.split import SPLITS
from exports.publishing.profile import PROFILES
from exports.write.export import ExportSettings
from workspace.argilla.connection import Connection
from workspace.commands.garbage import no_garbage
from workspace.commands.options import deferred_connection_options, json_option
from workspace.commands.output import print_summary, say
from workspace.errors import ConfigError, RulesNotMet

if TYPE_CHECKING:
    from exports.publishing.publish import Published


def _columns(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for value in values:
        name, equals, content = value.partition("=")
        if not equals or not name.strip() or name != name.strip():
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        if name in columns:
            raise click.BadParameter(f"{name!r} is given twice")
        columns[name] = content
    return columns


@click.command()
@click.argument("repo_id")
@export_options("publish", tuple(FORMATS))
@review_option
@reviewers_option
@click.option(
    "--columns",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_columns,
    help="Constant column to add to every format, such as idioma=es; give it again for more.",
)
@click.option(
    "--source-licence",
    "source_licences",
    metavar="NAME=LICENCE",
    multiple=True,
    callback=_columns,
    help="Licence of a source whose rows state none, such as foro=CC-BY-4.0; give it again for more.",
)
@click.option("--comments", is_flag=True, help="Publish the reviewers' comments too; read them first.")
@click.option("--private", is_flag=True, help="Make the repository private.")
@click.option(
    "--grader",
    metavar="PROVIDER/MODEL",
    help="Write eval.yaml too, for Inspect AI and the Hub's leaderboards, with this model as the grader.",
)
@click.option("--variety", help="Variety of the records that state none, such as es-419 or México.")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Check a hackathon's rules before anything is sent; with --dry-run, only list what is missing.",
)
@click.option("--revision", default="main", show_default=True, help="Branch to push to.")
@click.option(
    "--yes",
    is_flag=True,
    help="Ask nothing: replace what an existing repository holds; publish under other licences than CC BY 4.0.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write the same files to the folder -o and push nothing; the Hub checks the card if it can be reached.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder to write, with --dry-run."
)
@deferred_connection_options
@json_option
def publish(
    connect: Callable[[], Connection],
    repo_id: str,
    settings: ExportSettings,
    review_folder: Path | None,
    reviewers_file: Path | None,
    columns: dict[str, str],
    source_licences: dict[str, str],
    comments: bool,
    private: bool,
    grader: str | None,
    variety: str | None,
    profile: str | None,
    revision: str,
    yes: bool,
    dry_run: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Publish the review on the Hugging Face Hub.

    Pushes one configuration a format, the ballots, and a dataset card in Spanish and English. Reviewers have
    pseudonyms, whose key stays in HOME/pseudonyms.key; keep it, and keep it secret. Needs a token to push: run
    `hf auth login`, or set HF_TOKEN.

    \b
    Example:
      h4rmony publish somosnlp/h4rmony-es --columns idioma=es --dry-run -o publication/
      h4rmony publish somosnlp/h4rmony-es --columns idioma=es
      h4rmony publish somosnlp/h4rmony-es-dpo --profile somosnlp --reviewers varieties.csv --dry-run -o publication/
      h4rmony publish somosnlp/h4rmony-es --grader openai/gpt-4.1-mini
    """
    from exports.publishing.publish import check_names
    from exports.publishing.publish import publish as publish_review
    from exports.review.files import read_review

    if dry_run != bool(output):
        raise click.UsageError("--dry-run and -o DIR go together: the folder takes what would be pushed")
    try:
        check_names(repo_id, revision)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    with no_garbage(), _missing_said():
        done = publish_review(
            read_review(review_folder) if review_folder else connect(),
            repo_id,
            settings.formats,
            folder=output,
            columns=columns,
            source_licences=source_licences,
            reviewers=reviewers_file,
            comments=comments,
            private=private,
            grader=grader,
            variety=variety,
            profile=profile,
            revision=revision,
            settings=settings,
            home=click.get_current_context().params["home"],
            yes=yes,
            ask=partial(click.confirm, err=True) if sys.stdin.isatty() else None,
        )
    _print(done, output, as_json=as_json)


@contextmanager
def _missing_said() -> Iterator[None]:
    """Say on stderr, a line each, what keeps a publication from being sent."""
    try:
        yield
    except RulesNotMet as error:
        for one in error.missing:
            say(f"Missing: {one}", err=True)
        raise


def _print(done: Published, output: Path | None, *, as_json: bool) -> None:
    for warning in _warnings(done):
        say(f"Warning: {warning}", err=True)
    for note in done.check.warnings:
        say(f"Note: the Hub says of the dataset card: {note}", err=True)
    for one in done.missing or ():
        say(f"Missing: {one}", err=True)
    place = done.pushed.url if done.pushed else output
    verb = f"pushed {place}" if done.pushed else f"wrote {place}, nothing was pushed"
    counts = {**done.counts(), "card": str(done.check)}
    if as_json:
        counts |= {"changed": done.changed, "dry_run": not done.pushed, "card_checked_by": done.check.checked_by}
        if pushed := done.pushed:
            counts |= {"url": pushed.url, "commit": pushed.commit, "deleted": list(pushed.deleted)}
    else:
        if done.missing is not None:
            counts["missing"] = len(done.missing)
        counts = said_to_people(counts)
    print_summary(verb if done.changed else f"{place} is unchanged", counts, as_json=as_json)


def _warnings(done: Published) -> Iterator[str]:
    from exports.card.licences import what_binds

    for bound in what_binds(done.facts):
        yield f"{bound}; the card says license: other"
    if done.publication.on_both_sides:
        yield both_sides(done.publication.on_both_sides)
    for split in SPLITS:
        if empty := [config.name for config in done.facts.configs if split in config.empty_splits]:
            have = "have" if len(empty) > 1 else "has"
            yield f"{', '.join(empty)} {have} no rows in {split}; that split is left out, and the card says so"
