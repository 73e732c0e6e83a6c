"""``h4rmony publish``."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.export import no_garbage
from exports.commands.options import export_options, review_option
from exports.commands.reviews import review_from
from exports.commands.sides import both_sides
from exports.formats import FORMATS
from exports.merging.split import SPLITS
from exports.write.export import ExportSettings
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, json_option
from workspace.commands.output import Value, print_summary
from workspace.errors import HubError

if TYPE_CHECKING:
    from exports.card.check import CardCheck
    from exports.publishing.build import Publication, PublishSettings
    from exports.publishing.hub import HubDataset, Pushed
    from exports.review.files import Review

_QUIET = ("ballots_of_weight_0", "prompts_on_both_sides")  # counts that are said to people where they are not 0
_REPO_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_BRANCH = re.compile(r"[A-Za-z0-9][\w./-]*", re.ASCII)
_MAX_REPO_ID = 96


def _repo_id(context: click.Context, parameter: click.Parameter, value: str) -> str:
    wrong = not _REPO_ID.fullmatch(value) or "--" in value or ".." in value or value.endswith((".", "-", ".git"))
    if wrong or len(value) > _MAX_REPO_ID:
        raise click.BadParameter(f"{value!r} is no name of a dataset on the Hub; write it as user/name")
    return value


def _branch(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not _BRANCH.fullmatch(value) or ".." in value:
        raise click.BadParameter(f"{value!r} is no name of a branch")
    return value


def _columns(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for value in values:
        name, equals, content = value.partition("=")
        if not equals or not name.strip() or name != name.strip():
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        if name in columns:
            raise click.BadParameter(f"the column {name!r} is given twice")
        columns[name] = content
    return columns


@click.command()
@click.argument("repo_id", callback=_repo_id)
@export_options("publish", tuple(FORMATS))
@review_option
@click.option(
    "--columns",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_columns,
    help="Constant column to add to every format, such as idioma=es; give it again for more.",
)
@click.option("--comments", is_flag=True, help="Publish the reviewers' comments too; read them first.")
@click.option("--private", is_flag=True, help="Make the repository private.")
@click.option("--revision", default="main", show_default=True, callback=_branch, help="Branch to push to.")
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
@click.pass_context
def publish(
    context: click.Context,
    /,
    connect: Callable[[], Connection],
    repo_id: str,
    settings: ExportSettings,
    review_folder: Path | None,
    columns: dict[str, str],
    comments: bool,
    private: bool,
    revision: str,
    yes: bool,
    dry_run: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Publish the review on the Hugging Face Hub.

    Pushes one configuration a format, the ballots, and a dataset card in Spanish and English. Reviewers stand under
    pseudonyms, whose key stays in HOME/pseudonyms.key; keep it, and keep it secret. Needs a token to push: run
    `hf auth login`, or set HF_TOKEN.

    \b
    Example:
      h4rmony publish somosnlp/h4rmony-es --columns idioma=es --dry-run -o publication/
      h4rmony publish somosnlp/h4rmony-es --columns idioma=es
    """
    if dry_run != bool(output):
        raise click.UsageError("--dry-run and -o DIR go together: the folder takes what would be pushed")
    what = _settings(repo_id, settings, columns, comments)
    home = context.params["home"]
    if output:
        done = _write(what, _reader(review_folder, connect), home, output)
    else:
        done = _push(what, _reader(review_folder, connect), home, private=private, branch=revision, yes=yes)
    for warning in _warnings(done.publication):
        click.echo(f"Warning: {warning}", err=True)
    for note in done.check.warnings:
        click.echo(f"Note: the Hub says of the dataset card: {note}", err=True)
    result = {**done.result, "card_checked_by": done.check.checked_by} if as_json else {}
    counts = _counts(done.publication)
    if not as_json:
        counts = {name: value for name, value in counts.items() if value or name not in _QUIET}
    print_summary(done.title, {**counts, "card": str(done.check), **result}, as_json=as_json)


@dataclass(frozen=True)
class _Done:
    """What was published, who checked its card, and what was done with it: in words and for machines."""

    title: str
    publication: Publication
    check: CardCheck
    result: dict[str, Value]


def _write(settings: PublishSettings, read: Callable[[], Review], home: Path, output: Path) -> _Done:
    from exports.card import CARD
    from exports.card.check import check_by_hub
    from exports.publishing.folder import sync_folder

    with tempfile.TemporaryDirectory(prefix="h4rmony-publish-") as folder:
        publication = _build(settings, read, home, Path(folder))
        check = check_by_hub(settings.repo_id, (Path(folder) / CARD).read_text(encoding="utf-8"))
        changed = sync_folder(Path(folder), output)
    title = f"wrote {output}, nothing was pushed" if changed else f"{output} is unchanged"
    return _Done(title, publication, check, {"changed": changed, "dry_run": True})


def _push(
    settings: PublishSettings, read: Callable[[], Review], home: Path, *, private: bool, branch: str, yes: bool
) -> _Done:
    from exports.publishing.hub import HubDataset, open_hub

    hub = HubDataset(open_hub(), settings.repo_id, branch)
    _confirm(hub, settings.repo_id, branch, yes=yes)
    with tempfile.TemporaryDirectory(prefix="h4rmony-publish-") as folder:
        publication = _build(settings, read, home, Path(folder))
        _confirm_licence(publication, yes=yes)
        pushed = hub.push(Path(folder), "Publish with h4rmony", private=private)
    title = f"pushed {pushed.url}" if pushed.changed else f"{pushed.url} is unchanged"
    return _Done(title, publication, pushed.check, _pushed(pushed))


def _pushed(pushed: Pushed) -> dict[str, Value]:
    return {
        "changed": pushed.changed,
        "dry_run": False,
        "url": pushed.url,
        "commit": pushed.commit,
        "deleted": list(pushed.deleted),
    }


def _confirm(hub: HubDataset, repo_id: str, branch: str, *, yes: bool) -> None:
    """Ask before an existing branch is changed.

    Raises:
        HubError: it exists, and nobody can be asked or the answer is no.
    """
    existing = hub.existing()
    if yes or not existing or not existing.has_branch:
        return
    if not sys.stdin.isatty():
        raise HubError(f"{repo_id}: exists on the Hub; add --yes to replace its data and card")
    seen = "private" if existing.private else "public"
    question = f"{repo_id} exists on the Hub ({seen}). Replace its data and card on {branch}?"
    if not click.confirm(question, err=True):
        raise HubError(f"{repo_id}: left as it is; choose another name or --revision BRANCH")


def _confirm_licence(publication: Publication, *, yes: bool) -> None:
    """Ask before data is published under another licence than H4rmony's.

    Raises:
        HubError: nobody can be asked, or the answer is no.
    """
    from exports.card.licences import binding, stated

    facts = publication.facts
    bound = binding(facts.licences)
    if yes or not bound:
        return
    if not sys.stdin.isatty():
        raise HubError(
            f"{facts.repo_id}: the licences of its translations bind the data ({stated(bound)}); add --yes to "
            f"publish it as license: {facts.terms.label}"
        )
    question = (
        f"The licences of the translations bind the data ({stated(bound)}). Publish {facts.repo_id} as license: "
        f"{facts.terms.label}?"
    )
    if not click.confirm(question, err=True):
        raise HubError(f"{facts.repo_id}: not published; translate with another engine, or leave those records out")


def _build(settings: PublishSettings, read: Callable[[], Review], home: Path, folder: Path) -> Publication:
    from exports.publishing.build import build_publication
    from exports.review.pseudonyms import pseudonym_key

    review = read()
    with no_garbage():
        return build_publication(review, pseudonym_key(home), settings, folder)


def _settings(repo_id: str, export: ExportSettings, columns: dict[str, str], comments: bool) -> PublishSettings:
    from exports.measure.agreement import PACKAGES
    from exports.publishing.build import PublishSettings
    from workspace.extras import require_packages

    require_packages("the dataset card", PACKAGES, "report")
    return PublishSettings(repo_id, export, columns, comments)


def _reader(folder: Path | None, connect: Callable[[], Connection]) -> Callable[[], Review]:
    """How the review is read: from the folder, or from Argilla if there is none."""
    return lambda: review_from(folder, connect)


def _warnings(publication: Publication) -> Iterable[str]:
    from exports.card.licences import binding, stated

    facts = publication.facts
    if bound := binding(facts.licences):
        yield f"the licences of the translations bind the data ({stated(bound)}); the card says license: other"
    if publication.on_both_sides:
        yield both_sides(publication.on_both_sides)
    for split in SPLITS:
        if empty := [config.name for config in facts.configs if split in config.empty_splits]:
            have = "have" if len(empty) > 1 else "has"
            yield f"{', '.join(empty)} {have} no rows in {split}; that split is left out, and the card says so"


def _counts(publication: Publication) -> dict[str, Value]:
    facts = publication.facts
    every = (*facts.configs, *((facts.ballots,) if facts.ballots else ()))
    counts = facts.counts
    return {
        "repo_id": facts.repo_id,
        "prompts": facts.prompts,
        "rows": {f"{config.name}/{split}": config.rows[split] for config in every for split in config.splits},
        "reviewers": counts["reviewers"],
        "ballots": counts["ballots"],
        "ballots_of_weight_0": counts["ballots_of_weight_0"],
        "votes": counts["votes"],
        "dropped": counts["dropped"],
        "prompts_on_both_sides": counts["prompts_on_both_sides"],
        "columns": [f"{name}={value}" for name, value in facts.constants.items()],
        "files": len(publication.files),
        "licence": facts.terms.label,
    }
