"""``h4rmony train``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exports.training.losses import LOSSES
from workspace.commands.options import dry_run_option, home_option, json_option
from workspace.commands.output import print_summary, say

if TYPE_CHECKING:
    from exports.evaluation.costs.cost import Cost
    from exports.evaluation.costs.harness import Level
    from exports.publishing.model import PublishedModel
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
@click.option(
    "--costs",
    type=click.Choice(["none", "quick", "full"]),
    default="quick",
    show_default=True,
    help="How far to measure what it cost: likelihoods, or answers too.",
)
@click.option(
    "--push", metavar="REPO_ID", help="Then publish the model on the Hub: the adapter, with --merge the merged model."
)
@click.option("--private", is_flag=True, help="Make that repository private.")
@click.option(
    "--yes",
    is_flag=True,
    help="Ask nothing: replace what that repository holds; publish under licences that are not known to be free.",
)
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
    costs: Level,
    push: str | None,
    private: bool,
    yes: bool,
    home: Path,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Train an adapter on an export, with TRL and LoRA.

    DATA is the folder that `export` wrote, or the id of a dataset on the Hub. Training is on the GPU where there is
    one, else on the CPU. The test split is not trained on: it says how many of its pairs the model orders rightly.
    What the training cost is measured on texts of our own: how likely base and trained model find ordinary Spanish
    and answers about people's needs (--costs quick), and how they answer harmless prompts (full).
    To push, run `hf auth login` or set HF_TOKEN; name, token and repository are checked before the training.

    \b
    Examples:
      h4rmony train data/ -o modelo/ --model Qwen/Qwen3-0.6B
      h4rmony train data/ -o modelo/ --model Qwen/Qwen3-0.6B --resume --push somosnlp/h4rmony-qwen
      accelerate launch -m workspace.cli train data/ -o modelo/ --model Qwen/Qwen3-0.6B
    """
    from exports.training.machine import is_main
    from exports.training.run import train as train_model

    if (private or yes) and not push:
        raise click.UsageError("--private and --yes are for --push REPO_ID")
    target = None
    if push and is_main():
        from exports.publishing.model import model_target

        ask = partial(click.confirm, err=True) if sys.stdin.isatty() else None
        base = None if merge else model
        target = model_target(push, base=base, private=private, yes=yes, ask=ask, dry_run=dry_run)
    trained = train_model(
        data,
        output,
        model=model,
        loss=loss,
        config=config,
        seed=seed,
        resume=resume,
        merge=merge,
        costs=costs,
        home=home,
        dry_run=dry_run,
    )
    if is_main():
        pushed = target.publish(trained.folder, merged=merge) if target and not dry_run else None
        _report(trained, pushed, push, dry_run=dry_run, as_json=as_json)


def _report(
    trained: Trained, pushed: PublishedModel | None, push: str | None, *, dry_run: bool, as_json: bool
) -> None:
    for warning in trained.warnings:
        say(f"Warning: {warning}", err=True)
    if as_json:
        print_summary("", trained.to_json() | ({"pushed": pushed.to_json()} if pushed else {}), as_json=True)
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
        **{cost.kind.label: _cost(cost) for cost in (trained.costs.figures if trained.costs else ())},
        **(_pushed(pushed) if pushed else {}),
        "would push to": push if dry_run else None,
    }
    print_summary(title if trained.changed or dry_run else f"{trained.folder} is unchanged", lines)


def _pushed(model: PublishedModel) -> dict[str, str]:
    done = model.pushed
    state = f"{done.url}{'' if done.changed else ' is unchanged'}" if done else "nothing"
    return {"pushed": state, "licence": model.licence, "card": str(model.check)}


def _said(options: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items())


def _accuracy(held_out: dict[str, float]) -> str:
    interval = "no interval" if held_out["low"] is None else f"{held_out['low']:.2f} to {held_out['high']:.2f}"
    return (
        f"{held_out['accuracy']:.2f} in order ({interval}; {held_out['pairs']} of {held_out['prompts']} prompts); "
        f"likelier per token {held_out['likelihood_before']:.2f} before, {held_out['likelihood']:.2f} after"
    )


def _cost(cost: Cost) -> str:
    from exports.evaluation.costs.cost import said

    change = f"{said(cost.difference, '+')} {cost.kind.unit}, {cost.difference.items} {cost.kind.of}"
    return f"{said(cost.base)} before, {said(cost.trained)} after: {change}{', worse' if cost.is_worse else ''}"
