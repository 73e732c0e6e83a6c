"""Measure how far the reviewers agree with each other and with the source (pure, no I/O).

The rules:

- The same ballots count as in the merge (``exports/merging/votes.py``): a *vote* is a submitted ballot that does not
  say ``not_rankable``, and a record is left out if at least half of its submitted ballots call it ``not_rankable``.
- *alpha over ranks*: Krippendorff's alpha, ordinal. A unit is one answer of one record; its values are the dense
  ranks that the reviewers gave it.
- *alpha over pairs*: Krippendorff's alpha, nominal. A unit is two answers of one record; its values are "better",
  "worse" and "tie". Every two answers are a unit in both directions, because answers are stored best first: in that
  one direction "better" would be so frequent that chance would seem to explain the agreement.
- *tau between reviewers*: the mean of Kendall's tau-b over every two votes on one record.
- *tau with the source*: the mean of tau-b of each vote and the source's ranking, where the source ranks all answers.
- tau-b is undefined if one of the two rankings ties all answers; such pairs of rankings are left out of the mean.
- A reviewer's figures are their tau with the other reviewers, their tau with the source, and the alpha over ranks
  *without* them: if that is higher than the alpha of all, they rank differently from the rest.
- A record with several issue codes counts in each of them. Its codes are those that its reviewers settled, if any.

Sources: K. Krippendorff (2011), *Computing Krippendorff's Alpha-Reliability*, https://repository.upenn.edu/asc_papers/43,
computed by the ``krippendorff`` package; M. G. Kendall (1945), *The treatment of ties in ranking problems*,
Biometrika 33(3), computed by ``scipy.stats.kendalltau``. Intervals: ``exports/measure/estimates.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Literal

from exports.measure.estimates import Estimate, Reason, estimate, mean, not_available
from exports.merging.provenance import issue_codes
from exports.merging.topics import with_topics
from exports.merging.votes import Ranking, is_refused, votes_among
from workspace.model.ballots import Ballot, dense_ranks
from workspace.model.records import MAX_ANSWERS, Record

if TYPE_CHECKING:
    import pandas as pd

    from exports.measure.estimates import Array

Level = Literal["ordinal", "nominal"]
PACKAGES = ("krippendorff", "scipy")  # of the extra `report`
NO_ISSUE = ""
_PAIR_VALUES = 3  # worse, tie, better


@dataclass(frozen=True)
class RankedRecord:
    """A record with all its ballots, and the votes that count, in the order of the reviewers' names.

    It has no votes if it ``is_refused``: at least half of its submitted ballots call it not rankable.
    """

    record: Record
    ballots: tuple[Ballot, ...]
    votes: tuple[Ballot, ...]
    is_refused: bool = False

    @property
    def source_ranks(self) -> Ranking | None:
        """The source's ranking, dense; None if it does not rank all answers."""
        return dense_ranks(self.record.ranks) if self.record.is_ranked else None

    @property
    def is_disputed(self) -> bool:
        """True if two votes rank the answers differently."""
        return len({vote.ranks for vote in self.votes}) > 1

    def without(self, reviewer: str) -> RankedRecord:
        """The same record as if the reviewer had not voted."""
        return replace(self, votes=tuple(vote for vote in self.votes if vote.reviewer != reviewer))


@dataclass(frozen=True)
class Agreement:
    """The agreement on a group of records.

    ``items`` counts units with two or more votes for an alpha, pairs of votes for the tau between reviewers, and
    votes for the tau with the source.
    """

    alpha_ranks: Estimate
    alpha_pairs: Estimate
    tau_reviewers: Estimate
    tau_source: Estimate
    records: int
    votes: int


@dataclass(frozen=True)
class ReviewerAgreement:
    """One reviewer's agreement with the others and the source; ``alpha_without`` is the others' alpha over ranks."""

    tau_others: Estimate
    tau_source: Estimate
    alpha_without: Estimate
    votes: int


@dataclass(frozen=True)
class ReviewAgreement:
    """The agreement of a whole review, also by reviewer and by issue code, each sorted; ``NO_ISSUE`` is last."""

    overall: Agreement
    reviewers: Mapping[str, ReviewerAgreement]
    issues: Mapping[str, Agreement]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each figure: whose it is (``scope``, ``name``), its value and interval, or the reason
        why it has none."""
        import pandas as pd

        groups: list[tuple[str, str, Agreement | ReviewerAgreement]] = [("all", "", self.overall)]
        groups += [("reviewer", name, found) for name, found in self.reviewers.items()]
        groups += [("issue", name, found) for name, found in self.issues.items()]
        rows = [
            {"scope": scope, "name": name, "measure": measure, **asdict(value), "votes": found.votes}
            for scope, name, found in groups
            for measure, value in vars(found).items()
            if isinstance(value, Estimate)
        ]
        return pd.DataFrame(rows)


def ranked_records(review: Iterable[tuple[Record, tuple[Ballot, ...]]]) -> tuple[RankedRecord, ...]:
    """Return every record of a review with the votes that count on it."""
    return tuple(_ranked(record, ballots) for record, ballots in review)


def _ranked(record: Record, ballots: tuple[Ballot, ...]) -> RankedRecord:
    submitted, votes = votes_among(ballots)
    refused = is_refused(submitted, len(votes))
    return RankedRecord(with_topics(record, ballots), ballots, () if refused else votes, refused)


def issues_of(record: Record) -> tuple[str, ...]:
    """The record's issue codes, sorted; ``NO_ISSUE`` if it has none."""
    return issue_codes(record) or (NO_ISSUE,)


def review_agreement(records: Sequence[RankedRecord]) -> ReviewAgreement:
    """Measure the agreement of a review by the rules at the top of this module."""
    by_issue: dict[str, list[RankedRecord]] = {}
    for ranked in records:
        for issue in issues_of(ranked.record):
            by_issue.setdefault(issue, []).append(ranked)
    reviewers = sorted({vote.reviewer for ranked in records for vote in ranked.votes})
    return ReviewAgreement(
        overall=agreement(records),
        reviewers={name: reviewer_agreement(records, name) for name in reviewers},
        issues={issue: agreement(by_issue[issue]) for issue in sorted(by_issue, key=lambda i: (i == NO_ISSUE, i))},
    )


def agreement(records: Iterable[RankedRecord]) -> Agreement:
    """Measure the agreement on some records."""
    voted = [ranked for ranked in records if ranked.votes]
    pairs = alpha([pair_counts(ranked.votes) for ranked in voted], "nominal", _who(voted))
    return Agreement(
        alpha_ranks=alpha_ranks(voted),
        alpha_pairs=replace(pairs, items=pairs.items // 2),  # both directions are one pair of answers
        tau_reviewers=mean_tau(
            [[kendall(a.ranks, b.ranks) for a, b in combinations(ranked.votes, 2)] for ranked in voted], _who(voted)
        ),
        tau_source=tau_with_source(voted),
        records=len(voted),
        votes=sum(len(ranked.votes) for ranked in voted),
    )


def alpha_ranks(records: Iterable[RankedRecord]) -> Estimate:
    """Krippendorff's alpha over the ranks on some records."""
    voted = [ranked for ranked in records if ranked.votes]
    return alpha([rank_counts(ranked.votes) for ranked in voted], "ordinal", _who(voted))


def reviewer_agreement(records: Iterable[RankedRecord], reviewer: str) -> ReviewerAgreement:
    """Measure one reviewer's agreement with the others and the source."""
    voted = [ranked for ranked in records if ranked.votes]
    others = [other for ranked in voted if (other := ranked.without(reviewer)).votes]
    own = [
        (ranked, [vote for vote in ranked.votes if vote.reviewer == reviewer])
        for ranked in voted
        if any(vote.reviewer == reviewer for vote in ranked.votes)
    ]
    against = [
        [kendall(mine.ranks, vote.ranks) for mine in mines for vote in ranked.votes if vote.reviewer != reviewer]
        for ranked, mines in own
    ]
    return ReviewerAgreement(
        tau_others=mean_tau(against, _who(voted)),
        tau_source=tau_with_source([replace(ranked, votes=tuple(mines)) for ranked, mines in own]),
        alpha_without=alpha_ranks(others),
        votes=sum(len(mines) for _, mines in own),
    )


# -- Kendall's tau-b -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def kendall(first: Ranking, second: Ranking) -> float | None:
    """Kendall's tau-b of two rankings of the same answers, from -1 to 1; None if one of them ties all answers."""
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    from scipy.stats import kendalltau

    return float(kendalltau(first, second, variant="b").statistic)


def mean_tau(taus: Sequence[Sequence[float | None]], reviewers: int | None = None) -> Estimate:
    """The mean of all tau-b values; None values are undefined and left out.

    Args:
        taus: the values of each record.
        reviewers: how many reviewers voted; None if one is enough.
    """
    import numpy as np

    pairs = sum(map(len, taus))
    defined = [[tau for tau in record if tau is not None] for record in taus]
    if reviewers is not None and (missing := _missing_votes(reviewers, pairs)):
        return not_available(missing)
    terms = np.array([[sum(record), len(record)] for record in defined if record], dtype=np.float64).reshape(-1, 2)
    return estimate(terms, mean, "constant_ranks", sum(map(len, defined)))


def tau_with_source(records: Iterable[RankedRecord]) -> Estimate:
    """The mean tau-b of each vote and the source's ranking; items are votes."""
    voted = [ranked for ranked in records if ranked.votes]
    compared = [(source, ranked.votes) for ranked in voted if (source := ranked.source_ranks) is not None]
    if not compared:
        return not_available("no_source_ranking" if voted else "no_votes")
    return mean_tau([[kendall(vote.ranks, source) for vote in votes] for source, votes in compared])


# -- Krippendorff's alpha --------------------------------------------------------------------------------------------


def alpha(counts: Sequence[Array], level: Level, reviewers: int) -> Estimate:
    """Krippendorff's alpha with its interval; items are the units with two or more values.

    Args:
        counts: for each record an array of (units, values): how many reviewers gave the unit each value, with the
            values in their order.
        level: the level of measurement of the values.
        reviewers: how many reviewers voted on these records.
    """
    import krippendorff
    import numpy as np

    pairable = [kept for record in counts if len(kept := record[record.sum(axis=1) > 1])]
    if not pairable:
        return not_available(_missing_votes(reviewers, 0) or "no_overlap")
    units = np.concatenate(pairable)
    items = len(units)
    if (units.sum(axis=0) > 0).sum() < 2:
        return not_available("no_variation", items, len(pairable))
    used = int(np.flatnonzero(units.sum(axis=0)).max()) + 1  # values that nobody gave change nothing
    terms = np.stack([coincidences(record[:, :used]).reshape(-1) for record in pairable])
    found = estimate(terms, _alpha_of(level, used), "no_variation", items)
    exact = float(krippendorff.alpha(value_counts=units.astype(np.int64), level_of_measurement=level))
    return Estimate(exact, found.low, found.high, items, found.records, found.reason)


def rank_counts(votes: Sequence[Ballot]) -> Array:
    """How often each answer got each rank: (answers, MAX_ANSWERS)."""
    import numpy as np

    counts = np.zeros((len(votes[0].ranks) if votes else 0, MAX_ANSWERS))
    for vote in votes:
        for answer, rank in enumerate(vote.ranks):
            assert rank is not None
            counts[answer, rank - 1] += 1
    return counts


def pair_counts(votes: Sequence[Ballot]) -> Array:
    """How often the first of every two answers, in both directions, was worse, tied, better: (pairs, 3)."""
    import numpy as np

    pairs = list(permutations(range(len(votes[0].ranks) if votes else 0), 2))
    counts = np.zeros((len(pairs), _PAIR_VALUES))
    for vote in votes:
        for unit, (first, second) in enumerate(pairs):
            mine, other = vote.ranks[first], vote.ranks[second]
            assert mine is not None
            assert other is not None
            counts[unit, 1 + (mine < other) - (mine > other)] += 1
    return counts


def coincidences(counts: Array) -> Array:
    """The coincidence matrix of units (Krippendorff 2011, step B): (values, values), summed over the units.

    A unit that ``m`` reviewers valued adds each of its ordered pairs of values with weight ``1 / (m - 1)``.
    """
    import numpy as np

    weighted = counts / np.maximum(counts.sum(axis=1) - 1, 1)[:, None]
    matrix: Array = counts.T @ weighted - np.diag(weighted.sum(axis=0))
    return matrix


def _alpha_of(level: Level, values: int) -> Callable[[Array], Array]:
    """Alpha of many summed coincidence matrices at once, one in each row; equal to ``krippendorff.alpha`` of each."""
    import numpy as np

    def figure(sums: Array) -> Array:
        matrices = sums.reshape(-1, values, values)
        totals = matrices.sum(axis=2)
        if level == "nominal":
            distances: Array = np.broadcast_to(1 - np.eye(values), matrices.shape)
        else:  # between the middles of the two values' shares of the order of all values
            middles = totals.cumsum(axis=1) - totals / 2
            distances = (middles[:, :, None] - middles[:, None, :]) ** 2
        observed = (matrices * distances).sum(axis=(1, 2))
        chance = (totals[:, :, None] * totals[:, None, :] * distances).sum(axis=(1, 2))
        chance = np.divide(chance, totals.sum(axis=1) - 1, out=np.zeros_like(chance), where=totals.sum(axis=1) > 1)
        alphas: Array = 1 - np.divide(observed, chance, out=np.full(len(chance), np.nan), where=chance > 0)
        return alphas

    return figure


def _who(records: Iterable[RankedRecord]) -> int:
    return len({vote.reviewer for ranked in records for vote in ranked.votes})


def _missing_votes(reviewers: int, pairs: int) -> Reason | None:
    """The reason why no two votes can be compared; None if some can."""
    if pairs:
        return None
    return ("no_votes", "one_reviewer")[reviewers] if reviewers < 2 else "no_overlap"
