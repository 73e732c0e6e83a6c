"""When and with what a page was made: the newest ballot's day, and the commit of the package's own checkout only."""

from __future__ import annotations

import subprocess
from pathlib import Path

from exports.review.made import Made, _commit
from tests.exports.cases import vote


def test_the_date_is_the_newest_ballot_s_day_whatever_its_status() -> None:
    days = ("2024-05-01T10:00:00Z", "2024-12-31", "", "2024-13-40T00:00:00Z", "yesterday")
    assert Made.of(vote(1, 2, updated_at=day) for day in days).date == "2024-12-31"
    assert Made.of([vote(1, 2, updated_at="")]).date is None


def test_the_commit_is_the_checkout_s_own(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "file").write_text("one")
    (tmp_path / "inside").mkdir()
    git("add", "file")
    git("commit", "-qm", "one")
    assert _commit(tmp_path) == git("rev-parse", "--short=12", "HEAD")
    assert _commit(tmp_path / "inside") is None, "a package that is installed in somebody's checkout"
    (tmp_path / "file").write_text("two")
    _commit.cache_clear()
    assert _commit(tmp_path) == git("rev-parse", "--short=12", "HEAD") + "-dirty"
    assert Made(None, "1.0", None).label == "1.0"
