"""The review as a value: its order, its checks, and its records with their ballots."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exports.review.files import Review
from tests.exports.cases import record, vote
from tests.strategies import ballots as ballots_on
from tests.strategies import records
from workspace.model.records import Record


def reviews(records: list[Record]) -> st.SearchStrategy[Review]:
    """Any review of these records by up to two reviewers."""
    given = [ballots_on(record, name) for record in records for name in ("ana", "Ñu")]
    some = st.tuples(*(st.none() | ballot for ballot in given))
    return some.map(lambda drawn: Review(tuple(records), tuple(ballot for ballot in drawn if ballot)))


@given(st.lists(records(), max_size=3, unique_by=lambda record: record.id).flatmap(reviews))
def test_a_review_goes_to_dataframes_and_back(review: Review) -> None:
    assert Review.from_pandas(review.to_pandas(), review.ballots_frame()) == review


IDS = st.sampled_from([1, 2, 10, 30])


@given(st.sets(IDS), st.sets(st.tuples(IDS, st.sampled_from(["ana", "eva", "Ñu"]))))
def test_each_record_comes_once_with_all_its_ballots(numbers: set[int], answered: set[tuple[int, str]]) -> None:
    records = [record(number) for number in numbers]
    ballots = [
        vote(1, 2, 3, record_id=f"h4rmony-{number}", reviewer=name) for number, name in answered if number in numbers
    ]
    review = Review(tuple(records), tuple(ballots))
    walked = list(review)
    assert [each.id for each, _ in walked] == sorted(each.id for each in records)
    assert [ballot for _, given in walked for ballot in given] == sorted(ballots, key=lambda b: b.sort_key)
    assert all(ballot.record_id == each.id for each, given in walked for ballot in given)
