"""Finish a run: its held-out pairs, the adapter, the model card, ``training.json``, the merged model."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exports.evaluation.costs.harness import LEVELS, Level, Measure, costs_of
from exports.evaluation.costs.harness import PACKAGES as MEASURING
from exports.training.accuracy import accuracy, likelihoods
from exports.training.card import model_card
from exports.training.machine import is_main
from exports.training.model import load_base
from exports.training.plan import PACKAGES, TrainingPlan
from exports.training.settings import STEPS
from exports.training.trained import CARD, MERGED, REPORT, Trained, read_json, write_json
from workspace import __version__
from workspace.errors import ConfigError, DataError
from workspace.extras import require_packages
from workspace.files.jsonl import replacing
from workspace.local.causal import is_out_of_memory

SHOWN = ("learning_rate", "num_train_epochs", "max_steps", "beta", *STEPS)  # on the model card


def finish_training(
    trainers: Mapping[str, Any],
    plan: TrainingPlan,
    output: str | Path,
    *,
    merge: bool = False,
    costs: Level = "quick",
) -> Trained:
    """Measure and keep what TRL's trainers made of a plan: the end of ``train``, for those who call TRL themselves.

    Writes the adapter of the last trainer, its tokenizer, the model card and ``training.json``; what an earlier call
    wrote there is replaced.

    Args:
        trainers: those that have trained, in the order of the plan's stages, by their names.
        plan: what they were made from.
        output: the folder.
        merge: write the base model with the adapter merged in, too.
        costs: how far to measure what the training cost elsewhere; see ``train``.

    Raises:
        ConfigError: a stage of the plan has no trainer, or the other way round.

    Example:
        >>> from exports import export, merge, plan_training
        >>> exported = export(merge(review), "data/", ["dpo"])
        >>> finish_training({}, plan_training("data/", tiny_model), "modelo/")
        Traceback (most recent call last):
        workspace.errors.ConfigError: the plan has the stages dpo, and there are trainers for none
    """
    if list(trainers) != [stage.name for stage in plan.loss.stages]:
        has = ", ".join(stage.name for stage in plan.loss.stages)
        raise ConfigError(
            f"the plan has the stages {has}, and there are trainers for {', '.join(trainers) or 'none'}"
        )
    check_level(costs)
    folder = Path(output).expanduser()
    with quiet():
        *earlier, last = trainers
        # the model of an earlier stage has gone on since: what it was tested by then is what counts
        done = {name: stage_report(trainers[name], test=False) for name in earlier}
        done[last] = stage_report(trainers[last])
        shutil.rmtree(folder / MERGED, ignore_errors=True)  # of an adapter that is replaced
        report = finish(trainers[last], plan, folder, done, costs)
    if merge:
        write_merged(plan, folder, report)
    return Trained(folder, report, True, (*plan.warnings, *not_measured(report)))


def finish(trainer: Any, plan: TrainingPlan, folder: Path, done: Mapping[str, Any], level: Level) -> dict[str, Any]:
    """Write what the last trainer of a run made, ``training.json`` last, and return the report that it holds."""
    held_out = _held_out(trainer, plan)
    save(trainer, folder, plan)
    report = {**report_of(plan, done, held_out), **_costs(trainer, plan, level)}
    if is_main():
        write_report(folder, report)
    return report


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write the model card, and ``training.json`` after it."""
    _write_text(folder / CARD, model_card(report))
    write_json(folder / REPORT, report)


def check_level(level: Level) -> None:
    """Check that what is to be measured can be, before anything is trained.

    Raises:
        ConfigError: there is no such level.
        MissingPartError: a package is not installed.
    """
    if level not in LEVELS:
        raise ConfigError(f"unknown level of costs {level!r}; choose from {', '.join(LEVELS)}")
    if level != "none":
        require_packages("measuring what training costs (costs none leaves it out)", MEASURING, "train")


def measured_level(report: Mapping[str, Any]) -> Level:
    """How far it was measured what a run cost."""
    level: Level = report["costs"]["settings"]["level"] if report.get("costs") else "none"
    return level


def not_measured(report: Mapping[str, Any]) -> tuple[str, ...]:
    """The warning that what the training cost could not be measured, if so."""
    problem = report.get("costs_problem")
    return (f"what the training cost was not measured: {problem}",) if problem else ()


def stage_report(trainer: Any, resumed_from: int | None = None, *, test: bool = True) -> dict[str, Any]:
    """The steps and metrics of a trainer that has trained; with ``test``, one not tested at its end is tested now."""
    log = trainer.state.log_history
    metrics: dict[str, Any] = next((each for each in reversed(log) if "train_runtime" in each), {})
    tested = next((each for each in log[-2:] if "eval_loss" in each), None)  # at the last step, before the summary
    if test and not tested and trainer.eval_dataset is not None:
        tested = trainer.evaluate()
    metrics = metrics | (tested or {})
    return {
        "steps": trainer.state.global_step,
        "resumed_from": resumed_from,
        "metrics": {name: value for name, value in metrics.items() if isinstance(value, int | float)},
    }


def save(trainer: Any, folder: Path, plan: TrainingPlan) -> None:
    """Write the adapter and the tokenizer, and no path of this machine where the base is on the Hub."""
    trainer.save_model(str(folder))
    trainer.accelerator.wait_for_everyone()
    if not is_main():
        return
    (folder / "training_args.bin").unlink(missing_ok=True)  # pickled, with paths of this machine
    shutil.rmtree(folder / "ref", ignore_errors=True)  # TRL's copy of the adapter that the last stage began with
    config = read_json(folder / "adapter_config.json") or {}
    if plan.base.on_hub:
        config |= {"base_model_name_or_path": plan.base.found.name}
        write_json(folder / "adapter_config.json", config)


def _held_out(trainer: Any, plan: TrainingPlan) -> dict[str, Any] | None:
    """How many pairs of the test split the model orders rightly; None without pairs, or where it is in parts."""
    pairs = plan.data.held_out(plan.loss)
    in_parts = trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled
    if not pairs or in_parts or not is_main():
        return None
    longest = int(plan.options[plan.loss.stages[-1].name]["max_length"] or sys.maxsize)
    with trainer.compute_loss_context_manager() or nullcontext():
        judged = list(likelihoods(trainer.model, plan.base.tokenizer, pairs, longest))
    return accuracy(judged, plan.loss.measure).to_json()


def _costs(trainer: Any, plan: TrainingPlan, level: Level) -> dict[str, Any]:
    """What the training cost elsewhere; a model that cannot be measured is kept all the same, with the reason."""
    if level == "none" or not is_main():
        return {}
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        return {"costs_problem": "the model is in parts; measure it with exports.costs"}
    batch = int(plan.options[plan.loss.stages[-1].name]["per_device_eval_batch_size"])
    measure, name = Measure(plan.base.tokenizer, level, batch), plan.base.found.name
    try:
        with trainer.compute_loss_context_manager() or nullcontext():
            trained = measure(trainer.model, name)
            with trainer.model.disable_adapter():
                base = measure(trainer.model, name)
    except ConfigError as error:
        return {"costs_problem": str(error)}
    return {"costs": costs_of(base, trained, model=f"{name}, {plan.loss.name}", base=name, level=level).to_json()}


def write_merged(plan: TrainingPlan, folder: Path, report: Mapping[str, Any]) -> None:
    """Write the base model with the adapter merged in, in the numbers of its checkpoint."""
    from peft import PeftModel

    place = folder / f".{MERGED}.part"
    shutil.rmtree(place, ignore_errors=True)
    with stated_memory(), quiet():
        model = PeftModel.from_pretrained(load_base(plan.base, dtype="auto"), str(folder)).merge_and_unload()
        model.save_pretrained(str(place))
        plan.base.tokenizer.save_pretrained(str(place))
    _write_text(place / CARD, model_card(report, merged=True))
    shutil.rmtree(folder / MERGED, ignore_errors=True)
    place.replace(folder / MERGED)


def report_of(plan: TrainingPlan, done: Mapping[str, Any], held_out: Mapping[str, Any] | None) -> dict[str, Any]:
    """What ``training.json`` holds."""
    loading = plan.loading
    options = plan.options.items()
    return {
        "asked": plan.asked,
        "loss": plan.loss.name,
        "seed": plan.seed,
        "model": plan.base.to_json(),
        "data": plan.data.to_json(plan.loss),
        "options": {stage: {name: each[name] for name in SHOWN if name in each} for stage, each in options},
        "adapter": dict(plan.adapter),
        "device": {
            "name": plan.machine.name,
            "numbers": loading["dtype"],
            "four_bit": bool(loading["load_in_4bit"]),
        },
        "versions": {"h4rmony-es": __version__, **{name: version(name) for name in PACKAGES}},
        "steps": {stage: each["steps"] for stage, each in done.items()},
        "resumed_from": {stage: each["resumed_from"] for stage, each in done.items() if each["resumed_from"]},
        "metrics": {stage: each["metrics"] for stage, each in done.items()},
        "held_out": held_out,
        "costs": None,
        "costs_problem": None,
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
    }


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())


@contextmanager
def quiet() -> Iterator[None]:
    """What TRL and transformers print goes to stderr, and progress bars only to a terminal.

    TRL 1.16 uses names that transformers 5.23 has renamed; those warnings are for TRL's authors.
    """
    import datasets

    shown = datasets.is_progress_bar_enabled()
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".* is deprecated and will be removed in v6", FutureWarning)
            yield
    finally:
        if shown:
            datasets.enable_progress_bars()


@contextmanager
def stated_memory() -> Iterator[None]:
    """State in one line that the memory is not enough, and what to do."""
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise DataError(
            "the memory is not enough for this model and these rows; in --config give a smaller max_length or "
            "per_device_train_batch_size, gradient_checkpointing: true, or load_in_4bit: true"
        ) from error
