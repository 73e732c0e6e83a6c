"""Translating a table of texts, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.source.table import Row
from loaders.translation.engines.protocol import Translator
from loaders.translation.texts import BATCH_SIZE, BatchTranslator, TranslationCounts, engine_label
from workspace.memory.store import TranslationMemory


@dataclass(frozen=True)
class TranslatedRow:
    """One row of a table with its translation; both have the same columns, in the table's order."""

    number: int
    source: Mapping[str, str]
    translation: Mapping[str, str]
    language: str
    engine: str

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


def translate_rows(
    rows: Iterable[Row],
    translator: Translator,
    memory: TranslationMemory,
    *,
    batch_size: int = BATCH_SIZE,
    counts: TranslationCounts | None = None,
) -> Iterator[TranslatedRow]:
    """Each row with every cell translated: one for each row, in order, duplicates kept.

    A blank cell stays as it is; a cell that the engine does not translate is "".

    Args:
        rows: any number of rows.
        translator: the engine.
        memory: what is in it is not translated again; what is translated is kept in it.
        batch_size: about how many cells go into one call of the engine and one commit of the memory.
        counts: grows while the stream is read.

    Raises:
        TranslationError: the engine failed; the batches before are in the memory.
        DataError: the memory cannot be read or written, or a cell is not valid UTF-8.
    """
    run = BatchTranslator(translator, memory, counts if counts is not None else TranslationCounts())
    for row, cells in run.walk(rows, lambda row: tuple(row.cells.values()), batch_size):
        translation = dict(zip(row.cells, (cell.text for cell in cells), strict=True))
        label = engine_label(cells) or run.engine.label
        yield TranslatedRow(row.number, row.cells, translation, run.engine.target_language, label)
