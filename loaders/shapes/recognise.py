"""Which shape a table has, by its columns and by what its cells hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loaders.shapes import (
    argilla,
    argilla_columns,
    label_studio,
    labels,
    numbered,
    options,
    preferred,
    ranked,
    scored,
    spelled,
)
from loaders.shapes.asked import answered_column, earlier
from loaders.shapes.columns import Columns, Schema, find_schema
from loaders.shapes.conversations import conversations
from loaders.shapes.judged import Shape
from loaders.shapes.lists import is_list_of_texts, lists
from loaders.shapes.messages import is_broken, is_conversation
from loaders.shapes.middle import middle
from loaders.shapes.pairs import begin_with_prompts, is_exported, pairs, spanish_names
from loaders.shapes.transcripts import is_transcript, transcripts
from loaders.source.cells import JsonText
from loaders.source.table import Row, Table
from workspace.errors import DataError

# the shapes that columns alone tell, in the order in which they are tried: the parts that only they have
_OTHERS: tuple[tuple[frozenset[str], Callable[[Columns], bool], Callable[[Columns], Shape]], ...] = (
    (frozenset(), argilla_columns.fits, argilla_columns.argilla_columns),
    (frozenset({"answer_a", "answer_b", "preference"}), preferred.fits, preferred.preferred),
    (frozenset({"answers", "ratings", "ranks", "order"}), ranked.fits, ranked.ranked),
    (frozenset(), numbered.fits, numbered.numbered),
    (frozenset(), spelled.fits, spelled.spelled),
    (frozenset({"completion", "label"}), labels.fits, labels.labels),
    (frozenset({"completion", "ratings", "ranks"}), scored.fits, scored.scored),
    (frozenset(), argilla.fits, argilla.argilla),
    (frozenset(), label_studio.fits, label_studio.label_studio),
    (frozenset(), options.fits, options.options),
)


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
    told = [(fits, shape) for parts, fits, shape in _OTHERS if not parts.isdisjoint(table.told)]
    if told:
        return next((shape(columns) for fits, shape in told if fits(columns)), None)
    if (
        columns.has("rejected")
        and not columns.has("chosen")
        and (better := answered_column(columns) or _response(columns))
    ):
        columns = Columns(table, {**table.told, "chosen": better})
    if columns.has("chosen", "middle", "rejected") and not schema:
        return middle(columns)
    if columns.has("chosen", "rejected"):
        return _of_pairs(columns, schema)
    return next((shape(columns) for _, fits, shape in _OTHERS if fits(columns)), None)


def _response(columns: Columns) -> str | None:
    """The column ``response`` that stands beside ``rejected_response``, as ms-swift has it."""
    names = {*columns.table.columns}
    return "response" if {"response", "rejected_response"} <= names else None


def remedy(table: Table) -> str:
    """What to do about a table of no known shape."""
    columns = Columns(table, table.told)
    if columns.has("answers") and ranked.are_lists(columns, columns.find("answers")):
        return (
            "it holds several answers in a row, and nothing orders them; give --map ratings=COLUMN (higher is "
            "better), --map ranks=COLUMN (lower is better) or --map order=COLUMN (their places, the best first)"
        )
    if preferred.sides_of(columns):
        return "it holds two answers in a row, and nothing prefers one; give --map preference=COLUMN"
    return "rename its columns, or say which they are (--map prompt=COLUMN --map chosen=COLUMN --map rejected=COLUMN)"


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
    if any(_are_all(is_list_of_texts, table, column) for column in answers):
        return lists(columns)
    if any(is_conversation(cell) for _, cell in _cells(table, texts)):
        return conversations(columns)
    if any(_are_all(is_transcript, table, column) for column in (prompt, answers[0]) if column):
        return transcripts(columns)
    _check_texts(table, texts)
    if not schema or columns.find("system") or spanish_names(columns, (schema.prompt, *answers)):
        return pairs(columns)
    has_more = any(earlier(row.cells.get("history", "")) for row in table.rows)
    has_more = has_more or is_exported(table, schema.prompt) or begin_with_prompts(table, (schema.prompt, *answers))
    return pairs(columns) if has_more else schema


def _are_all(kind: Callable[[str], bool], table: Table, column: str) -> bool:
    """True if a column has cells, and all are of a kind."""
    cells = [cell for _, cell in _cells(table, [column])]
    return bool(cells) and all(map(kind, cells))


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
