"""``h4rmony export``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from exports.commands.options import export_options, review_option
from exports.commands.reviews import both_sides, review_from, said_to_people, warn_of_gone
from exports.formats import DEFAULT_FORMAT
from exports.write.export import Exported, ExportSettings, export_review
from workspace.argilla.connection import Connection
from workspace.commands.garbage import no_garbage
from workspace.commands.options import deferred_connection_options, dry_run_option, json_option
from workspace.commands.output import print_summary, say


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@export_options("write", (DEFAULT_FORMAT,), jsonl=True)
@review_option
@deferred_connection_options
@dry_run_option
@json_option
def export(
    connect: Callable[[], Connection],
    output: Path,
    settings: ExportSettings,
    review_folder: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Merge the ballots and write training data.

    A pair is written where the reviewers prefer one answer. It is not written for a tie, a cycle, too few votes,
    answers that are not rankable, or a record that they call harmful, false or badly translated: dropped.jsonl
    lists each such pair, with its votes and the reason. A ballot that is in the folder and not in the review is kept
    in ballots-gone.jsonl.

    \b
    Example:
      h4rmony export -o data/ --format dpo --format h4rmony --min-reviewers 2
    """
    with no_garbage():
        review = review_from(review_folder, connect)
        exported = export_review(review, output, settings, dry_run=dry_run)
    warn_of_gone(exported.gone, output, str(review_folder or "Argilla"), dry_run=dry_run)
    _report(exported, output, dry_run=dry_run, as_json=as_json)


def _report(exported: Exported, output: Path, *, dry_run: bool, as_json: bool) -> None:
    if not exported.changed:
        title = f"{output} is unchanged"
    else:
        title = f"would write {output}" if dry_run else f"wrote {output}"
    for warning in _warnings(exported, output):
        say(f"Warning: {warning}", err=True)
    counts = exported.counts.to_json()
    gone = len(exported.gone.kept)
    if as_json:
        counts |= {"changed": exported.changed, "dry_run": dry_run, "gone": gone, "stale": list(exported.stale)}
    else:
        counts = said_to_people(counts) | ({"gone": gone} if gone else {})
    print_summary(title, counts, as_json=as_json)


def _warnings(exported: Exported, output: Path) -> Iterator[str]:
    """Yield what the user should know about the folder beyond the counts."""
    for name in exported.stale:
        option = "--jsonl" if name.endswith(".jsonl") else f"--format {name}"
        yield f"{output / name} is from another export and was left as it is; add {option} to renew it, or delete it"
    if both := exported.counts.on_both_sides:
        yield both_sides(both)
    for name, rows in sorted(exported.counts.rows.items()):
        if not rows:
            yield (
                f"{output / name}.parquet has no rows, and `datasets` loads no folder with such a file; load the "
                "other split's file alone, review more, or change --test-share"
            )
