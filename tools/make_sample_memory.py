"""Rebuild the bundled sample's translation memory with the Apertium of this machine.

    python tools/make_sample_memory.py [--check]

Reads ``workspace/demo/sample.csv``, translates each distinct text from English to Spanish, one at a time, and writes
``workspace/demo/memory.jsonl`` as ``TranslationMemory.import_jsonl`` reads it: one object per line, sorted by source
text. Run it when a text of the sample, the engine's rules or Apertium's version has changed: the memory serves only
an engine with the name, version and languages that it states.
``--check`` writes nothing, and ends with status 1 if the file is out of date.
"""

from __future__ import annotations

import csv
from pathlib import Path

import click

from loaders.translation.engines.protocol import EngineId
from loaders.translation.engines.registry import make_translator
from workspace.errors import H4rmonyError
from workspace.files.jsonl import dumps, write_jsonl
from workspace.memory.store import MemoryEntry
from workspace.model.h4rmony import TEXT_COLUMNS

DEMO = Path(__file__).resolve().parent.parent / "workspace" / "demo"
SAMPLE = DEMO / "sample.csv"
MEMORY = DEMO / "memory.jsonl"


def sample_texts() -> list[str]:
    """Every distinct text of the sample, sorted."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return sorted({row[column] for row in csv.DictReader(file) for column in TEXT_COLUMNS})


def memory_entries() -> list[dict[str, str]]:
    """What the engine makes of each text, in the texts' order."""
    translator = make_translator("apertium", source_language="en", target_language="es")
    engine = EngineId.of(translator)
    return [MemoryEntry(engine, text, *translator.translate([text])).to_json() for text in sample_texts()]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with status 1 if the file is out of date.")
def main(check: bool) -> None:
    """Make workspace/demo/memory.jsonl from workspace/demo/sample.csv."""
    try:
        entries = memory_entries()
        if not check:
            count = write_jsonl(MEMORY, entries)
            click.echo(f"{MEMORY}: {count} translations by {entries[0]['engine']} {entries[0]['version']}")
            return
    except H4rmonyError as error:
        raise click.ClickException(str(error)) from error
    wanted = "".join(f"{dumps(entry)}\n" for entry in entries)
    if not MEMORY.is_file() or MEMORY.read_text(encoding="utf-8") != wanted:
        raise click.ClickException(f"{MEMORY} is out of date; run: python tools/make_sample_memory.py")
    click.echo(f"{MEMORY}: up to date")


if __name__ == "__main__":
    main()
