"""What writing a review over an older one keeps of the ballots that are no longer there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from exports.review import BALLOTS, GONE, Review, gone_ballots, read_review, write_gone, write_review
from tests.exports.cases import record, vote
from workspace.ballots import Ballot
from workspace.errors import DataError
from workspace.jsonl import read_jsonl


def collected(folder: Path, *ballots: Ballot) -> tuple[Ballot, ...]:
    """Write a review as ``collect`` does, and return the ballots that are kept."""
    review = Review((record(1), record(2)), ballots)
    gone = gone_ballots(review, folder)
    write_gone(gone, folder)
    write_review(review, folder)
    assert read_review(folder) == review
    return tuple(read_jsonl(folder / GONE, Ballot.from_json)) if (folder / GONE).exists() else ()


def ana(number: int, seconds: str = "05", **changes: str) -> Ballot:
    return vote(1, 2, 3, record_id=f"h4rmony-{number}", updated_at=f"2026-01-02T03:04:{seconds}Z", **changes)


def test_ballots_that_went_are_kept_once_sorted_the_newest_of_each(tmp_path: Path) -> None:
    eva = ana(1, reviewer="eva")
    assert collected(tmp_path, ana(2), ana(1), eva) == ()
    assert not (tmp_path / GONE).exists()
    assert collected(tmp_path, eva) == (ana(1), ana(2))
    assert collected(tmp_path, eva) == (ana(1), ana(2))
    # they come back, are changed, and go again: times are compared as times, "05.5" is after "05"
    assert collected(tmp_path, eva, ana(1, "05.5"), ana(2)) == (ana(1),)
    assert collected(tmp_path) == (ana(1, "05.5"), eva, ana(2))


def test_a_ballot_that_changed_is_not_gone(tmp_path: Path) -> None:
    collected(tmp_path, ana(1))
    assert collected(tmp_path, ana(1, "09")) == ()


def test_ballots_of_another_dataset_are_kept_too(tmp_path: Path) -> None:
    write_review(Review((record(7),), (ana(7),)), tmp_path)
    assert collected(tmp_path, ana(1)) == (ana(7),)


def test_a_kill_before_the_new_ballots_loses_nothing(tmp_path: Path) -> None:
    collected(tmp_path, ana(1), ana(2))
    write_gone(gone_ballots(Review((record(1), record(2)), ()), tmp_path), tmp_path)
    assert collected(tmp_path) == (ana(1), ana(2))


@pytest.mark.parametrize("name", [BALLOTS, GONE])
def test_what_cannot_be_read_is_not_overwritten(tmp_path: Path, name: str) -> None:
    collected(tmp_path, ana(1))
    (tmp_path / name).write_text("{}\n")
    with pytest.raises(DataError, match=rf"{name}, line 1: .*mend it, or write to another folder"):
        collected(tmp_path, ana(1))
    assert (tmp_path / name).read_text() == "{}\n"


def test_a_review_of_many_ballots_with_one_twice_is_refused_soon() -> None:
    ballots = [vote(1, 2, 3, reviewer=f"reviewer-{number}") for number in range(20_000)]
    began = time.process_time()
    with pytest.raises(DataError, match=r"reviewer 'reviewer-9999' has two ballots on record 'h4rmony-1'"):
        Review((record(1),), (*ballots, vote(2, 1, 3, reviewer="reviewer-9999")))
    assert time.process_time() - began < 2
    with pytest.raises(DataError, match="record 'h4rmony-2' stands twice"):
        Review((record(1), record(2), record(2)), ())
