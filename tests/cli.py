"""``h4rmony`` as users run it, and what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from workspace.cli import main

DATA = Path(__file__).parent / "data"


def run(*arguments: str, code: int = 0) -> str:
    """The output of a command, which must end with ``code``."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result.output


def json_lines(path: Path | str) -> list[Any]:
    """Each line of a JSON Lines file."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
