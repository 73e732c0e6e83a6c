"""Several answers in a row, rated or ranked: UltraFeedback, distilabel, exports of ranking tools.

``ratings`` are higher for better answers, ``ranks`` lower, from 0 or 1; equal ones tie. ``order`` names the places of
the answers in the list, the best first. An answer may also be an object with its text and its rating or rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loaders.shapes.asked import Asked
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Ranking, Reason, Shape, Unusable, number_of, places_of
from loaders.shapes.messages import loose_value, messages_in, spoken
from loaders.source.table import Row
from workspace.errors import DataError
from workspace.model.conversations import Message

NAME = "ranked answers"
ORDERS = ("ratings", "ranks", "order")
_TEXTS = ("text", "content", "response", "completion", "generation", "answer", "output", "value")
_RATINGS = ("rating", "score", "overall_score", "reward")
_RANKS = ("rank",)


def fits(columns: Columns) -> bool:
    """True if a row holds a list of answers, and something orders them."""
    if not columns.has("answers") or not are_lists(columns, columns.find("answers")):
        return False
    return bool(_by_column(columns) or _within(columns) or _unclear(columns))


def ranked(columns: Columns) -> Shape:
    """The shape of a table with rated or ranked answers in a row.

    Raises:
        DataError: several columns may order the answers, or one in two ways; says which ``--map`` settles it.
    """
    answers = columns.need("answers", NAME)
    how = _by_column(columns)
    if len(how) > 1 or not (how or _within(columns)):
        raise _ambiguous(columns, how)
    kind, order = how[0] if how else (_within(columns)[0], None)
    asked = Asked.of(columns, NAME, answers, order, needed=True)

    def read(row: Row) -> Judged:
        items = _list(row.cells.get(answers, ""), answers)
        values = _list(row.cells.get(order, ""), order) if order else [_inside(item, kind) for item in items]
        if len(values) != len(items):
            told = f"{len(items)} answers and {len(values)} {kind}"
            raise Unusable(Reason.NO_ORDER, f"it has {told}; left out")
        return asked.judged(asked.cells(row), [_answer(item) for item in items], (_places(values, kind),))

    where = repr(order) if order else f"what each answer says of its {kind}"
    better = {
        "ratings": f"a higher number in {where} is better",
        "ranks": f"a lower number in {where} is better",
        "order": f"{where} names their places in the list, the best first",
    }
    rule = f"{asked.where}, {answers!r} are its answers, and {better[kind]}; equal ones tie"
    return Shape(NAME, rule, asked.columns, read)


def _by_column(columns: Columns) -> list[tuple[str, str]]:
    """What orders the answers, and the column that says it; each that may."""
    told = [kind for kind in ORDERS if kind in columns.told]
    found = [(kind, columns.find(kind)) for kind in told or ORDERS]
    return [(kind, column) for kind, column in found if column and are_lists(columns, column)]


def _within(columns: Columns) -> list[str]:
    """What orders the answers from within: each of ratings and ranks that the first answer has."""
    answers = columns.find("answers") or ""
    first = next((row.cells[answers] for row in columns.table.rows if row.cells.get(answers, "").strip()), "")
    items = loose_value(first)
    held = _lowered(items[0]) if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    return [kind for kind, keys in (("ranks", _RANKS), ("ratings", _RATINGS)) if not held.keys().isdisjoint(keys)]


def _lowered(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object with its keys in lower case."""
    return {str(key).casefold(): value for key, value in item.items()}


def _unclear(columns: Columns) -> str | None:
    """A column ``ranking``, whose numbers may be ranks or places."""
    return next((name for name in columns.table.columns if name.strip().casefold() == "ranking"), None)


def _ambiguous(columns: Columns, how: list[tuple[str, str]]) -> DataError:
    found = how or [(kind, _unclear(columns) or "COLUMN") for kind in ("ranks", "order")]
    told = " or ".join(f"--map {kind}={column}" for kind, column in found)
    meaning = "" if how else " (ranks: the place of each answer; order: the answers' places in the list, best first)"
    return DataError(f"{columns.table.source}: its answers may be ordered in several ways; give {told}{meaning}")


def are_lists(columns: Columns, column: str | None) -> bool:
    """True if the first cell of a column that is not blank is a list."""
    cells = (row.cells.get(column or "", "") for row in columns.table.rows)
    return isinstance(loose_value(next((cell for cell in cells if cell.strip()), "")), list)


def _list(cell: str, column: str) -> list[Any]:
    value = loose_value(cell)
    if not isinstance(value, list):
        raise Unusable(Reason.NO_ORDER, f"{column!r} is {'blank' if not cell.strip() else 'no list'}; left out")
    return value


def _answer(item: Any) -> list[Message]:
    """The turns of an answer: a text, a conversation, or an object with a text; none where it is null."""
    if item is None:
        return []
    if isinstance(item, str):
        return [Message("assistant", item)]
    if messages_in(item) is not None:
        return spoken(item, "assistant")
    if isinstance(item, dict):
        held = _lowered(item)
        for key in _TEXTS:
            if isinstance(held.get(key), str) or messages_in(held.get(key)) is not None:
                return _answer(held[key])
    raise Unusable(Reason.NOT_TEXT, "an answer is neither a text nor an object with one; left out")


def _inside(item: Any, kind: str) -> Any:
    if not isinstance(item, dict):
        return None
    held = _lowered(item)
    return next((held[key] for key in (_RANKS if kind == "ranks" else _RATINGS) if key in held), None)


def _places(values: list[Any], kind: str) -> Ranking:
    numbers = [number_of(value) for value in values]
    if kind != "order":
        return places_of(numbers, higher_is_better=kind == "ratings")
    first = min((number for number in numbers if number is not None), default=0)
    order = [int(number - first) for number in numbers if number is not None]
    if first not in (0, 1) or sorted(order) != list(range(len(values))):
        raise Unusable(Reason.NO_ORDER, "the order does not name each answer once; left out")
    return tuple(order.index(place) + 1 for place in range(len(values)))
