"""The agreement on the issue codes."""

from __future__ import annotations

import pytest

from exports.measure.agreement import ranked_records
from exports.measure.topics import topic_agreement
from exports.review.files import Review
from tests.exports.cases import record, vote

pytestmark = pytest.mark.extras


def test_each_code_is_a_question_of_its_own() -> None:
    """WA: both have it, both lack it, both have it, one has it. By hand: alpha = 1 - 7 * 2 / (2 * 5 * 3)."""
    chosen = [("WA", "WA"), ("SC", "SC"), ("WA", "WA"), ("WA", "SC")]
    ballots = [
        vote(1, 2, 3, record_id=f"h4rmony-{number}", reviewer=name, issues=(code,))
        for number, codes in enumerate(chosen, start=1)
        for name, code in zip(("ana", "eva"), codes, strict=True)
    ]
    ballots.append(vote(1, 2, 3, record_id="h4rmony-2", reviewer="leo", issues=()))
    records = tuple(record(number) for number in range(1, 5))
    found = topic_agreement(ranked_records(Review(records, tuple(ballots))))
    assert list(found) == ["PWM", "CCEU", "NRMB", "WA", "SC"]
    assert found["WA"].value == pytest.approx(1 - 7 * 2 / (2 * 5 * 3))
    assert (found["WA"].items, found["WA"].records) == (4, 4)
    assert (found["PWM"].value, found["PWM"].reason) == (None, "no_variation")
    assert topic_agreement(ranked_records(Review(records, ()))) == {}
