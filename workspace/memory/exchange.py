"""The memory of a home folder from and to a file of JSON Lines or TMX, as the file's suffix says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from workspace.errors import DataError
from workspace.files.jsonl import file_digest, read_jsonl
from workspace.memory.store import HUMAN, MEMORY_FILE, MemoryEntry, TranslationMemory
from workspace.memory.tmx import SUFFIX, TmxCounts, read_tmx, write_tmx

SUFFIXES = (".jsonl", SUFFIX)


@dataclass(frozen=True)
class Imported:
    """How many entries a file has, how many of them are new, and how many translations the memory holds then."""

    entries: int
    new: int
    left_out_blank: int
    in_memory: int


def import_memory(file: Path, home: Path, *, engine: str = HUMAN, dry_run: bool = False) -> Imported:
    """Add the translations of a file to the memory in ``home``; what it holds stays as it is.

    Args:
        file: JSON Lines or TMX.
        home: the folder with the memory.
        engine: the engine of TMX units that name none.
        dry_run: add them to a temporary copy.

    Raises:
        DataError: the file or the memory cannot be read, or the file has no translation.
    """
    path, counts = home / MEMORY_FILE, TmxCounts()
    with TemporaryDirectory() as folder:
        place = Path(folder) / MEMORY_FILE if dry_run else path
        with TranslationMemory(place) as memory:
            if dry_run:
                with TranslationMemory(path, read_only=True) as kept:
                    memory.add(kept.entries())
            is_tmx = file.suffix.lower() == SUFFIX
            new = memory.add(read_tmx(file, engine=engine, counts=counts) if is_tmx else _counted(file, counts))
            in_memory = memory.count()
    if not counts.entries:
        raise DataError(f"{file}: no translation found; give a file with at least one")
    return Imported(counts.entries, new, counts.blank, in_memory)


def export_memory(
    file: Path, home: Path, *, source_language: str, human_only: bool = False, dry_run: bool = False
) -> tuple[TmxCounts, bool]:
    """Write the memory in ``home`` to a file; returns what was written, and whether the file is another than before.

    Raises:
        DataError: the memory cannot be read, or the file cannot be written.
    """
    before = file_digest(file)
    with TemporaryDirectory() as folder, TranslationMemory(home / MEMORY_FILE, read_only=True) as kept:
        target = Path(folder) / file.name if dry_run else file
        if file.suffix.lower() == SUFFIX:
            counts = write_tmx(target, kept.entries(human_only=human_only), source_language=source_language)
        else:
            counts = TmxCounts(entries=kept.export_jsonl(target, human_only=human_only))
        return counts, file_digest(target) != before


def _counted(file: Path, counts: TmxCounts) -> Iterator[MemoryEntry]:
    for entry in read_jsonl(file, MemoryEntry.from_json):
        counts.entries += 1
        yield entry
