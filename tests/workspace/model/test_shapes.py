"""The rows of a record come back exactly, whatever JSON they hold; and with new texts where the record has them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workspace.model.conversations import Message
from workspace.model.shapes import Holes, Joined, filled

TEXTS, CONTEXT = ("P?", "X", "Y\n  y"), (Message("system", "S"), Message("user", "X"))
words = st.sampled_from([*TEXTS, "S", " X", "X\n", "\nP? ", "other", "", "$text", "XX"])
names = st.sampled_from(["role", "$text", "$context", "$join", "$verbatim", "a"])
values = st.recursive(
    words | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=3))
def test_any_row_comes_back_exactly(cells: dict[str, Any]) -> None:
    assert filled(Holes(TEXTS, CONTEXT).row(cells), TEXTS, CONTEXT) == cells


@given(st.lists(words))
def test_a_joined_text_comes_back_exactly(pieces: list[str]) -> None:
    row = Holes(TEXTS, CONTEXT).row({"cell": Joined(tuple(pieces))})
    assert filled(row, TEXTS, CONTEXT) == {"cell": "".join(pieces)}


def test_a_text_stands_once_in_the_record_and_its_rows_follow_it() -> None:
    cells = {"prompt": [{"role": "user", "content": "P?"}], "chosen": " X\n", "messages": ["P?", "X", "S"]}
    row = Holes(TEXTS, CONTEXT).row(cells)
    assert not any(f'"{text}"' in row for text in ("P?", "X", "S"))
    assert filled(row, ("Q?", "Z", "Y"), (Message("system", "T"), CONTEXT[1])) == {
        "prompt": [{"role": "user", "content": "Q?"}],
        "chosen": " Z\n",
        "messages": ["Q?", "Z", "T"],
    }
