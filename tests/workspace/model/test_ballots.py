from __future__ import annotations

from typing import Any

import pytest

from workspace.errors import DataError
from workspace.model.ballots import Ballot, dense_ranks

LINE: dict[str, Any] = {
    "record_id": "h4rmony-1",
    "reviewer": "ana",
    "status": "submitted",
    "updated_at": "2026-01-01T00:00:00Z",
    "ranks": [1, 3],
    "prompt": "¿Qué?",
    "answers": ["Sí.", None],
    "problems": ["harmful"],
    "comment": None,
    "mode": "blind",
}


def test_a_ballot_goes_there_and_back_with_dense_ranks() -> None:
    ballot = Ballot.from_json(LINE)
    assert ballot.to_json() == {**LINE, "ranks": [1, 2]}
    assert Ballot.from_json({**LINE, "issues": None}) == ballot, "the dataset does not ask for them"
    for codes in ([], ["PWM", "SC"]):
        assert Ballot.from_json({**LINE, "issues": codes}).to_json()["issues"] == codes
    assert Ballot.from_json({**LINE, "prompt": " ", "answers": ["", "\t"], "problems": None}).prompt == " "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompt": "half \ud83c"}, "ballot: prompt: a text holds half a surrogate pair"),
        ({"prompt": 3}, "ballot: prompt must be a text or null, got int"),
        ({"answers": ["Sí.", "No\x00."]}, r"ballot: answers\[1\]: a text holds a NUL character"),
        ({"answers": ["Sí.", ["No."]]}, r"ballot: answers\[1\] must be a text or null, got list"),
        ({"answers": ["Sí.", {"text": "No."}]}, r"ballot: answers\[1\] must be a text or null, got dict"),
        ({"answers": [True, None]}, r"ballot: answers\[0\] must be a text or null, got bool"),
        ({"comment": "\udc00"}, "ballot: comment: a text holds half"),
        ({"comment": []}, "ballot: comment must be a text or null, got list"),
        ({"problems": ["\ud800"]}, "ballot: problems: a text holds half"),
        ({"problems": "harmful"}, "ballot: problems must be a list of names"),
        ({"problems": [1]}, "ballot: problems must be a list of names"),
        ({"issues": "PWM"}, "ballot: issues must be a list of names"),
        ({"issues": ["\ud800"]}, "ballot: issues: a text holds half"),
        ({"reviewer": "a\x00"}, "ballot: reviewer: a text holds a NUL"),
        ({"reviewer": None}, "ballot: 'reviewer' must be str"),
        ({"updated_at": "\ud800"}, "ballot: updated_at: a text holds half"),
        ({"ranks": [True, 2]}, "ballot: ranks must be whole numbers"),
        ({"ranks": [1, None]}, "ballot: a submitted ballot ranks every answer"),
        ({"status": "pending"}, "ballot: status must be one of"),
        ({"mode": "deaf"}, "ballot: mode must be one of"),
    ],
)
def test_what_cannot_be_counted_or_stored_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Ballot.from_json({**LINE, **change})


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": (1, 2)},
        {"ranks": (0, 5)},
        {"ranks": (1.5, 2)},
        {"ranks": ("x", 2)},
        {"ranks": (None, 2)},
        {"ranks": 3},
        {"answers": "Sí."},
        {"answers": (1, 2)},
        {"reviewer": None},
        {"problems": "harmful"},
    ],
)
def test_one_made_in_python_is_held_to_the_same_rules(wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"^ballot: "):
        Ballot(**{"record_id": "h4rmony-1", "reviewer": "ana", "ranks": (1, 2), **wrong})


def test_gaps_are_closed() -> None:
    assert dense_ranks([2, None, 9, 2]) == (1, None, 2, 1)
