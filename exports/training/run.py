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

import gc
import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exports.training.accuracy import accuracy, likelihoods
from exports.training.card import model_card
from exports.training.losses import Stage, trainer_of
from exports.training.machine import is_main
from exports.training.model import load_base, lora
from exports.training.plan import PACKAGES, Plan, make_plan
from exports.training.settings import STEPS
from exports.training.trained import CARD, MERGED, REPORT, Trained, read_json, read_report, write_json
from workspace import __version__
from workspace.config import default_home
from workspace.errors import ConfigError, DataError, one_line
from workspace.files.jsonl import replacing
from workspace.local.causal import is_out_of_memory

CHECKPOINTS = "checkpoints"
RUN = "run.json"
STATE = "trainer_state.json"
SHOWN = ("learning_rate", "num_train_epochs", "max_steps", "beta", *STEPS)  # on the model card


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
    plan = make_plan(data, model, loss, config, seed, Path(home or default_home()).expanduser(), dry_run=dry_run)
    if dry_run:
        return Trained(folder, _report(plan, {}, None), False, plan.warnings)
    report, notes = _begun(plan, folder, resume=resume) if is_main() else (read_report(folder), ())
    if report is None:
        plan = _same_steps(plan, folder)
        report = _train(plan, folder)
        changed = True
    else:
        changed = False
    if merge and is_main() and not (folder / MERGED / "config.json").is_file():
        _merge(plan, folder, report)
        changed = True
    return Trained(folder, report, changed, (*plan.warnings, *notes))


def _begun(plan: Plan, folder: Path, *, resume: bool) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
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


def _same_steps(plan: Plan, folder: Path) -> Plan:
    """The plan with the batches that the run began with, which another machine might choose otherwise."""
    kept = (read_json(folder / CHECKPOINTS / RUN) or {}).get("steps", {})
    options = {name: {**each, **kept.get(name, {})} for name, each in plan.options.items()}
    return Plan(**{**vars(plan), "options": options})


def _train(plan: Plan, folder: Path) -> dict[str, Any]:
    """Run the stages, write the adapter and what belongs to it, and return the report."""
    adapter: Path | None = None
    done: dict[str, Any] = {}
    last = plan.loss.stages[-1]
    with _stated_memory(), _quiet():
        for stage in plan.loss.stages:
            place = folder / CHECKPOINTS / stage.name
            if stage is not last and (found := read_json(place / REPORT)):
                done[stage.name], adapter = found, place / "adapter"
                continue
            trainer = _trainer(plan, stage, place, adapter)
            done[stage.name] = _run(trainer, place)
            if stage is not last:
                adapter = place / "adapter"
                _save(trainer, adapter, plan)
                if is_main():
                    write_json(place / REPORT, done[stage.name])
                del trainer
                gc.collect()
        held_out = _held_out(trainer, plan)
        _save(trainer, folder, plan)
    report = _report(plan, done, held_out)
    if is_main():
        _write_text(folder / CARD, model_card(report))
        write_json(folder / REPORT, report)
    return report


def _trainer(plan: Plan, stage: Stage, place: Path, adapter: Path | None) -> Any:
    """TRL's trainer of a stage; ``adapter`` is that of the stage before it, which it goes on with."""
    from peft import PeftModel

    kind, trainer = trainer_of(stage)
    loading = plan.loading
    with _refused_by_trl(stage):
        args = kind(output_dir=str(place), disable_tqdm=not sys.stderr.isatty(), **plan.options[stage.name])
    model = load_base(
        plan.base,
        dtype=str(loading["dtype"]),
        four_bit=bool(loading["load_in_4bit"]),
        attention=loading["attn_implementation"],
    )
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter), is_trainable=True)
    train, test = (plan.data.rows(stage, split) for split in ("train", "test"))
    with _refused_by_trl(stage):
        return trainer(
            model=model,
            args=args,
            train_dataset=train,
            eval_dataset=test,
            processing_class=plan.base.tokenizer,
            peft_config=None if adapter is not None else lora(plan.adapter),
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
    result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    metrics = {name: value for name, value in result.metrics.items() if isinstance(value, int | float)}
    if trainer.eval_dataset is not None:
        last = trainer.state.log_history[-2:]  # an evaluation at the last step, and the summary of the training
        tested = next((each for each in last if "eval_loss" in each), None) or trainer.evaluate()
        metrics |= {name: value for name, value in tested.items() if isinstance(value, int | float)}
    return {
        "steps": trainer.state.global_step,
        "resumed_from": int(checkpoint.name.rpartition("-")[2]) if checkpoint else None,
        "metrics": metrics,
    }


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


def _save(trainer: Any, folder: Path, plan: Plan) -> None:
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


def _held_out(trainer: Any, plan: Plan) -> dict[str, Any] | None:
    """How many pairs of the test split the model orders rightly; None without pairs, or where it is in parts."""
    pairs = plan.data.held_out(plan.loss)
    in_parts = trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled
    if not pairs or in_parts or not is_main():
        return None
    longest = int(plan.options[plan.loss.stages[-1].name]["max_length"] or sys.maxsize)
    with trainer.compute_loss_context_manager() or nullcontext():
        judged = list(likelihoods(trainer.model, plan.base.tokenizer, pairs, longest))
    return accuracy(judged, plan.loss.measure).to_json()


def _merge(plan: Plan, folder: Path, report: Mapping[str, Any]) -> None:
    """Write the base model with the adapter merged in, in the numbers of its checkpoint."""
    from peft import PeftModel

    place = folder / f".{MERGED}.part"
    shutil.rmtree(place, ignore_errors=True)
    with _stated_memory(), _quiet():
        model = PeftModel.from_pretrained(load_base(plan.base, dtype="auto"), str(folder)).merge_and_unload()
        model.save_pretrained(str(place))
        plan.base.tokenizer.save_pretrained(str(place))
    _write_text(place / CARD, model_card(report, merged=True))
    shutil.rmtree(folder / MERGED, ignore_errors=True)
    place.replace(folder / MERGED)


def _report(plan: Plan, done: Mapping[str, Any], held_out: Mapping[str, Any] | None) -> dict[str, Any]:
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
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
    }


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())


@contextmanager
def _quiet() -> Iterator[None]:
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
def _stated_memory() -> Iterator[None]:
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
