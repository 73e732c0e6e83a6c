"""Tasks of Label Studio, as its JSON export has them: ``data``, and what annotators said in ``annotations``.

- ``Pairwise``: the better one of the two texts that it is about.
- ``Ranker`` with one list: the ids of items, the best first.
- ``Rating`` of two texts or more: a higher one is better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.shapes.argilla import prompt_of
from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Reason, Shape, Unusable, by_name
from loaders.shapes.messages import exchange, json_value, loose_value, spoken
from loaders.source.table import Row

NAME = "Label Studio tasks"
_OWN = ("data", "annotations")
_TEXTS = ("body", "text", "html", "title")
_SIDES: Mapping[str, tuple[int, int]] = {"left": (1, 2), "right": (2, 1)}


def fits(columns: Columns) -> bool:
    """True if rows have data and annotations, as objects."""
    cells = columns.table.rows[0].cells
    data, annotations = (loose_value(cells.get(name, "")) for name in _OWN)
    return isinstance(data, dict) and isinstance(annotations, list)


def label_studio(columns: Columns) -> Shape:
    """The shape of a table of Label Studio's tasks."""

    def read(row: Row) -> Judged:
        data, annotations = (loose_value(row.cells.get(name, "")) for name in _OWN)
        if not isinstance(data, dict) or not isinstance(annotations, list):
            raise Unusable(Reason.NO_ORDER, "it has no data, or no annotations; left out")
        texts = _texts(data)
        rankings = [ranking for each in annotations if _counts(each) for ranking in _rankings(each["result"], texts)]
        if not rankings:
            raise Unusable(Reason.NO_ORDER, "no annotation of it orders texts of its data; left out")
        names, places = by_name(rankings)
        found = exchange(
            [spoken(texts[name], "assistant") for name in names], spoken(data[prompt_of(data, names)], "user")
        )
        cells = {name: json_value(row.cells[name]) for name in _OWN}
        return Judged(found.prompt, found.answers, places, cells, found.context, (), found.trimmed)

    rule = (
        "each annotation (Pairwise, Ranker with one list, Rating) orders texts of the data, whose prompt is the rest"
    )
    return Shape(NAME, rule, _OWN, read)


def _counts(annotation: Any) -> bool:
    is_one = isinstance(annotation, Mapping) and isinstance(annotation.get("result"), list)
    return is_one and not annotation.get("was_cancelled")


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of the data by name, and those of the items in its lists by their ids."""
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    for items in data.values():
        for item in items if isinstance(items, list) else ():
            if isinstance(item, Mapping) and "id" in item:
                held = [item[key] for key in _TEXTS if isinstance(item.get(key), str)]
                texts |= {str(item["id"]): text for text in held[:1]}
    return texts


def _rankings(results: Sequence[Any], texts: Mapping[str, str]) -> Iterator[Mapping[str, float]]:
    """How the results of one annotation order texts, the best with the lowest number."""
    rated: dict[str, float] = {}
    for result in results:
        value = result.get("value") if isinstance(result, Mapping) else None
        if not isinstance(value, Mapping):
            continue
        names = str(result.get("to_name", "")).split(",")
        ranking: Mapping[str, float] = {}
        lists = value.get("ranker")
        (best, *more) = lists.values() if isinstance(lists, Mapping) and lists else (None,)
        if (places := _SIDES.get(str(value.get("selected")))) and len(names) == 2:
            ranking = dict(zip(names, places, strict=True))
        elif isinstance(best, list) and not more:
            ranking = {str(name): place for place, name in enumerate(best, start=1)}
        elif isinstance(value.get("rating"), int | float):
            rated[names[0]] = -value["rating"]
        if len(ranking) > 1 and ranking.keys() <= texts.keys():
            yield ranking
    if len(rated) > 1 and rated.keys() <= texts.keys():
        yield rated
