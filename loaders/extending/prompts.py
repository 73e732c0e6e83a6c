"""The prompts of a file: one a line, or a table with a column ``prompt``, whose other columns are metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.check.languages import is_other_language
from loaders.source.read import read_table
from loaders.source.table import canonical_text
from workspace.errors import DataError
from workspace.model.h4rmony import LANGUAGE_COLUMNS, is_language_column, metadata_key, stated_language
from workspace.model.prompts import prompt_key

_LINES = (".txt", ".md")


@dataclass(frozen=True)
class Prompt:
    """A prompt, the id that its record will have, its metadata, and the row or line that it comes from."""

    id: str
    text: str
    row: int
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """What gives no record, and why; ``role`` is that of the answer that failed, if one did."""

    id: str
    prompt: str
    reason: str
    role: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """One line of the file of what was refused."""
        return dict(vars(self))


def read_prompts(path: Path, source_name: str) -> list[Prompt]:
    """Read prompts: one a line of a ``.txt`` file, else the rows of a CSV, TSV, JSON Lines or Parquet file.

    Raises:
        DataError: the file cannot be read, or has no column ``prompt``; names the file, the row and the remedy.
    """
    if path.suffix.lower() in _LINES:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read as UTF-8 text ({type(error).__name__})") from error
        rows: list[tuple[int, Mapping[str, str]]] = [(n, {"prompt": line}) for n, line in enumerate(lines, start=1)]
        column = "prompt"
    else:
        table = read_table(path)
        found = [name for name in table.columns if name.strip().casefold() == "prompt"]
        if len(found) != 1:
            raise DataError(f"{path}: one column named prompt is needed; it has {', '.join(table.columns)}")
        column, rows = found[0], [(row.number, row.cells) for row in table.rows]
    prompts = [_prompt(number, cells, column, source_name) for number, cells in rows]
    if not any(prompt.text for prompt in prompts):
        raise DataError(f"{path}: it has no prompts; write one a line")
    return [prompt for prompt in prompts if prompt.text]


def choose_new(prompts: Iterable[Prompt], known: Mapping[str, str]) -> tuple[list[Prompt], list[Refused]]:
    """The prompts that are new and in Spanish, and all others with the reason.

    Args:
        prompts: in order; of those with the same words the first is taken.
        known: the words (``prompt_key``) of the prompts that are there already, each with the id of its record.
    """
    taken, new, refused = dict(known), [], []
    for prompt in prompts:
        words = prompt_key(prompt.text)
        reason = None
        if words in taken:
            reason = f"it is there already, as {taken[words]}"
        elif is_other_language(prompt.text, "es") or stated_language(prompt.metadata) not in (None, "es"):
            reason = "it is not in Spanish"
        if reason:
            refused.append(Refused(prompt.id, prompt.text, reason))
        else:
            taken[words] = prompt.id
            new.append(prompt)
    return new, refused


def _prompt(number: int, cells: Mapping[str, str], column: str, source_name: str) -> Prompt:
    text = canonical_text(cells[column])
    others = {name: cell for name, cell in cells.items() if name != column and cell.strip()}
    metadata: dict[str, Any] = {metadata_key(name): cell for name, cell in others.items()}
    if not any(is_language_column(name) for name in others):
        metadata[metadata_key(LANGUAGE_COLUMNS[0].capitalize())] = "es"
    digest = hashlib.sha256(prompt_key(text).encode()).hexdigest()[:16]
    return Prompt(f"{source_name}-{digest}", text, number, metadata)
