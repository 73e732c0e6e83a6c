"""``evaluate score``, ``compare`` and ``plan``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exports.commands.evaluate.options import FILE, anchors_option, difference, outcome, people_option, shared_options
from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import print_summary, say
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.evaluation.scores.compare import Anchored, Compared
    from exports.evaluation.scores.score import Scored


@click.command()
@click.argument("grades", type=FILE)
@people_option
@click.option("--judge-card", type=FILE, help="What `evaluate validate` wrote of this judge.")
@anchors_option
@output_option("File to write for `leaderboard` (JSON).", required=False)
@shared_options
@dry_run_option
@json_option
def score(
    grades: Path,
    people: Path | None,
    judge_card: Path | None,
    anchors: tuple[Path, Path, Path] | None,
    output: Path | None,
    dry_run: bool,
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
    from exports.evaluation.scores.score import METHODS
    from workspace.files.jsonl import file_digest

    before = output and file_digest(output)
    written = None if dry_run else output
    found = score_grades(grades, people=people, card=judge_card, anchors=anchors, output=written, **shared)
    for warning in found.warnings:
        say(f"Warning: {warning}", err=True)
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
    whose = f"{found.model}, judged by" if found.model else "judged by"
    print_summary(f"{whose} {found.judge or 'nobody'}, 95% intervals, clustered on prompts", lines)
    if output:
        say(outcome(output, changed=dry_run or before != file_digest(output), dry_run=dry_run))


@click.command()
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@click.option(
    "--people",
    type=FILE,
    nargs=2,
    metavar="FIRST SECOND",
    help="People's grades of random samples of the first model's answers and of the second's.",
)
@click.option("--judge-card", type=FILE, help="What `evaluate validate` wrote of this judge.")
@shared_options
@json_option
def compare(
    first: Path,
    second: Path,
    people: tuple[Path, Path] | None,
    judge_card: Path | None,
    as_json: bool,
    **shared: Any,
) -> None:
    """Say how far two models are apart, on the prompts that both answered.

    FIRST and SECOND are one judge's grades of two models' answers. The difference is FIRST minus SECOND. With
    --people, people's grades of both correct the judge (PPI++). Without, a judge's card corrects both models in the
    same way, under an assumption. Without both, the difference is the judge's opinion. The summary says which.

    \b
    Example:
      h4rmony evaluate compare after.jsonl before.jsonl --records review/
    """
    from exports.evaluation.run import compare as compare_grades
    from exports.words import Wording

    words = Wording("en")
    found = compare_grades(first, second, people=people, card=judge_card, **shared)
    for warning in found.doubted(words):
        say(f"Warning: {warning}", err=True)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    told_apart = all(found.models) and found.models[0] != found.models[1]
    names = list(found.models) if told_apart else ["first", "second"]
    title = f"{' minus '.join(names)}, 95% intervals, clustered on prompts"
    print_summary(title, _compared(found, found.why(words), names))


@click.command()
@click.argument("grades", type=FILE, required=False)
@people_option
@click.option("--width", type=click.FloatRange(0, 100, min_open=True), help="Wanted: an interval so wide, in points.")
@click.option(
    "--difference", type=click.FloatRange(0, 100, min_open=True), help="Wanted: to tell two models so far apart."
)
@click.option("--other", type=FILE, help="The judge's grades of the other model's answers.")
@click.option("--other-people", type=FILE, help="People's grades of some of the other model's answers.")
@shared_options
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
        needed = f"more than {count_of(found.answers or 0, 'answer')}, which is all there is: add prompts"
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
    on = f"on {count_of(found.score.prompts, 'prompt')}, by the judge alone"
    between = found.note or "cannot say"
    if found.between is not None:
        doubt = f": {found.note}" if found.note else ""
        between = f"{found.between:.1f} ({found.low:.1f} to {found.high:.1f}) {on}{doubt}"
    return {**{name: str(each) for name, each in anchors.items()}, "between floor and ceiling": between}


def _compared(found: Compared, method: str, names: Sequence[str]) -> dict[str, str | int | None]:
    told = "can be told apart" if found.overall.can_be_told_apart else "cannot be told apart"
    slices = {"issue": found.issues, "type": found.types, "language": found.languages}
    return {
        "difference": f"{difference(found.overall)}: they {told}",
        "method": method,
        "first" if names[0] == "first" else f"first, {names[0]}": str(found.first),
        "second" if names[1] == "second" else f"second, {names[1]}": str(found.second),
        "answers of the first alone": found.only_first or None,
        "answers of the second alone": found.only_second or None,
        **_slices({scope: {name: difference(each) for name, each in by.items()} for scope, by in slices.items()}),
    }
