"""What writing a review over an older one keeps of the ballots that are no longer there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.review.files import (
    BALLOTS,
    GONE,
    RECORDS,
    Gone,
    Review,
    gone_ballots,
    read_review,
    write_gone,
    write_review,
)
from tests.exports.cases import record, vote
from workspace.errors import DataError
from workspace.files.jsonl import read_jsonl
from workspace.model.ballots import Ballot


def collected(folder: Path, *ballots: Ballot) -> tuple[Ballot, ...]:
    """Write a review as ``collect`` does, and return the ballots that are kept."""
    review = Review((record(1), record(2)), ballots)
    gone = gone_ballots(review.ballot, folder)
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
    write_gone(gone_ballots(Review((record(1), record(2)), ()).ballot, tmp_path), tmp_path)
    assert collected(tmp_path) == (ana(1), ana(2))


@pytest.mark.parametrize("name", [BALLOTS, GONE])
def test_what_cannot_be_read_is_not_overwritten(tmp_path: Path, name: str) -> None:
    collected(tmp_path, ana(1))
    (tmp_path / name).write_text("{}\n")
    with pytest.raises(DataError, match=rf"{name}, line 1: .*correct it, or write to another folder"):
        collected(tmp_path, ana(1))
    assert (tmp_path / name).read_text() == "{}\n"


def test_a_review_of_many_ballots_with_one_twice_is_refused_soon() -> None:
    ballots = [vote(1, 2, 3, reviewer=f"reviewer-{number}") for number in range(20_000)]
    began = time.process_time()
    with pytest.raises(DataError, match=r"reviewer 'reviewer-9999' has two ballots on record 'h4rmony-1'"):
        Review((record(1),), (*ballots, vote(2, 1, 3, reviewer="reviewer-9999")))
    assert time.process_time() - began < 2
    with pytest.raises(DataError, match="record 'h4rmony-2' is in the review twice; remove one"):
        Review((record(1), record(2), record(2)), ())


# -- a review that is older than the one in the folder ---------------------------------------------------------


def changed(number: int, seconds: str, **changes: str) -> Ballot:
    return replace(ana(number, seconds, **changes), comment=f"said at {seconds}")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_newer_ballot_is_kept_where_an_older_one_takes_its_place(tmp_path: Path) -> None:
    """Argilla came back from a backup: it has the ballot as it was before its reviewer changed it."""
    newer = changed(1, "09.5")
    collected(tmp_path, newer, ana(2))
    review = Review((record(1), record(2)), (ana(1, "09"), ana(2)))
    assert gone_ballots(review.ballot, tmp_path) == Gone(kept=(newer,), newer=(newer,))
    assert collected(tmp_path, *review.ballots) == (newer,)
    once = files(tmp_path)
    assert gone_ballots(review.ballot, tmp_path) == Gone(kept=(newer,)), "it is stated once"
    assert collected(tmp_path, *review.ballots) == (newer,)
    assert files(tmp_path) == once
    # the reviewer answers again; what was kept is another one, until the same comes back
    assert collected(tmp_path, changed(1, "20"), ana(2)) == (newer,)
    assert collected(tmp_path, newer, ana(2)) == (changed(1, "20"),)


@pytest.mark.parametrize(
    ("standing", "incoming"),
    [
        (ana(1, "09"), ana(1, "05")),  # the same content at another time
        (changed(1, "05"), ana(1, "09")),  # earlier: its reviewer has changed it
        (changed(1, "09"), ana(1, "09")),  # at the same time: none is newer
        (replace(changed(1, "09"), updated_at="never"), ana(1, "05")),  # nobody knows when
    ],
)
def test_what_is_not_newer_or_says_the_same_is_replaced(tmp_path: Path, standing: Ballot, incoming: Ballot) -> None:
    collected(tmp_path, standing)
    assert gone_ballots(Review((record(1),), (incoming,)).ballot, tmp_path) == Gone()
    assert collected(tmp_path, incoming) == ()


def test_times_are_compared_as_times_in_any_zone(tmp_path: Path) -> None:
    standing = replace(changed(1, "09"), updated_at="2026-01-02T05:04:09+01:00")  # 04:04:09 UTC
    collected(tmp_path, standing)
    assert collected(tmp_path, replace(ana(1), updated_at="2026-01-02T04:03:59")) == (standing,)


def test_a_ballot_that_is_older_than_what_is_kept_is_not_said_to_be_kept(tmp_path: Path) -> None:
    for ballot in (changed(1, "30"), changed(1, "20")):
        collected(tmp_path, ballot)
    review = Review((record(1), record(2)), (ana(1, "10"),))
    assert gone_ballots(review.ballot, tmp_path) == Gone(kept=(changed(1, "30"),))
    assert gone_ballots(Review((record(1),), ()).ballot, tmp_path) == Gone(kept=(changed(1, "30"),))


a_ballot = st.builds(
    lambda number, seconds, comment: replace(ana(number, f"{seconds:02}"), comment=comment),
    st.integers(1, 2),
    st.integers(0, 5),
    st.sampled_from([None, "a", "b"]),
)
a_review = st.lists(a_ballot, max_size=2, unique_by=lambda ballot: ballot.record_id)


@pytest.mark.slow
@settings(deadline=None)  # it writes files
@given(st.lists(a_review, min_size=1, max_size=6))
def test_whatever_is_collected_in_whatever_order_the_newest_content_is_never_lost(
    reviews: list[list[Ballot]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, seen = Path(name), dict[tuple[str, str], Ballot]()
        for ballots in reviews:
            kept = collected(folder, *ballots)
            once = files(folder)
            assert (collected(folder, *ballots), files(folder)) == (kept, once)
            there = [*ballots, *kept]
            for ballot in ballots:
                newest = seen.get(ballot.sort_key, ballot)
                if ballot.updated_at >= newest.updated_at or ballot.comment == newest.comment:
                    seen[ballot.sort_key] = ballot
            for newest in seen.values():
                assert any(
                    (each.record_id, each.comment) == (newest.record_id, newest.comment)
                    or each.updated_at >= newest.updated_at
                    for each in there
                    if each.sort_key == newest.sort_key
                )


def test_what_a_killed_collection_left_is_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (RECORDS, BALLOTS, GONE):
        (tmp_path / f".{name}.{dead.pid}-0a1b.part").touch()
    collected(tmp_path, ana(1))
    assert sorted(files(tmp_path)) == [BALLOTS, RECORDS]
