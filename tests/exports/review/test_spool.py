"""A review on its way to a folder: the same bytes as from memory, in any order, without the memory."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from exports.review.files import BALLOTS, RECORDS, Review, write_review
from exports.review.spool import Spool
from tests.exports.cases import record, vote
from workspace.errors import DataError
from workspace.model.ballots import Ballot
from workspace.model.records import Record

NAMES = ("ana", "Zoe", "ñandú", "\U0001f333", "\ue000")


def ballots_of(number: int) -> list[Ballot]:
    return [vote(1, 2, 3, reviewer=name, record_id=f"h4rmony-{number}", comment="é\u2028") for name in NAMES]


def test_the_files_are_those_of_the_same_review_in_memory(tmp_path: Path) -> None:
    records = [record(number) for number in (*range(1, 30), 100)]
    ballots = {each.id: ballots_of(int(each.id.rpartition("-")[2])) for each in records if each.id != "h4rmony-7"}
    write_review(Review(tuple(records), tuple(b for given in ballots.values() for b in given)), tmp_path / "memory")
    shuffled = random.Random(1).sample(records, len(records))
    with Spool() as spool:
        for each in shuffled:
            given = ballots.get(each.id, [])
            spool.add(each, random.Random(each.id).sample(given, len(given)))
        assert spool.write(tmp_path / "spool")
        assert not spool.write(tmp_path / "spool"), "unchanged"
    for name in (RECORDS, BALLOTS):
        assert (tmp_path / "spool" / name).read_bytes() == (tmp_path / "memory" / name).read_bytes()
    assert (spool.records, dict(spool.statuses), spool.reviewers) == (30, {"submitted": 29 * 5}, set(NAMES))


def test_a_ballot_is_found_by_record_and_reviewer() -> None:
    with Spool() as spool:
        spool.add(record(1), ballots_of(1))
        assert spool.ballot(("h4rmony-1", "ñandú")) == ballots_of(1)[2]
        assert spool.ballot(("h4rmony-1", "nadie")) is None
    review = Review((record(1),), tuple(ballots_of(1)))
    assert review.ballot(("h4rmony-1", "ñandú")) == ballots_of(1)[2]
    assert review.ballot(("h4rmony-1", "\U0010ffff")) is review.ballot(("a", "a")) is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([(record(1), []), (record(1), [])], "record 'h4rmony-1' is in the review twice; remove one"),
        ([(record(1), ballots_of(2))], "names record 'h4rmony-2', which is missing"),
        ([(record(1), [vote(1, 2)])], "has 2 ranks and 2 texts for 3 answers"),
        ([(record(1), [vote(1, 2, 3), vote(3, 2, 1)])], "reviewer 'ana' has two ballots on record 'h4rmony-1'"),
    ],
)
def test_what_does_not_belong_together_is_refused(given: list[tuple[Record, list[Ballot]]], problem: str) -> None:
    with Spool() as spool, pytest.raises(DataError, match=problem):
        for each, ballots in given:
            spool.add(each, ballots)


def peak(count: int, folder: Path) -> int:
    """The most memory that Python's objects took on the way of so many records, in bytes."""

    def made() -> Iterator[tuple[Record, list[Ballot]]]:
        for number in range(count):
            yield record(number), ballots_of(number)

    tracemalloc.start()
    try:
        with Spool() as spool:
            for each, ballots in made():
                spool.add(each, ballots)
            spool.write(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_records_take_no_more_memory(tmp_path: Path) -> None:
    peak(10, tmp_path / "warm")
    assert peak(1000, tmp_path / "large") < 1.5 * peak(100, tmp_path / "small")
