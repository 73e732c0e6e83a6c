"""``h4rmony collect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.commands.reviews import warn_of_gone
from exports.review.collect import collect_to
from workspace.argilla.connection import Connection
from workspace.commands.options import connection_options, dry_run_option, json_option
from workspace.commands.output import next_step, print_summary, say
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.review.anybody.review import PairsOf


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option(
    "--any-dataset", is_flag=True, help="Of any dataset with a ranking question, whoever made it: all responses."
)
@click.option("--pairs", metavar="QUESTION", help="With --any-dataset: the ranking question to make a review of too.")
@click.option("--text-fields", metavar="A,B,...", help="With --pairs: the answers' fields, in the options' order.")
@click.option("--prompt-field", metavar="NAME", help="With --pairs: the prompt's field, if several are left.")
@click.option("--language", type=click.Choice(["es", "en"]), help="With --pairs: that of the texts; by default es.")
@connection_options
@dry_run_option
@json_option
def collect(
    connection: Connection,
    output: Path,
    any_dataset: bool,
    pairs: str | None,
    text_fields: str | None,
    prompt_field: str | None,
    language: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fetch every record and every ballot from Argilla.

    Writes records.jsonl and ballots.jsonl, drafts and discards included with their status. Ballots of an earlier
    collection that Argilla no longer has are kept in ballots-gone.jsonl, and not counted.

    With --any-dataset, of a dataset that anybody made: dataset.jsonl, responses.jsonl and responses.parquet, with the
    ranks as they were set, ties and gaps too. With --pairs also the review of one of its ranking questions.

    \b
    Example:
      h4rmony collect -o review/
      h4rmony collect --any-dataset --dataset mine -o mine/ --pairs ranking --text-fields first,second
    """
    if bool(pairs) != bool(text_fields) or (pairs and not any_dataset):
        raise click.UsageError("--any-dataset --pairs QUESTION --text-fields A,B go together")
    if (prompt_field or language) and not pairs:
        raise click.UsageError("--prompt-field and --language need --pairs")
    if any_dataset:
        _collect_any(connection, output, _pairs_of(pairs, text_fields, prompt_field, language), dry_run, as_json)
        return
    done = collect_to(connection, output, dry_run=dry_run)
    warn_of_gone(done.gone, output, "Argilla", dry_run=dry_run)
    print_summary(
        _title(output, done.changed, dry_run),
        {
            "records": done.records,
            "ballots": done.ballots.total(),
            "status": dict(done.ballots),
            "reviewers": done.reviewers,
            "gone": len(done.gone.kept),
        },
        as_json=as_json,
    )


def _collect_any(connection: Connection, output: Path, pairs: PairsOf | None, dry_run: bool, as_json: bool) -> None:
    from exports.review.anybody.responses import GONE, collect_responses

    done = collect_responses(connection, output, pairs=pairs, dry_run=dry_run)
    if done.gone:
        what = count_of(len(done.gone), "response is", "responses are")
        kept = "would be" if dry_run else "is" if len(done.gone) == 1 else "are"
        say(f"Warning: {what} no longer in Argilla, or only older; {kept} kept in {output / GONE}", err=True)
    print_summary(_title(output, done.changed, dry_run), done.to_json(), as_json=as_json)
    if pairs and not (as_json or dry_run):
        next_step(f"export --review {output} -o data/ --language {pairs.language}")


def _pairs_of(question: str | None, fields: str | None, prompt: str | None, language: str | None) -> PairsOf | None:
    from exports.review.anybody.review import PairsOf

    if not (question and fields):
        return None
    return PairsOf(question, tuple(each.strip() for each in fields.split(",")), prompt, language or "es")


def _title(output: Path, changed: bool, dry_run: bool) -> str:
    return f"would write {output}" if dry_run else f"wrote {output}" if changed else f"{output} is unchanged"
