"""Count what an export writes (records, ballots, votes, pairs, rows) and what it leaves out, with the reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from exports.formats import row_language
from exports.merging.pairs import ReviewedRecord
from exports.merging.settings import Language
from exports.merging.split import SPLITS, Split
from exports.merging.votes import MergeRules
from workspace.model.ballots import Ballot
from workspace.model.h4rmony import SUPPORT_KEY
from workspace.model.prompts import prompt_key
from workspace.model.sources import source_of


@dataclass
class SourceCounts:
    """The records of a source; in each language its pairs, by split, and its rows, by format and split."""

    records: int = 0
    pairs: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rows: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def total(self) -> int:
        """All pairs, in each language."""
        return sum(counts.total() for counts in self.pairs.values())

    def to_json(self) -> dict[str, Any]:
        """The counts by name; a language without a pair is left out."""
        return {
            "records": self.records,
            **{
                name: {language: _sorted(+counts) for language, counts in sorted(found.items()) if counts.total()}
                for name, found in (("pairs", self.pairs), ("rows", self.rows))
            },
        }


@dataclass
class Counts:
    """The counts of an export; it has no time, so that the same review always has the same summary.

    ``records`` has ``total``, ``unreviewed`` (no submitted ballot) and ``with_pairs`` (reviewed ones). ``ballots``
    are all, by status; ``ballots_of_weight_0`` are submitted ones, which do not count in anything else here.
    ``votes`` are submitted ballots that rank the answers; ``reviewers`` submitted at least one ballot. ``pairs`` are
    those that people reviewed; ``added_unreviewed`` has those that are only there because unreviewed ones were asked
    for, by split, and the number of their records. ``rows`` are all that were written, by format and split;
    ``dropped`` are pairs, by reason; ``left_out`` is what a format cannot hold, by format and reason. ``texts`` says
    how the texts of records with a submitted ballot were settled, ``problems`` how many submitted ballots report
    which; ``topics``, if any ballot names issue codes, how many ballots do and how many records got theirs from
    them. ``marked`` are records that a submitted ballot calls harmful, false or badly translated: those ``kept``
    have a pair, and those ``taken_out`` lost one to it (``exports.merging.problems``). ``prompts_on_both_sides`` are
    final prompts (by their words, as in ``exports.merging.split``) that are in train and in test, because different
    source prompts ended in the same words. ``sources`` has the records, pairs and rows of each source; these
    pairs are all that were written, reviewed or not.

    With two languages, each record counts once; pairs, rows, dropped pairs and texts count once for each language.
    """

    records: Counter[str] = field(default_factory=Counter)
    ballots: Counter[str] = field(default_factory=Counter)
    weightless: int = 0
    votes: int = 0
    pairs: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    sources: dict[str, SourceCounts] = field(default_factory=dict)
    _prompts: dict[Split, dict[tuple[Language, str], str]] = field(
        default_factory=lambda: {split: {} for split in SPLITS}
    )
    _seen: str | None = None
    _with: set[str] = field(default_factory=set)

    def add(self, reviewed: ReviewedRecord) -> None:
        """Count one record in one language; a record's languages must be added one after the other."""
        new = reviewed.record.id != self._seen
        self._seen = reviewed.record.id
        source = self._source(reviewed)
        source.pairs[row_language(reviewed)][reviewed.split] += len(reviewed.pairs)
        if new:
            source.records += 1
            self._with = set()
            self._add_votes(reviewed)
        for pair in reviewed.dropped:
            self.dropped[pair.reason] += 1
        if any(ballot.is_vote for ballot in reviewed.ballots):
            for text in (reviewed.texts.prompt, *reviewed.texts.answers):
                self.texts[text.choice] += 1
        if reviewed.pairs:
            prompt = (reviewed.language, prompt_key(reviewed.texts.prompt.text))
            self._prompts[reviewed.split].setdefault(prompt, reviewed.record.id)
        good = sum(reviewed.is_reviewed(pair) for pair in reviewed.pairs)
        self._add_pairs(self.pairs, reviewed.split, good, self.records, "with_pairs")
        self._add_mark("kept", bool(reviewed.pairs) and reviewed.is_marked)
        self._add_mark("taken_out", any(pair.reason == "problems" for pair in reviewed.dropped))
        self._add_pairs(self.added, reviewed.split, len(reviewed.pairs) - good, self.added, "records")

    def add_rows(self, reviewed: ReviewedRecord, format: str, count: int) -> None:
        """Count the rows that a format has of a record in one language."""
        name = f"{format}/{reviewed.split}"
        self.rows[name] += count
        self._source(reviewed).rows[row_language(reviewed)][name] += count

    def add_ballots(self, ballots: Iterable[Ballot], rules: MergeRules) -> None:
        """Count all ballots of a review, including drafts, discards and those of weight 0."""
        listed = tuple(ballots)
        self.ballots.update(ballot.status for ballot in listed)
        self.weightless += sum(ballot.is_vote for ballot in listed) - sum(
            ballot.is_vote for ballot in rules.counted(listed)
        )

    @property
    def on_both_sides(self) -> tuple[tuple[str, str], ...]:
        """For each final prompt that is in train and in test, one record of each side, sorted."""
        train, test = self._prompts["train"], self._prompts["test"]
        return tuple(sorted((train[prompt], test[prompt]) for prompt in train.keys() & test.keys()))

    def _source(self, reviewed: ReviewedRecord) -> SourceCounts:
        return self.sources.setdefault(source_of(reviewed.record), SourceCounts())

    def _add_pairs(self, pairs: Counter[str], split: str, count: int, records: Counter[str], name: str) -> None:
        if count:
            pairs[split] += count
            records[name] += name not in self._with
            self._with.add(name)

    def _add_mark(self, name: str, holds: bool) -> None:
        if holds and name not in self._with:
            self.marked[name] += 1
            self._with.add(name)

    def _add_votes(self, reviewed: ReviewedRecord) -> None:
        self.records["total"] += 1
        self.records["unreviewed"] += not any(ballot.is_vote for ballot in reviewed.ballots)
        self.votes += reviewed.votes
        self.topics["ballots"] += sum(bool(ballot.issues) for ballot in reviewed.ballots if ballot.is_vote)
        self.topics["records"] += SUPPORT_KEY in reviewed.record.metadata
        for ballot in reviewed.ballots:
            if ballot.is_vote:
                self.names.add(ballot.reviewer)
                self.problems.update(set(ballot.problems))

    def to_json(self) -> dict[str, Any]:
        """The counts by name; keys are sorted, so that equal counts are equal text."""
        return {
            "records": {name: self.records[name] for name in ("total", "unreviewed", "with_pairs")},
            "ballots": _sorted(self.ballots),
            "ballots_of_weight_0": self.weightless,
            "reviewers": len(self.names),
            "votes": self.votes,
            "pairs": {split: self.pairs[split] for split in SPLITS},
            "added_unreviewed": _sorted(self.added),
            "rows": _sorted(self.rows),
            "dropped": _sorted(self.dropped),
            "left_out": _sorted(self.left_out),
            "texts": _sorted(self.texts),
            "problems": _sorted(self.problems),
            **({"topics": _sorted(self.topics)} if self.topics.total() else {}),
            "marked": {name: self.marked[name] for name in ("kept", "taken_out")},
            "prompts_on_both_sides": len(self.on_both_sides),
            "sources": {name: counts.to_json() for name, counts in sorted(self.sources.items())},
        }


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
