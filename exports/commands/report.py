"""``h4rmony report``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.reviews import review_from
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, dry_run_option, json_option
from workspace.commands.output import Value, print_summary, progress

if TYPE_CHECKING:
    from exports.measure.edits import Reviewed
    from exports.measure.estimates import Estimate
    from exports.reporting import Contents
    from exports.review.files import Review

DEFAULT_MIN_SUBMITTED = 2  # what `h4rmony load` asks of a dataset by default


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="HTML file to write."
)
@click.option(
    "--review",
    "review_folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Read this folder, written by `h4rmony collect`, instead of Argilla; the report then has no links.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(("es", "en")),
    default="es",
    show_default=True,
    help="Language of the report.",
)
@click.option("--pseudonyms", is_flag=True, help="Show the pseudonyms of `h4rmony publish` instead of names.")
@click.option(
    "--min-submitted",
    type=click.IntRange(1),
    help="Submitted ballots that complete a record (default: what the dataset asks for; 2 with --review).",
)
@deferred_connection_options
@dry_run_option
@json_option
def report(
    connect: Callable[[], Connection],
    output: Path,
    review_folder: Path | None,
    language: str,
    pseudonyms: bool,
    min_submitted: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write one HTML page that says how the review went.

    Progress, agreement with intervals, anchoring, position bias, edits by translation engine, and every record on
    which votes differ. The page opens offline and holds the reviewers' user names: mind --pseudonyms.

    \b
    Example:
      h4rmony report -o report.html --pseudonyms
    """
    from exports.measure.agreement import PACKAGES
    from exports.reporting import Place, Wording, contents, render
    from workspace.extras import require_packages

    require_packages("the report", (*PACKAGES, "matplotlib"), "report")
    wording = Wording("en" if language == "en" else "es")
    review, origin = review_from(review_folder, connect)
    place = Place(origin.api_url, origin.dataset.id, origin.dataset.min_submitted) if origin else None
    if pseudonyms:
        review = _pseudonymous(review, click.get_current_context().params["home"])
    needed = min_submitted or (place.min_submitted if place else DEFAULT_MIN_SUBMITTED)
    found = contents(review, needed, place, track=_shown)
    changed = _write(output, render(found, wording).encode(), dry_run=dry_run)
    written = "would write" if dry_run else "wrote"
    title = f"{written} {output}" if changed else f"{output} is unchanged"
    counts = _counts(found)
    if as_json:
        counts |= {"changed": changed, "dry_run": dry_run}
    print_summary(title, counts, as_json=as_json)


def _pseudonymous(review: Review, home: Path) -> Review:
    from exports.review.pseudonyms import pseudonym_key, pseudonymous, pseudonyms

    names = pseudonyms({ballot.reviewer for ballot in review.ballots}, pseudonym_key(home))
    return pseudonymous(review, names, comments=True)


def _write(path: Path, page: bytes, *, dry_run: bool) -> bool:
    """Write the page in one step; returns False if it stood there already."""
    from workspace.files.jsonl import file_digest, replacing

    if file_digest(path) == hashlib.sha256(page).hexdigest():
        return False
    if not dry_run:
        with replacing(path) as file:
            file.write(page)
    return True


def _shown(records: Iterable[Reviewed]) -> Iterator[Reviewed]:
    """Show how far the measuring of edits is."""
    items = list(records)
    with progress(items, "Measuring edits", len(items)) as shown:
        yield from shown


def _counts(found: Contents) -> dict[str, Value]:
    overall = found.agreement.overall
    return {
        "records": found.progress.records,
        "completed": found.progress.completed,
        "ballots": dict(found.progress.ballots),
        "reviewers": len(found.agreement.reviewers),
        "votes": found.progress.votes,
        "alpha_ranks": _rounded(overall.alpha_ranks),
        "alpha_pairs": _rounded(overall.alpha_pairs),
        "tau_reviewers": _rounded(overall.tau_reviewers),
        "tau_source": _rounded(overall.tau_source),
        "disagreements": len(found.disputes),
    }


def _rounded(one: Estimate) -> float | None:
    return None if one.value is None else round(one.value, 3)
