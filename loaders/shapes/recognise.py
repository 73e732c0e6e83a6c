"""Which shape a table has, by its columns and by what its cells hold."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.shapes import labels, preferred, ranked
from loaders.shapes.columns import Columns, Schema, find_schema
from loaders.shapes.conversations import conversations
from loaders.shapes.judged import Shape
from loaders.shapes.lists import is_list_of_texts, lists
from loaders.shapes.messages import is_broken, is_conversation
from loaders.shapes.pairs import pairs, spanish_names
from loaders.shapes.transcripts import is_transcript, transcripts
from loaders.source.cells import JsonText
from loaders.source.table import Row, Table
from workspace.errors import DataError

_OF_PAIRS = frozenset({"chosen", "rejected"})


def recognise(table: Table) -> Schema | Shape | None:
    """The shape of a table; None if it is not preference data that is known.

    Args:
        table: its columns and cells decide, and what the user says of them (``told``).

    Returns:
        A ``Schema`` for H4rmony's columns and for ``prompt, chosen, rejected`` in plain text, with nothing else that
        means something; a ``Shape`` for any other.

    Raises:
        DataError: the columns may be read in several ways, or a cell cannot be read; says what to do.
        ConfigError: the user names a part or a column that there is not.
    """
    columns = Columns(table, table.told)
    schema = None if table.told else find_schema(table.columns)
    if schema and not (schema.is_pairs and schema.worse):
        _check_texts(table, [name for _, name in schema.texts if name])
        return schema
    if columns.has("chosen", "rejected") and not (columns.told.keys() - _OF_PAIRS - {"prompt", "system"}):
        return _of_pairs(columns, schema)
    if preferred.fits(columns):
        return preferred.preferred(columns)
    if ranked.fits(columns):
        return ranked.ranked(columns)
    if labels.fits(columns):
        return labels.labels(columns)
    return None


def _of_pairs(columns: Columns, schema: Schema | None) -> Schema | Shape:
    """The shape of a table with a better and a worse answer, by what its cells hold."""
    table = columns.table
    answers = [column for part in ("chosen", "rejected") if (column := columns.find(part))]
    prompt = columns.find("prompt")
    texts = [*answers, *([prompt] if prompt else [])]
    for row, cell in _cells(table, texts):
        if is_broken(cell):
            raise DataError(
                f"{table.source}, row {row.number}: a cell holds a conversation as text that is neither JSON nor a "
                "list as Python writes it; write it as JSON (json.dumps), or save the table as JSON Lines or Parquet"
            )
    if any(all(is_list_of_texts(cell) for _, cell in _cells(table, [column])) for column in answers):
        return lists(columns)
    if any(is_conversation(cell) for _, cell in _cells(table, texts)):
        return conversations(columns)
    if all(is_transcript(cell) for _, cell in _cells(table, [prompt or answers[0]])):
        return transcripts(columns)
    _check_texts(table, texts)
    if schema and not columns.find("system") and not spanish_names(columns, (schema.prompt, *answers)):
        return schema
    return pairs(columns)


def _check_texts(table: Table, names: Iterable[str]) -> None:
    """Check that columns hold texts.

    Raises:
        DataError: one holds a list or an object.
    """
    columns = list(names)
    for row, cell in _cells(table, columns):
        if isinstance(cell, JsonText):
            name = next(name for name in columns if row.cells.get(name) is cell)
            what = "an object" if cell.startswith("{") else "a list (of messages?)"
            raise DataError(
                f"{table.source}, row {row.number}: column {name!r} holds {what} where a text is needed; write its "
                "text into the cell"
            )


def _cells(table: Table, names: Iterable[str]) -> Iterable[tuple[Row, str]]:
    """The cells of some columns that are not blank, each with its row."""
    columns = list(names)
    return ((row, cell) for row in table.rows for name in columns if (cell := row.cells.get(name, "")))
