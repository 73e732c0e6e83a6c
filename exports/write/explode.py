"""Turn records back into the rows of their source, or into pairs of known order: as a DataFrame or as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from exports.merging.explode import AnyRow, explode_dpo, explode_source, shape_of
from exports.write.tables import write_rows
from workspace.errors import ConfigError, DataError
from workspace.files.jsonl import file_digest, read_jsonl
from workspace.model.frames import records_from_frame
from workspace.model.h4rmony import PAIR_COLUMNS, PAIRS_SCHEMA, column_order
from workspace.model.records import Record
from workspace.model.shapes import ROWS_KEY

if TYPE_CHECKING:
    import pandas as pd

Schema = Literal["h4rmony", "dpo"]
SCHEMAS: dict[Schema, Callable[[Record], list[AnyRow]]] = {"h4rmony": explode_source, "dpo": explode_dpo}


@runtime_checkable
class HasRecords(Protocol):
    """Anything with records: a ``Review``, or what ``loaders.implode`` returns."""

    @property
    def records(self) -> Iterable[Record]:
        """The records, in their order."""


@dataclass(frozen=True)
class Plan:
    """What a first reading of the records found; ``unknown_pairs`` is only meant for the schema "dpo"."""

    records: int
    rows: int
    columns: tuple[str, ...]
    unknown_pairs: int


def explode(source: HasRecords | Iterable[Record] | pd.DataFrame, schema: Schema = "h4rmony") -> pd.DataFrame:
    """Turn records back into pairs, one in each row.

    Rows are in the order of the records, then of their answers, the better one first.

    Args:
        source: records, anything that has ``records``, or a DataFrame of records (``Review.to_pandas``).
        schema: "h4rmony" for the source's rows with all its columns, in the source's shape; "dpo" for ``prompt``,
            ``chosen`` and ``rejected`` of each pair whose order is known.

    Returns:
        A DataFrame of texts, and of the lists and objects that the source has; a cell is None if its row has no
        such column. ``implode`` takes None for a blank cell: only lines of JSON can lack a column.

    Raises:
        DataError: there are no records, their sources have different shapes (H4rmony's columns, and prompt, chosen,
            rejected), or an order is circular.
        ConfigError: these are no records, such as those of a merged review.
        ValueError: the schema is unknown.

    Example:
        >>> list(explode(review, "dpo").columns)
        ['prompt', 'chosen', 'rejected']
    """
    import pandas as pd

    if schema not in SCHEMAS:
        raise ValueError(f"schema must be one of {', '.join(SCHEMAS)}, got {schema!r}")
    if isinstance(source, pd.DataFrame):
        source = records_from_frame(source)
    listed = tuple(source.records if isinstance(source, HasRecords) else source)
    if foreign := {type(each).__name__ for each in listed if not isinstance(each, Record)}:
        raise ConfigError(
            f"explode takes records, not {min(foreign)}; of a merged review, pairs(merged) returns the pairs and "
            "export(merged, FOLDER) writes them"
        )
    plan = plan_of(listed, schema, "the records")
    rows = (row for record in listed for row in SCHEMAS[schema](record))
    cells = [[row.get(column) for column in plan.columns] for row in rows]
    return pd.DataFrame(cells, columns=list(plan.columns), dtype=object)


def explode_file(file: Path, output: Path, schema: Schema, *, dry_run: bool = False) -> tuple[Plan, str]:
    """Write the pairs of a file of records, in a stream; returns what was found, and whether the output was written.

    Raises:
        DataError: the file cannot be read, the output cannot be written, or what ``explode`` raises.
    """
    plan = plan_of(read_jsonl(file, Record.from_json), schema, str(file))
    if dry_run:
        return plan, "not written (dry run)"
    before = file_digest(output)
    write_rows(output, _rows(file, schema), plan.columns)
    return plan, "unchanged" if file_digest(output) == before else "written"


def plan_of(records: Iterable[Record], schema: Schema, name: str) -> Plan:
    """Read the records once before anything is written, to check each of them and to know all columns.

    Raises:
        DataError: what ``explode`` raises; ``name`` says in the message what was read.
    """
    count = rows = unknown = 0
    columns: dict[str, None] = {}
    shapes: dict[str, str] = {}
    for record in records:
        exploded = SCHEMAS[schema](record)
        count += 1
        rows += len(exploded)
        columns |= dict.fromkeys(column for row in exploded for column in row)
        unknown += len(record.answers) * (len(record.answers) - 1) // 2 - len(exploded)
        shapes.setdefault(shape_of(record) if record.comparisons or ROWS_KEY in record.metadata else "", record.id)
    if not count:
        raise DataError(f"{name}: no record found; give at least one")
    if schema == "h4rmony" and len(shapes) > 1:
        told = [
            f"{shapes[shape]!r} {'has ' * (not place)}{_SHAPES.get(shape, shape)}"
            for place, shape in enumerate(sorted(shapes))
        ]
        raise DataError(f"{name}: {' and '.join(told)}; explode them from two files, or use --schema dpo")
    if schema == "dpo" or set(shapes) <= _SHAPES.keys():
        columns = dict.fromkeys(column_order(columns, pairs=schema == "dpo" or PAIRS_SCHEMA in shapes))
    return Plan(count, rows, tuple(columns or PAIR_COLUMNS), unknown)


_SHAPES = {"": "H4rmony's columns", PAIRS_SCHEMA: "prompt, chosen, rejected"}


def _rows(file: Path, schema: Schema) -> Iterator[AnyRow]:
    for record in read_jsonl(file, Record.from_json):
        yield from SCHEMAS[schema](record)
