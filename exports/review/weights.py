"""Reviewers' weights: a table that says whose votes count for more or less.

The rules: the file is a CSV with the columns ``reviewer`` and ``weight`` (others are not read), in capitals or not,
with commas, semicolons or tabs between them. A weight is a decimal number, 0 or more, with a point or a comma, and is
kept exactly, so that 0.1 and 0.2 weigh as much as 0.3. Every reviewer who submitted a
ballot must have exactly one row, and nobody without a ballot may have one: a mistyped name must not silently change a
result.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from workspace.errors import DataError
from workspace.model.ballots import Ballot

_SEPARATORS = ",;\t"
_DIGITS = 100  # a longer number is a mistake, and slow to read
_WEIGHT = re.compile(r"\d+[.,]?\d*|[.,]\d+", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d*,\d{3}", re.ASCII)  # or a number with three decimals: nobody can tell


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
    digest, table = read_people(path, "weight")
    values = {reviewer: _weight(path, row, written) for row, reviewer, written in table}
    return Weights(path, digest, values, {reviewer: row for row, reviewer, _ in table})


def read_people(path: Path, column: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Read a table of reviewers: the SHA-256 of the file, and the row, the reviewer and the cell of each row.

    Args:
        path: a CSV with the columns ``reviewer`` and ``column``; the header is row 1.
        column: what it says of each reviewer.

    Raises:
        DataError: the file cannot be read or lacks a column, or a row has no name, or one that an earlier row has.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    found: dict[str, tuple[int, str, str]] = {}
    try:
        header, *table = csv.reader(io.StringIO(text or "\n", newline=""), delimiter=_separator(text), strict=True)
        places = _places(path, header, column)
        for number, cells in enumerate((cells for cells in table if cells), start=2):
            reviewer, cell = (cells[place].strip() if place < len(cells) else "" for place in places)
            if not reviewer:
                raise DataError(f"{path}, row {number}: the reviewer is blank")
            if reviewer in found:
                raise DataError(
                    f"{path}, row {number}: reviewer {reviewer!r} is in row {found[reviewer][0]} already; remove one"
                )
            found[reviewer] = number, reviewer, cell
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV table ({error})") from error
    return hashlib.sha256(data).hexdigest(), list(found.values())


def _separator(text: str) -> str:
    """The one that the first line has most of."""
    header = text.partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _places(path: Path, header: Sequence[str], column: str) -> list[int]:
    """In which places of a row the name and the column are."""
    names = [name.strip().casefold() for name in header]
    for wanted in ("reviewer", column):
        if names.count(wanted) != 1:
            what = "is there twice" if wanted in names else "is missing"
            raise DataError(f"{path}: column {wanted!r} {what}; the columns must be reviewer and {column}")
    return [names.index("reviewer"), names.index(column)]


def _weight(path: Path, number: int, written: str) -> Fraction:
    if len(written) > _DIGITS or not _WEIGHT.fullmatch(written) or _THOUSANDS.fullmatch(written):
        raise DataError(f"{path}, row {number}: a weight must be a number such as 1 or 0.5, got {written[:40]!r}")
    return Fraction(written.replace(",", "."))
