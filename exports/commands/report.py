"""``h4rmony report``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.options import reviewers_option, source_option
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, dry_run_option, json_option, output_option
from workspace.commands.output import print_summary, progress

if TYPE_CHECKING:
    from exports.measure.edits import Reviewed
    from exports.words import Language


@click.command()
@output_option("HTML file to write.")
@click.option(
    "--review",
    "review_folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Read this folder, written by `h4rmony collect`, instead of Argilla; the report then has no links.",
)
@click.option(
    "--language",
    type=click.Choice(("es", "en")),
    default="es",
    show_default=True,
    help="Language of the report.",
)
@source_option
@reviewers_option
@click.option("--names", is_flag=True, help="Show user names, not the pseudonyms of `h4rmony publish`.")
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
    language: Language,
    sources: tuple[str, ...],
    reviewers_file: Path | None,
    names: bool,
    min_submitted: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write one HTML page that says how the review went.

    First whether it may be published and what is missing; then training pairs, progress over time, agreement with
    intervals, anchoring, position bias, edits by translation engine, and every record on which votes differ. The
    page opens offline. Reviewers have pseudonyms, unless --names is given.

    \b
    Example:
      h4rmony report -o report.html
    """
    from exports.reporting.report import report as write_report
    from exports.review.files import read_review

    done = write_report(
        read_review(review_folder) if review_folder else connect(),
        output,
        language=language,
        names=names,
        home=click.get_current_context().params["home"],
        min_submitted=min_submitted,
        sources=sources,
        reviewers=reviewers_file,
        dry_run=dry_run,
        track=_shown,
    )
    written = "would write" if dry_run else "wrote"
    title = f"{written} {output}" if done.changed else f"{output} is unchanged"
    counts = {**asdict(done), "missing": list(done.missing)}
    if not as_json:
        del counts["changed"], counts["dry_run"]
    print_summary(title, counts, as_json=as_json)


def _shown(records: Iterable[Reviewed]) -> Iterator[Reviewed]:
    """Show how far the measuring of edits is."""
    items = list(records)
    with progress(items, "Measuring edits", len(items)) as shown:
        yield from shown
