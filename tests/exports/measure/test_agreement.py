"""Agreement: against published worked examples, by properties, and where it cannot be computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.measure.agreement import (
    Agreement,
    Level,
    agreement,
    alpha,
    coincidences,
    issues_of,
    kendall,
    mean_tau,
    rank_counts,
    ranked_records,
    review_agreement,
    reviewer_agreement,
)
from exports.measure.estimates import RESAMPLES, Estimate, estimate, mean
from exports.measure.whole import agreement as whole_agreement
from exports.review.files import Review
from tests.exports.cases import record, vote, votes
from workspace.model.ballots import Ballot, dense_ranks
from workspace.model.records import Answer

pytestmark = pytest.mark.extras

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, missing
# data. He finds 0.743 for nominal data and, in section D, 0.815 for ordinal data.
FOUR_OBSERVERS = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""


def units(table: str, values: int) -> list[np.ndarray]:
    """Each unit of a table of observers by units, as counts of its values; a unit is a record of its own."""
    rows = [line.split() for line in table.split("\n") if line.strip()]
    counts = [np.zeros((1, values)) for _ in rows[0]]
    for row in rows:
        for unit, value in enumerate(row):
            if value != ".":
                counts[unit][0, int(value) - 1] += 1
    return counts


def review_of(*rankings: Sequence[Sequence[int] | None], **changes: object) -> Review:
    """One record for each argument, with a vote for each of its rankings; None where a reviewer has none."""
    ballots = [
        vote(*ranks, reviewer=f"reviewer-{place}", record_id=f"h4rmony-{number}", **changes)
        for number, given in enumerate(rankings)
        for place, ranks in enumerate(given)
        if ranks
    ]
    return Review(tuple(record(number) for number in range(len(rankings))), tuple(ballots))


def measured(review: Review) -> Agreement:
    return review_agreement(ranked_records(review)).overall


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_of_krippendorff_s_four_observers(level: Level, published: float) -> None:
    found = alpha(units(FOUR_OBSERVERS, 5), level, 4)
    assert found.value == pytest.approx(published, abs=0.0005)
    assert found.items == 11, "the unit that one observer valued cannot be paired"
    assert found.low is not None
    assert found.high is not None
    assert found.low < published < found.high


def test_the_coincidences_are_those_of_krippendorff_s_table() -> None:
    matrix = coincidences(np.concatenate(units(FOUR_OBSERVERS, 5)))
    third = 1 / 3
    expected = [
        [7, 4 * third, third, third, 0],
        [4 * third, 10, 4 * third, third, 0],
        [third, 4 * third, 8, third, 0],
        [third, third, third, 4, 0],
        [0, 0, 0, 0, 3],
    ]
    assert matrix == pytest.approx(np.array(expected))
    assert matrix.sum(axis=1) == pytest.approx([9, 13, 10, 5, 3])


def test_tau_b_of_kendall_s_examples() -> None:
    """Kendall (1948), "Rank Correlation Methods", chapter 3: two rankings of ten with ties, S = 33; and a ranking of
    seventeen against two classes, 0.408."""
    first, second = (1, 2, 2, 3, 3, 4, 4, 5, 6, 6), (1, 2, 3, 3, 3, 3, 4, 4, 4, 5)
    assert kendall(first, second) == pytest.approx(33 / math.sqrt(41 * 36))
    ranking = (1, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 7)
    classes = (1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 2, 2)
    assert kendall(ranking, classes) == pytest.approx(0.408, abs=0.0005)


def test_tau_b_by_hand() -> None:
    assert kendall((1, 2, 3), (1, 2, 3)) == 1
    assert kendall((1, 2, 3), (3, 2, 1)) == -1
    assert kendall((1, 2, 2), (1, 2, 3)) == pytest.approx(2 / math.sqrt(2 * 3))
    assert kendall((1, 1, 1), (1, 2, 3)) is None


def test_the_figures_of_a_small_review_by_hand() -> None:
    """Two reviewers, two records: (1,2,3) twice, then (1,2,3) against (2,1,3)."""
    import krippendorff

    found = measured(review_of([(1, 2, 3), (1, 2, 3)], [(1, 2, 3), (2, 1, 3)]))
    assert found.tau_reviewers.value == pytest.approx((1 + 1 / 3) / 2)
    assert found.tau_source.value == pytest.approx((1 + 1 + 1 + 1 / 3) / 4)
    by_unit = [[1, 2, 3, 1, 2, 3], [1, 2, 3, 2, 1, 3]]
    assert found.alpha_ranks.value == pytest.approx(
        krippendorff.alpha(reliability_data=by_unit, level_of_measurement="ordinal")
    )
    # six pairs of answers, in both directions 12 units; one pair of answers of six is seen the other way round
    assert found.alpha_pairs.items == 6
    one_way = [1, 1, 1, 1, 1, 1], [1, 1, 1, -1, 1, 1]
    both_ways = [[*values, *(-value for value in values)] for values in one_way]
    assert found.alpha_pairs.value == pytest.approx(
        krippendorff.alpha(reliability_data=both_ways, level_of_measurement="nominal")
    )
    assert (found.alpha_ranks.items, found.tau_reviewers.items, found.tau_source.items) == (6, 2, 4)
    assert (found.records, found.votes) == (2, 4)


def test_a_tie_is_a_category_of_its_own() -> None:
    whole = measured(review_of([(1, 1, 2), (1, 1, 2)], [(1, 2, 3), (1, 2, 3)])).alpha_pairs
    half = measured(review_of([(1, 1, 2), (1, 2, 3)], [(1, 2, 3), (1, 2, 3)])).alpha_pairs
    assert whole.value == 1
    assert half.value is not None
    assert half.value < 1


RANKINGS = st.tuples(*[st.integers(1, 3)] * 3).map(dense_ranks)
REVIEWS = st.lists(st.lists(st.none() | RANKINGS, min_size=3, max_size=3), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(REVIEWS, st.randoms(use_true_random=False))
def test_the_order_and_the_names_of_reviewers_change_nothing(rankings: list, random: object) -> None:
    review = review_of(*rankings)
    names = ["reviewer-0", "reviewer-1", "reviewer-2"]
    random.shuffle(names)  # type: ignore[attr-defined]
    renamed = [replace(b, reviewer=names[int(b.reviewer[-1])]) for b in review.ballots]
    random.shuffle(renamed)  # type: ignore[attr-defined]
    other = Review(review.records, tuple(renamed))
    for one, two in zip(estimates(measured(review)), estimates(measured(other)), strict=True):
        assert one.reason == two.reason
        assert (one.items, one.records) == (two.items, two.records)
        for first, second in ((one.value, two.value), (one.low, two.low), (one.high, two.high)):
            assert first == (None if second is None else pytest.approx(second, abs=1e-9))


@settings(deadline=None, max_examples=60)
@given(REVIEWS)
def test_every_figure_is_a_number_or_says_why_not(rankings: list) -> None:
    review = review_of(*rankings)
    found = review_agreement(ranked_records(review))
    figures = estimates(found.overall)
    for one in found.reviewers.values():
        figures += [one.tau_others, one.tau_source, one.alpha_without]
    for figure in figures:
        numbers = [number for number in (figure.value, figure.low, figure.high) if number is not None]
        assert all(math.isfinite(number) and number <= 1 + 1e-9 for number in numbers)
        assert (figure.value is None) <= (figure.reason is not None)
        has_interval = figure.value is not None and figure.reason is None
        assert (figure.low is not None, figure.high is not None) == (has_interval, has_interval)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=2, max_size=8))
def test_alpha_for_all_resamples_at_once_is_the_library_s(counts: list[list[int]]) -> None:
    """With one record, resampled from one, every resample is the data itself: so is the figure."""
    import krippendorff

    from exports.measure.agreement import _alpha_of

    array = np.array(counts, dtype=float)
    array = array[array.sum(axis=1) > 1]
    if len(array) == 0 or (array.sum(axis=0) > 0).sum() < 2:
        return
    for level in ("nominal", "ordinal"):
        at_once = _alpha_of(level, 4)(np.stack([coincidences(array).reshape(-1)] * 2))
        assert at_once == pytest.approx(
            [krippendorff.alpha(value_counts=array.astype(int), level_of_measurement=level)] * 2
        )


def estimates(found: Agreement) -> list[Estimate]:
    return [found.alpha_ranks, found.alpha_pairs, found.tau_reviewers, found.tau_source]


@pytest.mark.parametrize(
    ("rankings", "reasons"),
    [
        ([], ["no_votes"] * 4),
        ([[None, None]], ["no_votes"] * 4),
        ([[(1, 2, 3)], [(1, 3, 2)]], ["one_reviewer"] * 3 + [None]),
        ([[(1, 2, 3), None], [None, (1, 3, 2)]], ["no_overlap"] * 3 + [None]),
        ([[(1, 1, 1), (1, 1, 1)], [(1, 1, 1), (1, 1, 1)]], ["no_variation"] * 2 + ["constant_ranks"] * 2),
        ([[(1, 2, 3), (1, 1, 1)], [(1, 2, 3), (1, 1, 1)]], [None, None, "constant_ranks", None]),
        ([[(1, 2, 3), (1, 3, 2)]], ["one_record"] * 4),
    ],
)
def test_what_cannot_be_computed_says_why(rankings: list, reasons: list) -> None:
    assert [figure.reason for figure in estimates(measured(review_of(*rankings)))] == reasons


def test_without_a_source_ranking_there_is_no_tau_with_it() -> None:
    unranked = record(0, answers=(Answer("A", None), Answer("B", None), Answer("C", None)), comparisons=())
    review = Review((unranked,), tuple(replace(b, record_id="h4rmony-0") for b in votes((1, 2, 3), (1, 3, 2))))
    found = measured(review)
    assert found.tau_source == Estimate(None, reason="no_source_ranking")
    assert found.tau_reviewers.value == pytest.approx(1 / 3)


def test_only_submitted_votes_count_and_the_merge_s_rule_of_not_rankable_holds() -> None:
    """A ballot that says not_rankable does not vote; a record is out if at least half of its submitted ballots do."""
    base = list(review_of([(1, 2, 3), (1, 2, 3)], [(1, 2, 3), (3, 2, 1)]).ballots)
    noise: list[Ballot] = [
        vote(3, 2, 1, reviewer="draft", record_id="h4rmony-0", status="draft"),
        vote(3, 2, 1, reviewer="discards", record_id="h4rmony-0", status="discarded"),
        vote(3, 2, 1, reviewer="refuses", record_id="h4rmony-0", problems=("not_rankable",)),
        vote(1, 2, 3, reviewer="a", record_id="h4rmony-2"),
        vote(3, 2, 1, reviewer="b", record_id="h4rmony-2"),
        vote(3, 2, 1, reviewer="c", record_id="h4rmony-2", problems=("not_rankable",)),
        vote(3, 2, 1, reviewer="d", record_id="h4rmony-2", problems=("bad_translation", "not_rankable")),
    ]
    records = (record(0), record(1), record(2))
    with_noise, without = measured(Review(records, (*base, *noise))), measured(Review(records, tuple(base)))
    assert with_noise == without
    assert with_noise.votes == 4


def test_a_reviewer_against_the_others() -> None:
    """Two agree, the third turns every ranking round: without them the others agree wholly."""
    review = review_of(*[[(1, 2, 3), (1, 2, 3), (3, 2, 1)]] * 3)
    found = review_agreement(ranked_records(review)).reviewers
    assert [found[f"reviewer-{place}"].tau_others.value for place in range(3)] == [0, 0, -1]
    assert [found[f"reviewer-{place}"].tau_source.value for place in range(3)] == [1, 1, -1]
    assert found["reviewer-2"].alpha_without.value == 1
    assert found["reviewer-0"].alpha_without.value is not None
    assert found["reviewer-0"].alpha_without.value < 0
    assert [one.votes for one in found.values()] == [3, 3, 3]
    assert found["reviewer-0"].tau_others.items == 6
    nobody = reviewer_agreement(ranked_records(review), "nobody")
    assert (nobody.tau_others.reason, nobody.tau_source.reason, nobody.votes) == ("no_overlap", "no_votes", 0)


def test_a_record_counts_in_each_of_its_issues() -> None:
    both = record(0)
    only = record(1, metadata={"issues": ["SC"]})
    none = record(2, metadata={})
    ballots = [replace(b, record_id=r.id) for r in (both, only, none) for b in votes((1, 2, 3), (1, 3, 2))]
    found = review_agreement(ranked_records(Review((both, only, none), tuple(ballots)))).issues
    assert {issue: one.records for issue, one in found.items()} == {"PWM": 1, "SC": 2, "": 1}
    assert list(found) == ["PWM", "SC", ""]
    assert issues_of(record(metadata={"issues": "WA"})) == ("WA",)
    assert issues_of(record(metadata={"issues": 3})) == ("",)


def test_the_interval_is_that_of_scipy_s_bootstrap() -> None:
    from scipy import stats

    values = np.random.default_rng(3).normal(0.5, 0.2, 120)
    ours = estimate(np.stack([values, np.ones(120)], axis=1), mean, "no_votes", 120)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.high, abs=0.005)


def test_records_are_resampled_and_not_votes() -> None:
    """Ten records on which twenty votes agree are ten observations: the interval is as wide as with two votes."""
    few = [[1.0] if number % 2 else [0.0] for number in range(10)]
    many = [values * 20 for values in few]
    assert mean_tau(few).low == pytest.approx(mean_tau(many).low or 0)
    assert mean_tau(many).items == 200


def test_an_interval_of_too_few_defined_resamples_is_not_given() -> None:
    """Of thirty records one has variation: a third of the resamples miss it."""
    found = measured(review_of([(1, 2, 3), (1, 2, 3)], *[[(1, 1, 1), (1, 1, 1)]] * 29)).alpha_ranks
    assert (found.value, found.low, found.reason) == (1, None, "unstable")


def test_the_same_review_has_the_same_numbers() -> None:
    rankings = [[(1, 2, 3), (2, 1, 3)], [(1, 3, 2), (1, 2, 3)], [(2, 1, 3), (2, 1, 3)]]
    assert measured(review_of(*rankings)) == measured(review_of(*rankings))
    assert RESAMPLES == 1000


def test_answers_may_be_many() -> None:
    many = tuple(range(1, 27))
    counts = rank_counts([vote(*many), vote(*reversed(many), reviewer="b")])
    assert counts.shape == (26, 26)
    assert alpha([counts, counts], "ordinal", 2).value == pytest.approx(-1, abs=0.1)


def test_every_pair_of_votes_counts_once() -> None:
    found = agreement(ranked_records(review_of([(1, 2, 3), (1, 3, 2), (3, 2, 1)])))
    taus = [kendall(a, b) for a, b in combinations([(1, 2, 3), (1, 3, 2), (3, 2, 1)], 2)]
    assert found.tau_reviewers.items == 3
    assert found.tau_reviewers.value == pytest.approx(sum(tau for tau in taus if tau is not None) / 3)


def test_the_agreement_of_a_review_is_a_dataframe() -> None:
    frame = whole_agreement(review_of([(1, 2, 3), (1, 3, 2), (3, 2, 1)])).to_pandas()
    assert frame.groupby("scope", sort=False).size().to_dict() == {"all": 4, "reviewer": 9, "issue": 8}
    figures = frame.set_index(["scope", "name", "measure"])
    found = agreement(ranked_records(review_of([(1, 2, 3), (1, 3, 2), (3, 2, 1)])))
    assert figures.loc[("all", "", "alpha_ranks"), "value"] == found.alpha_ranks.value
    assert figures.loc[("all", "", "tau_source"), "votes"] == found.votes == 3
