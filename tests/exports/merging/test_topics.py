"""The issue codes of a record after review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from exports.formats.merged import merge
from exports.merging.topics import with_topics
from exports.review.files import Review
from exports.write.export import export
from tests.exports.cases import confirmed, record

NONE: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("chosen", "settled"),
    [
        ([("WA",), ("WA",), ("SC",)], {"issues": ["WA"], "issues_support": {"ballots": 3, "WA": 2}}),
        ([("SC", "PWM"), NONE, None], {"issues": ["PWM", "SC"], "issues_support": {"ballots": 1, "PWM": 1, "SC": 1}}),
        ([("WA",), ("SC",)], {"issues": ["PWM", "SC"]}),  # half is no majority: the source's stay
        ([NONE, NONE], {"issues": ["PWM", "SC"]}),
        ([None], {"issues": ["PWM", "SC"]}),
    ],
)
def test_more_than_half_of_those_who_answered_settle_a_code(
    chosen: Sequence[tuple[str, ...] | None], settled: dict[str, object]
) -> None:
    ballots = [confirmed(1, 2, 3, reviewer=str(number), issues=codes) for number, codes in enumerate(chosen)]
    ballots.append(confirmed(1, 2, 3, reviewer="x", status="discarded", issues=("NRMB",)))
    found = with_topics(record(1), ballots)
    assert {name: found.metadata.get(name) for name in settled} == settled
    assert ("issues_support" in found.metadata) == ("issues_support" in settled)
    assert found == with_topics(record(1), reversed(ballots))


def test_an_export_has_the_reviewers_codes_and_counts_them_where_they_were_asked(tmp_path: object) -> None:
    ballots = [confirmed(1, 2, 3, reviewer=name, issues=("WA",)) for name in ("ana", "eva")]
    merged = merge(Review((record(1),), tuple(ballots)))
    assert merged.to_pandas()["issues"].map(list).to_list() == [["WA"]] * 3
    rows = list(merged.format("h4rmony").rows(merged.records[0]))
    assert {(row["WA"], row["PWM"], row["SC"]) for row in rows} == {("1", "0", "0")}
    exported = export(merged, str(tmp_path))
    assert exported.counts.to_json()["topics"] == {"ballots": 2, "records": 1}
    silent = Review((record(1),), tuple(replace(ballot, issues=None) for ballot in ballots))
    assert "topics" not in export(silent, str(tmp_path)).counts.to_json()
