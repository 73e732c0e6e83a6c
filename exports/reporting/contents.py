"""Everything that the report says, as numbers and names: computed once, in no language. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from statistics import fmean
from typing import Literal

from exports.formats.merged import merge
from exports.measure.agreement import (
    NO_ISSUE,
    RankedRecord,
    ReviewAgreement,
    issues_of,
    kendall,
    ranked_records,
    review_agreement,
)
from exports.measure.anchoring import Anchoring, PositionBias, anchoring, position_bias
from exports.measure.edits import EditRates, Track, changed_texts, edit_rates
from exports.measure.estimates import Estimate
from exports.measure.giveaways import written_giveaways
from exports.measure.sources import SourceLine, source_lines
from exports.measure.stories import Story, stories
from exports.measure.topics import topic_agreement
from exports.measure.varieties import VarietyLine, unread_varieties, variety_lines
from exports.merging.texts import final_texts
from exports.merging.votes import Ranking
from exports.reporting.links import Place, search_words
from exports.reporting.verdict import Check
from exports.review.files import Review
from exports.review.made import Made, day_of
from exports.words import MOST_LINES
from exports.write.counts import Counts
from workspace.giveaways import GiveAways
from workspace.model.ballots import NOT_RANKABLE, Ballot
from workspace.model.records import Record
from workspace.model.slots import letters, slot_order

_MOST_DAYS = 31  # a longer review is shown by week


@dataclass(frozen=True)
class Progress:
    """How far the review is.

    Attributes:
        records: all records.
        completed: those with at least ``min_submitted`` submitted ballots.
        begun: those with fewer, but at least one.
        open: those without a submitted ballot.
        min_submitted: how many submitted ballots complete a record.
        ballots: all ballots by status.
        votes: submitted ballots that count.
        not_rankable: submitted ballots that call their record not rankable.
        refused: records that at least half of their submitted ballots call not rankable.
        disputed: records on which votes differ.
        compared: records with two votes or more.
    """

    records: int
    completed: int
    begun: int
    open: int
    min_submitted: int
    ballots: Mapping[str, int]
    votes: int
    not_rankable: int
    refused: int
    disputed: int
    compared: int


@dataclass(frozen=True)
class ReviewerLine:
    """One reviewer's ballots; ``first`` and ``last`` are the days of the oldest and newest, ISO 8601."""

    name: str
    submitted: int
    drafts: int
    discarded: int
    not_rankable: int
    ties: int
    first: str
    last: str


@dataclass(frozen=True)
class RecordGroup:
    """How many records of an issue code or type there are, have a vote, and have votes that differ.

    ``others`` is of how many names it is, where it has none itself: all that are less frequent than ``MOST_LINES``.
    """

    name: str
    records: int
    voted: int
    disputed: int
    others: int = 0


@dataclass(frozen=True)
class Shown:
    """One answer of a disputed record, under its letter; ``text`` is the final Spanish, empty if there is none."""

    letter: str
    text: str
    original: str


@dataclass(frozen=True)
class Opinion:
    """A ranking by letters, best first, ties together, and the reviewers who agree on it."""

    places: tuple[tuple[str, ...], ...]
    reviewers: tuple[str, ...]


@dataclass(frozen=True)
class Dispute:
    """A record whose votes differ; ``tau`` is the mean tau-b of every two votes, None where it is undefined.

    ``source`` is the source's ranking by letters, empty if it does not rank all answers. ``links`` are (status,
    address) in the web UI.
    """

    record_id: str
    mode: str
    issues: tuple[str, ...]
    type: str
    prompt: str
    original: str
    answers: tuple[Shown, ...]
    source: tuple[tuple[str, ...], ...]
    opinions: tuple[Opinion, ...]
    tau: float | None
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trend:
    """How many ballots were submitted a day or a week: (its first day, the number), without a gap, by last change."""

    unit: Literal["day", "week"]
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Contents:
    """The whole report; ``disputes`` with the least agreement first, those without a tau last, then by id.

    ``topics`` is the agreement on each issue code, empty where no ballot names one.
    ``checks`` are the conditions to publish, ``pairs`` what an export with its default settings counts.
    """

    made: Made
    checks: tuple[Check, ...]
    pairs: Counts
    sources: tuple[SourceLine, ...]
    trend: Trend

    progress: Progress
    reviewers: tuple[ReviewerLine, ...]
    agreement: ReviewAgreement
    topics: Mapping[str, Estimate]
    anchoring: Anchoring
    position: PositionBias
    position_blind: PositionBias
    giveaways: GiveAways
    stories: tuple[Story, ...]
    varieties: tuple[VarietyLine, ...]
    unread_varieties: tuple[str, ...]
    edits: EditRates
    issues: tuple[RecordGroup, ...]
    types: tuple[RecordGroup, ...]
    disputes: tuple[Dispute, ...]
    place: Place | None


def contents(
    review: Review,
    min_submitted: int,
    place: Place | None = None,
    track: Track = iter,
    reviewers: Mapping[str, str] | None = None,
) -> Contents:
    """Compute everything that the report says.

    Args:
        review: the collected review.
        min_submitted: how many submitted ballots complete a record.
        place: where the dataset is in the web UI; without it there are no links.
        track: is given the records of the slow part, the edits, and may show how far it is.
        reviewers: the variety of each reviewer who said one, by the name in the ballots.
    """
    records = ranked_records(review)
    words = search_words(review.records) if place else {}
    disputes = (_dispute(one, place, words.get(one.record.id, ())) for one in records if one.is_disputed)
    pairs = Counts()
    merged = merge(review).records
    for one in merged:
        pairs.add(one)
    progress, agreed = _progress(records, review.ballots, min_submitted), review_agreement(records)
    return Contents(
        made=Made.of(review.ballots),
        checks=_checks(progress, agreed, pairs, *changed_texts(review)),
        pairs=pairs,
        sources=source_lines(review),
        trend=_trend(review.ballots),
        progress=progress,
        reviewers=_reviewers(review.ballots),
        agreement=agreed,
        topics=topic_agreement(records),
        anchoring=anchoring(records),
        position=position_bias(records),
        position_blind=position_bias(records, "blind"),
        giveaways=written_giveaways(merged),
        stories=stories(records),
        varieties=variety_lines(records, reviewers or {}),
        unread_varieties=unread_varieties(review.records),
        edits=edit_rates(review, track),
        issues=_groups(records, issues_of),
        types=_groups(records, lambda record: (type_of(record),)),
        disputes=tuple(sorted(disputes, key=lambda one: (one.tau is None, one.tau or 0.0, one.record_id))),
        place=place,
    )


def type_of(record: Record) -> str:
    """The record's type; empty if it has none."""
    value = record.metadata.get("type")
    return value.strip() if isinstance(value, str) else ""


def _checks(
    progress: Progress, agreed: ReviewAgreement, pairs: Counts, changed: int, texts: int
) -> tuple[Check, ...]:
    return (
        Check("pairs", pairs.pairs.total()),
        Check("reviewers", len(agreed.reviewers)),
        Check("overlap", progress.compared),
        Check("agreement", agreed.overall.alpha_ranks.value),
        *((Check("edits", changed / texts),) if texts else ()),
    )


def _trend(ballots: Iterable[Ballot]) -> Trend:
    days = Counter(day for ballot in ballots if ballot.is_vote and (day := day_of(ballot)))
    if not days:
        return Trend("day", ())
    first, last = min(days), max(days)
    step = 1 if (last - first).days < _MOST_DAYS else 7
    first -= timedelta(days=first.weekday() if step > 1 else 0)
    counts = Counter((day - first).days // step for day in days.elements())
    return Trend(
        "day" if step == 1 else "week",
        tuple(
            ((first + timedelta(days=step * place)).isoformat(), counts[place]) for place in range(max(counts) + 1)
        ),
    )


def _progress(records: Sequence[RankedRecord], ballots: Sequence[Ballot], min_submitted: int) -> Progress:
    submitted = Counter(ballot.record_id for ballot in ballots if ballot.is_vote)
    completed = sum(1 for count in submitted.values() if count >= min_submitted)
    return Progress(
        records=len(records),
        completed=completed,
        begun=len(submitted) - completed,
        open=len(records) - len(submitted),
        min_submitted=min_submitted,
        ballots=Counter(ballot.status for ballot in ballots),
        votes=sum(len(ranked.votes) for ranked in records),
        not_rankable=sum(ballot.is_vote and NOT_RANKABLE in ballot.problems for ballot in ballots),
        refused=sum(ranked.is_refused for ranked in records),
        disputed=sum(ranked.is_disputed for ranked in records),
        compared=sum(len(ranked.votes) > 1 for ranked in records),
    )


def _reviewers(ballots: Iterable[Ballot]) -> tuple[ReviewerLine, ...]:
    by_name: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        by_name.setdefault(ballot.reviewer, []).append(ballot)
    return tuple(_reviewer(name, by_name[name]) for name in sorted(by_name))


def _reviewer(name: str, ballots: Sequence[Ballot]) -> ReviewerLine:
    statuses = Counter(ballot.status for ballot in ballots)
    submitted = [ballot for ballot in ballots if ballot.is_vote]
    days = sorted(ballot.updated_at[:10] for ballot in ballots)
    return ReviewerLine(
        name=name,
        submitted=len(submitted),
        drafts=statuses["draft"],
        discarded=statuses["discarded"],
        not_rankable=sum(NOT_RANKABLE in ballot.problems for ballot in submitted),
        ties=sum(len(set(ballot.ranks)) < len(ballot.ranks) for ballot in submitted),
        first=days[0],
        last=days[-1],
    )


def _groups(records: Iterable[RankedRecord], names: Callable[[Record], tuple[str, ...]]) -> tuple[RecordGroup, ...]:
    """The most frequent group first, the less frequent ones as one, records without an issue or type last."""
    groups: dict[str, list[RankedRecord]] = {}
    for ranked in records:
        for name in names(ranked.record):
            groups.setdefault(name, []).append(ranked)
    unnamed = groups.pop(NO_ISSUE, [])
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    rest = {ranked.record.id: ranked for _, group in ordered[MOST_LINES:] for ranked in group}
    return (
        *(_group(name, group) for name, group in ordered[:MOST_LINES]),
        *([_group("", rest.values(), len(ordered) - MOST_LINES)] if rest else []),
        *([_group(NO_ISSUE, unnamed)] if unnamed else []),
    )


def _group(name: str, group: Collection[RankedRecord], others: int = 0) -> RecordGroup:
    voted = sum(bool(ranked.votes) for ranked in group)
    return RecordGroup(name, len(group), voted, sum(ranked.is_disputed for ranked in group), others)


def _dispute(ranked: RankedRecord, place: Place | None, words: tuple[str, ...]) -> Dispute:
    record, votes = ranked.record, ranked.votes
    texts = final_texts(record, ranked.ballots)
    order = slot_order(record.id, len(record.answers))
    taus = (kendall(one.ranks, other.ranks) for one, other in combinations(votes, 2))
    defined = [tau for tau in taus if tau is not None]
    who: dict[Ranking, list[str]] = {}
    for vote in votes:
        who.setdefault(vote.ranks, []).append(vote.reviewer)
    opinions = [Opinion(by_letter(ranks, order), tuple(names)) for ranks, names in who.items()]
    return Dispute(
        record_id=record.id,
        mode=votes[0].mode,
        issues=tuple(issue for issue in issues_of(record) if issue != NO_ISSUE),
        type=type_of(record),
        prompt=texts.prompt.text,
        original=record.prompt,
        answers=tuple(
            Shown(letter.upper(), texts.answers[index].text, record.answers[index].text)
            for letter, index in zip(letters(len(order)), order, strict=True)
        ),
        source=by_letter(ranked.source_ranks, order) if ranked.source_ranks else (),
        opinions=tuple(sorted(opinions, key=lambda o: (-len(o.reviewers), o.places))),
        tau=fmean(defined) if defined else None,
        links=_links(ranked, place, words),
    )


def _links(ranked: RankedRecord, place: Place | None, words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if place is None or not words:
        return ()
    is_open = sum(ballot.is_vote for ballot in ranked.ballots) < place.min_submitted
    statuses = ("submitted", "pending") if is_open else ("submitted",)
    return tuple((status, place.link(words, status, len(ranked.record.answers))) for status in statuses)


def by_letter(ranks: Ranking, order: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """A ranking by the letters under which answers are shown, best first, ties together: ``(("B",), ("A", "C"))``."""
    places: dict[int, list[str]] = {}
    for letter, index in zip(letters(len(order)), order, strict=True):
        rank = ranks[index]
        assert rank is not None
        places.setdefault(rank, []).append(letter.upper())
    return tuple(tuple(places[rank]) for rank in sorted(places))
