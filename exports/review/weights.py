"""Reviewers' weights: a table that says whose votes count for more or less.

The rules: the file is a CSV with the columns ``reviewer`` and ``weight`` (others are not read). A weight is a decimal
number, 0 or more, and is kept exactly, so that 0.1 and 0.2 weigh as much as 0.3. Every reviewer who submitted a
ballot must have exactly one row, and nobody without a ballot may have one: a mistyped name must not silently change a
result.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from workspace.errors import DataError
from workspace.model.ballots import Ballot

COLUMNS = ("reviewer", "weight")
_DIGITS = 100  # a longer number is a mistake, and slow to read


@dataclass(frozen=True)
class Weights:
    """What each reviewer's vote weighs; ``rows`` has the row of the file in which each of them is."""

    path: Path
    digest: str
    values: Mapping[str, Fraction]
    rows: Mapping[str, int]

    def check(self, ballots: Iterable[Ballot]) -> None:
        """Check that the table and the ballots name the same people.

        Raises:
            DataError: a reviewer who submitted has no row, or a row names nobody who has a ballot.
        """
        ballots = list(ballots)
        for reviewer in sorted({ballot.reviewer for ballot in ballots if ballot.is_vote}):
            if reviewer not in self.values:
                raise DataError(f"{self.path}: no row for reviewer {reviewer!r}, who submitted ballots; add one")
        known = {ballot.reviewer for ballot in ballots}
        for reviewer, row in self.rows.items():
            if reviewer not in known:
                raise DataError(
                    f"{self.path}, row {row}: reviewer {reviewer!r} has no ballot; correct or remove the row"
                )

    def to_json(self) -> dict[str, Any]:
        """The weights as they are in ``summary.json``: without names, so that it can be published."""
        return {"file": self.path.name, "sha256": self.digest, "reviewers": len(self.values)}


def read_weights(path: Path) -> Weights:
    """Read a table of weights; the header is row 1.

    Raises:
        DataError: the file cannot be read or lacks a column, or a row has no name, no weight, or a name that an
            earlier row has.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    values: dict[str, Fraction] = {}
    rows: dict[str, int] = {}
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
        if missing:
            raise DataError(f"{path}: column {missing[0]!r} is missing; the columns must be reviewer and weight")
        for number, cells in enumerate(table, start=2):
            reviewer, weight = _row(path, number, cells)
            if reviewer in values:
                raise DataError(
                    f"{path}, row {number}: reviewer {reviewer!r} is in row {rows[reviewer]} already; remove one"
                )
            values[reviewer], rows[reviewer] = weight, number
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV table ({error})") from error
    return Weights(path, hashlib.sha256(data).hexdigest(), values, rows)


def _row(path: Path, number: int, cells: Mapping[str, Any]) -> tuple[str, Fraction]:
    reviewer, written = ((cells[column] or "").strip() for column in COLUMNS)
    if not reviewer:
        raise DataError(f"{path}, row {number}: the reviewer is blank")
    if not written.replace(".", "", 1).isdecimal() or not written.isascii() or len(written) > _DIGITS:
        raise DataError(f"{path}, row {number}: a weight must be a number such as 1 or 0.5, got {written[:40]!r}")
    return reviewer, Fraction(written)
