"""The prompts of other sources, which are not to be written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from loaders.extending.prompts.from_file import LINES, read_prompts
from loaders.imploding.source import implode, read_source
from loaders.shapes.columns import Columns, Schema
from loaders.shapes.judged import Unusable
from loaders.shapes.messages import spoken
from loaders.shapes.recognise import recognise
from loaders.source.table import Table, canonical_text
from workspace.files.jsonl import read_jsonl
from workspace.model.ballots import Ballot
from workspace.model.prompts import prompt_key


def read_there(source: str | Path) -> Iterator[tuple[str, str]]:
    """The id and the text of each prompt of a source: records, pairs, best answers alone, or prompts alone.

    The translation of a prompt is one that is there too. A folder that ``collect`` wrote is its records, and what
    reviewers made of their prompts.

    Raises:
        DataError: the source cannot be read.
    """
    path = Path(source)
    collected, ballots = path / "records.jsonl", path / "ballots.jsonl"
    if collected.is_file() and ballots.is_file():
        submitted = (each for each in read_jsonl(ballots, Ballot.from_json) if each.status == "submitted")
        yield from ((each.record_id, each.prompt) for each in submitted if each.prompt)
    found = None if path.suffix.lower() in LINES else read_source(collected if collected.is_file() else source)
    shape = recognise(found) if isinstance(found, Table) else None
    schema = shape if isinstance(shape, Schema) else None
    if found is None or (isinstance(found, Table) and (shape is None or (schema and schema.worse is None))):
        yield from ((prompt.id, prompt.text) for prompt in read_prompts(source, path.stem, "", []))
        return
    told = set()
    for record in implode(found):
        for text in (record.prompt, record.translation.prompt if record.translation else ""):
            if text:
                told.add(prompt_key(text))
                yield record.id, text
    if isinstance(found, Table):  # rows that are in no record
        column = schema.prompt if schema else Columns(found, found.told).find("prompt")
        for row in found.rows if column else ():
            text = _last_turn(row.cells.get(str(column), ""))
            if text and prompt_key(text) not in told:
                yield f"{source}, row {row.number}", text


def _last_turn(cell: str) -> str:
    """The text of a cell, or of the last turn of the conversation that it holds; "" if that is no text."""
    try:
        turns = spoken(cell, "user")
    except Unusable:
        return ""
    return canonical_text(turns[-1].content) if turns else ""
