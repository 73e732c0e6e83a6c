"""``evaluate likelihood``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workspace.commands.options import dry_run_option, json_option, output_option
from workspace.commands.output import print_summary, say
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.evaluation.likelihood.likelihood import Likelihood
    from exports.measure.estimates import Estimate

_TASKS = {"matched": "same length", "pairs": "all pairs", "best": "best of three", "twins": "twins, the base"}
_FIGURES = {"bytes": "per byte", "longer": "longer wins", "floor": "random weights", "difference": "minus reference",
            "pmi": "PMI", "sum": "sum"}  # fmt: skip


@click.command()
@click.argument("model")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Export with the format lm-eval; its split test is scored.",
)
@click.option("--reference", help="A model to compare with, on the same rows, or its samples.")
@click.option("--backend", default="hf", show_default=True, help="lm-eval's backend: hf, vllm, local-completions ...")
@click.option("--model-args", default="", help="More for the backend, as lm-eval has it: peft=ADAPTER,dtype=float16.")
@click.option("--reference-args", help="The same for the reference; by default the model's, without adapters.")
@click.option("--chat-template", is_flag=True, help="Give the bare prompt, in the model's chat template.")
@click.option(
    "--floor/--no-floor", default=True, help="Measure the same model with random weights too (the default)."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the random weights.")
@click.option("--limit", type=click.IntRange(min=1), help="Take only so many rows of each task.")
@click.option("--batch-size", default="1", show_default=True, help="How many texts at once, or auto.")
@click.option("--device", help="Such as cuda:0 or cpu.")
@output_option("Also write all figures (JSON).", required=False)
@dry_run_option
@json_option
def likelihood(
    model: str, batch_size: str, output: Path | None, dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Say how often a model finds the better answer the likelier one.

    No judge is needed. MODEL is what lm-eval opens, a name on the Hub or a folder; or a file or folder of samples
    that `lm_eval --log_samples` wrote of these tasks. The first figure is the score: per byte, of two answers of the
    same length. "longer wins" is how often the longer answer is the better one, "random weights" what the same model
    reaches that has learnt nothing.

    \b
    Example:
      h4rmony evaluate likelihood HuggingFaceTB/SmolLM2-135M --data data/ -o likelihood.json
    """
    from exports.evaluation.likelihood.harness import likelihood as measure
    from workspace.files.jsonl import file_digest

    before = file_digest(output) if output else None
    size = int(batch_size) if batch_size.isdecimal() else batch_size
    found = measure(model, batch_size=size, output=None if dry_run else output, **options)
    for note in found.notes:
        say(f"Warning: {note}", err=True)
    if as_json:
        print_summary("", found.to_json(), as_json=True)
        return
    print_summary(
        f"{model}: how often the better answer is the likelier one; 95% intervals, clustered", _lines(found)
    )
    if output:
        unchanged = not dry_run and before == file_digest(output)
        say(f"{output} is unchanged" if unchanged else f"{'would write' if dry_run else 'wrote'} {output}")


def _lines(found: Likelihood) -> dict[str, str]:
    lines: dict[str, str] = {}
    for task, preference in found.tasks.items():
        for figure, name, estimate in preference.figures():
            words = _FIGURES.get(figure) or f"{figure} {name or 'not said'}"
            told = len(preference.slices.get(figure, ())) > 1 and task in ("matched", "twins")
            if figure in _FIGURES or told or figure == "feature":
                lines[f"{_TASKS[task]}, {words}"] = _shown(estimate, "+" if figure == "difference" else "")
    return lines


def _shown(found: Estimate, sign: str) -> str:
    if found.value is None:
        return "no rows in common"
    counted = f"{count_of(found.items, 'row')} of {count_of(found.records, 'prompt')}"
    if found.low is None:
        return f"{found.value:{sign}.3f} (cannot say how sure; {counted})"
    return f"{found.value:{sign}.3f} ({found.low:{sign}.3f} to {found.high:{sign}.3f}; {counted})"
