"""Records of an Argilla dataset as a table: each field a column, each question a few.

Argilla 2 has a question's answers in ``NAME.responses`` (a list), their status in ``NAME.responses.status``, and the
suggestion in ``NAME.suggestion``. Argilla 1 has them in ``NAME``, as objects with ``user_id``, ``value`` and
``status`` or as a list of each, and the suggestion in ``NAME-suggestion``. A value orders the columns that it names:
all that a ranking has, or the one that is better than those named alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from loaders.shapes.argilla import as_objects, rankings_in
from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, places_of
from loaders.shapes.messages import loose_value, spoken
from loaders.source.table import Row

NAME = "Argilla columns"
_RESPONSES = ".responses"
_SUGGESTIONS = (".suggestion", "-suggestion")
_SUBMITTED = "submitted"


def fits(columns: Columns) -> bool:
    """True if the answers to a question, or its suggestions, order columns."""
    return any(any(_rankings(row, question)) for question in _questions(columns) for row in columns.table.rows)


def argilla_columns(columns: Columns) -> Shape:
    """The shape of a table of Argilla's records."""
    questions = _questions(columns)
    found = [ranking for row in columns.table.rows for question in questions for ranking in _rankings(row, question)]
    answers = [name for name in columns.table.columns if any(name in ranking for ranking in found)]
    own = [name for name in columns.table.columns if any(_is_of(name, question) for question in questions)]
    told = [name for name in own if name not in answers]
    asked = Asked.of(columns, NAME, *answers, *told, needed=True)

    def read(row: Row) -> Judged:
        rankings = [ranking for question in questions for ranking in _rankings(row, question)]
        if not rankings:
            raise Unusable(Reason.NO_ORDER, "neither an answer nor a suggestion orders its columns; left out")
        places = [places_of([each.get(name) for name in answers], higher_is_better=False) for each in rankings]
        cells = asked.cells(row)
        return asked.judged(cells, [spoken(cells.get(name, ""), "assistant") for name in answers], tuple(places))

    rule = f"what annotators submitted to {', '.join(map(repr, questions))} orders {', '.join(map(repr, answers))}"
    return Shape(NAME, f"{asked.where}, and {rule}; where nobody did, the suggestion", asked.columns, read)


def _questions(columns: Columns) -> list[str]:
    """The columns that hold answers of annotators, without the ending of Argilla 2."""
    names = columns.table.columns
    second = [name.removesuffix(_RESPONSES) for name in names if name.endswith(_RESPONSES)]
    first = [name for name in names if any(f"{name}{end}" in names for end in _SUGGESTIONS)]
    return [*dict.fromkeys([*second, *first])]


def _rankings(row: Row, question: str) -> list[Mapping[str, int]]:
    """How the answers to a question, or else its suggestion, order columns of its row."""
    fields = {name: cell for name, cell in row.cells.items() if not _is_of(name, question)}
    suggested = (loose_value(row.cells.get(f"{question}{end}", "")) for end in _SUGGESTIONS)
    return [*rankings_in(_submitted(row, question), fields)] or [*rankings_in(suggested, fields)]


def _is_of(column: str, question: str) -> bool:
    """Whether a column is of a question, and not of another one, or a field, whose name begins so."""
    return column == question or column.startswith(tuple(f"{question}{end}" for end in (_RESPONSES, *_SUGGESTIONS)))


def _submitted(row: Row, question: str) -> Iterator[Any]:
    """The values that annotators submitted."""
    values = loose_value(row.cells.get(f"{question}{_RESPONSES}", ""))
    if isinstance(values, list):
        status = loose_value(row.cells.get(f"{question}{_RESPONSES}.status", ""))
        pairs = zip_longest(values, status if isinstance(status, list) else [], fillvalue=_SUBMITTED)
        yield from (value for value, said in pairs if said == _SUBMITTED)
        return
    given = loose_value(row.cells.get(question, ""))
    for each in as_objects(given) if isinstance(given, Mapping) else given if isinstance(given, list) else ():
        if isinstance(each, Mapping) and each.get("status", _SUBMITTED) == _SUBMITTED:
            yield each.get("value")
