"""What reviewers' rankings say of the dataset's answers, as grades and as pairs (pure, no I/O).

The rules:

- The votes that count are those of ``exports/measure/agreement.py``. A record that nobody voted on has the source's
  ranking, as the vote of ``SOURCE``.
- A vote gives three answers with three different ranks the grades good, regular and bad. All other votes give no
  grade, because nobody said where on the scale their answers are; their pairs count all the same.
- *within*: the judge's mean grades rank the answers of a record. Its pairs and Kendall's tau-b are compared with
  each single vote, as votes are compared with each other, so that the two figures can be held side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from exports.evaluation.grades.files import LEVELS, Grade
from exports.evaluation.scores.graded import GradedAnswer, points
from exports.measure.agreement import kendall, ranked_records
from exports.measure.estimates import Estimate, Reason, estimate, mean, not_available
from exports.merging.votes import Ranking
from exports.review.files import Review
from workspace.model.ballots import dense_ranks

if TYPE_CHECKING:
    from exports.measure.estimates import Array

SOURCE = "source"


@dataclass(frozen=True)
class Within:
    """How far rankings of the answers of one record agree: the share of pairs (a tie is half), and tau-b."""

    pairs: Estimate
    tau: Estimate


def rankings(review: Review) -> dict[str, list[tuple[str, Ranking]]]:
    """The votes on each record by its id: who, and the ranks."""
    found: dict[str, list[tuple[str, Ranking]]] = {}
    for ranked in ranked_records(review):
        votes = [(vote.reviewer, vote.ranks) for vote in ranked.votes]
        if not votes and not ranked.is_refused and ranked.source_ranks is not None:
            votes = [(SOURCE, ranked.source_ranks)]
        found[ranked.record.id] = votes
    return found


def grades_by_rank(votes: Mapping[str, Sequence[tuple[str, Ranking]]], judged: Iterable[Grade]) -> tuple[Grade, ...]:
    """The grades that the votes give to the answers that the judge graded."""
    keys = sorted({(grade.id, grade.language, grade.place) for grade in judged if grade.place is not None})
    return tuple(
        Grade(name, language, LEVELS[3 - int(ranks[place] or 0)], reviewer=reviewer, place=place)
        for name, language, place in keys
        for reviewer, ranks in votes.get(name, ())
        if place < len(ranks) and sorted(map(str, ranks)) == ["1", "2", "3"]
    )


def judge_within(answers: Sequence[GradedAnswer], votes: Mapping[str, Sequence[tuple[str, Ranking]]]) -> Within:
    """How far the judge ranks the answers of each record as reviewers do."""
    compared = []
    for (name, _), judged in _by_record(answers).items():
        places = [answer.place or 0 for answer in judged]
        own = dense_ranks([round(-(10**6) * points(answer.judge)) for answer in judged])
        against = [dense_ranks([ranks[place] for place in places]) for _, ranks in votes[name]]
        compared.append((judged[0].group, [(own, ranks) for ranks in against]))
    return _within(compared)


def people_within(answers: Sequence[GradedAnswer], votes: Mapping[str, Sequence[tuple[str, Ranking]]]) -> Within:
    """How far reviewers rank the answers of the same records as other reviewers do."""
    groups = {name: judged[0].group for (name, _), judged in _by_record(answers).items()}
    return _within(
        [
            (group, [(first, second) for (_, first), (_, second) in permutations(votes[name], 2)])
            for name, group in groups.items()
        ]
    )


def _by_record(answers: Sequence[GradedAnswer]) -> dict[tuple[str, str], list[GradedAnswer]]:
    """The judged answers of each record in each language, where there are two or more."""
    found: dict[tuple[str, str], list[GradedAnswer]] = {}
    for answer in answers:
        if answer.judge is not None:
            found.setdefault(answer.key[:2], []).append(answer)
    return {key: each for key, each in found.items() if len(each) > 1}


def _within(compared: Sequence[tuple[str, Sequence[tuple[Ranking, Ranking]]]]) -> Within:
    pairs: dict[str, list[float]] = {}
    taus: dict[str, list[float]] = {}
    for group, each in compared:
        for own, other in each:
            for first, second in combinations(range(len(own)), 2):
                if better := _order(other, first, second):
                    found = _order(own, first, second)
                    pairs.setdefault(group, []).append(float(found == better) if found else 0.5)
            if (tau := kendall(own, other)) is not None:
                taus.setdefault(group, []).append(tau)
    return Within(_mean(pairs, "no_overlap"), _mean(taus, "constant_ranks"))


def _order(ranks: Ranking, first: int, second: int) -> int:
    """-1 if the first answer is the better one, 1 if the second is, 0 if they tie; a vote ranks every answer."""
    mine, other = ranks[first], ranks[second]
    assert mine is not None
    assert other is not None
    return (mine > other) - (mine < other)


def _mean(values: Mapping[str, Sequence[float]], reason: Reason) -> Estimate:
    """The mean of all values; the interval is of groups, with one more whose value is half way to chance."""
    import numpy as np

    terms: Array = np.array([[sum(values[name]), len(values[name])] for name in sorted(values)]).reshape(-1, 2)
    items = sum(map(len, values.values()))
    if not items:
        return not_available(reason)
    exact = estimate(terms, mean, "no_overlap", items)
    if len(terms) < 2 or exact.value is None:
        return exact
    size = terms[:, 1].mean()
    wider = estimate(np.vstack([terms, [[size * CHANCE[reason], size]]]), mean, "no_overlap", items)
    low, high = (exact.value if end is None else end for end in (wider.low, wider.high))
    return Estimate(exact.value, min(low, exact.value), max(high, exact.value), items, len(terms))


CHANCE = {"no_overlap": 0.5, "constant_ranks": 0.0}  # what chance would give: half of the pairs, no correlation
