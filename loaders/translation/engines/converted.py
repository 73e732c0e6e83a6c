"""Models in CTranslate2's format, converted once and kept in a folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from workspace.errors import DataError
from workspace.files.locks import locked
from workspace.local.machine import need_transformers, quiet_transformers
from workspace.local.models import LocalModel

WEIGHTS = "model.bin"


def converted(model: LocalModel, quantisation: str, cache: Path) -> Path:
    """The folder of the converted model; converts it where there is none yet.

    It is keyed by the model's name, its revision and the quantisation. A conversion takes its place in one step at
    the end, so a killed one leaves no half model; of two processes the second one waits for the first.

    Raises:
        MissingPartError: transformers or torch are not installed; only the conversion needs them.
        DataError: the model cannot be converted, or the folder cannot be written.
    """
    name = re.sub(r"[^\w.-]+", "--", model.name)
    folder = cache / f"{name}-{model.revision}-{quantisation}"
    if (folder / WEIGHTS).is_file():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f".{folder.name}.lock"):
            if not (folder / WEIGHTS).is_file():
                _convert(model, quantisation, folder)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror or error}); choose another --home") from error
    return folder


def _convert(model: LocalModel, quantisation: str, folder: Path) -> None:
    need_transformers()
    from ctranslate2.converters import TransformersConverter

    part = folder.with_name(f".{folder.name}.part")  # replaces what a killed process left: the lock is ours
    try:
        with quiet_transformers():
            TransformersConverter(str(model.folder)).convert(str(part), quantization=quantisation, force=True)
        if folder.exists():  # not a whole model, as we looked
            shutil.rmtree(folder)
        part.replace(folder)
    except (ValueError, KeyError, RuntimeError) as error:
        raise DataError(
            f"the model {model.name} cannot be converted for CTranslate2 ({error}); download it again, or give "
            "another --model"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
