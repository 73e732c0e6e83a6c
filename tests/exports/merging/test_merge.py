"""The merge: a hand-worked table with exact pairs and reasons, and properties over random ballots."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.merging.kemeny import optimal_orders
from exports.merging.votes import METHODS, DroppedPair, MergedBallots, MergeRules, Pair, Tally, drop, merge_ballots
from tests.exports.cases import vote, votes
from workspace.model.ballots import Ballot, dense_ranks

Ranks = tuple[int, ...]


def pairs_of(merged: MergedBallots) -> set[tuple[int, int]]:
    return {(pair.chosen, pair.rejected) for pair in merged.pairs}


def reasons_of(merged: MergedBallots) -> dict[tuple[int, int], str]:
    return {(pair.first, pair.second): pair.reason for pair in merged.dropped}


NOT = {"problems": ("not_rankable",)}
WEIGHTS = {"reviewer-0": "0.1", "reviewer-1": "0.2", "reviewer-2": "0.3"}
ABC, BCA, CAB = (1, 2, 3), (3, 1, 2), (2, 3, 1)
# name: ballots, rules, pairs written, reasons of the others, ranks
TABLE: dict[str, tuple[list[Ballot], MergeRules, set[tuple[int, int]], dict[tuple[int, int], str], Any]] = {
    "the tie of two worst answers": (
        votes((3, 1, 1)),
        MergeRules(),
        {(1, 0), (2, 0)},
        {(1, 2): "tie"},
        (2, 1, 1),
    ),
    "no ballot": ([], MergeRules(), set(), dict.fromkeys([(0, 1), (0, 2), (1, 2)], "no_votes"), (None,) * 3),
    "drafts and discards only": (
        [vote(*ABC, status="draft"), vote(*ABC, status="discarded", reviewer="eva")],
        MergeRules(),
        set(),
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "no_votes"),
        (None,) * 3,
    ),
    "a draft that would turn the result": (
        [*votes((1, 2)), vote(2, 1, status="draft"), vote(2, 1, status="discarded")],
        MergeRules(),
        {(0, 1)},
        {},
        (1, 2),
    ),
    "one reviewer where two are needed": (
        votes((1, 2)),
        MergeRules(min_reviewers=2),
        set(),
        {(0, 1): "too_few_reviewers"},
        (1, 2),
    ),
    "exactly as many as are needed": (votes((1, 2), (1, 2)), MergeRules(2), {(0, 1)}, {}, (1, 2)),
    "not_rankable leaves too few": (
        [*votes((1, 2), (1, 2)), vote(1, 2, reviewer="x", **NOT)],
        MergeRules(3),
        set(),
        {(0, 1): "too_few_reviewers"},
        (1, 2),
    ),
    "one for each side": (votes((1, 2), (2, 1)), MergeRules(), set(), {(0, 1): "tie"}, (1, 1)),
    "two to one": (votes((1, 2), (1, 2), (2, 1)), MergeRules(), {(0, 1)}, {}, (1, 2)),
    "a margin at the threshold": (
        votes((1, 2), (1, 2), (1, 2), (1, 1), (2, 1)),
        MergeRules(min_margin=0.4),
        set(),
        {(0, 1): "margin_too_small"},
        (1, 2),
    ),
    "a margin above the threshold": (
        votes((1, 2), (1, 2), (1, 2), (1, 1), (2, 1)),
        MergeRules(min_margin=0.39),
        {(0, 1)},
        {},
        (1, 2),
    ),
    "ties are votes": (
        votes((1, 2), (1, 1), (1, 1)),
        MergeRules(min_margin=1 / 3),
        set(),
        {(0, 1): "margin_too_small"},
        (1, 2),
    ),
    "Condorcet's cycle": (
        votes(ABC, BCA, CAB),
        MergeRules(),
        set(),
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "cycle"),
        (None,) * 3,
    ),
    "a cycle above a worst answer": (
        votes((*ABC, 4), (*BCA, 4), (*CAB, 4)),
        MergeRules(),
        {(0, 3), (1, 3), (2, 3)},
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "cycle"),
        (None, None, None, 2),
    ),
    # 0 beats 1 by 3 of 5, 1 beats 2 by 1 of 5, 2 beats 0 by 1 of 5: a threshold does not open the cycle
    "a cycle with margins of its own": (
        votes(ABC, ABC, BCA, CAB, CAB),
        MergeRules(min_margin=0.5),
        set(),
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "cycle"),
        (None,) * 3,
    ),
    "ties that are not transitive": (
        votes((1, 2, 3), (2, 3, 1)),
        MergeRules(),
        {(0, 1)},
        {(0, 2): "tie", (1, 2): "tie"},
        (None, None, None),
    ),
    "unanimous for the cycle's reverse order": (
        votes((3, 2, 1), (3, 2, 1)),
        MergeRules(),
        {(2, 1), (2, 0), (1, 0)},
        {},
        (3, 2, 1),
    ),
    "half say not rankable": (
        [*votes((1, 2)), vote(1, 2, reviewer="x", **NOT)],
        MergeRules(),
        set(),
        {(0, 1): "not_rankable"},
        (None, None),
    ),
    "all say not rankable": ([vote(1, 2, **NOT)], MergeRules(), set(), {(0, 1): "not_rankable"}, (None, None)),
    "a third says not rankable, and does not vote": (
        [*votes((1, 2), (1, 1)), vote(2, 1, reviewer="x", **NOT)],
        MergeRules(),
        {(0, 1)},
        {},
        (1, 2),
    ),
    "another problem keeps the vote": (
        [vote(1, 2, problems=("harmful", "bad_translation"))],
        MergeRules(),
        {(0, 1)},
        {},
        (1, 2),
    ),
    "unanimous takes wins alone": (
        votes((1, 2, 3), (1, 2, 2)),
        MergeRules(method="unanimous"),
        {(0, 1), (0, 2)},
        {(1, 2): "not_unanimous"},
        (1, 2, 3),
    ),
    "unanimous is refused by one loss": (
        votes((1, 2), (1, 2), (2, 1)),
        MergeRules(method="unanimous"),
        set(),
        {(0, 1): "not_unanimous"},
        (1, 2),
    ),
    # all put 0 above 1, but 0 beats 2, 2 beats 3 and 3 beats 0
    "unanimous inside a cycle": (
        votes((1, 2, 3, 4), (3, 4, 1, 2), (2, 3, 4, 1)),
        MergeRules(method="unanimous"),
        set(),
        dict.fromkeys(combinations(range(4), 2), "cycle"),
        (None,) * 4,
    ),
    "kemeny keeps the tie that most set": (
        votes((1, 2, 3), (1, 1, 2), (1, 1, 2)),
        MergeRules(method="kemeny"),
        {(0, 2), (1, 2)},
        {(0, 1): "tie"},
        (1, 1, 2),
    ),
    # a win and a tie: above and level cost as much
    "kemeny does not choose between optima": (
        votes((1, 2), (1, 1)),
        MergeRules(method="kemeny"),
        set(),
        {(0, 1): "several_optima"},
        (1, None),
    ),
    "kemeny writes no pair of a cycle": (
        votes(ABC, ABC, BCA, CAB, CAB),
        MergeRules(method="kemeny"),
        set(),
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "cycle"),
        (None,) * 3,
    ),
    "kemeny beside a cycle": (
        votes((*ABC, 4), (*BCA, 4), (*CAB, 4)),
        MergeRules(method="kemeny"),
        {(0, 3), (1, 3), (2, 3)},
        dict.fromkeys([(0, 1), (0, 2), (1, 2)], "cycle"),
        (None, None, None, 4),
    ),
    "kemeny knows no more than six answers": (
        votes((1, 2, 3, 4, 5, 6, 7)),
        MergeRules(method="kemeny"),
        set(),
        dict.fromkeys(combinations(range(7), 2), "too_many_answers"),
        (None,) * 7,
    ),
    "a weight turns the majority": (
        votes((1, 2), (1, 2), (2, 1)),
        MergeRules(weights={"reviewer-0": Fraction(1), "reviewer-1": Fraction(1), "reviewer-2": Fraction(5, 2)}),
        {(1, 0)},
        {},
        (2, 1),
    ),
    "weights tie exactly": (
        votes((1, 2), (1, 2), (2, 1)),
        MergeRules(weights={name: Fraction(text) for name, text in WEIGHTS.items()}),
        set(),
        {(0, 1): "tie"},
        (1, 1),
    ),
    "a ballot of weight 0 is not a vote": (
        votes((1, 2), (2, 1)),
        MergeRules(2, weights={"reviewer-0": Fraction(1), "reviewer-1": Fraction(0)}),
        set(),
        {(0, 1): "too_few_reviewers"},
        (1, 2),
    ),
    "nobody's vote counts": (
        votes((1, 2)),
        MergeRules(weights={"reviewer-0": Fraction(0)}),
        set(),
        {(0, 1): "no_votes"},
        (None, None),
    ),
    "all tied": (votes((1, 1, 1)), MergeRules(), set(), dict.fromkeys([(0, 1), (0, 2), (1, 2)], "tie"), (1, 1, 1)),
}


@pytest.mark.parametrize("name", TABLE)
def test_table_of_cases(name: str) -> None:
    ballots, rules, pairs, reasons, ranks = TABLE[name]
    merged = merge_ballots(len(ranks), ballots, rules)
    assert (pairs_of(merged), reasons_of(merged), merged.ranks) == (pairs, reasons, ranks)


def test_pairs_carry_their_votes() -> None:
    merged = merge_ballots(3, votes((2, 1, 3), (2, 1, 3), (1, 2, 3), (1, 1, 1)))
    assert merged.pairs == (
        Pair(1, 0, Tally(wins=2, losses=1, ties=1)),
        Pair(0, 2, Tally(wins=3, losses=0, ties=1)),
        Pair(1, 2, Tally(wins=3, losses=0, ties=1)),
    )
    assert merged.votes == 4


def test_dropped_pairs_carry_their_votes_and_say_why() -> None:
    not_rankable = vote(1, 2, reviewer="x", problems=("not_rankable",))
    cases = {
        "2 of 3 submitted ballots say not_rankable": [vote(2, 1), not_rankable, not_rankable],
        "1 voted, 2 are needed": [vote(2, 1)],
        "margin 0.333 of the votes, more than 0.5 is needed": votes((2, 1), (2, 1), (1, 2)),
    }
    for detail, ballots in cases.items():
        (dropped,) = merge_ballots(2, ballots, MergeRules(2, 0.5)).dropped
        assert (dropped.detail, dropped.tally.losses) == (detail, sum(b.ranks == (2, 1) for b in ballots))
    circle = merge_ballots(4, votes((1, 2, 3, 4), (3, 1, 2, 4), (2, 3, 1, 4))).dropped
    assert circle[0] == DroppedPair(0, 1, "cycle", Tally(2, 1, 0), "answers 0, 1, 2 beat each other in a circle")


@pytest.mark.parametrize("problem", ["not_rankable", "harmful"])
def test_a_record_that_was_discarded_as_unfit_says_so_unless_somebody_submitted(problem: str) -> None:
    discarded = vote(1, 2, status="discarded", problems=("false_fact", problem))
    (dropped,) = merge_ballots(2, [discarded, vote(1, 2, reviewer="eva", status="draft")]).dropped
    assert (dropped.reason, dropped.detail) == ("discarded", "a discarded ballot says not_rankable or harmful")
    for other in (
        replace(discarded, status="draft"),
        replace(discarded, problems=("false_fact",)),
    ):
        assert merge_ballots(2, [other]).dropped[0].reason == "no_votes"
    weights = {"ana": Fraction(0)}
    assert merge_ballots(2, [discarded], MergeRules(weights=weights)).dropped[0].reason == "no_votes"
    assert pairs_of(merge_ballots(2, [discarded, vote(1, 2, reviewer="eva")])) == {(0, 1)}


def test_a_pair_that_is_not_written_is_seen_from_the_first_answer() -> None:
    assert drop(Pair(2, 0, Tally(3, 1, 0)), "equal_texts") == DroppedPair(0, 2, "equal_texts", Tally(1, 3, 0))
    assert drop(Pair(0, 2, Tally(3, 1, 0)), "equal_texts") == DroppedPair(0, 2, "equal_texts", Tally(3, 1, 0))


def test_weights_are_in_the_margin_and_not_in_the_counts() -> None:
    weights = {"reviewer-0": Fraction(1, 2), "reviewer-1": Fraction(3)}
    (pair,) = merge_ballots(2, votes((1, 2), (2, 1)), MergeRules(weights=weights)).pairs
    assert (pair.chosen, pair.tally.wins, pair.tally.losses, pair.tally.votes) == (1, 1, 1, 2)
    assert (pair.tally.margin, pair.tally.share) == (Fraction(5, 2), 2.5 / 3.5)
    (dropped,) = merge_ballots(2, votes((1, 2), (2, 1)), MergeRules(min_margin=0.8, weights=weights)).dropped
    assert dropped.detail == "margin 0.714 of the votes, more than 0.8 is needed"


def test_kemeny_may_be_against_the_majority_and_then_nothing_is_written() -> None:
    """Most tie 0 and 2 and put 0 above 1, so the optimal order is 0 and 2 above 1; yet 4 of 7 put 1 above 2."""
    ballots = votes((1, 2, 3), (1, 2, 3), (2, 1, 2), (1, 2, 1), (1, 2, 1), (2, 3, 1), (2, 1, 2))
    assert pairs_of(merge_ballots(3, ballots)) == {(0, 1), (0, 2), (1, 2)}
    merged = merge_ballots(3, ballots, MergeRules(method="kemeny"))
    assert (pairs_of(merged), merged.ranks) == ({(0, 1)}, (1, 2, 1))
    assert reasons_of(merged) == {(0, 2): "tie", (1, 2): "against_majority"}


@pytest.mark.parametrize(
    "wrong", [{"min_reviewers": 0}, {"min_margin": 1.0}, {"min_margin": -0.1}, {"method": "borda"}]
)
def test_rules_refuse_what_no_pair_could_meet(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MergeRules(**wrong)


# -- properties ------------------------------------------------------------------------------------------------------

statuses = st.sampled_from(["submitted", "submitted", "submitted", "draft", "discarded"])
problems = st.sampled_from([(), (), (), (), ("not_rankable",), ("harmful",)])
a_weight = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1), Fraction(1), Fraction(5, 2)])
some_rules = st.builds(
    MergeRules,
    min_reviewers=st.integers(1, 3),
    min_margin=st.sampled_from([0.0, 0.1, 0.2, 1 / 3, 0.5, 0.9]),
    method=st.sampled_from(METHODS),
    weights=st.none() | st.fixed_dictionaries({f"reviewer-{number}": a_weight for number in range(7)}),
)


@st.composite
def elections(draw: st.DrawFn, least: int = 0) -> tuple[int, list[Ballot]]:
    """A number of answers and ballots on them, of every status."""
    answers = draw(st.integers(2, 5))
    rankings = draw(
        st.lists(st.tuples(*[st.integers(1, answers)] * answers), min_size=least, max_size=7),
    )
    return answers, [
        vote(*ranks, reviewer=f"reviewer-{number}", status=draw(statuses), problems=draw(problems))
        for number, ranks in enumerate(rankings)
    ]


@given(elections(), some_rules)
def test_every_pair_of_answers_has_one_outcome(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    merged = merge_ballots(answers, ballots, rules)
    outcomes = [tuple(sorted(pair)) for pair in pairs_of(merged)] + list(reasons_of(merged))
    assert sorted(outcomes) == list(combinations(range(answers), 2))
    assert len(merged.pairs) + len(merged.dropped) == len(outcomes)
    for pair in merged.pairs:
        assert pair.tally.votes >= rules.min_reviewers
        assert pair.tally.share > rules.min_margin
        assert pair.tally.margin > 0
        assert rules.method != "unanimous" or pair.tally.wins == pair.tally.votes


@given(elections(), some_rules, st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(
    election: tuple[int, list[Ballot]], rules: MergeRules, random: Any
) -> None:
    answers, ballots = election
    shuffled = random.sample(ballots, len(ballots))
    assert merge_ballots(answers, shuffled, rules) == merge_ballots(answers, ballots, rules)


@given(elections(), some_rules, st.data())
def test_the_order_of_answers_does_not_matter(
    election: tuple[int, list[Ballot]], rules: MergeRules, data: st.DataObject
) -> None:
    answers, ballots = election
    order = data.draw(st.permutations(range(answers)))  # the answer now at i was at order[i]
    renamed = [
        vote(
            *(ballot.ranks[i] or 0 for i in order),
            status=ballot.status,
            problems=ballot.problems,
            reviewer=ballot.reviewer,
        )
        for ballot in ballots
    ]
    before, after = merge_ballots(answers, ballots, rules), merge_ballots(answers, renamed, rules)
    assert {(order[pair.chosen], order[pair.rejected], pair.tally) for pair in after.pairs} == {
        (pair.chosen, pair.rejected, pair.tally) for pair in before.pairs
    }
    assert {(frozenset((order[i], order[j])), reason) for (i, j), reason in reasons_of(after).items()} == {
        (frozenset(pair), reason) for pair, reason in reasons_of(before).items()
    }
    assert after.ranks == tuple(before.ranks[i] for i in order)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.integers(1, 6), some_rules)
def test_a_unanimous_ranking_comes_back_as_it_is(ranks: list[int], reviewers: int, rules: MergeRules) -> None:
    counted = (
        reviewers if rules.weights is None else sum(rules.weights[f"reviewer-{n}"] > 0 for n in range(reviewers))
    )
    merged = merge_ballots(len(ranks), votes(*[tuple(ranks)] * reviewers), rules)
    assert merged.ranks == (dense_ranks(ranks) if counted else (None,) * len(ranks))
    if counted >= rules.min_reviewers:
        better = {(i, j) for i, j in permutations(range(len(ranks)), 2) if ranks[i] < ranks[j]}
        assert pairs_of(merged) == better
        assert set(reasons_of(merged).values()) <= {"tie"}
    else:
        assert not merged.pairs


@given(st.integers(2, 5), st.integers(1, 6), st.sampled_from(METHODS))
def test_nothing_but_ties_writes_nothing(answers: int, reviewers: int, method: Any) -> None:
    merged = merge_ballots(answers, votes(*[(1,) * answers] * reviewers), MergeRules(method=method))
    assert not merged.pairs
    assert set(reasons_of(merged).values()) == {"tie"}
    assert merged.ranks == (1,) * answers


@given(elections(), some_rules)
def test_drafts_and_discards_change_nothing(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    submitted = [ballot for ballot in ballots if ballot.status == "submitted"]
    merged, without = merge_ballots(answers, ballots, rules), merge_ballots(answers, submitted, rules)
    if set(reasons_of(merged).values()) != {"discarded"}:
        assert merged == without
    else:  # nobody voted, and the reason says more
        assert (merged.votes, merged.pairs, merged.ranks) == (without.votes, without.pairs, without.ranks)
        assert set(reasons_of(without).values()) == {"no_votes"}


@given(elections(least=1), some_rules, st.data())
def test_an_agreeing_ballot_never_removes_a_pair(
    election: tuple[int, list[Ballot]], rules: MergeRules, data: st.DataObject
) -> None:
    """A ballot agrees if it ranks every written pair as written, and turns no majority round; with kemeny it is one
    of the optimal orders too."""
    answers, ballots = election
    merged = merge_ballots(answers, ballots, rules)
    if rules.method == "kemeny":
        ranks: Ranks = data.draw(st.sampled_from(_optima(answers, ballots, rules)))
    else:
        ranks = data.draw(st.tuples(*[st.integers(1, answers)] * answers))
        for _ in range(answers * answers):  # lower each answer that is above one that it must not be above
            for i, j in pairs_of(merged):
                ranks = _put_below(ranks, j, ranks[i] + 1)
            for i, j in permutations(range(answers), 2):
                if _margin(ballots, i, j, rules) > 0:
                    ranks = _put_below(ranks, j, ranks[i])
    weights = rules.weights and {**rules.weights, "another": Fraction(3, 2)}
    more = merge_ballots(answers, [*ballots, vote(*ranks, reviewer="another")], replace(rules, weights=weights))
    agrees = all(ranks[i] < ranks[j] for i, j in pairs_of(merged)) and not any(
        _margin(ballots, i, j, rules) > 0 and ranks[i] > ranks[j] for i, j in permutations(range(answers), 2)
    )
    if agrees and merged.votes:
        assert pairs_of(more) >= pairs_of(merged)


@given(elections(), some_rules)
def test_no_loser_reaches_its_winner(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    beats = {(i, j) for i, j in permutations(range(answers), 2) if _margin(ballots, i, j, rules) > 0}
    merged = merge_ballots(answers, ballots, rules)
    for pair in merged.pairs:
        assert not _leads(beats, pair.rejected, pair.chosen)
    for (i, j), reason in reasons_of(merged).items():
        if reason == "cycle":
            assert _leads(beats, i, j) and _leads(beats, j, i)


@given(st.permutations(range(4)), st.integers(3, 4), st.integers(1, 3), st.sampled_from(METHODS))
def test_a_condorcet_cycle_writes_no_pair_among_its_members(
    names: list[int], members: int, copies: int, method: Any
) -> None:
    """Each of 3 or 4 answers comes first once, the others follow in a circle; what is left over is the worst."""
    rankings = []
    for first in range(members):
        ranks = [0] * 4
        for place in range(4):
            ranks[names[place]] = (place - first) % members + 1 if place < members else 5
        rankings.append(ranks)
    merged = merge_ballots(4, votes(*rankings * copies), MergeRules(method=method))
    ring = {names[place] for place in range(members)}
    assert not [pair for pair in pairs_of(merged) if set(pair) <= ring]
    assert len(merged.pairs) == (3 if members == 3 else 0)


@given(elections(), some_rules)
def test_other_methods_only_take_pairs_away(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    plain = merge_ballots(answers, ballots, replace(rules, method="margins"))
    assert pairs_of(merge_ballots(answers, ballots, rules)) <= pairs_of(plain)


@given(elections(least=1), some_rules)
def test_weights_that_are_all_alike_change_nothing(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    none, alike = (
        merge_ballots(answers, ballots, replace(rules, weights=weights))
        for weights in (None, {ballot.reviewer: Fraction(7, 3) for ballot in ballots})
    )
    assert (pairs_of(none), reasons_of(none), none.ranks) == (pairs_of(alike), reasons_of(alike), alike.ranks)


@given(elections(), some_rules, some_rules)
def test_stricter_rules_never_add_a_pair(
    election: tuple[int, list[Ballot]], one: MergeRules, other: MergeRules
) -> None:
    answers, ballots = election
    strict = replace(
        one,
        min_reviewers=max(one.min_reviewers, other.min_reviewers),
        min_margin=max(one.min_margin, other.min_margin),
    )
    assert pairs_of(merge_ballots(answers, ballots, strict)) <= pairs_of(merge_ballots(answers, ballots, one))


@given(elections(), some_rules)
def test_ranks_agree_with_the_pairs(election: tuple[int, list[Ballot]], rules: MergeRules) -> None:
    answers, ballots = election
    merged = merge_ballots(answers, ballots, rules)
    for pair in merged.pairs:
        chosen, rejected = merged.ranks[pair.chosen], merged.ranks[pair.rejected]
        assert chosen is None or rejected is None or chosen < rejected


def _put_below(ranks: Ranks, answer: int, least: int) -> Ranks:
    return tuple(max(rank, least) if i == answer else rank for i, rank in enumerate(ranks))


def test_rules_are_hashable_with_weights_and_equal_only_with_the_same_ones() -> None:
    light, heavy = (MergeRules(weights={"ana": Fraction(1), "eva": Fraction(weight)}) for weight in (1, 2))
    assert hash(light) == hash(heavy) == hash(MergeRules())
    assert light != heavy
    ballots = [vote(1, 2, reviewer="ana"), vote(2, 1, reviewer="eva")]
    assert [len(merge_ballots(2, ballots, rules).pairs) for rules in (light, heavy, MergeRules())] == [0, 1, 0]


def _margin(ballots: list[Ballot], first: int, second: int, rules: MergeRules) -> Fraction:
    counted = [b for b in ballots if b.status == "submitted" and "not_rankable" not in b.problems]
    total = Fraction(0)
    for ballot in counted:
        mine, other = ballot.ranks[first] or 0, ballot.ranks[second] or 0
        weight = Fraction(1) if rules.weights is None else rules.weights[ballot.reviewer]
        total += weight * ((mine < other) - (mine > other))
    return total


def _optima(answers: int, ballots: list[Ballot], rules: MergeRules) -> tuple[Ranks, ...]:
    merged = merge_ballots(answers, ballots, MergeRules(weights=rules.weights))
    tallies = {(pair.chosen, pair.rejected): pair.tally for pair in merged.pairs}
    tallies |= {(second, first): votes.swapped() for (first, second), votes in tallies.items()}
    tallies |= {(pair.first, pair.second): pair.tally for pair in merged.dropped}
    found = [tallies[pair] for pair in combinations(range(answers), 2)]
    return optimal_orders(answers, tuple(votes.weights or (votes.wins, votes.losses, votes.ties) for votes in found))


def _leads(beats: set[tuple[int, int]], start: int, end: int) -> bool:
    """True if an answer reaches another one through majorities, found by walking."""
    seen, todo = set(), [start]
    while todo:
        here = todo.pop()
        following = {j for i, j in beats if i == here} - seen
        seen |= following
        todo.extend(following)
    return end in seen
