"""Put merged votes and final texts together: each record with the pairs that are written and those that are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from exports.merge import DroppedPair, MergeRules, Pair, Ranking, drop, merge_ballots
from exports.review import Review
from exports.split import DEFAULT_TEST_SHARE, Split, split_of
from exports.texts import FinalText, FinalTexts, final_texts, normal_space
from workspace.ballots import Ballot
from workspace.records import Record


@dataclass(frozen=True)
class ReviewedRecord:
    """A record after review: its final texts and its side of the split; every pair of its answers is in ``pairs`` or
    in ``dropped``.

    ``ranks`` are the reviewers' (see ``MergedBallots``); ``votes`` says how many of them ranked the answers.
    """

    record: Record
    ballots: tuple[Ballot, ...]
    texts: FinalTexts
    split: Split
    votes: int
    ranks: Ranking
    pairs: tuple[Pair, ...]
    dropped: tuple[DroppedPair, ...]

    def pair_texts(self, pair: Pair) -> tuple[FinalText, FinalText, FinalText]:
        """The final texts of a pair: the prompt, the chosen and the rejected answer."""
        return self.texts.prompt, self.texts.answers[pair.chosen], self.texts.answers[pair.rejected]


def review_record(
    record: Record,
    ballots: Sequence[Ballot],
    rules: MergeRules | None = None,
    test_share: float = DEFAULT_TEST_SHARE,
) -> ReviewedRecord:
    """Merge one record's ballots and texts.

    Beyond the rules of the merge, a pair is dropped as ``missing_text`` when its prompt or one of its answers has
    neither a reviewer's text nor a translation, and as ``equal_texts`` when its two answers are equal after white
    space is normalised.
    """
    merged = merge_ballots(len(record.answers), ballots, rules)
    texts = final_texts(record, ballots)
    outcomes = [_with_texts(pair, texts) for pair in merged.pairs]
    dropped = [*merged.dropped, *(outcome for outcome in outcomes if isinstance(outcome, DroppedPair))]
    return ReviewedRecord(
        record=record,
        ballots=tuple(ballots),
        texts=texts,
        split=split_of(record.prompt, test_share),
        votes=merged.votes,
        ranks=merged.ranks,
        pairs=tuple(outcome for outcome in outcomes if isinstance(outcome, Pair)),
        dropped=tuple(sorted(dropped, key=lambda pair: (pair.first, pair.second))),
    )


def review_records(
    review: Review, rules: MergeRules | None = None, test_share: float = DEFAULT_TEST_SHARE
) -> Iterator[ReviewedRecord]:
    """Merge every record of a review, in the order of their ids, one at a time."""
    by_record = {key: tuple(group) for key, group in groupby(review.ballots, key=lambda ballot: ballot.record_id)}
    for record in review.records:
        yield review_record(record, by_record.get(record.id, ()), rules, test_share)


def _with_texts(pair: Pair, texts: FinalTexts) -> Pair | DroppedPair:
    places = (
        ("the prompt", texts.prompt),
        *((f"answer {i}", texts.answers[i]) for i in (pair.chosen, pair.rejected)),
    )
    missing = [place for place, text in places if text.choice == "missing"]
    if missing:
        return drop(pair, "missing_text", f"{' and '.join(missing)}: no reviewer's text and no translation")
    chosen, rejected = (normal_space(texts.answers[index].text) for index in (pair.chosen, pair.rejected))
    if chosen == rejected:
        return drop(pair, "equal_texts", "both answers read the same after review")
    return pair
