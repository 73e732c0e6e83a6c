"""The settings beside a file of answers or of grades: how its lines came to be, so that no run mixes two ways."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workspace.errors import DataError
from workspace.files.jsonl import write_json


def settings_file(output: Path) -> Path:
    """The file of the settings: ``answers.settings.json`` beside ``answers.jsonl``."""
    return output.with_suffix(".settings.json")


def read_settings(output: Path) -> dict[str, Any]:
    """The settings beside a file; empty if there are none.

    Raises:
        DataError: they cannot be read.
    """
    path = settings_file(output)
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read; remove it if the lines of {output.name} are to be kept") from error
    return data if isinstance(data, dict) else {}


def write_settings(output: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings beside a file, in one step."""
    write_json(settings_file(output), settings)


def differing(stored: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Which settings are others than those that are stored, in words; None if none is."""
    other = [name for name in now if stored.get(name, now[name]) != now[name]]
    return ", ".join(f"{name} {stored[name]!r} and not {now[name]!r}" for name in other) or None


def today() -> str:
    """The date in UTC, as settings have it."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()
