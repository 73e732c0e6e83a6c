"""Translating a table of texts, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from loaders.source.table import Row
from loaders.translation.engines.protocol import Translator
from loaders.translation.texts import BATCH_SIZE, BatchTranslator, TranslationCounts, engine_label
from workspace.memory.store import TranslationMemory
from workspace.model.h4rmony import is_language_column
from workspace.model.records import ORIGINAL


@dataclass(frozen=True)
class TranslatedRow:
    """One row of a table with its translation; both have the same columns, in the table's order."""

    number: int
    source: Mapping[str, str]
    translation: Mapping[str, str]
    language: str
    engine: str

    @property
    def checked(self) -> dict[str, str]:
        """The translated cells by column; none where the row is in the target language already."""
        cells = {} if self.engine == ORIGINAL else self.translation
        return {column: text for column, text in cells.items() if not is_language_column(column)}

    def to_json(self) -> dict[str, Any]:
        """The row as one line of the output.

        ``{"row": 1, "source": {COLUMN: TEXT, ...}, "translation": {"language": "es", "engine": "...",
        "texts": {COLUMN: TEXT, ...}}}``
        """
        return {
            "row": self.number,
            "source": dict(self.source),
            "translation": {"language": self.language, "engine": self.engine, "texts": dict(self.translation)},
        }


def row_name(row: Row) -> str:
    """What messages call a row, and ``originals`` too."""
    return f"row {row.number}"


def row_texts(row: Row) -> tuple[str, ...]:
    """The cells of a row that are translated."""
    return tuple(cell for column, cell in row.cells.items() if not is_language_column(column))


def translate_rows(
    rows: Iterable[Row],
    translator: Translator,
    memory: TranslationMemory,
    *,
    originals: Set[str] = frozenset(),
    batch_size: int = BATCH_SIZE,
    counts: TranslationCounts | None = None,
) -> Iterator[TranslatedRow]:
    """Each row with every cell translated: one for each row, in order, duplicates kept.

    A blank cell, a cell that says the row's language, and each cell of ``originals`` stay as they are; a cell that
    the engine does not translate is "".

    Args:
        rows: any number of rows.
        translator: the engine.
        memory: what is in it is not translated again; what is translated is kept in it.
        originals: the rows, by ``row_name``, that are in the target language.
        batch_size: about how many cells go into one call of the engine and one commit of the memory.
        counts: grows while the stream is read.

    Raises:
        TranslationError: the engine failed; the batches before are in the memory.
        DataError: the memory cannot be read or written, or a cell is not valid UTF-8.
    """
    counts = counts if counts is not None else TranslationCounts()
    run = BatchTranslator(translator, memory, counts)
    for row, cells in run.walk(rows, lambda row: () if row_name(row) in originals else row_texts(row), batch_size):
        done = iter(cells)
        translation = {
            column: next(done).text if cells and not is_language_column(column) else cell
            for column, cell in row.cells.items()
        }
        label = engine_label(cells) or run.engine.label
        if row_name(row) in originals:
            counts.original += 1
            label = ORIGINAL
        yield TranslatedRow(row.number, row.cells, translation, run.engine.target_language, label)
