"""``evaluate sample`` and ``collect``: people's grades of a model's answers."""

from __future__ import annotations

from pathlib import Path

import click

from exports.commands.evaluate.options import FILE
from workspace.argilla.connection import Connection
from workspace.commands.options import (
    dry_run_option,
    grades_connection_options,
    guidelines_option,
    json_option,
    output_option,
)
from workspace.commands.output import next_step, print_summary, say
from workspace.errors import count_of


@click.command()
@click.argument("answers", type=FILE)
@click.option(
    "-n", "--number", type=click.IntRange(1), default=60, show_default=True, help="Answers that people grade."
)
@click.option(
    "--min-submitted",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="People after whom an answer counts as complete; settled when the dataset is made.",
)
@guidelines_option
@grades_connection_options
@dry_run_option
@json_option
def sample(
    connection: Connection,
    answers: Path,
    number: int,
    min_submitted: int,
    guidelines: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Have people grade a random sample of a model's own answers, in Argilla.

    ANSWERS are one model's. Those who grade see neither which model answered nor what a judge said. The same answers
    are drawn every time, and a larger -n adds to a smaller one; nothing that people have done is touched. Answers
    that are not those of the sample in the dataset are a conflict: nothing is sent, and the status is 1.

    \b
    Example:
      h4rmony evaluate sample answers.jsonl -n 60
    """
    from exports.evaluation.people import sample as send_sample

    done = send_sample(
        answers,
        connection,
        number=number,
        min_submitted=min_submitted,
        guidelines=guidelines,
        dry_run=dry_run,
    )
    verb = "would add" if dry_run else "added"
    what = f"{verb} {count_of(done.new, 'answer')}" if done.new else "unchanged"
    counts = {"answers": done.answers, "drawn": done.drawn, "new": done.new, "of other models": done.others or None}
    place = f"{connection.workspace}/{connection.dataset} at {connection.api_url}"
    print_summary(f"{place}: {what}", done.to_json() if as_json else counts, as_json=as_json)
    if not (as_json or dry_run):
        next_step(f"team add NAME --dataset {connection.dataset}")
        next_step(f"evaluate collect -o people.jsonl --answers {answers}", "When people have graded")


@click.command()
@output_option("Grades to write (JSON Lines), for --people.")
@click.option("--answers", type=FILE, help="The model's answers; needed where the dataset has several models'.")
@click.option(
    "--pseudonyms", is_flag=True, help="For grades that leave the team: no names, no reasons, only what counts."
)
@grades_connection_options
@dry_run_option
@json_option
def collect(
    connection: Connection, output: Path, answers: Path | None, pseudonyms: bool, dry_run: bool, as_json: bool
) -> None:
    """Fetch people's grades of a model's answers from Argilla.

    Each grade is kept with its reviewer. Drafts and discards do not count: they are in a second file beside the
    first, NAME.uncounted.jsonl, with their status, and so is what Argilla no longer has.

    \b
    Example:
      h4rmony evaluate collect -o people.jsonl
    """
    from exports.evaluation.people import collect_grades, uncounted_path

    done = collect_grades(connection, output, answers=answers, named=not pseudonyms, dry_run=dry_run)
    if gone := sum(given.status == "gone" for given in done.uncounted):
        what = f"{count_of(gone, 'grade')} of earlier collections {'is' if gone == 1 else 'are'} no longer in Argilla"
        say(f"Warning: {what}; kept in {uncounted_path(output)}, not counted", err=True)
    title = f"would write {output}" if dry_run else f"wrote {output}" if done.changed else f"{output} is unchanged"
    print_summary(title, done.to_json(), as_json=as_json)
    if not (as_json or dry_run) and done.grades:
        next_step(f"evaluate score grades.jsonl --people {output}")
    elif not as_json and not done.grades:
        say("Nobody has submitted a grade yet")
        next_step(f"status --dataset {connection.dataset}")
