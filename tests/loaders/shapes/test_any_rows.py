"""Whatever the rows hold, implode reads them, leaves them out with a reason, or refuses them in one line."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exports import explode
from exports.merging.explode import explode_source
from loaders import implode
from loaders.source.read import read_table
from workspace.errors import H4rmonyError
from workspace.model.records import Record

SETS = (
    ("prompt", "chosen", "rejected", "system"),
    ("chosen", "rejected", "messages"),
    ("prompt", "completions", "ratings", "other"),
    ("prompt", "completions", "ranks"),
    ("prompt", "completion", "label", "history"),
    ("prompt", "response_a", "response_b", "preference"),
    ("prompt", "answer-0", "answer-1", "answer-0-rating", "answer-1-rating"),
    ("fields", "responses", "suggestions"),
)
words = st.sampled_from(
    ["P?", "X", "Y", " X\n", "", "\n\nHuman: P?\n\nAssistant: X", "a", "tie", "1", "True", "[{'role':"]
)
roles = st.sampled_from(["user", "assistant", "system", "tool", "gpt", None, 5])
part = st.just({"type": "text", "text": "X"})
message = st.fixed_dictionaries({"role": roles, "content": words | st.none() | st.lists(part, max_size=2)})
message |= st.fixed_dictionaries({"from": roles, "value": words})
plain = words | st.none() | st.booleans() | st.integers(-1, 3) | st.floats(-1, 2)
keys = st.sampled_from(["a", "value", "rank", "text"])
cells = plain | st.recursive(
    plain | message | st.lists(message, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner),
    max_leaves=6,
)


def tables(names: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows with these columns, of which each may lack some."""
    whole = dict.fromkeys(names, cells)
    return st.lists(st.fixed_dictionaries(whole) | st.fixed_dictionaries({}, optional=whole), min_size=1, max_size=4)


@settings(max_examples=50)
@given(st.sampled_from(SETS).flatmap(tables))
def test_any_rows_are_read_left_out_or_refused(rows: list[dict[str, Any]]) -> None:
    try:
        imploded = implode(rows)
    except H4rmonyError as error:
        assert "\n" not in str(error)
        return
    left_out = {row for entry in imploded.audit if entry.rows_left_out for row in entry.rows}
    assert imploded.counts.rows_left_out == len(left_out)
    assert bool(imploded.refusal) == (not len(imploded))
    if imploded.refusal or imploded.shape == "pairs":
        return
    back = [json.dumps(dict(row.cells), sort_keys=True) for row in read_table(explode(imploded)).rows]
    kept = [row for row in read_table(rows).rows if row.number not in left_out]
    blank = dict.fromkeys(read_table(explode(imploded)).columns, "")
    assert sorted(back) == sorted(json.dumps({**blank, **row.cells}, sort_keys=True) for row in kept)


asked, first, second = (st.sampled_from(each) for each in ("PQ", "XY", "ZW"))
WHOLE = (
    {"prompt": asked, "response_a": first, "response_b": second, "preference": st.sampled_from(["a", "b", "tie"])},
    {"history": asked, "human_ref_A": first, "human_ref_B": second, "labels": st.sampled_from(["0", "1"])},
    {"prompt": asked, "completions": st.just(["X", "Y", "Z"]), "ranks": st.permutations([1, 2, 3])},
    {"prompt": asked, "chosen": first, "rejected": second},
)
SOMETIMES = dict.fromkeys(["system", "other", "score_A"], st.sampled_from(["", "X", "S"]))


@given(
    st.sampled_from(WHOLE).flatmap(
        lambda whole: st.lists(st.fixed_dictionaries(whole, optional=SOMETIMES), min_size=1, max_size=4)
    )
)
def test_a_column_that_a_row_lacks_comes_back_so_and_reads_as_a_blank_one(rows: list[dict[str, Any]]) -> None:
    imploded = implode(rows)
    back = [row for record in imploded for row in explode_source(record)]
    assert sorted(map(_items, back)) == sorted(map(_items, rows))
    assert [*implode(back)] == [*imploded]
    blank = dict.fromkeys((name for row in rows for name in row), "")
    filled = implode([{**blank, **row} for row in rows])
    assert [_said(record) for record in filled] == [_said(record) for record in imploded]


def _items(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _said(record: Record) -> tuple[object, ...]:
    """What a record says, without the columns of its source."""
    pairs = [(comparison.better, comparison.worse) for comparison in record.comparisons]
    return record.id, record.context, record.prompt, record.answers, pairs
