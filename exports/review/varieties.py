"""Reviewers' varieties: a table that says whose Spanish is which, of those who choose to say.

The rules: the file is a CSV with the columns ``reviewer`` and ``variety``, read as that of the weights is
(``exports/review/weights.py``). A variety is what ``workspace.model.varieties.variety_code`` reads; a blank one was
not said. Nobody without a ballot may have a row: a mistyped name must not silently change a figure. What the table
says is published as counts and figures of each variety, never beside a name or a pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from exports.review.files import Review
from exports.review.weights import read_people
from workspace.errors import ConfigError, DataError
from workspace.model.ballots import Ballot
from workspace.model.varieties import EXAMPLES, VARIETY_KEY, Stated, stated_variety, variety_code


def with_variety(review: Review, said: str) -> Review:
    """The review with a variety in each record that states none; one that states what names none stays as it is.

    Raises:
        ConfigError: ``said`` names no variety.
    """
    code = variety_code(said)
    if not code:
        raise ConfigError(f"--variety {said!r} names no variety; write it as {EXAMPLES}")
    nothing = Stated()
    return replace(
        review,
        records=tuple(
            replace(record, metadata={**record.metadata, VARIETY_KEY: code})
            if stated_variety(record.metadata) == nothing
            else record
            for record in review.records
        ),
    )


def read_varieties(path: str | Path, ballots: Iterable[Ballot]) -> Mapping[str, str]:
    """Read the code of each reviewer's variety, by user name.

    Raises:
        DataError: the file cannot be read or lacks a column, or a row names nobody who has a ballot, or no variety.
    """
    path = Path(path)
    known = {ballot.reviewer for ballot in ballots}
    codes: dict[str, str] = {}
    for row, reviewer, said in read_people(path, "variety")[1]:
        if reviewer not in known:
            raise DataError(f"{path}, row {row}: reviewer {reviewer!r} has no ballot; correct or remove the row")
        code = variety_code(said)
        if said and not code:
            raise DataError(f"{path}, row {row}: {said[:40]!r} names no variety; write it as {EXAMPLES}")
        if code:
            codes[reviewer] = code
    return codes
