"""What this machine has for models to run on: cores, a GPU, packages."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workspace.extras import is_installed, require_packages


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_gpu() -> bool:
    """Whether CTranslate2 or torch can use an NVIDIA GPU; imports neither of them if there is no driver."""
    if not Path("/proc/driver/nvidia").exists() and not Path("/dev/nvidiactl").exists():
        return False
    if is_installed("torch"):
        import torch

        return bool(torch.cuda.is_available())
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count()) > 0


def device() -> str:
    """Where a model runs, by the name that CTranslate2 and torch give it: on the GPU if there is one."""
    return "cuda" if has_gpu() else "cpu"


def need_transformers(what: str = "this translator") -> Any:
    """The transformers package with torch; ``what`` needs them.

    Raises:
        MissingPartError: one of them is not installed.
    """
    require_packages(what, ("torch", "transformers"), "models")
    import transformers

    return transformers


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """No progress bars and no advice from transformers while a model is loaded."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            # its advice to install sacremoses is about a step that its own tokenizer does not take
            warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses", category=UserWarning)
            yield
    finally:
        if shown:
            logging.enable_progress_bar()
