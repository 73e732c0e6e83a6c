"""The rows of a source before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workspace.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Row:
    """One data row: its number from 1, its cells as text, and the line of a CSV file on which it begins.

    A cell that is a list or an object in the source is a ``loaders.source.cells.JsonText``.
    """

    number: int
    cells: Mapping[str, str]
    line: int | None = None


@dataclass(frozen=True)
class Table:
    """The rows of a source.

    Attributes:
        source: a path or a dataset's name, as it was given.
        columns: those of any row.
        rows: in the source's order.
        notes: what a person should know of how it was read, each in one line: the separator, what was passed over.
        told: which column is what, as the user says: part -> column.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)

    def to_pandas(self) -> pd.DataFrame:
        """The rows as they were read, every cell as text; a cell that a row lacks is empty.

        >>> from loaders import read_source
        >>> read_source([{"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them."}]).to_pandas().shape
        (1, 3)
        """
        import pandas as pd

        cells = [[row.cells.get(column, "") for column in self.columns] for row in self.rows]
        return pd.DataFrame(cells, columns=list(self.columns), dtype=object)


def columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """The columns of any of the rows, in the order in which they come."""
    return tuple(dict.fromkeys(column for row in rows for column in row.cells))


def checked_names(names: Sequence[str], where: str) -> list[str]:
    """The names of the columns.

    Raises:
        DataError: two columns have one name.
    """
    if twice := [name for place, name in enumerate(names) if name in names[:place]]:
        raise DataError(f"{where}: column {twice[0]!r} is named twice; rename one")
    return list(names)


def canonical_text(text: str) -> str:
    """A text without surrounding white space, its lines ended by LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
