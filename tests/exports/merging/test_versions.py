"""One version of a prompt gives rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from exports.merging.pairs import review_records
from exports.merging.settings import MergeSettings
from exports.merging.votes import MergeRules
from exports.review.files import Review
from tests.exports.cases import confirmed
from tests.reviews import record
from workspace.model.ballots import Ballot
from workspace.model.records import Record

FIRST = record(1)


def version(number: int, before: str) -> Record:
    return replace(FIRST, id=f"h4rmony-1-v{number}", metadata={**FIRST.metadata, "follows": before})


VERSIONS = (FIRST, version(2, "h4rmony-1"), version(3, "h4rmony-1-v2"), record(2))


def ballots(record_id: str, number: int, ranks: Sequence[int] = (1, 2, 3)) -> list[Ballot]:
    return [replace(confirmed(*ranks, reviewer=f"r{each}"), record_id=record_id) for each in range(number)]


@pytest.mark.parametrize(
    ("submitted", "giving"),
    [
        ((2, 0, 0), "h4rmony-1"),
        ((2, 1, 1), "h4rmony-1"),
        ((2, 2, 1), "h4rmony-1-v2"),
        ((2, 2, 2), "h4rmony-1-v3"),
        ((1, 1, 0), None),
    ],
)
def test_the_newest_with_enough_reviewers_gives_the_rows(submitted: tuple[int, int, int], giving: str | None) -> None:
    given = [each for one, number in zip(VERSIONS, submitted, strict=False) for each in ballots(one.id, number)]
    review = Review(VERSIONS, (*given, *ballots("h4rmony-2", 2)))
    merged = {each.record.id: each for each in review_records(review, MergeSettings(rules=MergeRules(2)))}
    with_pairs = [name for name, each in merged.items() if each.pairs]
    assert with_pairs == sorted(filter(None, (giving, "h4rmony-2")))
    chosen = giving or "h4rmony-1-v3"
    others = {name for name, each in merged.items() if {pair.reason for pair in each.dropped} == {"other_version"}}
    assert others == {"h4rmony-1", "h4rmony-1-v2", "h4rmony-1-v3"} - {chosen}
    assert all(len(each.pairs) + len(each.dropped) == 3 for each in merged.values())


def test_two_versions_never_contradict_each_other_and_a_tie_is_the_newest_s_word() -> None:
    review = Review(VERSIONS[:2], (*ballots("h4rmony-1", 2), *ballots("h4rmony-1-v2", 2, (1, 1, 1))))
    assert not any(each.pairs for each in review_records(review))


def test_what_nobody_reviewed_comes_from_one_version_too() -> None:
    settings = MergeSettings(unreviewed=True)
    for given, giving in (((), "h4rmony-1-v2"), (ballots("h4rmony-1", 1), "h4rmony-1")):
        merged = review_records(Review(VERSIONS[:2], tuple(given)), settings)
        assert [each.record.id for each in merged if each.pairs] == [giving]
