"""The rows of a source before they are imploded, and which of their columns hold what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workspace.errors import DataError
from workspace.model.h4rmony import PAIR_COLUMNS, TEXT_COLUMNS

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
class Schema:
    """Which columns hold what, by the names that the source gives them; None for what it lacks."""

    prompt: str
    better: str
    worse: str | None
    prompt_id: str | None
    ranks: str | None
    is_pairs: bool

    @property
    def texts(self) -> tuple[tuple[str, str | None], ...]:
        """The known name of each text column, with the source's name for it."""
        known = PAIR_COLUMNS if self.is_pairs else TEXT_COLUMNS
        return tuple(zip(known, (self.prompt, self.better, self.worse), strict=True))

    @property
    def renames(self) -> dict[str, str]:
        """Columns whose name differs from the known one in case or spaces: source name -> known name."""
        columns = (*self.texts, ("PromptID", self.prompt_id), ("ComparedRanks", self.ranks))
        return {given: known for known, given in columns if given is not None and given != known}


@dataclass(frozen=True)
class Table:
    """The rows of a source.

    Attributes:
        source: a path or a dataset's name, as it was given.
        columns: those of any row.
        rows: in the source's order.
        notes: what a person should know of how it was read, each in one line: the separator, what was passed over.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def to_pandas(self) -> pd.DataFrame:
        """The rows as they were read, every cell as text; a cell that a row lacks is empty.

        >>> from loaders import read_source
        >>> read_source([{"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them."}]).to_pandas().shape
        (1, 3)
        """
        import pandas as pd

        cells = [[row.cells.get(column, "") for column in self.columns] for row in self.rows]
        return pd.DataFrame(cells, columns=list(self.columns), dtype=object)


def find_schema(columns: Sequence[str]) -> Schema | None:
    """Which known schema the columns are: H4rmony's, or the three of a pair; the worse answer may be lacking.

    A name matches exactly, or else in case and surrounding spaces if only one column does. None if no schema fits.
    """
    for needs_worse in (True, False):
        for names in (TEXT_COLUMNS, PAIR_COLUMNS):
            prompt, better, worse = (_find(columns, name) for name in names)
            if prompt is not None and better is not None and (worse is not None) == needs_worse:
                ids = (_find(columns, "PromptID"), _find(columns, "ComparedRanks"))
                return Schema(prompt, better, worse, *ids, is_pairs=names == PAIR_COLUMNS)
    return None


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


def _find(columns: Sequence[str], name: str) -> str | None:
    if name in columns:
        return name
    alike = [column for column in columns if column.strip().casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None
