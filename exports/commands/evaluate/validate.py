"""``evaluate validate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exports.commands.evaluate.options import FILE, outcome, people_option, shared_options
from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import print_summary, say
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.evaluation.scores.card import Card, Section, Steadiness
    from exports.measure.estimates import Estimate


@click.command()
@click.argument("grades", type=FILE)
@people_option
@click.option("--ranked", type=FILE, help="The judge's grades of the dataset's answers, in a file of their own.")
@click.option(
    "--review",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The review of the dataset's answers, as `h4rmony collect` wrote it.",
)
@output_option("Card to write (JSON).")
@shared_options
@dry_run_option
@json_option
def validate(
    grades: Path,
    people: Path | None,
    ranked: Path | None,
    review: Path | None,
    output: Path,
    dry_run: bool,
    as_json: bool,
    **shared: Any,
) -> None:
    """Write a judge's card: how far it agrees with people, and what its grades depend on besides.

    GRADES are the judge's, of a model's answers (compared with --people), of the dataset's answers (those with a
    place, compared with the rankings of --review), or of both; --ranked adds the second to the first. People beside
    people are the ceiling.

    \b
    Example:
      h4rmony evaluate validate grades.jsonl --people people.jsonl --ranked ranked.jsonl --review review/ -o card.json
    """
    from exports.evaluation.run import validate as measure
    from workspace.files.jsonl import file_digest

    before = file_digest(output)
    found = measure(grades, people=people, ranked=ranked, review=review, output=None if dry_run else output, **shared)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    if not any(section and section.judge.answers for section in (found.answers, found.ranked)):
        said = "no answer has both a grade of the judge and one of a person, so the card says nothing of the judge"
        say(f"Warning: {said}; have people grade answers that the judge graded", err=True)
    title = outcome(output, changed=dry_run or before != file_digest(output), dry_run=dry_run)
    print_summary(f"{title}: the card of {found.judge}", _card(found))
    for bias in found.named:
        say(f"Biased: {bias}")


def _card(found: Card) -> dict[str, str | None]:
    lines: dict[str, str | None] = {}
    for where, section in (("model's answers", found.answers), ("dataset's answers", found.ranked)):
        if section is not None and section.judge.answers:
            lines |= _section(where, section)
    if found.within and found.within_people:
        lines["dataset's answers, pairs of a prompt"] = _estimate(found.within.pairs)
        lines["dataset's answers, pairs, people"] = _estimate(found.within_people.pairs)
        lines["dataset's answers, tau of a prompt"] = _estimate(found.within.tau)
        lines["dataset's answers, tau, people"] = _estimate(found.within_people.tau)
    lines["same grade when asked again"] = _steadiness(found.repeats)
    lines["same grade by another wording"] = _steadiness(found.rubrics)
    return lines


def _section(where: str, found: Section) -> dict[str, str | None]:
    from exports.evaluation.grades.files import LEVELS

    lines: dict[str, str | None] = {}
    for name, measure in (("same grade", "same"), ("kappa", "kappa"), ("tau", "tau"), ("pairs", "pairs")):
        lines[f"{where}, {name}"] = _estimate(getattr(found.judge, measure))
        lines[f"{where}, {name}, people"] = _estimate(getattr(found.people, measure))
    for grade, row in zip(LEVELS, found.judge.table, strict=True):
        counts = ", ".join(f"{name} {round(cell, 1):g}" for name, cell in zip(LEVELS, row, strict=True))
        lines[f"{where}, {grade} by people"] = f"judged {counts} of {round(sum(row), 1):g}"
    for name, bias in found.biases.items():
        if bias.points is not None:
            verdict = "biased" if bias.is_found else "no bias found"
            interval = f"{bias.points:+.1f} ({bias.low:+.1f} to {bias.high:+.1f}) {bias.unit}"
            lines[f"{where}, {name}"] = f"{interval}; {count_of(bias.prompts, 'prompt')}: {verdict}"
    return lines


def _estimate(found: Estimate) -> str | None:
    if found.value is None:
        return None
    interval = "cannot say how sure" if found.low is None else f"{found.low:.2f} to {found.high:.2f}"
    return f"{found.value:.2f} ({interval}; {count_of(found.records, 'prompt')})"


def _steadiness(found: Steadiness | None) -> str | None:
    if found is None or found.percent is None:
        return None
    return f"{found.percent:.1f}% ({found.low:.1f} to {found.high:.1f}; {count_of(found.prompts, 'prompt')})"
