"""Options that the commands on a review share, as decorators."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exports.formats import FORMATS
from exports.merging.settings import LANGUAGES, LanguageChoice
from exports.merging.split import DEFAULT_TEST_SHARE
from exports.merging.votes import METHODS, MergeRules, Method
from exports.review.weights import read_weights
from exports.write.export import ExportSettings

Command = Callable[..., Any]
review_option = click.option(
    "--review",
    "review_folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Read this folder, written by `h4rmony collect`, instead of Argilla.",
)


class Share(click.FloatRange):
    """A number in a range; unlike click's own, it refuses "nan", and says plainly what is not a number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isnan(number):
            self.fail(f"{value!r} is not a number from {self.min:g} to {self.max:g}", param, ctx)
        return float(super().convert(number, param, ctx))


def export_options(verb: str, formats: Sequence[str], *, jsonl: bool = False) -> Callable[[Command], Command]:
    """Add the options that say what is in the data; the command gets them as one ``ExportSettings``, ``settings``.

    Args:
        verb: what the command does with a format.
        formats: the formats by default.
        jsonl: whether there is an option ``--jsonl``.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_settings(
            *args: Any,
            formats: tuple[str, ...],
            language: LanguageChoice,
            method: Method,
            min_reviewers: int,
            min_margin: float,
            weights_file: Path | None,
            unreviewed: bool,
            keep_problems: bool,
            test_share: float,
            sources: tuple[str, ...],
            jsonl: bool = False,
            **kwargs: Any,
        ) -> Any:
            settings = ExportSettings(
                formats,
                jsonl,
                rules=MergeRules(min_reviewers, min_margin, method),
                test_share=test_share,
                languages=LANGUAGES[language],
                unreviewed=unreviewed,
                keep_problems=keep_problems,
                weights=read_weights(weights_file) if weights_file else None,
                sources=sources,
            )
            return command(*args, settings=settings, **kwargs)

        for option in reversed([_format_option(verb, formats), *_MERGE_OPTIONS, *([_JSONL] if jsonl else [])]):
            with_settings = option(with_settings)
        return with_settings

    return decorate


def _format_option(verb: str, formats: Sequence[str]) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "formats",
        type=click.Choice(tuple(FORMATS)),
        multiple=True,
        default=tuple(formats),
        show_default="all" if set(formats) == set(FORMATS) else True,
        help=f"Format to {verb}; give it again for more.",
    )


reviewers_option = click.option(
    "--reviewers",
    "reviewers_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV with the columns reviewer and variety (es-MX): whose Spanish is which; only counts are shown.",
)
source_option = click.option(
    "--source",
    "sources",
    metavar="NAME",
    multiple=True,
    help="Only the records of this source (h4rmony, extended, ...); give it again for more.  [default: all]",
)
_MERGE_OPTIONS = (
    source_option,
    click.option(
        "--language",
        type=click.Choice(tuple(LANGUAGES)),
        default="es",
        show_default=True,
        help="The reviewed Spanish, the source's English, or both, told apart by the column `lang`.",
    ),
    click.option(
        "--method",
        type=click.Choice(METHODS),
        default=METHODS[0],
        show_default=True,
        help="How votes make pairs: by the majority's margin, only where all agree, or also by Kemeny's orders.",
    ),
    click.option(
        "--min-reviewers", type=click.IntRange(1), default=1, show_default=True, help="Votes that a pair needs."
    ),
    click.option(
        "--min-margin",
        type=Share(0, 1, max_open=True),
        default=0.0,
        show_default=True,
        help="Wins minus losses, divided by the votes, must be above this.",
    ),
    click.option(
        "--weights",
        "weights_file",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="CSV with the columns reviewer and weight: how much each one's votes count in margins.",
    ),
    click.option(
        "--unreviewed", is_flag=True, help="Add what nobody reviewed: the source's ranks, the machine's texts."
    ),
    click.option(
        "--keep-problems",
        is_flag=True,
        help="Keep records that at least half of their ballots call harmful, false or badly translated.",
    ),
    click.option(
        "--test-share",
        type=Share(0, 1),
        default=DEFAULT_TEST_SHARE,
        show_default=True,
        help="Share of the prompts in the test split.",
    ),
)
_JSONL = click.option("--jsonl", is_flag=True, help="Write JSON Lines beside Parquet.")
