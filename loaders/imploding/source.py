"""The two functions through which everything comes in: ``read_source`` and ``implode``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias, cast

from loaders.imploding.implode import implode_table
from loaders.imploding.imploded import Imploded, are_records, read_records
from loaders.source.frames import as_frame
from loaders.source.location import Location
from loaders.source.read import TableSource, as_location, find, places_of, read_found, read_table
from loaders.source.table import Table
from workspace.errors import ConfigError
from workspace.model.records import Record

Source: TypeAlias = TableSource | Sequence[Record] | Table | Imploded
_KEEPS = "holds imploded records, which keep their ids"


def read_source(source: Source) -> Table | Imploded:
    """Read any source, as a table of texts or as the imploded records that it holds.

    ``loaders.source.read`` says what can be read. Every cell becomes text by the rules of ``loaders.source.cells``
    and, for a DataFrame, ``loaders.source.frames``, so that a DataFrame and its CSV file are the same table.

    Args:
        source: a path, ``owner/name`` of a dataset on the Hub, several of them, a ``Location`` (a place with the
            encoding, the split and the like), a DataFrame, a Series, rows as mappings, or records.

    Returns:
        The table, with notes on how it was read; or ``Imploded`` where the source is imploded records, as a JSON
        Lines file, a DataFrame with the columns ``id``, ``prompt`` and ``answers``, or a list of ``Record``.

    Raises:
        DataError: the source cannot be read; names the file or the column, the line or the row, and the remedy.
        ConfigError: an option of the ``Location`` does not fit what is there.

    >>> table = read_source([{"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them."}])
    >>> table.columns, table.rows[0].cells["chosen"]
    (('prompt', 'chosen', 'rejected'), 'Keep them.')
    """
    if location := as_location(source):
        found = find(location)
        records = read_records(found)
        return read_found(found) if records is None else records
    already = _read_already(source)
    return read_table(cast(TableSource, source)) if already is None else already


def implode(
    source: Source,
    *,
    source_name: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Imploded:
    """Turn preference data into one record per prompt.

    A row is a pair in H4rmony's columns or in ``prompt, chosen, rejected``, or of another shape of
    ``loaders.shapes``: conversations, transcripts, rated or ranked answers, one answer with a label. Rows that
    contradict each other or cannot be used are left out, each by a rule that ``loaders.imploding.audit`` states, and
    the audit lists them. Imploded records are passed on as they are.

    Args:
        source: whatever ``read_source`` reads or returns.
        source_name: the beginning of every id; by default "h4rmony" where there is ``PromptID``, else "pairs".
        columns: which column is what, where the names do not tell: ``{"prompt": "pregunta", "chosen": "mejor"}``;
            ``loaders.shapes.columns.PARTS`` are the parts.

    Returns:
        The records, the audit and the counts. Where no row can be used there is no record, and ``refusal`` says why.

    Raises:
        DataError: the source cannot be read, or is of no known shape, or of several.
        ConfigError: an option, ``source_name`` or ``columns`` does not fit the source.

    >>> import pandas as pd
    >>> frame = pd.DataFrame([["Trees?", "Keep them.", "Fell them."]], columns=["prompt", "chosen", "rejected"])
    >>> for record in implode(frame, source_name="mine"):
    ...     print(record.id, [(answer.rank, answer.text) for answer in record.answers])
    mine-fa3c064edeb61730 [(1, 'Keep them.'), (2, 'Fell them.')]
    """
    found = read_source(source)
    if isinstance(found, Table):
        imploded = implode_table(replace(found, told=columns) if columns else found, source_name=source_name)
        return replace(imploded, places=places_of(source))
    if columns or (isinstance(source, Location) and source.columns):
        raise ConfigError(f"{_name(source)}: it holds imploded records, whose parts need no --map")
    if source_name:
        raise ConfigError(f"{_name(source)}: it {_KEEPS}")
    places = places_of(source)
    return replace(found, places=places) if places else found


def _read_already(source: Source) -> Table | Imploded | None:
    """What need not be read as a table: a table, or imploded records in any form; None for anything else."""
    if isinstance(source, Table | Imploded):
        return source
    frame = as_frame(source)
    if frame is not None:
        return Imploded.from_pandas(frame) if are_records(frame) else None
    if isinstance(source, Sequence) and source and isinstance(source[0], Record):
        return Imploded.from_records(cast(Sequence[Record], source))
    return None


def _name(source: object) -> str:
    if isinstance(source, Location):
        source = source.place
    return str(source) if isinstance(source, str | Path) else f"the {type(source).__name__}"
