"""The prompts of a file: one a line, or a table with a column ``prompt``, whose other columns are metadata.

A source to complete is a table of prompts with their best answer, as ``BetterCompletion`` or ``chosen``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from loaders.check.languages import is_other_language
from loaders.extending.outcome import Refused
from loaders.extending.prompts.prompt import Prompt, prompt_id
from loaders.shapes.columns import find_schema
from loaders.source.content import find_content
from loaders.source.location import Location, Place
from loaders.source.read import as_location, read_table
from loaders.source.seen import kept_text, shows_nothing
from loaders.source.table import canonical_text
from loaders.source.text import decoded
from workspace.errors import DataError
from workspace.model.h4rmony import is_language_column, metadata_key, stated_language
from workspace.model.languages import LANGUAGES
from workspace.model.prompts import prompt_key

LINES = (".txt", ".md")


def read_prompts(source: Place | Location, source_name: str, language: str, notes: list[str]) -> list[Prompt]:
    """Read prompts: one a line of a ``.txt`` file, else the rows of any source.

    ``notes`` grows by what a person should know of how it was read.

    Raises:
        DataError: the file cannot be read, or has no column ``prompt``; names the file, the row and the remedy.
    """
    location = as_location(source) or Location("")
    path = Path(str(location.place))
    if path.suffix.lower() in LINES:
        text = canonical_text(decoded(find_content(path), location))
        rows: list[Mapping[str, str]] = [{"prompt": line} for line in text.split("\n")]
        column = "prompt"
    else:
        table = read_table(location)
        found = [name for name in table.columns if name.strip().casefold() == "prompt"]
        if len(found) != 1:
            raise DataError(f"{path}: one column named prompt is needed; it has {', '.join(table.columns)}")
        notes += table.notes
        column, rows = found[0], [row.cells for row in table.rows]
    prompts = [_prompt(cells, column, None, source_name, language) for cells in rows]
    if not any(prompt.text for prompt in prompts):
        raise DataError(f"{path}: it has no prompts; write one a line")
    return [prompt for prompt in prompts if prompt.text]


def read_known(source: Place | Location, source_name: str, language: str, notes: list[str]) -> list[Prompt]:
    """Read the prompts of a source that has only the best answer to each; ``notes`` as ``read_prompts``.

    Raises:
        DataError: the source cannot be read, has no such columns, or has worse answers too; or an answer is blank.
    """
    table = read_table(source)
    schema = find_schema(table.columns)
    if schema is None or schema.worse is not None:
        why = "it has worse answers already" if schema else f"it has {', '.join(table.columns)}"
        raise DataError(
            f"{table.source}: prompts with their best answer alone are needed (Prompt, BetterCompletion); {why}"
        )
    for row in table.rows:
        if any(shows_nothing(row.cells.get(column, "")) for column in (schema.prompt, schema.better)):
            raise DataError(
                f"{table.source}, row {row.number}: the prompt or its answer is blank; fill it in or remove the row"
            )
    notes += table.notes
    return [_prompt(row.cells, schema.prompt, schema.better, source_name, language) for row in table.rows]


def choose_new(
    prompts: Iterable[Prompt], known: Mapping[str, str], language: str
) -> tuple[list[Prompt], list[Refused]]:
    """The prompts that are new and in the language, and all others with the reason.

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
        elif is_other_language(prompt.text, language) or stated_language(prompt.metadata) not in (None, language):
            reason = f"it is not in {LANGUAGES[language][1]}"
        if reason:
            refused.append(Refused(prompt.id, prompt.text, reason))
        else:
            taken[words] = prompt.id
            new.append(prompt)
    return new, refused


def _prompt(cells: Mapping[str, str], column: str, better: str | None, source_name: str, language: str) -> Prompt:
    text = canonical_text(cells[column])
    others = {name: cell for name, cell in cells.items() if name not in (column, better) and cell.strip()}
    metadata: dict[str, Any] = {metadata_key(name): cell for name, cell in others.items()}
    if not any(is_language_column(name) for name in others):
        metadata["language"] = language
    name = prompt_id(source_name, text)
    if better:
        return Prompt(name, text, metadata, kept_text(cells[better]), {"by": "source"})
    return Prompt(name, text, metadata)
