"""``evaluate leaderboard`` and ``report``: pages of scores for people to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.evaluate.options import FILE, outcome
from workspace.commands.options import dry_run_option, json_option
from workspace.commands.output import print_summary

if TYPE_CHECKING:
    from exports.words import Language

language_option = click.option(
    "--language", type=click.Choice(("es", "en")), default="es", show_default=True, help="Language of the page."
)


@click.command()
@click.argument("scores", type=FILE, nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write: NAME.md or NAME.html."
)
@click.option("--judge-card", "cards", type=FILE, multiple=True, help="What `evaluate validate` wrote of a judge.")
@language_option
@dry_run_option
@json_option
def leaderboard(
    scores: tuple[Path, ...],
    output: Path | None,
    cards: tuple[Path, ...],
    language: Language,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Order models by score, and say which of them cannot be told apart.

    SCORES are what `evaluate score -o` wrote, one file for each model. Scores by different methods, judges or
    rubrics, or in different languages, are in tables of their own. Without -o the Markdown is printed.

    \b
    Example:
      h4rmony evaluate leaderboard scores/*.json --judge-card card.json -o leaderboard.html
    """
    from exports.reporting.leaderboard import leaderboard as order

    found = order(scores, cards=cards, output=output, language=language, dry_run=dry_run)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
    elif output is None:
        click.echo(found.to_markdown(language), nl=False)
    else:
        counts = {"models": sum(len(one.places) for one in found.standings), "tables": len(found.standings)}
        print_summary(outcome(output, changed=found.changed, dry_run=dry_run), counts)
