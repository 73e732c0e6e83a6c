"""Which story reviewers prefer: by hand, in any order, and only where there are twins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exports import export, merge, pairs
from exports.formats import FORMATS
from exports.measure.agreement import ranked_records
from exports.measure.stories import ALL, Story, stories
from exports.review.files import Review
from tests.cli import json_lines
from tests.exports.cases import record, vote
from tests.exports.twins import ballots, twin, twins_review
from workspace.giveaways.shares import clustered_share
from workspace.model.twins import FEATURES


def found(review: Review) -> dict[str, Story]:
    return {one.feature: one for one in stories(ranked_records(review))}


def test_the_share_of_votes_for_the_base_is_told_for_each_feature() -> None:
    by_feature = found(twins_review())
    assert list(by_feature) == ["erasure", "framing", ALL]
    erasure, framing, whole = by_feature.values()
    assert [erasure.pairs, framing.pairs, whole.pairs] == [3, 2, 5]
    assert erasure.preference.value == pytest.approx((2 + 1 + 0.5) / 5)
    assert framing.preference.value == pytest.approx(3 / 4)
    assert [whole.preference.items, whole.preference.records] == [9, 3]
    share, told = clustered_share([(4.0, 4), (2.0, 4), (0.5, 1)]), whole.preference
    assert share and (told.value, told.low, told.high) == (share.value, share.low, share.high)
    assert share.low is not None and share.low < 6.5 / 9


def test_the_order_of_records_and_ballots_does_not_matter() -> None:
    review = twins_review()
    assert found(Review(review.records[::-1], review.ballots[::-1])) == found(review)


def test_what_is_no_vote_on_a_twin_does_not_count() -> None:
    one, three = twin(1, "agency"), replace(record(), metadata={"twin_of": "x", "feature": "agency"})
    unread = [
        *ballots(one, (1, 2), (1, 2)),
        replace(ballots(one, (2, 1))[0], reviewer="b", status="draft"),
        replace(ballots(one, (2, 1))[0], reviewer="c", problems=("not_rankable",)),
        vote(3, 2, 1, record_id=three.id),
    ]
    [only] = found(Review((three, one), tuple(unread))).values()
    assert [only.feature, only.pairs, only.preference.value, only.preference.items] == ["agency", 1, 1.0, 2]
    assert [only.preference.low, only.preference.reason] == [None, "one_prompt"]
    [nobody] = found(Review((one,), ())).values()
    assert [nobody.pairs, nobody.preference.value, nobody.preference.reason] == [0, None, "no_votes"]


def test_there_are_no_stories_without_twins() -> None:
    assert found(Review((record(),), (vote(1, 2, 3),))) == {}
    assert found(Review((replace(record(), metadata={"feature": "a column of the source"}),), ())) == {}
    other = found(Review((twin(1, "otro"), twin(1, "framing")), ()))
    assert list(other) == ["framing", "otro", ALL]


def test_each_row_of_each_format_says_the_feature(tmp_path: Path) -> None:
    review = twins_review()
    other = vote(1, 2, 3, record_id="h4rmony-9", prompt="¿Qué?", answers=("a", "b", "c"))
    mixed = Review((*review.records, record(9)), (*review.ballots, other))
    exported = export(merge(mixed, test_share=0.5), tmp_path, list(FORMATS), jsonl=True)
    for name in FORMATS:
        rows = [row for split in ("train", "test") for row in json_lines(tmp_path / name / f"{split}.jsonl")]
        told = {row["record_id"]: row["feature"] for row in rows}
        assert told == {"h4rmony-9": None} | {
            f"h4rmony-{prompt}-twin-{feature}": feature for prompt, feature in ((1, "erasure"), (1, "framing"))
        }, name  # the two votes on the second prompt differ
        assert list(rows[0])[-1] == "feature"
    assert exported.counts.rows["dpo/train"] + exported.counts.rows["dpo/test"] == 3 + 2
    assert set(pairs(mixed).feature.dropna()) == {"erasure", "framing"} < set(FEATURES)
    both = merge(mixed, language="both").format("dpo")
    assert list(both.columns)[-2:] == ["feature", "lang"]
    plain = merge(Review((record(),), ()))
    assert "feature" not in plain.format("dpo").columns and "feature" not in plain.to_pandas()


def test_the_rows_of_a_twin_are_on_one_side_with_each_other(tmp_path: Path) -> None:
    frame = pairs(merge(twins_review(), test_share=0.5))
    sides = frame.groupby(frame.record_id.str.partition("-twin")[0]).split.nunique()
    assert set(sides) == {1}
