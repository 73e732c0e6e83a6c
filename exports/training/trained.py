"""What a run leaves beside the adapter: ``training.json`` and the model card, and the result for Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.evaluation.costs.figures import Costs
from workspace.errors import DataError
from workspace.files import jsonl

REPORT = "training.json"
CARD = "README.md"
ADAPTER = "adapter_model.safetensors"
MERGED = "merged"


@dataclass(frozen=True)
class Trained:
    """What ``train`` did.

    Attributes:
        folder: where the adapter, its tokenizer, the model card and ``training.json`` are.
        report: what ``training.json`` holds: loss, model, data with hashes, settings, versions, metrics.
        changed: whether anything was trained or written.
        warnings: what the user should know.
    """

    folder: Path
    report: Mapping[str, Any]
    changed: bool
    warnings: tuple[str, ...] = ()

    @property
    def accuracy(self) -> float | None:
        """The share of held-out pairs that the model orders rightly; None without held-out pairs."""
        held_out = self.report.get("held_out")
        return held_out["accuracy"] if held_out else None

    @property
    def costs(self) -> Costs | None:
        """What the training cost elsewhere; None where it was not measured."""
        found = self.report.get("costs")
        return Costs.from_json(found) if found else None

    def to_json(self) -> dict[str, Any]:
        """As ``h4rmony train --json`` prints it."""
        return {
            **self.report,
            "folder": str(self.folder),
            "changed": self.changed,
            "warnings": list(self.warnings),
        }


def read_report(folder: Path) -> dict[str, Any] | None:
    """The ``training.json`` of a folder; None if it has none.

    Raises:
        DataError: it cannot be read.
    """
    return read_json(folder / REPORT)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None if there is no file.

    Raises:
        DataError: it is something else.
    """
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read ({error}); give another folder with -o") from error
    if not isinstance(data, dict):
        raise DataError(f"{path}: not what train writes; give another folder with -o")
    return data


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON object with sorted keys, whole or not at all."""
    jsonl.write_json(path, data, default=str)
