"""Grades, answers and records as the Python API takes them: files, DataFrames or objects."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from exports.evaluation.grades.files import (
    Grade,
    ModelAnswer,
    check_grades,
    grades_from_frame,
    read_answers,
    read_grades,
    read_records,
)
from workspace.errors import DataError
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd

Grades: TypeAlias = "str | Path | Iterable[Grade] | pd.DataFrame"
Answers: TypeAlias = str | Path | Iterable[ModelAnswer]
Records: TypeAlias = str | Path | Iterable[Record]


def people_of(given: Grades | None) -> tuple[Grade, ...]:
    """People's grades; none for None.

    Raises:
        DataError: a judge gave one of them.
    """
    found = () if given is None else grades_of(given)
    if judges := {grade.judge for grade in found} - {None}:
        raise DataError(f"these grades are by a judge ({', '.join(sorted(map(str, judges)))}), not by people")
    return found


def grades_of(given: Grades) -> tuple[Grade, ...]:
    """Grades from a file, a DataFrame or objects."""
    if isinstance(given, str | Path):
        return read_grades(given)
    pandas = sys.modules.get("pandas")
    if pandas and isinstance(given, pandas.DataFrame):
        return grades_from_frame(given)
    found = tuple(cast("Iterable[Grade]", given))
    check_grades(found)
    return found


def judged_of(given: Grades) -> tuple[Grade, ...]:
    """A judge's grades from a file, a DataFrame or objects.

    Raises:
        DataError: a file has none.
    """
    found = grades_of(given)
    if not found and isinstance(given, str | Path):
        raise DataError(f"{given}: has no grade; `h4rmony evaluate grade` writes them")
    return found


def answers_of(given: Answers | None) -> tuple[ModelAnswer, ...]:
    """Answers from a file or objects; none for None."""
    if given is None:
        return ()
    return read_answers(given) if isinstance(given, str | Path) else tuple(given)


def records_of(given: Records | None) -> tuple[Record, ...]:
    """Records from a file, the folder of a review, or objects; none for None."""
    if given is None:
        return ()
    return read_records(given) if isinstance(given, str | Path) else tuple(given)
