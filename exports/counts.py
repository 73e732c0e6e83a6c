"""What an export counts: records, ballots, votes, pairs and rows, and all that was left out, with the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from exports.pairs import ReviewedRecord
from exports.split import SPLITS


@dataclass
class Counts:
    """The counts of an export; no time, so that the same review gives the same bytes.

    ``records`` are ``total``, ``unreviewed`` (no submitted ballot) and ``with_pairs`` (reviewed ones); ``votes`` are
    submitted ballots that rank the answers; ``reviewers`` submitted at least one ballot. ``pairs`` are those that
    people reviewed, ``added_unreviewed`` counts apart what stands there only because unreviewed pairs were asked for:
    such pairs by split, and the records that give one.
    ``rows`` are all that were written, by format and split. ``dropped`` are pairs by
    reason, ``left_out`` what a format could not hold, by format and reason. ``texts`` says how the texts of records
    with a submitted ballot were settled, ``problems`` what the submitted ballots report.

    With two languages, each record counts once, but pairs, rows, dropped pairs and texts once for each language.
    """

    records: Counter[str] = field(default_factory=Counter)
    ballots: Counter[str] = field(default_factory=Counter)
    votes: int = 0
    pairs: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    _seen: str | None = None
    _with: set[str] = field(default_factory=set)

    def add(self, reviewed: ReviewedRecord) -> None:
        """Count one record in one language; the languages of one record follow each other."""
        new = reviewed.record.id != self._seen
        self._seen = reviewed.record.id
        if new:
            self._with = set()
            self._add_ballots(reviewed)
        for pair in reviewed.dropped:
            self.dropped[pair.reason] += 1
        if any(ballot.is_vote for ballot in reviewed.ballots):
            for text in (reviewed.texts.prompt, *reviewed.texts.answers):
                self.texts[text.choice] += 1
        good = sum(reviewed.is_reviewed(pair) for pair in reviewed.pairs)
        self._add_pairs(self.pairs, reviewed.split, good, self.records, "with_pairs")
        self._add_pairs(self.added, reviewed.split, len(reviewed.pairs) - good, self.added, "records")

    def _add_pairs(self, pairs: Counter[str], split: str, count: int, records: Counter[str], name: str) -> None:
        if count:
            pairs[split] += count
            records[name] += name not in self._with
            self._with.add(name)

    def _add_ballots(self, reviewed: ReviewedRecord) -> None:
        self.records["total"] += 1
        self.records["unreviewed"] += not any(ballot.is_vote for ballot in reviewed.ballots)
        self.votes += reviewed.votes
        for ballot in reviewed.ballots:
            self.ballots[ballot.status] += 1
            if ballot.is_vote:
                self.names.add(ballot.reviewer)
                self.problems.update(ballot.problems)

    def to_json(self) -> dict[str, Any]:
        """The counts by name; keys sorted, so that equal counts are equal text."""
        return {
            "records": {name: self.records[name] for name in ("total", "unreviewed", "with_pairs")},
            "ballots": _sorted(self.ballots),
            "reviewers": len(self.names),
            "votes": self.votes,
            "pairs": {split: self.pairs[split] for split in SPLITS},
            "added_unreviewed": _sorted(self.added),
            "rows": _sorted(self.rows),
            "dropped": _sorted(self.dropped),
            "left_out": _sorted(self.left_out),
            "texts": _sorted(self.texts),
            "problems": _sorted(self.problems),
        }


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
