"""``h4rmony evaluate``: score a model by a judge, measure the judge, compare models, plan people's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workspace.commands.options import dry_run_option, json_option
from workspace.commands.output import print_summary
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.evaluation.card import Card, Section, Steadiness
    from exports.evaluation.compare import Anchored, Compared, Difference
    from exports.evaluation.score import Scored
    from exports.measure.estimates import Estimate

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_people = click.option(
    "--people", type=_FILE, help="People's grades of a random sample of these very answers (JSON Lines)."
)


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that all four commands have."""
    for option in (
        click.option("--rubric", help="Take the grades by this rubric, where there are several."),
        click.option("--judge", help="Take this judge's grades, where there are several judges'."),
        click.option("--answers", type=_FILE, help="The answers that were graded (JSON Lines)."),
        click.option(
            "--records",
            type=click.Path(path_type=Path, exists=True),
            help="The records of the prompts, or the folder of a review: groups, issues, types.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def evaluate() -> None:
    """Score a model by a judge that is itself measured by people."""


@evaluate.command()
@click.argument("grades", type=_FILE)
@_people
@click.option("--judge-card", type=_FILE, help="What `evaluate validate` wrote of this judge.")
@click.option(
    "--anchors",
    type=_FILE,
    nargs=3,
    metavar="FLOOR MIDDLE CEILING",
    help="Grades of the same model's answers as unaware, ambivalent and aware writer.",
)
@_shared
@json_option
def score(
    grades: Path,
    people: Path | None,
    judge_card: Path | None,
    anchors: tuple[Path, Path, Path] | None,
    as_json: bool,
    **shared: Any,
) -> None:
    """Score a model's answers, from 0 to 100.

    GRADES are a judge's. With --people, the grades that people gave to a random sample of these answers correct the
    judge (PPI++). Without, a judge's card corrects it by how it grades the dataset's ranked answers, under an
    assumption. Without both, the score is the judge's opinion. The summary says which of the three it is.

    \b
    Example:
      h4rmony evaluate score grades.jsonl --people people.jsonl --records review/
    """
    from exports.evaluation.run import score as score_grades
    from exports.evaluation.score import METHODS

    found = score_grades(grades, people=people, card=judge_card, anchors=anchors, **shared)
    for warning in found.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    lines = {
        "score": str(found.overall),
        "method": METHODS[found.method],
        "judge alone": str(found.raw) if found.method != "raw" else None,
        "answers without a grade": found.without_grade or None,
        **_slices({"issue": found.issues, "type": found.types, "language": found.languages}),
        **(_anchored(found.anchors) if found.anchors else {}),
    }
    print_summary(f"judged by {found.judge or 'nobody'}, 95% intervals, clustered on prompts", lines)


@evaluate.command()
@click.argument("grades", type=_FILE)
@_people
@click.option(
    "--review",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The review of the dataset's answers, as `h4rmony collect` wrote it.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Card to write (JSON)."
)
@_shared
@dry_run_option
@json_option
def validate(
    grades: Path,
    people: Path | None,
    review: Path | None,
    output: Path,
    dry_run: bool,
    as_json: bool,
    **shared: Any,
) -> None:
    """Write a judge's card: how far it agrees with people, and what its grades depend on besides.

    GRADES are the judge's, of a model's answers (compared with --people), of the dataset's answers (those with a
    place, compared with the rankings of --review), or of both. People beside people are the ceiling.

    \b
    Example:
      h4rmony evaluate validate grades.jsonl --people people.jsonl --review review/ -o card.json
    """
    from exports.evaluation.run import validate as measure
    from workspace.files.jsonl import file_digest

    before = file_digest(output)
    found = measure(grades, people=people, review=review, output=None if dry_run else output, **shared)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    unchanged = not dry_run and before == file_digest(output)
    title = f"{output} is unchanged" if unchanged else f"{'would write' if dry_run else 'wrote'} {output}"
    print_summary(f"{title}: the card of {found.judge}", _card(found))
    for bias in found.named:
        click.echo(f"Biased: {bias}")


@evaluate.command()
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@click.option(
    "--people",
    type=_FILE,
    nargs=2,
    metavar="FIRST SECOND",
    help="People's grades of random samples of the first model's answers and of the second's.",
)
@_shared
@json_option
def compare(first: Path, second: Path, people: tuple[Path, Path] | None, as_json: bool, **shared: Any) -> None:
    """Say how far two models are apart, on the prompts that both answered.

    FIRST and SECOND are one judge's grades of two models' answers. The difference is FIRST minus SECOND.

    \b
    Example:
      h4rmony evaluate compare after.jsonl before.jsonl --records review/
    """
    from exports.evaluation.run import compare as compare_grades
    from exports.evaluation.score import METHODS

    found = compare_grades(first, second, people=people, **shared)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    print_summary("first minus second, 95% intervals, clustered on prompts", _compared(found, METHODS[found.method]))


@evaluate.command()
@click.argument("grades", type=_FILE, required=False)
@_people
@click.option("--width", type=click.FloatRange(0, 100, min_open=True), help="Wanted: an interval so wide, in points.")
@click.option(
    "--difference", type=click.FloatRange(0, 100, min_open=True), help="Wanted: to tell two models so far apart."
)
@click.option("--other", type=_FILE, help="The judge's grades of the other model's answers.")
@click.option("--other-people", type=_FILE, help="People's grades of some of the other model's answers.")
@_shared
@json_option
def plan(
    grades: Path | None,
    people: Path | None,
    width: float | None,
    difference: float | None,
    other: Path | None,
    other_people: Path | None,
    as_json: bool,
    **shared: Any,
) -> None:
    """Say how many answers people have to grade.

    GRADES and --people are a pilot: a judge's grades, and people's of some 20 of the same answers, drawn at random.
    Without it, the plan is for the worst case.

    \b
    Example:
      h4rmony evaluate plan grades.jsonl --people pilot.jsonl --width 15
    """
    from exports.evaluation.run import plan as plan_grades

    if (width is None) == (difference is None):
        raise click.UsageError("either --width or --difference is needed")
    found = plan_grades(
        grades,
        people=people,
        width=width,
        difference=difference,
        other=other,
        other_people=other_people,
        **shared,
    )
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    goal = "width of the interval" if found.goal == "width" else "difference that is found in 80 of 100 cases"
    needed = f"{found.grades} answers{' of each model' if found.goal == 'difference' else ''}"
    if found.grades is None:
        needed = f"more than the {count_of(found.answers or 0, 'answer')} that there are: add prompts"
    lines = {str(number): f"{points:.1f}" for number, points in found.expected.items()}
    print_summary(f"people have to grade: {needed}", {"stands on": found.note})
    print_summary(f"grades, and the {goal} in points", lines)


def _slices(found: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """One line a slice; a scope that has one slice only is left out."""
    return {
        f"{scope} {name or 'not said'}": str(each)
        for scope, slices in found.items()
        if len(slices) > 1
        for name, each in slices.items()
    }


def _anchored(found: Anchored) -> dict[str, str]:
    anchors: dict[str, Scored] = {"floor": found.floor, "middle": found.middle, "ceiling": found.ceiling}
    between = found.note or "cannot say"
    if found.between is not None:
        doubt = f": {found.note}" if found.note else ""
        between = f"{found.between:.1f} ({found.low:.1f} to {found.high:.1f}){doubt}"
    return {**{name: str(each) for name, each in anchors.items()}, "between floor and ceiling": between}


def _compared(found: Compared, method: str) -> dict[str, str | int | None]:
    told = "can be told apart" if found.overall.can_be_told_apart else "cannot be told apart"
    slices = {"issue": found.issues, "type": found.types, "language": found.languages}
    return {
        "difference": f"{_difference(found.overall)}: they {told}",
        "method": method,
        "first": str(found.first),
        "second": str(found.second),
        "answers of the first alone": found.only_first or None,
        "answers of the second alone": found.only_second or None,
        **_slices({scope: {name: _difference(each) for name, each in by.items()} for scope, by in slices.items()}),
    }


def _difference(found: Difference) -> str:
    value = "cannot say" if found.difference is None else f"{found.difference:+.1f}"
    counted = f"{count_of(found.answers, 'answer')} to {count_of(found.prompts, 'prompt')}"
    return f"{value} ({found.low:+.1f} to {found.high:+.1f}; {counted})" + (f": {found.note}" if found.note else "")


def _card(found: Card) -> dict[str, str | None]:
    lines: dict[str, str | None] = {}
    for where, section in (("model's answers", found.answers), ("dataset's answers", found.ranked)):
        if section is not None:
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
    from exports.evaluation.files import LEVELS

    lines: dict[str, str | None] = {}
    for name, measure in (("same grade", "same"), ("kappa", "kappa"), ("tau", "tau"), ("pairs", "pairs")):
        lines[f"{where}, {name}"] = _estimate(getattr(found.judge, measure))
        lines[f"{where}, {name}, people"] = _estimate(getattr(found.people, measure))
    for grade, row in zip(LEVELS, found.judge.table, strict=True):
        counts = ", ".join(f"{name} {cell:g}" for name, cell in zip(LEVELS, row, strict=True))
        lines[f"{where}, {grade} by people"] = f"judged {counts}"
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
