"""Have lm-eval compute the likelihoods: a model, the same with random weights, a model to compare with.

Models are opened one after another, and each is let go of before the next. Nothing here computes a likelihood.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exports.evaluation.backends import PACKAGES, Backend, ModelArgs, failures, quiet
from exports.evaluation.likelihood.choices import Choice, is_samples, read_samples
from exports.evaluation.likelihood.likelihood import Likelihood, preferences
from exports.formats.lm_eval import LM_EVAL, TASK_FILE, TASKS
from workspace.errors import ConfigError, DataError
from workspace.extras import require_packages
from workspace.files.jsonl import file_digest, write_json

_ADAPTERS = ("peft", "delta")  # what a reference model does not share
# what a model with random weights shares with the one that it is made like
_SHARED = ("add_bos_token", "max_length", "prefix_token_id", "softmax_dtype", "tokenizer", "trust_remote_code",
           "truncation", "use_fast_tokenizer")  # fmt: skip


def likelihood(
    model: str | Path,
    data: str | Path | None = None,
    *,
    reference: str | Path | None = None,
    backend: str = "hf",
    model_args: ModelArgs = "",
    reference_args: ModelArgs | None = None,
    chat_template: bool = False,
    floor: bool = True,
    seed: int = 0,
    limit: int | None = None,
    batch_size: int | str = 1,
    device: str | None = None,
    output: str | Path | None = None,
) -> Likelihood:
    """Say how often a model finds the better answer the likelier one.

    lm-eval computes the likelihoods. Of twins it is how often the model prefers the base.

    Args:
        model: the name or path of a model; or a file or folder of samples that ``lm_eval --log_samples`` wrote of
            these tasks, for which no model is opened.
        data: the folder of an export that has the format ``lm-eval``; not needed for samples.
        reference: a model to compare with, on the same rows; or its samples.
        backend: that of lm-eval which opens the models: ``hf``, ``vllm``, ``local-completions`` ...
        model_args: further arguments for the backend, as lm-eval writes them (``"peft=adapter/,dtype=float16"``) or
            as a mapping.
        reference_args: those for the reference; by default the same without adapters.
        chat_template: give the bare prompt, in the model's chat template.
        floor: measure a model of the same make with random weights too.
        seed: of these weights.
        limit: take only so many rows of each task.
        batch_size: how many texts at once; ``"auto"`` finds out.
        device: such as ``cuda:0``; by default the GPU where there is one.
        output: where to write all figures as JSON; None writes nothing.

    Raises:
        ConfigError: lm-eval cannot open a model, or gets no likelihoods from it.
        DataError: the folder has no tasks with rows in ``test``, or a file no samples.
        MissingPartError: a package of the extra ``eval`` is not installed.

    Example:
        >>> from exports import export, merge
        >>> exported = export(merge(review, test_share=1.0), "data/", ["lm-eval"])
        >>> found = likelihood(tiny_model, "data/", limit=8)
        >>> sorted(found.tasks), found.tasks["pairs"].scores["bytes"].items
        (['best', 'matched', 'pairs'], 8)
    """
    opens = Backend(str(model), backend, model_args, batch_size, device)
    settings: dict[str, Any] = {}
    notes: list[str] = []
    harness: _Harness | None = None
    floors: Sequence[Choice] = ()
    others: Sequence[Choice] = ()
    if data is not None:
        require_packages("a score by likelihood", PACKAGES, "eval")
        harness = _Harness(_folder(Path(data)), chat_template, limit)
        settings = {**harness.settings, "backend": backend, "model_args": opens.told()}
    found = _choices(opens, harness)
    if floor and harness and not is_samples(model):
        settings["seed"] = seed
        try:
            floors = harness.choices_of_random(opens, seed)
        except ConfigError as error:
            notes.append(str(error))
    if reference is not None:
        args = opens.without(_ADAPTERS) if reference_args is None else reference_args
        others = _choices(replace(opens, model=str(reference), given=args), harness)
    told = str(reference) if reference is not None else None
    scored = Likelihood(str(model), preferences(found, floors, others), told, settings, tuple(notes))
    if output is not None:
        write_json(Path(output), scored.to_json())
    return scored


@dataclass
class _Harness:
    """lm-eval with the tasks of a folder."""

    folder: Path
    chat: bool
    limit: int | None
    tasks: list[str] = field(init=False)

    def __post_init__(self) -> None:
        import pyarrow.parquet as pq

        names = ("chat", "twins_chat") if self.chat else ("pairs", "best", "twins")  # the matched are among the pairs
        columns = ["kind", "length_matched"]
        try:
            rows = pq.read_table(self.folder / "test.parquet", columns=columns).to_pylist()
        except (OSError, ValueError) as error:
            raise DataError(f"{self.folder}: its table test.parquet cannot be read; export again") from error
        self.tasks = [f"{_group(self.folder)}_{name}" for name in names if any(map(TASKS[name].has, rows))]
        if not self.tasks:
            raise DataError(f"{self.folder}: no row in test; export with a greater --test-share")

    @property
    def settings(self) -> dict[str, Any]:
        """What the numbers depend on, beside the model."""
        from lm_eval import __version__

        digest = file_digest(self.folder / "test.parquet")
        return {"lm_eval": __version__, "data": digest, "chat_template": self.chat, "limit": self.limit}

    def choices(self, opens: Backend) -> tuple[Choice, ...]:
        """What a model chooses.

        Raises:
            ConfigError: it cannot be opened, or gives no likelihoods.
        """
        with quiet(progress=True):
            return self._run(opens.opened(), opens)

    def choices_of_random(self, opens: Backend, seed: int) -> tuple[Choice, ...]:
        """What a model of the same make chooses whose weights are random.

        Raises:
            ConfigError: transformers cannot make one.
        """
        gc.collect()  # the model before
        with quiet(progress=True):
            if opens.is_api:
                raise ConfigError(f"no floor: transformers cannot make {opens.model} anew (it is behind an API)")
            try:
                made = _random_weights(opens, seed)
            except failures() as error:
                raise ConfigError(
                    f"no floor: transformers cannot make {opens.model} anew ({opens.said(error)})"
                ) from error
            shared = {"tokenizer": opens.model} | {name: opens.args[name] for name in _SHARED if name in opens.args}
            hf = replace(opens, name="hf")
            moved = made.to(hf.found_device()).eval()
            return self._run(hf.kind(pretrained=moved, batch_size=hf.batch_size, **shared), opens)

    def _run(self, lm: Any, opens: Backend) -> tuple[Choice, ...]:
        from lm_eval import simple_evaluate
        from lm_eval.tasks import TaskManager

        with opens.stated("lm-eval gets no likelihoods from it"):  # or memory ends
            found = simple_evaluate(
                lm,
                tasks=list(self.tasks),
                limit=self.limit,
                bootstrap_iters=0,  # its intervals are not clustered
                apply_chat_template=self.chat,
                task_manager=TaskManager(include_path=str(self.folder), include_defaults=False),
            )
        assert found
        return tuple(Choice.from_json(sample) for task in self.tasks for sample in found["samples"][task])


def _choices(opens: Backend, harness: _Harness | None) -> tuple[Choice, ...]:
    if is_samples(opens.model):
        return read_samples(opens.model)
    if harness is None:
        raise ConfigError(
            f"{opens.model}: no samples of lm-eval are there; for a model, --data names the export to score"
        )
    return harness.choices(opens)


def _folder(data: Path) -> Path:
    """The folder with the tasks: that of the format in an export, or itself."""
    for folder in (data / LM_EVAL.name, data):
        if (folder / TASK_FILE).is_file():
            return folder
    raise DataError(f"{data}: has no tasks for lm-eval; write them with `h4rmony export --format lm-eval -o {data}`")


def _group(folder: Path) -> str:
    import yaml

    try:
        return str(yaml.safe_load((folder / TASK_FILE).read_text(encoding="utf-8"))["group"])
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise DataError(f"{folder / TASK_FILE}: names no group of tasks; export again") from error


def _random_weights(opens: Backend, seed: int) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    trusted = bool(opens.args.get("trust_remote_code", False))
    revision = opens.args.get("revision", "main")
    config = AutoConfig.from_pretrained(opens.model, revision=revision, trust_remote_code=trusted)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    torch.manual_seed(seed)
    return kind.from_config(config, trust_remote_code=trusted)
