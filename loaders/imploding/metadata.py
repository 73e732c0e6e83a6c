"""What the rows of a prompt say beside its texts, as a record keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workspace.model.h4rmony import ISSUES, ROW_COLUMNS, column_order, metadata_key


def shared_columns(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The columns that all rows have, with the same cell, in their order; those of a row by nature never."""
    first, *others = rows
    return {
        name: first[name]
        for name in column_order(first)
        if name not in ROW_COLUMNS and all(row.get(name) == first[name] for row in others)
    }


def metadata_of(shared: Mapping[str, str]) -> dict[str, object]:
    """The metadata that shared columns make; the issue codes are a list only if all five are there."""
    columns = dict(shared)
    metadata: dict[str, object] = {}
    if all(columns.get(code) in ("0", "1") for code in ISSUES):
        metadata["issues"] = [code for code in ISSUES if columns.pop(code) == "1"]
    return metadata | {metadata_key(name): cell for name, cell in columns.items()}
