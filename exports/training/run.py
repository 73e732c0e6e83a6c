"""Train: one of TRL's trainers after another, checkpoints, and how a run that was cut off carries on.

::

    DIR/adapter_model.safetensors  adapter_config.json   the adapter, and its tokenizer beside it
    DIR/README.md                                        the model card
    DIR/training.json                                    written last: it says that the run came to its end
    DIR/merged/                                          the merged model, with ``merge``
    DIR/checkpoints/run.json                             what was asked for, so that only the same run carries on
    DIR/checkpoints/<stage>/checkpoint-<step>            TRL's own

A checkpoint counts if it is whole: its ``trainer_state.json`` is written last. Under ``accelerate launch`` each
process trains, and the first one writes.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exports.evaluation.costs.harness import LEVELS, Level
from exports.evaluation.costs.harness import costs as measure_costs
from exports.training.finish import (
    check_level,
    finish,
    measured_level,
    not_measured,
    quiet,
    report_of,
    save,
    stage_report,
    stated_memory,
    write_merged,
    write_report,
)
from exports.training.losses import Stage
from exports.training.machine import is_main
from exports.training.plan import TrainingPlan, plan_training
from exports.training.settings import STEPS
from exports.training.trained import MERGED, REPORT, Trained, read_json, read_report, write_json
from workspace.errors import ConfigError, one_line

CHECKPOINTS = "checkpoints"
RUN = "run.json"
STATE = "trainer_state.json"


def train(
    data: str | Path,
    output: str | Path,
    *,
    model: str,
    loss: str = "dpo",
    config: str | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    resume: bool = False,
    merge: bool = False,
    costs: Level = "quick",
    home: str | Path | None = None,
    dry_run: bool = False,
) -> Trained:
    """Train an adapter (LoRA) on an export with TRL, and test it on the test split.

    Args:
        data: the folder that ``export`` wrote, or the id of a dataset on the Hub that ``publish`` made.
        output: the folder for adapter, tokenizer, model card, ``training.json`` and checkpoints.
        model: a causal model of transformers: a folder, or an id on the Hub, with ``@REVISION`` if need be.
        loss: one of ``exports.training.losses.LOSSES``: dpo, ipo, kto, orpo, sft, sft+dpo.
        config: a YAML file, or a mapping, of settings by TRL's names.
        seed: of the adapter's first weights and the order of the rows; by default the config's, else 42.
        resume: carry on from the last whole checkpoint.
        merge: write the base model with the adapter merged in, too.
        costs: how far to measure what the training cost elsewhere: ``quick`` compares how likely base and trained
            model find ordinary Spanish and answers about people's needs; ``full`` also has both answer twenty
            harmless prompts; ``none`` measures nothing. Of a finished run, ``resume`` measures what it lacks.
        home: the folder of local state; by default ``H4RMONY_HOME``, else ``~/.h4rmony``.
        dry_run: check everything that can be checked without loading weights, and write nothing.

    Raises:
        ConfigError: an option, a setting or the model cannot be used, or the folder holds another run.
        DataError: the data lacks what the loss reads.
        MissingPartError: a package of the extra ``train`` is missing, or the model cannot be downloaded.

    Example:
        >>> train("data/", "modelo/", model="Qwen/Qwen3-0.6B", loss="rlhf")
        Traceback (most recent call last):
        workspace.errors.ConfigError: unknown loss 'rlhf'; choose from dpo, ipo, kto, orpo, sft, sft+dpo
    """
    folder = Path(output).expanduser()
    check_level(costs)
    plan = plan_training(data, model, loss=loss, config=config, seed=seed, home=home, dry_run=dry_run)
    if dry_run:
        return Trained(folder, report_of(plan, {}, None), False, plan.warnings)
    report, notes = _begun(plan, folder, resume=resume) if is_main() else (read_report(folder), ())
    if report is None:
        plan = _same_steps(plan, folder)
        report = _train(plan, folder, costs)
        changed = True
    else:
        changed = is_main() and LEVELS.index(costs) > LEVELS.index(measured_level(report))
        if changed:
            report = _measured(plan, folder, report, costs)
    if merge and is_main() and not (folder / MERGED / "config.json").is_file():
        write_merged(plan, folder, report)
        changed = True
    return Trained(folder, report, changed, (*plan.warnings, *notes, *not_measured(report)))


def _begun(plan: TrainingPlan, folder: Path, *, resume: bool) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The report of a run that is finished, else None once the folder is ready; and what the user should know."""
    report = read_report(folder)
    run = read_json(folder / CHECKPOINTS / RUN)
    before = report or (run if run and _has_work(folder / CHECKPOINTS) else None)
    if before is None:
        if run is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigError(f"-o {folder}: it holds something else than a run of train; give a new folder")
        steps = {name: {step: options[step] for step in STEPS} for name, options in plan.options.items()}
        write_json(folder / CHECKPOINTS / RUN, {"asked": plan.asked, "steps": steps})
        return None, ("there was nothing to carry on from: the run began at its beginning",) if resume else ()
    if not resume:
        state = "a finished run" if report else "a run that was cut off"
        raise ConfigError(f"-o {folder}: it holds {state}; add --resume to carry on, or give another folder")
    now = json.loads(json.dumps(plan.asked, default=str))
    differs = [name for name, value in now.items() if before.get("asked", {}).get(name) != value]
    if differs:
        raise ConfigError(
            f"-o {folder}: the run there had another {' and '.join(differs)}; give what it had, or another folder"
        )
    return report, ()


def _has_work(place: Path) -> bool:
    """Whether a run has left something to carry on from: a whole checkpoint, or a stage that is done."""
    return any(last_checkpoint(stage) or (stage / REPORT).exists() for stage in place.iterdir() if stage.is_dir())


def _same_steps(plan: TrainingPlan, folder: Path) -> TrainingPlan:
    """The plan with the batches that the run began with, which another machine might choose otherwise."""
    kept = (read_json(folder / CHECKPOINTS / RUN) or {}).get("steps", {})
    options = {name: {**each, **kept.get(name, {})} for name, each in plan.options.items()}
    return dataclasses.replace(plan, options=options)


def _train(plan: TrainingPlan, folder: Path, costs: Level) -> dict[str, Any]:
    """Run the stages, write the adapter and what belongs to it, and return the report."""
    adapter: Path | None = None
    done: dict[str, Any] = {}
    last = plan.loss.stages[-1]
    with stated_memory(), quiet():
        for stage in plan.loss.stages:
            place = folder / CHECKPOINTS / stage.name
            if stage is not last and (found := read_json(place / REPORT)):
                done[stage.name], adapter = found, place / "adapter"
                continue
            trainer = _trainer(plan, stage, place, adapter)
            done[stage.name] = _run(trainer, place)
            if stage is not last:
                adapter = place / "adapter"
                save(trainer, adapter, plan)
                if is_main():
                    write_json(place / REPORT, done[stage.name])
                del trainer
                gc.collect()
        return finish(trainer, plan, folder, done, costs)


def _measured(plan: TrainingPlan, folder: Path, report: dict[str, Any], level: Level) -> dict[str, Any]:
    """The report of a finished run, with what it cost, which was not measured then or less of it."""
    with stated_memory(), quiet():
        found = measure_costs(folder, plan.base.found.folder, level=level)
    name = plan.base.found.name
    named = dataclasses.replace(found, model=f"{name}, {plan.loss.name}", base=name)
    report = {**report, "costs": named.to_json(), "costs_problem": None}
    write_report(folder, report)
    return report


def _trainer(plan: TrainingPlan, stage: Stage, place: Path, adapter: Path | None) -> Any:
    """TRL's trainer of a stage; ``adapter`` is that of the stage before it, which it goes on with."""
    from peft import PeftModel

    kind, trainer = stage.classes()
    with _refused_by_trl(stage):
        args = kind(output_dir=str(place), disable_tqdm=not sys.stderr.isatty(), **plan.options[stage.name])
    model = plan.load_model()
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter), is_trainable=True)
    with _refused_by_trl(stage):
        return trainer(
            model=model,
            args=args,
            train_dataset=plan.rows(stage, "train"),
            eval_dataset=plan.rows(stage, "test"),
            processing_class=plan.base.tokenizer,
            peft_config=None if adapter is not None else plan.lora(),
        )


@contextmanager
def _refused_by_trl(stage: Stage) -> Iterator[None]:
    """Say in one line what TRL, or a package that it needs, objects to in the settings."""
    try:
        yield
    except (ValueError, TypeError, ImportError, NotImplementedError) as error:
        raise ConfigError(f"TRL refuses these settings for {stage.name}: {one_line(error, 300)}") from error


def _run(trainer: Any, place: Path) -> dict[str, Any]:
    """Train from the last whole checkpoint, if there is one, and test; returns steps and metrics."""
    checkpoint = last_checkpoint(place)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return stage_report(trainer, int(checkpoint.name.rpartition("-")[2]) if checkpoint else None)


def last_checkpoint(place: Path) -> Path | None:
    """The checkpoint of a stage with most steps, of those that are whole; None if there is none."""
    found = []
    for path in place.glob("checkpoint-*"):
        number = path.name.rpartition("-")[2]
        try:
            state = json.loads((path / STATE).read_bytes())
        except (OSError, ValueError):
            continue
        if number.isdecimal() and isinstance(state, dict):
            found.append((int(number), path))
    return max(found, default=(0, None))[1]
