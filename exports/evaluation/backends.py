"""The models that lm-eval opens: one backend, one model, its arguments, as ``lm_eval --model --model_args`` has them.

Whatever a backend raises becomes one line in which no secret stands.
"""

from __future__ import annotations

import gc
import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

from workspace.errors import ConfigError, count_of, cut

PACKAGES = ("lm_eval", "torch", "transformers", "accelerate")  # of the extra `eval`
ModelArgs = str | Mapping[str, Any]
_FAILURES = (AssertionError, AttributeError, ImportError, KeyError, OSError, RuntimeError, TypeError, ValueError)
_SECRETS = ("api_key", "auth_token", "header", "token", "use_auth_token")  # what nobody is told
_WAYS = ("base_url", "ca_cert_path", "max_retries", "num_concurrent", "timeout", "verify_certificate")
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")  # of an address


@dataclass(frozen=True)
class Backend:
    """A model that lm-eval opens, and how.

    Attributes:
        model: its name or path.
        name: the backend's: ``hf``, ``vllm``, ``local-completions`` ...
        given: further arguments, as lm-eval writes them (``"peft=adapter/,dtype=float16"``) or as a mapping.
        batch_size: how many texts at once; ``"auto"`` finds out.
        device: such as ``cuda:0``; by default the GPU where there is one.

    Raises:
        ConfigError: on construction, if the size of a batch cannot be.
    """

    model: str
    name: str = "hf"
    given: ModelArgs = ""
    batch_size: int | str = 1
    device: str | None = None

    def __post_init__(self) -> None:
        size = self.batch_size
        if not (size >= 1 if isinstance(size, int) else size.startswith("auto")):
            raise ConfigError(f"--batch-size {size}: give a number from 1, or auto")

    @cached_property
    def args(self) -> Mapping[str, Any]:
        """The further arguments, by their names.

        Raises:
            ConfigError: they are none.
        """
        if not self.given:
            return {}  # so that who gives none needs no lm-eval
        if not isinstance(self.given, str):
            return dict(self.given)
        from lm_eval.utils import simple_parse_args_string

        if not all("=" in each for each in self.given.split(",") if each.strip()):
            raise ConfigError(f"arguments of a model are name=value,name=value, got {self.given!r}")
        return dict(simple_parse_args_string(self.given))

    def without(self, names: Sequence[str]) -> dict[str, Any]:
        """The further arguments but for some."""
        return {name: value for name, value in self.args.items() if name not in names}

    def told(self) -> dict[str, str]:
        """The further arguments as anybody may read them."""
        return self._told(self.without(_SECRETS))

    def deciding(self) -> dict[str, str]:
        """Those of them that decide on what the model says."""
        return self._told(self.without((*_SECRETS, *_WAYS)))

    def ways(self) -> dict[str, str]:
        """The others: where an endpoint is, and how it is asked."""
        return {name: value for name, value in self.told().items() if name in _WAYS}

    @staticmethod
    def _told(args: Mapping[str, Any]) -> dict[str, str]:
        return {name: _LOGIN.sub("", str(value)) for name, value in sorted(args.items())}

    @property
    def kind(self) -> Any:
        """The backend's class.

        Raises:
            ConfigError: there is none by that name, or a package that it needs is missing.
        """
        from lm_eval.api.registry import get_model

        with self.stated(f"lm-eval's backend {self.name!r} cannot open it"):
            return get_model(self.name)

    @property
    def is_api(self) -> bool:
        """Whether the model is behind an API."""
        from lm_eval.models.api_models import TemplateAPI

        return issubclass(self.kind, TemplateAPI)

    def opened(self, seed: int | None = None) -> Any:
        """The model, as lm-eval's ``LM``, after the memory of one before is freed; to be called within ``quiet``.

        Args:
            seed: of what it draws; None is lm-eval's own.

        Raises:
            ConfigError: it cannot be opened; says why.
        """
        gc.collect()
        kind = self.kind
        with self.stated(f"lm-eval's backend {self.name!r} cannot open it"):
            seeded = seed is not None and (self.is_api or "seed" in signature(kind).parameters)
            named = {
                "model" if self.is_api else "pretrained": self.model,
                **({"seed": seed} if seeded else {}),
                **self.args,
            }
            lm = kind.create_from_arg_obj(named, {"batch_size": self.batch_size, "device": self.found_device()})
            if self.name.startswith("local-") and not lm.base_url:
                raise ValueError("it has no address; give base_url=, with the whole path")
            return lm

    def found_device(self) -> str | None:
        """The device; where none is named, what there is, because lm-eval's own default is a GPU.

        Raises:
            ConfigError: there is no such device; lm-eval would take another one.
        """
        import torch
        from lm_eval.models.huggingface import HFLM

        if not issubclass(self.kind, HFLM):
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

    @contextmanager
    def stated(self, what: str) -> Iterator[None]:
        """State in one line what lm-eval and its backends raise where a model or an argument is none.

        Raises:
            ConfigError: the model, ``what``, and why.
        """
        try:
            yield
        except failures() as error:
            raise ConfigError(f"{self.model}: {what} ({self.said(error)})") from error

    def said(self, error: BaseException) -> str:
        """The first line of an error, without secrets."""
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        for name in _SECRETS:
            if secret := str(self.args.get(name) or ""):
                line = line.replace(secret, "***")
        return cut(_LOGIN.sub("", line), 300)


def failures() -> tuple[type[Exception], ...]:
    """What lm-eval and its backends raise where a model cannot be had or does not answer."""
    others = (("aiohttp", "ClientError"), ("jinja2", "TemplateError"))  # of endpoints, of chat templates
    return (*_FAILURES, *(getattr(sys.modules[name], each) for name, each in others if name in sys.modules))


def prompt_of(lm: Any, messages: Sequence[Mapping[str, Any]], *, in_template: bool) -> Any:
    """What a model is given of a conversation, to go on from.

    Args:
        lm: the model, as lm-eval's ``LM``.
        messages: each with its ``role`` and ``content``.
        in_template: in its chat template, which for an endpoint is the conversation; else bare, an empty line after
            each message.
    """
    if in_template:
        return lm.apply_chat_template([dict(message) for message in messages])
    return "".join(f"{message['content']}\n\n" for message in messages)


@contextmanager
def quiet(*, progress: bool = False) -> Iterator[None]:
    """Keep from the terminal what lm-eval prints and warns of.

    Args:
        progress: show its own progress, if stderr is a terminal.
    """
    logger = logging.getLogger("lm_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with ExitStack() as stack:
            stack.enter_context(redirect_stdout(io.StringIO()))
            if not (progress and sys.stderr.isatty()):
                stack.enter_context(redirect_stderr(io.StringIO()))
            stack.enter_context(warnings.catch_warnings())  # of names of transformers that peft still uses
            warnings.filterwarnings("ignore", ".* is deprecated and will be removed in v6", FutureWarning)
            yield
    finally:
        logger.setLevel(level)
