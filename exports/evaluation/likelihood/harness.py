"""Have lm-eval compute the likelihoods: a model, the same with random weights, a model to compare with.

Models are opened one after another, and each is let go of before the next. Nothing here computes a likelihood.
"""

from __future__ import annotations

import gc
import io
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exports.evaluation.likelihood.choices import Choice, is_samples, read_samples
from exports.evaluation.likelihood.likelihood import Likelihood, preferences
from exports.formats.lm_eval import LM_EVAL, TASK_FILE, TASKS
from workspace.errors import ConfigError, DataError, count_of
from workspace.extras import require_packages
from workspace.files.jsonl import file_digest, replacing

PACKAGES = ("lm_eval", "torch", "transformers", "accelerate")  # of the extra `eval`
ModelArgs = str | Mapping[str, Any]
_ADAPTERS = ("peft", "delta")  # what a reference model does not share
# what lm-eval and its backends raise where a model or an argument is none
_UNOPENED = (AssertionError, AttributeError, ImportError, KeyError, OSError, RuntimeError, TypeError, ValueError)
_SECRETS = ("api_key", "auth_token", "token", "use_auth_token")  # what nobody is told
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
    settings: dict[str, Any] = {}
    notes: list[str] = []
    harness: _Harness | None = None
    floors: Sequence[Choice] = ()
    others: Sequence[Choice] = ()
    if data is not None:
        require_packages("a score by likelihood", PACKAGES, "eval")
        harness = _Harness(_folder(Path(data)), chat_template, limit, batch_size, device)
        settings = {**harness.settings, "backend": backend, "model_args": _told(model_args)}
    found = _choices(model, harness, backend, model_args)
    if floor and harness and not is_samples(model):
        settings["seed"] = seed
        try:
            floors = harness.choices_of_random(model, backend, model_args, seed)
        except ConfigError as error:
            notes.append(str(error))
    if reference is not None:
        args = _without(model_args, _ADAPTERS) if reference_args is None else reference_args
        others = _choices(reference, harness, backend, args)
    told = str(reference) if reference is not None else None
    scored = Likelihood(str(model), preferences(found, floors, others), told, settings, tuple(notes))
    if output is not None:
        with replacing(Path(output)) as file:
            text = json.dumps(scored.to_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            file.write(text.encode())
    return scored


@dataclass
class _Harness:
    """lm-eval with the tasks of a folder."""

    folder: Path
    chat: bool
    limit: int | None
    batch_size: int | str
    device: str | None
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

    def choices(self, model: str, backend: str, args: ModelArgs) -> tuple[Choice, ...]:
        """What a model chooses.

        Raises:
            ConfigError: it cannot be opened, or gives no likelihoods.
        """
        from lm_eval.api.registry import get_model

        with quiet_harness():
            try:
                kind = get_model(backend)
                named = {_name_of(kind): model, **_parsed(args)}
                opened = {"batch_size": self.batch_size, "device": self._device(kind)}
                lm = kind.create_from_arg_obj(named, opened)
            except _UNOPENED as error:
                raise ConfigError(
                    f"{model}: lm-eval's backend {backend!r} cannot open it ({_first_line(error)})"
                ) from error
            return self._run(lm, model)

    def choices_of_random(self, model: str | Path, backend: str, args: ModelArgs, seed: int) -> tuple[Choice, ...]:
        """What a model of the same make chooses whose weights are random.

        Raises:
            ConfigError: transformers cannot make one.
        """
        from lm_eval.api.registry import get_model

        given = _parsed(args)
        with quiet_harness():
            try:
                if _name_of(get_model(backend)) != "pretrained":
                    raise ValueError("it is behind an API")
                made = _random_weights(str(model), given, seed)
            except _UNOPENED as error:
                raise ConfigError(
                    f"no floor: transformers cannot make {model} anew ({_first_line(error)})"
                ) from error
            shared = {"tokenizer": str(model)} | {name: given[name] for name in _SHARED if name in given}
            hf = get_model("hf")
            lm = hf(pretrained=made.to(self._device(hf)).eval(), batch_size=self.batch_size, **shared)
            return self._run(lm, str(model))

    def _device(self, kind: Any) -> str | None:
        """The device; where none is named, what there is, because lm-eval's own default is a GPU.

        Raises:
            ConfigError: there is no such device; lm-eval would take another one.
        """
        import torch
        from lm_eval.models.huggingface import HFLM

        if not issubclass(kind, HFLM):
            return self.device
        there = torch.cuda.device_count()
        wanted = self.device or ("cuda" if there else "cpu")
        try:
            found = torch.device(wanted)
        except RuntimeError as error:
            raise ConfigError(f"{wanted}: no device; name one such as cuda:0 or cpu") from error
        if found.type == "cuda" and not 0 <= (found.index or 0) < there:  # torch takes 999 for -25
            raise ConfigError(f"{wanted}: no such device; this machine has {count_of(there, 'GPU')}")
        return wanted

    def _run(self, lm: Any, model: str) -> tuple[Choice, ...]:
        from lm_eval import simple_evaluate
        from lm_eval.tasks import TaskManager

        try:
            found = simple_evaluate(
                lm,
                tasks=list(self.tasks),
                limit=self.limit,
                bootstrap_iters=0,  # its intervals are not clustered
                apply_chat_template=self.chat,
                task_manager=TaskManager(include_path=str(self.folder), include_defaults=False),
            )
        except (OSError, RuntimeError, ValueError) as error:  # also one that has no likelihoods, and memory that ends
            raise ConfigError(f"{model}: lm-eval gets no likelihoods from it ({_first_line(error)})") from error
        assert found
        return tuple(Choice.from_json(sample) for task in self.tasks for sample in found["samples"][task])


def _choices(model: str | Path, harness: _Harness | None, backend: str, args: ModelArgs) -> tuple[Choice, ...]:
    if is_samples(model):
        return read_samples(model)
    if harness is None:
        raise ConfigError(f"{model}: no samples of lm-eval are there; for a model, --data names the export to score")
    return harness.choices(str(model), backend, args)


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


def _random_weights(model: str, args: Mapping[str, Any], seed: int) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    trusted = bool(args.get("trust_remote_code", False))
    config = AutoConfig.from_pretrained(model, revision=args.get("revision", "main"), trust_remote_code=trusted)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    torch.manual_seed(seed)
    return kind.from_config(config, trust_remote_code=trusted)


def _name_of(kind: Any) -> str:
    """What a backend calls the model: ``model`` behind an API, else ``pretrained``."""
    from lm_eval.models.api_models import TemplateAPI

    return "model" if issubclass(kind, TemplateAPI) else "pretrained"


def _parsed(args: ModelArgs) -> dict[str, Any]:
    if not isinstance(args, str):
        return dict(args)
    from lm_eval.utils import simple_parse_args_string

    if not all("=" in each for each in args.split(",") if each.strip()):
        raise ConfigError(f"arguments of a model are name=value,name=value, got {args!r}")
    return dict(simple_parse_args_string(args))


def _without(args: ModelArgs, names: Sequence[str]) -> dict[str, Any]:
    """Arguments but for some; an empty string is not parsed, so that samples need no lm-eval."""
    return {name: value for name, value in (_parsed(args) if args else {}).items() if name not in names}


def _told(args: ModelArgs) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(_without(args, _SECRETS).items())}


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def quiet_harness() -> Iterator[None]:
    """Keep from the terminal what lm-eval warns of; its progress is shown only on a terminal.

    The memory of the model before is freed.
    """
    gc.collect()
    logger = logging.getLogger("lm_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with nullcontext() if sys.stderr.isatty() else redirect_stderr(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
