"""``h4rmony train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.training.losses import LOSSES
from workspace.commands.options import dry_run_option, home_option, json_option
from workspace.commands.output import print_summary

if TYPE_CHECKING:
    from exports.training.trained import Trained


@click.command()
@click.argument("data")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option("--model", required=True, help="Any causal model of transformers: a folder, or a Hub id (ID@REVISION).")
@click.option("--loss", type=click.Choice(list(LOSSES)), default="dpo", show_default=True, help="What is minimised.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="YAML file of settings, by TRL's own names.",
)
@click.option(
    "--seed", type=int, help="Of the first weights and the order of the rows (default: the config's, or 42)."
)
@click.option("--resume", is_flag=True, help="Carry on from the last checkpoint.")
@click.option("--merge", is_flag=True, help="Also write the merged model, to OUTPUT/merged.")
@home_option
@dry_run_option
@json_option
def train(
    data: str,
    output: Path,
    model: str,
    loss: str,
    config: Path | None,
    seed: int | None,
    resume: bool,
    merge: bool,
    home: Path,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Train an adapter on an export, with TRL and LoRA.

    DATA is the folder that `export` wrote, or the id of a dataset on the Hub. Training is on the GPU where there is
    one, else on the CPU. The test split is not trained on: it says how many of its pairs the model orders rightly.

    \b
    Examples:
      h4rmony train data/ -o modelo/ --model Qwen/Qwen3-0.6B
      accelerate launch -m workspace.cli train data/ -o modelo/ --model Qwen/Qwen3-0.6B
    """
    from exports.training.machine import is_main
    from exports.training.run import train as train_model

    trained = train_model(
        data,
        output,
        model=model,
        loss=loss,
        config=config,
        seed=seed,
        resume=resume,
        merge=merge,
        home=home,
        dry_run=dry_run,
    )
    if is_main():
        _report(trained, dry_run=dry_run, as_json=as_json)


def _report(trained: Trained, *, dry_run: bool, as_json: bool) -> None:
    for warning in trained.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if as_json:
        print_summary("", trained.to_json(), as_json=True)
        return
    report = trained.report
    title = f"would train {trained.folder}" if dry_run else f"wrote {trained.folder}"
    held_out = report["held_out"]
    lines: dict[str, str | int | None] = {
        "model": f"{report['model']['name']}, {report['model']['parameters']:,} weights",
        "device": f"{report['device']['name']}, {report['device']['numbers']}",
        **{
            f"rows of {name}": f"{each['train']} train, {each['test']} test"
            for name, each in report["data"]["rows"].items()
        },
        **{f"settings of {stage}": _said(options) for stage, options in report["options"].items()},
        **{f"steps of {stage}": steps for stage, steps in report["steps"].items()},
        "held-out pairs": _accuracy(held_out) if held_out else None,
    }
    print_summary(title if trained.changed or dry_run else f"{trained.folder} is unchanged", lines)


def _said(options: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items())


def _accuracy(held_out: dict[str, float]) -> str:
    interval = "no interval" if held_out["low"] is None else f"{held_out['low']:.2f} to {held_out['high']:.2f}"
    return (
        f"{held_out['accuracy']:.2f} in order ({interval}; {held_out['pairs']} of {held_out['prompts']} prompts); "
        f"likelier per token {held_out['likelihood_before']:.2f} before, {held_out['likelihood']:.2f} after"
    )
