"""Merge the ballots on one record into pairs of its answers, each with its votes.

The rules (pure, no I/O; answers are named by their index):

- A *vote* is a submitted ballot that does not say ``not_rankable``. Drafts and discards never count.
- A record that at least half of its submitted ballots call ``not_rankable`` gives no pair.
- For two answers, every vote is a win, a loss or a tie. The *margin* is wins minus losses. One answer *beats* the
  other when its margin is above zero: that is the majority relation, whatever thresholds are asked for.
- A pair is written for the answer that beats the other, if there are at least ``min_reviewers`` votes, the margin
  divided by the votes is above ``min_margin``, and the pair is in no cycle.
- A pair is *in a cycle* when a chain of majorities leads back from its loser to its winner: both answers then lie in
  one strongly connected component of the majority relation, and no pair inside that component is written. The
  thresholds play no part in it, so that a stricter threshold never writes a pair that a looser one refuses.
- Every other pair is kept out with the first reason that holds: ``no_votes``, ``not_rankable``,
  ``too_few_reviewers``, ``tie``, ``cycle``, ``margin_too_small``. (``equal_texts`` and ``missing_text`` are found
  later, when the final texts are put to the pairs.)

Nothing depends on the order of the ballots or of the answers, and no draw is ever decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

from workspace.ballots import NOT_RANKABLE, Ballot

Reason = Literal[
    "no_votes", "not_rankable", "too_few_reviewers", "tie", "cycle", "margin_too_small", "equal_texts", "missing_text"
]
Ranking = tuple[int | None, ...]
Relation = tuple[int, ...]  # for each answer the set of answers that it stands in relation to, as bits
_KEPT = 4096  # three answers have 27 majority relations: most records share theirs with others


@dataclass(frozen=True)
class MergeRules:
    """When a pair has votes enough to be written: both conditions must hold.

    Raises:
        ValueError: on construction, if ``min_reviewers`` is below 1 or ``min_margin`` is not in [0, 1).
    """

    min_reviewers: int = 1
    min_margin: float = 0.0

    def __post_init__(self) -> None:
        if self.min_reviewers < 1:
            raise ValueError(f"min_reviewers must be 1 or more, got {self.min_reviewers}")
        if not 0 <= self.min_margin < 1:
            raise ValueError(f"min_margin must be from 0 to below 1, got {self.min_margin}")


@dataclass(frozen=True)
class Tally:
    """The votes on two answers, seen from the first of them."""

    wins: int = 0
    losses: int = 0
    ties: int = 0

    @property
    def votes(self) -> int:
        """How many ballots voted."""
        return self.wins + self.losses + self.ties

    @property
    def margin(self) -> int:
        """Wins minus losses."""
        return self.wins - self.losses

    def swapped(self) -> Tally:
        """The same votes, seen from the other answer."""
        return Tally(self.losses, self.wins, self.ties)


@dataclass(frozen=True)
class Pair:
    """The reviewers prefer answer ``chosen`` to answer ``rejected``; ``tally`` is seen from the chosen one."""

    chosen: int
    rejected: int
    tally: Tally


@dataclass(frozen=True)
class DroppedPair:
    """Two answers (``first`` < ``second``) that give no pair, and why; ``tally`` is seen from the first."""

    first: int
    second: int
    reason: Reason
    tally: Tally
    detail: str = ""


@dataclass(frozen=True)
class MergedBallots:
    """What the ballots on one record say together; pairs and dropped pairs are sorted, and name each pair once.

    ``ranks`` are dense places from the majority relation. Answers that it does not put in a line, because they beat
    each other in a circle or tie without being equal to all the same answers, share one place and have None for
    their rank; so has every answer of a record without votes or called not rankable.
    """

    submitted: int
    votes: int
    ranks: Ranking
    pairs: tuple[Pair, ...]
    dropped: tuple[DroppedPair, ...]


def merge_ballots(answers: int, ballots: Iterable[Ballot], rules: MergeRules | None = None) -> MergedBallots:
    """Merge all ballots on one record of ``answers`` answers, by the rules at the top of this module."""
    rules = rules or MergeRules()
    submitted = [ballot for ballot in ballots if ballot.is_vote]
    rankings = [ballot.ranks for ballot in submitted if NOT_RANKABLE not in ballot.problems]
    tallies = {pair: tally(rankings, *pair) for pair in combinations(range(answers), 2)}
    refused = _refused_as_a_whole(len(submitted), len(rankings))
    if refused:
        dropped = tuple(DroppedPair(*pair, refused[0], votes, refused[1]) for pair, votes in tallies.items())
        return MergedBallots(len(submitted), len(rankings), (None,) * answers, (), dropped)
    beaten = _majority(answers, tallies)
    circles = _circles(beaten)
    outcomes = [_outcome(*pair, votes, rules, circles) for pair, votes in tallies.items()]
    return MergedBallots(
        submitted=len(submitted),
        votes=len(rankings),
        ranks=_places(beaten),
        pairs=tuple(outcome for outcome in outcomes if isinstance(outcome, Pair)),
        dropped=tuple(outcome for outcome in outcomes if isinstance(outcome, DroppedPair)),
    )


def tally(rankings: Iterable[Ranking], first: int, second: int) -> Tally:
    """Count wins, losses and ties of the first answer against the second; a ranking without both does not vote."""
    wins = losses = ties = 0
    for ranks in rankings:
        mine, other = ranks[first], ranks[second]
        if mine is None or other is None:
            continue
        wins += mine < other
        losses += mine > other
        ties += mine == other
    return Tally(wins, losses, ties)


def drop(pair: Pair, reason: Reason, detail: str = "") -> DroppedPair:
    """Take a pair back: it gives no pair after all."""
    if pair.chosen < pair.rejected:
        return DroppedPair(pair.chosen, pair.rejected, reason, pair.tally, detail)
    return DroppedPair(pair.rejected, pair.chosen, reason, pair.tally.swapped(), detail)


def _refused_as_a_whole(submitted: int, votes: int) -> tuple[Reason, str] | None:
    """The reason that keeps out every pair of the record, with its detail; None if there is none."""
    if not submitted:
        return "no_votes", "no reviewer submitted a ballot"
    if 2 * (submitted - votes) >= submitted:
        return "not_rankable", f"{submitted - votes} of {submitted} submitted ballots say not_rankable"
    return None


def _outcome(
    first: int, second: int, votes: Tally, rules: MergeRules, circles: Sequence[tuple[int, ...]]
) -> Pair | DroppedPair:
    if votes.votes < rules.min_reviewers:
        detail = f"{votes.votes} voted, {rules.min_reviewers} are needed"
        return DroppedPair(first, second, "too_few_reviewers", votes, detail)
    if not votes.margin:
        return DroppedPair(first, second, "tie", votes)
    if second in circles[first]:
        detail = f"answers {', '.join(map(str, circles[first]))} beat each other in a circle"
        return DroppedPair(first, second, "cycle", votes, detail)
    share = abs(votes.margin) / votes.votes
    if share <= rules.min_margin:
        detail = f"margin {share:.3g} of the votes, more than {rules.min_margin:g} is needed"
        return DroppedPair(first, second, "margin_too_small", votes, detail)
    if votes.margin > 0:
        return Pair(first, second, votes)
    return Pair(second, first, votes.swapped())


def _majority(answers: int, tallies: dict[tuple[int, int], Tally]) -> Relation:
    """For each answer the set of answers that it beats, as bits."""
    beaten = [0] * answers
    for (first, second), votes in tallies.items():
        if votes.margin > 0:
            beaten[first] |= 1 << second
        elif votes.margin < 0:
            beaten[second] |= 1 << first
    return tuple(beaten)


def _closure(relation: Relation) -> list[int]:
    """The transitive closure of a relation held as bits (Warshall's algorithm)."""
    reached = list(relation)
    for middle in range(len(reached)):
        for start in range(len(reached)):
            if reached[start] >> middle & 1:
                reached[start] |= reached[middle]
    return reached


@lru_cache(maxsize=_KEPT)
def _circles(beaten: Relation) -> list[tuple[int, ...]]:
    """For each answer the members of its cycle, itself among them; nothing if it is in none."""
    reached = _closure(beaten)
    answers = range(len(beaten))
    return [tuple(j for j in answers if reached[i] >> j & 1 and reached[j] >> i & 1) for i in answers]


@lru_cache(maxsize=_KEPT)
def _places(beaten: Relation) -> Ranking:
    """The dense rank of each answer, None where the majority relation does not settle it.

    Read with ties ("beats or ties"), the relation compares every two answers, so its strongly connected components
    stand in a line, and what an answer reaches shrinks from each to the next: that gives the places.
    """
    answers = range(len(beaten))
    at_least = tuple(sum(1 << other for other in answers if not beaten[other] >> answer & 1) for answer in answers)
    reached = _closure(at_least)
    sizes = sorted({bits.bit_count() for bits in reached}, reverse=True)
    ranks: list[int | None] = []
    for answer in answers:
        peers = sum(1 << other for other in answers if reached[other] == reached[answer])
        settled = not any(beaten[other] & peers for other in answers if peers >> other & 1)
        ranks.append(sizes.index(reached[answer].bit_count()) + 1 if settled else None)
    return tuple(ranks)
