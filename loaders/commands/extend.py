"""``h4rmony extend``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from loaders.commands.source_options import source_options
from loaders.commands.translator_options import duplicate_threshold_option, embedding_option
from loaders.extending.run import extend as extend_prompts
from loaders.extending.settings import SOURCE_NAME, STRUCTURES, ExtendSettings
from loaders.extending.there import rejected_file
from loaders.source.location import Location
from workspace.commands.model_options import model_options
from workspace.commands.options import dry_run_option, home_option, json_option, output_option
from workspace.commands.output import print_first, print_summary
from workspace.model.twins import FEATURES
from workspace.roles import VARIETY

WAYS = ("prompts", "per_issue", "complete", "twins")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--prompts", type=_FILE, help="Prompts: one a line (.txt), or a table with a column prompt.")
@click.option(
    "--per-issue", type=int, metavar="N", help="Have the model write so many prompts for each issue code of H4rmony."
)
@click.option("--complete", help="A source that has only the best answer to each prompt: the others are written.")
@click.option("--twins", help="A source of ranked records: its best answers get twins with one feature flipped.")
@click.option(
    "--feature",
    "features",
    multiple=True,
    type=click.Choice(FEATURES),
    help="Flip it in twins; by default each is.",
)
@click.option("--per-record", type=click.IntRange(1), help="Features to flip in each record, drawn by its id.")
@source_options
@output_option("JSON Lines file of records to write or extend.")
@click.option("--model", help="The endpoint's name of the model (OPENAI_MODEL).")
@model_options("Records", "--model")
@click.option("--model-licence", help="SPDX id or short name of what binds the model's texts; by default its card's.")
@click.option(
    "--against", multiple=True, help="A source whose prompts are not to be written again; may be given many times."
)
@click.option("--language", default="es", show_default=True, help="The prompts' language, es or en; the answers'.")
@click.option("--variety", show_default=VARIETY, help="Variety of the language, as the model is told, in Spanish.")
@click.option("--country", help="Where the model's prompts take place, as it is told, in Spanish.")
@click.option(
    "--cognitive-structure",
    "cognitive_structures",
    type=click.Choice(STRUCTURES, case_sensitive=False),
    multiple=True,
    help="What the model's prompts bring into play; may be given many times, and then by turns.",
)
@embedding_option
@duplicate_threshold_option
@click.option("--source-name", default=SOURCE_NAME, show_default=True, help="Beginning of every id.")
@click.option("--retry-refused", is_flag=True, help="Ask again for the prompts that were refused before.")
@click.option("--allow-giveaways", is_flag=True, help="Write records whose ranks length or surface give away.")
@home_option
@dry_run_option
@json_option
def extend(output: Path, at: Callable[..., Location], as_json: bool, **given: Any) -> None:
    """Have a model write three ranked answers to each new prompt.

    The prompts come from a file, from a source that has only the best answers, or from the model (--per-issue).
    The model is asked once for each role, aware, ambivalent and unaware, so the ranking is known before the review
    and reviewing becomes verifying. Its texts are checked (length, language, refusals, insults, the role showing,
    invented numbers, repetition) and asked for again where they fail. What fails for good is in
    extend.rejected.jsonl beside the output, with the reason. Run it again after an interruption: it carries on.

    With --twins it rewrites each best answer, flipping one ecolinguistic feature and leaving all else equal, so that
    the ranking says which story is preferred.

    \b
    Example:
      h4rmony extend --per-issue 4 --country Chile -o nuevas.jsonl --model gpt-4.1-mini --most 100
      h4rmony extend --prompts preguntas.txt -o nuevas.jsonl --model gpt-4.1-mini --budget 100000
      h4rmony extend --complete h4rmony_r1.csv --language en -o whole.jsonl --model gpt-4.1-mini
      h4rmony extend --twins review/records.jsonl -o twins.jsonl --model gpt-4.1-mini --per-record 1
      h4rmony extend --prompts preguntas.txt -o nuevas.jsonl --local BSC-LT/salamandra-7b-instruct
    """
    ways = {way: given.pop(way) for way in WAYS}
    ways |= {way: at(place) for way, place in ways.items() if way != "per_issue" and place is not None}
    given["features"] = given["features"] or FEATURES
    if sum(value is not None for value in ways.values()) != 1:
        raise click.UsageError(f"give one of {', '.join('--' + way.replace('_', '-') for way in ways)}")
    done = extend_prompts(output, **ways, settings=ExtendSettings(**given))
    print_first(done.notes, err=True)
    if not as_json:
        first = [f"{each.id}: {each.role or 'prompt'}: {each.reason}" for each in done.refused]
        print_first(first, f"; {rejected_file(output)} lists all", err=True)
    state = "not written (dry run)" if given["dry_run"] else "written" if done.changed else "unchanged"
    print_summary(f"{output}: {state}", done.to_json(), as_json=as_json)
    done.check_done()
