"""Merge the ballots on one record into pairs of its answers, each with its votes.

The rules (pure, no I/O; answers are named by their index):

- A *vote* is a submitted ballot that does not say ``not_rankable``. Drafts and discards never count.
- A record has no pair if at least half of its submitted ballots call it ``not_rankable``.
- For two answers, every vote is a win, a loss or a tie. The *margin* is wins minus losses. One answer *beats* the
  other if its margin is above zero: that is the majority relation, whatever thresholds are asked for.
- A pair is written for the answer that beats the other, if there are at least ``min_reviewers`` votes, the margin
  divided by the votes is above ``min_margin``, the pair is not in a cycle, and the method does not refuse it.
- A pair is *in a cycle* if its loser reaches its winner through other majorities: both answers are then in one
  strongly connected component of the majority relation, and no pair inside that component is written. The
  thresholds have no influence on cycles, so a stricter threshold never writes a pair that a looser one refuses.
- Methods: ``margins`` refuses no pair. ``unanimous`` refuses a pair unless every vote is a win. ``kemeny`` refuses a
  pair unless every optimal weak order of ``exports.merging.kemeny`` puts its winner above its loser; with more than
  six answers it writes none. So the pairs of each method are among those of ``margins``.
- Reviewers' weights (``exports.review.weights``), if there are any, count in the margin, in the votes that it is
  divided by, and in Kemeny's distance. Counts of votes are never weighted. A ballot of weight 0 is left out entirely:
  its vote, its texts, its problems and its reviewer do not count (``MergeRules.counted``).
- Every other pair is kept out with the first reason that holds: ``no_votes``, or ``discarded`` if nobody submitted a
  ballot and a discarded one says ``not_rankable`` or ``harmful``; ``not_rankable``; ``too_many_answers``;
  ``too_few_reviewers``; ``tie``; ``cycle``; with ``unanimous`` ``not_unanimous``; with ``kemeny`` ``tie`` if all
  optimal orders tie the two, ``against_majority`` if all reverse the majority, ``several_optima`` if they differ;
  ``margin_too_small``. (``problems``, ``missing_text``, ``equal_texts`` and ``unreviewed_text`` are found later, with
  the final texts, and ``other_version`` with the versions of a prompt.)

Nothing depends on the order of the ballots or of the answers, and no draw is ever decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Literal, get_args

from exports.merging import kemeny
from exports.merging.majority import Ranking as Ranking
from exports.merging.majority import Relation, circles, places
from workspace.errors import count_of
from workspace.model.ballots import NOT_RANKABLE, Ballot

Reason = Literal[
    "no_votes",
    "discarded",
    "not_rankable",
    "too_many_answers",
    "too_few_reviewers",
    "tie",
    "cycle",
    "not_unanimous",
    "several_optima",
    "against_majority",
    "margin_too_small",
    "problems",
    "equal_texts",
    "missing_text",
    "unreviewed_text",
    "other_version",
]
Method = Literal["margins", "unanimous", "kemeny"]
METHODS: tuple[Method, ...] = get_args(Method)
_KEPT = 4096


@dataclass(frozen=True)
class MergeRules:
    """When a pair has enough votes to be written, by which method, and what each reviewer's vote weighs.

    ``weights`` are by reviewer, 0 or more; None weighs all alike. The hash leaves them out.

    Raises:
        ValueError: on construction, if ``min_reviewers`` is below 1, ``min_margin`` is not in [0, 1), or ``method``
            is unknown.
    """

    min_reviewers: int = 1
    min_margin: float = 0.0
    method: Method = "margins"
    weights: Mapping[str, Fraction] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if self.min_reviewers < 1:
            raise ValueError(f"min_reviewers must be 1 or more, got {self.min_reviewers}")
        if not 0 <= self.min_margin < 1:
            raise ValueError(f"min_margin must be from 0 to below 1, got {self.min_margin}")
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}, got {self.method!r}")

    def counted(self, ballots: Iterable[Ballot]) -> tuple[Ballot, ...]:
        """The ballots without those of reviewers who weigh 0, which are left out altogether."""
        if self.weights is None:
            return tuple(ballots)
        return tuple(ballot for ballot in ballots if self.weights.get(ballot.reviewer) != 0)


@dataclass(frozen=True)
class Tally:
    """The votes on two answers, seen from the first of them.

    ``wins``, ``losses`` and ``ties`` count votes; ``weights`` are the sums of the reviewers' weights for each of the
    three, None if all weigh alike.
    """

    wins: int = 0
    losses: int = 0
    ties: int = 0
    weights: tuple[Fraction, Fraction, Fraction] | None = None

    @property
    def votes(self) -> int:
        """How many ballots voted."""
        return self.wins + self.losses + self.ties

    @property
    def margin(self) -> int | Fraction:
        """Wins minus losses, weighted if there are weights."""
        return self.weights[0] - self.weights[1] if self.weights else self.wins - self.losses

    @property
    def share(self) -> float:
        """The margin divided by the votes (or by their weight), from -1 to 1; 0 without votes."""
        total = sum(self.weights) if self.weights else self.votes
        return float(self.margin / total) if total else 0.0

    def swapped(self) -> Tally:
        """The same votes, seen from the other answer."""
        weights = self.weights and (self.weights[1], self.weights[0], self.weights[2])
        return Tally(self.losses, self.wins, self.ties, weights)


@dataclass(frozen=True)
class Pair:
    """The reviewers prefer answer ``chosen`` to answer ``rejected``; ``tally`` is seen from the chosen one."""

    chosen: int
    rejected: int
    tally: Tally


@dataclass(frozen=True)
class DroppedPair:
    """Two answers (``first`` < ``second``) for which no pair is written, and why; ``tally`` is the first one's."""

    first: int
    second: int
    reason: Reason
    tally: Tally
    detail: str = ""


@dataclass(frozen=True)
class MergedBallots:
    """What the ballots on one record say together; every two answers are in ``pairs`` or in ``dropped``, sorted.

    ``ranks`` are dense, from the majority relation, or with ``kemeny`` from the optimal orders. A rank is None if the
    answer is in a cycle, if it ties an answer but compares differently with the rest, or if the optimal orders
    differ. All are None for a record without votes, or refused as a whole.
    """

    votes: int
    ranks: Ranking
    pairs: tuple[Pair, ...]
    dropped: tuple[DroppedPair, ...]


Tallies = dict[tuple[int, int], Tally]


def merge_ballots(answers: int, ballots: Iterable[Ballot], rules: MergeRules | None = None) -> MergedBallots:
    """Merge all ballots on one record of ``answers`` answers, by the rules at the top of this module.

    Raises:
        KeyError: there are weights, and a reviewer who voted has none.
    """
    rules = rules or MergeRules()
    counted = rules.counted(ballots)
    submitted, votes = votes_among(counted)
    cast = _CountedVotes(
        rankings=tuple(ballot.ranks for ballot in votes),
        weights=None if rules.weights is None else tuple(rules.weights[ballot.reviewer] for ballot in votes),
        submitted=submitted,
        discarded=not submitted and any(ballot.is_refusal for ballot in counted),
    )
    return _merge(answers, cast, rules)


def votes_among(ballots: Iterable[Ballot]) -> tuple[int, tuple[Ballot, ...]]:
    """How many of the ballots on a record are submitted, and those of them that are votes."""
    submitted = [ballot for ballot in ballots if ballot.is_vote]
    return len(submitted), tuple(ballot for ballot in submitted if NOT_RANKABLE not in ballot.problems)


def is_refused(submitted: int, votes: int) -> bool:
    """True if at least half of the submitted ballots call the record not rankable."""
    return 2 * (submitted - votes) >= submitted > 0


@dataclass(frozen=True)
class _CountedVotes:
    """All of a record's ballots that its merge depends on, hashable, because many records have the same.

    ``weights`` are aligned with ``rankings``, None if all weigh alike; ``submitted`` also counts the ballots that do
    not rank; ``discarded`` is true if nobody submitted one, and a discarded ballot refuses the record.
    """

    rankings: tuple[Ranking, ...]
    weights: tuple[Fraction, ...] | None
    submitted: int
    discarded: bool


@lru_cache(maxsize=_KEPT)
def _merge(answers: int, votes: _CountedVotes, rules: MergeRules) -> MergedBallots:
    tallies = {(i, j): tally(votes.rankings, i, j, votes.weights) for i, j in combinations(range(answers), 2)}
    refused = _refused_as_a_whole(answers, votes, rules.method)
    if refused:
        dropped = tuple(DroppedPair(*pair, refused[0], counts, refused[1]) for pair, counts in tallies.items())
        return MergedBallots(len(votes.rankings), (None,) * answers, (), dropped)
    beaten = _majority(answers, tallies)
    rings = circles(beaten)
    optima = _optimal_orders(answers, tallies) if rules.method == "kemeny" else None
    outcomes = [_outcome(*pair, counts, rules, rings, optima) for pair, counts in tallies.items()]
    return MergedBallots(
        votes=len(votes.rankings),
        ranks=places(beaten) if optima is None else _outside(rings, kemeny.settled_places(optima)),
        pairs=tuple(outcome for outcome in outcomes if isinstance(outcome, Pair)),
        dropped=tuple(outcome for outcome in outcomes if isinstance(outcome, DroppedPair)),
    )


def tally(rankings: Sequence[Ranking], first: int, second: int, weights: Sequence[Fraction] | None = None) -> Tally:
    """Count wins, losses and ties of the first answer against the second; a ranking without both does not vote.

    Args:
        rankings: one for each vote.
        first, second: the two answers.
        weights: what each vote weighs, aligned with ``rankings``.
    """
    counts = [0, 0, 0]
    sums = [Fraction(0)] * 3
    for place, ranks in enumerate(rankings):
        mine, other = ranks[first], ranks[second]
        if mine is None or other is None:
            continue
        outcome = 0 if mine < other else 1 if mine > other else 2
        counts[outcome] += 1
        if weights is not None:
            sums[outcome] += weights[place]
    return Tally(counts[0], counts[1], counts[2], None if weights is None else (sums[0], sums[1], sums[2]))


def drop(pair: Pair, reason: Reason, detail: str = "") -> DroppedPair:
    """The pair as one that is not written after all."""
    if pair.chosen < pair.rejected:
        return DroppedPair(pair.chosen, pair.rejected, reason, pair.tally, detail)
    return DroppedPair(pair.rejected, pair.chosen, reason, pair.tally.swapped(), detail)


def _refused_as_a_whole(answers: int, votes: _CountedVotes, method: Method) -> tuple[Reason, str] | None:
    """Why no pair of the record is written, with the detail; None if pairs may be."""
    if votes.discarded:
        return "discarded", "a discarded ballot says not_rankable or harmful"
    if not votes.submitted:
        return "no_votes", "no reviewer submitted a ballot that counts"
    unranked = votes.submitted - len(votes.rankings)
    if is_refused(votes.submitted, len(votes.rankings)):
        return "not_rankable", f"{unranked} of {votes.submitted} submitted ballots say not_rankable"
    if method == "kemeny" and answers > kemeny.MAX_ANSWERS:
        return "too_many_answers", f"{answers} answers; kemeny takes up to {kemeny.MAX_ANSWERS}"
    return None


def _outcome(
    first: int,
    second: int,
    votes: Tally,
    rules: MergeRules,
    rings: Sequence[tuple[int, ...]],
    optima: Sequence[kemeny.WeakOrder] | None,
) -> Pair | DroppedPair:
    if votes.votes < rules.min_reviewers:
        detail = f"{votes.votes} voted, {count_of(rules.min_reviewers, 'is', 'are')} needed"
        return DroppedPair(first, second, "too_few_reviewers", votes, detail)
    if not votes.margin:
        return DroppedPair(first, second, "tie", votes)
    if second in rings[first]:
        detail = f"answers {', '.join(map(str, rings[first]))} beat each other in a circle"
        return DroppedPair(first, second, "cycle", votes, detail)
    pair = Pair(first, second, votes) if votes.margin > 0 else Pair(second, first, votes.swapped())
    refused = _refused_by_method(pair, rules, optima)
    if refused:
        return DroppedPair(first, second, refused[0], votes, refused[1])
    if pair.tally.share <= rules.min_margin:
        detail = f"margin {pair.tally.share:.3g} of the votes, more than {rules.min_margin:g} is needed"
        return DroppedPair(first, second, "margin_too_small", votes, detail)
    return pair


def _refused_by_method(
    pair: Pair, rules: MergeRules, optima: Sequence[kemeny.WeakOrder] | None
) -> tuple[Reason, str] | None:
    """Why the method refuses a pair that has the majority, with the detail; None if it does not."""
    if rules.method == "unanimous" and pair.tally.wins < pair.tally.votes:
        return "not_unanimous", f"{pair.tally.wins} of {count_of(pair.tally.votes, 'vote')} for answer {pair.chosen}"
    if optima is None:
        return None
    above = sum(order[pair.chosen] < order[pair.rejected] for order in optima)
    below = sum(order[pair.chosen] > order[pair.rejected] for order in optima)
    if above == len(optima):
        return None
    level = len(optima) - above - below
    if level == len(optima):
        return "tie", "every optimal order ties the two"
    if below == len(optima):
        return "against_majority", "every optimal order puts the two the other way round"
    detail = f"of {len(optima)} optimal orders {above} agree with the majority, {level} tie and {below} turn it round"
    return "several_optima", detail


def _optimal_orders(answers: int, tallies: Tallies) -> tuple[kemeny.WeakOrder, ...]:
    votes = tuple(votes.weights or (votes.wins, votes.losses, votes.ties) for votes in tallies.values())
    return kemeny.optimal_orders(answers, votes)


def _outside(rings: Sequence[tuple[int, ...]], ranks: Ranking) -> Ranking:
    """The ranks, None for the members of a cycle."""
    return tuple(None if ring else rank for ring, rank in zip(rings, ranks, strict=True))


def _majority(answers: int, tallies: Tallies) -> Relation:
    """For each answer the set of answers that it beats, as bits."""
    beaten = [0] * answers
    for (first, second), votes in tallies.items():
        margin = votes.margin
        if margin > 0:
            beaten[first] |= 1 << second
        elif margin < 0:
            beaten[second] |= 1 << first
    return tuple(beaten)
