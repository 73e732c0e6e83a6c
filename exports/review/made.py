"""When and with what a report or a card was made: its date, the version and the commit, the same for equal input.

The date is that of the data, not of the run: the day of the newest ballot. The commit is that of the package's own
checkout, with "-dirty" if files in it differ; an installed package has none.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import workspace
from workspace.model.ballots import Ballot


@dataclass(frozen=True)
class Made:
    """The day of the newest ballot (None if none has one), the package's version, and its commit if it is known."""

    date: str | None
    version: str
    commit: str | None

    @classmethod
    def of(cls, ballots: Iterable[Ballot]) -> Made:
        """What is known of a review with these ballots and of this package."""
        days = [day for ballot in ballots if (day := day_of(ballot))]
        newest = max(days).isoformat() if days else None
        return cls(newest, workspace.__version__, _commit(Path(workspace.__file__).parents[1]))

    @property
    def label(self) -> str:
        """The version, with the commit in brackets if it is known."""
        return f"{self.version} ({self.commit})" if self.commit else self.version


def day_of(ballot: Ballot) -> date | None:
    """The day of a ballot's last change; None if it has none."""
    try:
        return date.fromisoformat(ballot.updated_at[:10])
    except ValueError:
        return None


@cache
def _commit(root: Path) -> str | None:
    if not (root / ".git").exists():  # else git would find a checkout around an installed package
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None
