"""``evaluate leaderboard`` and ``report``: pages of scores for people to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exports.commands.evaluate.options import (
    FILE,
    anchors_option,
    difference,
    outcome,
    pair,
    people_option,
    shared_options,
)
from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import Value, print_summary, say

if TYPE_CHECKING:
    from exports.words import Language

language_option = click.option(
    "--language", type=click.Choice(("es", "en")), default="es", show_default=True, help="Language of the page."
)


@click.command()
@click.argument("scores", type=FILE, nargs=-1, required=True)
@output_option("File to write: NAME.md or NAME.html.", required=False)
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
    rubrics, or in different languages, are in tables of their own. Beside score.json, likelihood.json is read too
    (beside NAME.json, NAME.likelihood.json). Without -o the Markdown is printed.

    \b
    Example:
      h4rmony evaluate leaderboard */score.json --judge-card card.json -o leaderboard.html
    """
    from exports.reporting.leaderboard import leaderboard as order

    found = order(scores, cards=cards, output=output, language=language, dry_run=dry_run)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
    elif output is None:
        say(found.to_markdown(language), nl=False)
    else:
        counts = {"models": sum(len(one.places) for one in found.standings), "tables": len(found.standings)}
        print_summary(outcome(output, changed=found.changed, dry_run=dry_run), counts)


@click.command()
@click.argument("grades", type=FILE)
@output_option("HTML file to write.")
@people_option
@click.option("--judge-card", "card", type=FILE, help="What `evaluate validate` wrote of this judge.")
@anchors_option
@click.option(
    "--other",
    "others",
    type=FILE,
    multiple=True,
    help="The judge's grades of another model's answers, to compare with; give it again for more models.",
)
@click.option(
    "--other-people",
    type=FILE,
    multiple=True,
    help="People's grades of a random sample of another model's answers. Of several models' files, each is of the "
    "model that it names, else of those of --other in their order.",
)
@click.option("--other-answers", type=FILE, multiple=True, help="Another model's answers.")
@click.option("--likelihood", type=FILE, help="What `evaluate likelihood -o` wrote of this model.")
@click.option(
    "--other-likelihood", "other_likelihoods", type=FILE, multiple=True, help="What it wrote of another model."
)
@click.option("--worst", type=click.IntRange(0), default=10, show_default=True, help="How many of the worst answers.")
@shared_options
@language_option
@dry_run_option
@json_option
def report(grades: Path, output: Path, dry_run: bool, as_json: bool, **options: Any) -> None:
    """Write one page that says what a model's answers are worth.

    GRADES are a judge's. First the score with its interval and what it means; then where the model is strong and
    weak, any number of other models beside it, the judge's card, the worst answers with the grades and reasons of
    judge and people, and the method with its assumption. The page opens offline, and names no reviewer.

    \b
    Example:
      h4rmony evaluate report grades.jsonl --people people.jsonl --answers answers.jsonl -o score.html
      h4rmony evaluate report a.jsonl --other b.jsonl --other c.jsonl --judge-card card.json -o score.html
    """
    from exports.evaluation.scores.score import METHODS
    from exports.reporting.score_report import report_score
    from exports.words import Wording

    done = report_score(grades, output, dry_run=dry_run, **options)
    for warning in done.score.warnings:
        say(f"Warning: {warning}", err=True)
    if as_json:
        print_summary("", done.to_json(), as_json=True)
        return
    lines: dict[str, Value] = {"score": str(done.score.overall), "method": METHODS[done.score.method]}
    if done.compared:
        found = done.compared.overall
        lines["difference"] = f"{difference(found)}: they can{'' if found.can_be_told_apart else 'not'} be told apart"
        lines["compared by"] = done.compared.why(Wording("en"))
    for each in done.standing.pairs if done.standing else ():
        lines[f"{each.first} minus {each.second}"] = pair(each)
    if done.standing:
        lines["compared by"] = Wording("en")(f"compared_models_method_{done.standing.method}")
    lines["worst answers"] = done.worst
    print_summary(outcome(output, changed=done.changed, dry_run=dry_run), lines)
