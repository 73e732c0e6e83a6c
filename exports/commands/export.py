"""``h4rmony export``."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from exports.commands.reviews import review_from, warn_of_gone
from exports.commands.sides import both_sides
from exports.formats import DEFAULT_FORMAT, FORMATS
from exports.merging.pairs import Language
from exports.merging.split import DEFAULT_TEST_SHARE
from exports.merging.votes import METHODS, MergeRules, Method
from exports.review.weights import read_weights
from exports.write.export import Exported, ExportSettings, export_review
from workspace.argilla.connection import Connection
from workspace.commands.options import deferred_connection_options, dry_run_option, json_option
from workspace.commands.output import print_summary

_QUIET = ("ballots_of_weight_0", "prompts_on_both_sides")  # counts that are said to people where they are not 0
LANGUAGES: dict[str, tuple[Language, ...]] = {"es": ("es",), "en": ("en",), "both": ("es", "en")}


class Share(click.FloatRange):
    """A number in a range; unlike click's own, it refuses "nan", and says plainly what is no number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isnan(number):
            self.fail(f"{value!r} is not a number from {self.min:g} to {self.max:g}", param, ctx)
        return float(super().convert(number, param, ctx))


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(tuple(FORMATS)),
    multiple=True,
    default=(DEFAULT_FORMAT,),
    show_default=True,
    help="Format to write; give it again for more.",
)
@click.option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default="es",
    show_default=True,
    help="The reviewed Spanish, the source's English, or both, told apart by the column `lang`.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="How votes make pairs: by the majority's margin, only where all agree, or also by Kemeny's orders.",
)
@click.option(
    "--min-reviewers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Votes that a pair needs.",
)
@click.option(
    "--min-margin",
    type=Share(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Wins minus losses, divided by the votes, must be above this.",
)
@click.option(
    "--weights",
    "weights_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV with the columns reviewer and weight: how much each one's votes count in margins.",
)
@click.option("--unreviewed", is_flag=True, help="Add what nobody reviewed: the source's ranks, the machine's texts.")
@click.option(
    "--test-share",
    type=Share(0, 1),
    default=DEFAULT_TEST_SHARE,
    show_default=True,
    help="Share of the prompts in the test split.",
)
@click.option("--jsonl", is_flag=True, help="Write JSON Lines beside Parquet.")
@click.option(
    "--review",
    "review_folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Read this folder, written by `h4rmony collect`, instead of Argilla.",
)
@deferred_connection_options
@dry_run_option
@json_option
def export(
    connect: Callable[[], Connection],
    output: Path,
    formats: tuple[str, ...],
    language: str,
    method: Method,
    min_reviewers: int,
    min_margin: float,
    weights_file: Path | None,
    unreviewed: bool,
    test_share: float,
    jsonl: bool,
    review_folder: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Merge the ballots and write training data.

    A pair is written where the reviewers prefer one answer. Ties, cycles, too few votes and answers that are not
    rankable give no pair: dropped.jsonl names each of them, with its votes and the reason. A ballot that
    the folder holds and the review does not is kept in ballots-gone.jsonl.

    \b
    Example:
      h4rmony export -o data/ --format dpo --format h4rmony --min-reviewers 2
    """
    settings = ExportSettings(
        formats=formats,
        rules=MergeRules(min_reviewers, min_margin, method),
        test_share=test_share,
        languages=LANGUAGES[language],
        unreviewed=unreviewed,
        jsonl=jsonl,
        weights=read_weights(weights_file) if weights_file else None,
    )
    with no_garbage():
        review, origin = review_from(review_folder, connect)
        exported = export_review(review, output, settings, dry_run=dry_run)
    warn_of_gone(exported.gone, output, "Argilla" if origin else str(review_folder), dry_run=dry_run)
    _report(exported, output, dry_run=dry_run, as_json=as_json)


def _report(exported: Exported, output: Path, *, dry_run: bool, as_json: bool) -> None:
    if not exported.changed:
        title = f"{output} is unchanged"
    else:
        title = f"would write {output}" if dry_run else f"wrote {output}"
    for warning in _warnings(exported, output):
        click.echo(f"Warning: {warning}", err=True)
    counts = exported.counts.to_json()
    gone = len(exported.gone.kept)
    if as_json:
        counts |= {"changed": exported.changed, "dry_run": dry_run, "gone": gone, "stale": list(exported.stale)}
    else:
        counts = {name: value for name, value in counts.items() if value or name not in _QUIET}
        counts |= {"gone": gone} if gone else {}
    print_summary(title, counts, as_json=as_json)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Collect no garbage meanwhile: a review is millions of objects without a cycle, looked through in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _warnings(exported: Exported, output: Path) -> Iterator[str]:
    """What the user should know about the folder beyond the counts."""
    for name in exported.stale:
        option = "--jsonl" if name.endswith(".jsonl") else f"--format {name}"
        yield f"{output / name} is from another export and was left as it is; add {option} to renew it, or delete it"
    both = exported.counts.on_both_sides
    if both:
        yield both_sides(both)
    for name, rows in sorted(exported.counts.rows.items()):
        if not rows:
            yield (
                f"{output / name}.parquet has no rows, and `datasets` loads no folder with such a file; load the "
                "other split's file alone, review more, or change --test-share"
            )
