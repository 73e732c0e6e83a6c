"""``evaluate answer`` and ``grade``: a model is asked, and a judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exports.commands.evaluate.options import FILE
from workspace.commands.model_options import model_options
from workspace.commands.options import dry_run_option, home_option, json_option, output_option
from workspace.commands.output import next_step, print_first, print_summary, say

if TYPE_CHECKING:
    from exports.evaluation.judging.asking import Counted

_RUBRICS = ("v1", "v1b")
_LANGUAGES, _SPLITS, _ROLES = ("es", "en", "both"), ("test", "train", "all"), ("aware", "ambivalent", "unaware")


def _asking_options(model: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that say which model is asked, how, and what it may cost."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            json_option,
            dry_run_option,
            home_option,
            click.option(
                "--temperature", type=click.FloatRange(0), default=0.0, show_default=True, help="0: likeliest."
            ),
            click.option("--family", help="The model's family, such as qwen; by default its name tells."),
            model_options("Texts", model),
        ):
            command = option(command)
        return command

    return add


def _source_options(split: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--language`` and ``--split``."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        side = click.Choice(_SPLITS)
        for option in (
            click.option("--split", type=side, default=split, show_default=True, help="Side of the split, or all."),
            click.option(
                "--language",
                type=click.Choice(_LANGUAGES),
                default="es",
                show_default=True,
                help="Of the texts.",
            ),
        ):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("model", required=False)
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True), required=True, help="An export, a review, or records."
)
@output_option("JSON Lines file of answers to write or extend.")
@click.option("--role", type=click.Choice(_ROLES), help="Answer as such a writer: the ends of the scale.")
@click.option("--max-tokens", type=click.IntRange(1), default=1024, show_default=True, help="Longest answer.")
@click.option("--backend", help="Have lm-eval open MODEL: hf, vllm, local-chat-completions ...")
@click.option("--model-args", default="", help="More for the backend, as lm-eval has it: peft=ADAPTER,dtype=float16.")
@click.option("--batch-size", default="1", show_default=True, help="How many prompts it gets at once, or auto.")
@click.option("--device", help="Of the backend: such as cuda:0 or cpu.")
@_source_options("test")
@_asking_options("MODEL")
def answer(data: Path, output: Path, batch_size: str, as_json: bool, **given: Any) -> None:
    """Have a model answer the test prompts.

    MODEL is an endpoint's name of the model under test (OPENAI_MODEL), or with --backend what lm-eval opens: a
    folder, an id on the Hub, or an endpoint's name. It is given the bare prompts. Answers that the file has are kept;
    run it again after an interruption: it carries on. The settings are written beside the answers.

    \b
    Example:
      h4rmony evaluate answer my-model --data data/ -o answers.jsonl --base-url http://localhost:8000/v1
      h4rmony evaluate answer --local ./my-model --data review/ -o answers.jsonl --language both
      h4rmony evaluate answer BASE --backend hf --model-args peft=model/ --data data/ -o answers.jsonl
      h4rmony evaluate answer my-model --data data/ -o floor.jsonl --role unaware
    """
    from exports.evaluation.judging.answer import AnswerSettings
    from exports.evaluation.judging.answer import answer as answer_prompts

    size = int(batch_size) if batch_size.isdecimal() else batch_size
    done = answer_prompts(data, output, AnswerSettings(batch_size=size, **given))
    _print(output, done, f"evaluate grade {output} -o grades.jsonl --judge NAME", given["dry_run"], as_json)


@click.command()
@click.argument("answers", type=FILE, required=False)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    help="In place of ANSWERS: a review or records, whose own answers are graded.",
)
@output_option("JSON Lines file of grades to write or extend.")
@click.option("--judge", "model", help="The endpoint's name of the judge (OPENAI_MODEL).")
@click.option(
    "--rubric", type=click.Choice(_RUBRICS), default="v1", show_default=True, help="v1b is v1 in other words."
)
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="How often each is graded.")
@click.option("--max-tokens", type=click.IntRange(1), help="Longest reply of the judge.")
@_source_options("all")
@_asking_options("--judge")
def grade(answers: Path | None, data: Path | None, output: Path, as_json: bool, **given: Any) -> None:
    """Have a judge grade answers good, regular or bad.

    The judge is a language model with a rubric; it gives a reason before each grade. Where it cannot judge, the grade
    is null, which is never bad. Grades that the file has are kept, and nothing is graded twice; run it again after an
    interruption: it carries on.

    \b
    Example:
      h4rmony evaluate grade answers.jsonl -o grades.jsonl --judge gpt-4.1-mini --budget 500000
      h4rmony evaluate grade --data review/ -o ranked.jsonl --judge gpt-4.1-mini
    """
    from exports.evaluation.judging.grade import GradeSettings
    from exports.evaluation.judging.grade import grade as grade_answers

    if (answers is None) == (data is None):
        raise click.UsageError("give either ANSWERS or --data")
    done = grade_answers(answers, output, GradeSettings(**given), data=data)
    after = (
        f"evaluate sample {answers} -n 60"
        if data is None
        else f"evaluate validate {output} --review {data} -o card.json"
    )
    _print(output, done, after, given["dry_run"], as_json)


def _print(output: Path, done: Counted, after: str, dry_run: bool, as_json: bool) -> None:
    for warning in done.warnings:
        say(f"Warning: {warning}", err=True)
    if not as_json:
        print_first(done.refused, err=True)
    state = "written" if done.changed else "unchanged" if output.exists() else "not written"
    state = "not written (dry run)" if dry_run else state
    print_summary(f"{output}: {state}", done.to_json(), as_json=as_json)
    done.check_done()
    if output.exists() and not (dry_run or as_json or done.missing):
        next_step(after)
