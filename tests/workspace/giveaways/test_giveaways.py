"""Give-aways: what is measured, what passes, and what is said of what does not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace import MissingPartError, Record, measure_giveaways
from workspace.giveaways.features import FEATURES, prompt_words, surface
from workspace.giveaways.shares import clustered_share
from workspace.model.records import Answer, Comparison, answer_order

WORDS = tuple(
    re.findall(r"\w+", "río bosque gente agua cuidar tierra con vivir guardar daño suelo usar ciudad aire luz sol")
)


def ranked(number: int, answers: Sequence[tuple[str, int | None]], prompt: str = "", **rest: object) -> Record:
    """A record of answers with their ranks."""
    listed = sorted((Answer(text, rank) for text, rank in answers), key=answer_order)
    return Record(f"mine-{number}", prompt or f"¿Cómo cuidar el lugar {number}?", tuple(listed), **rest)  # type: ignore[arg-type]


def scripted(prompts: int, answer: Callable[[random.Random, int], str], seed: int = 1) -> list[Record]:
    """Records of three answers each, as a scripted model writes the answer of each rank."""
    draw = random.Random(seed)
    return [ranked(number, [(answer(draw, rank), rank) for rank in (1, 2, 3)]) for number in range(prompts)]


def text_of(draw: random.Random, words: int) -> str:
    """Random words."""
    return " ".join(draw.choices(WORDS, k=words))


def balanced(draw: random.Random, rank: int) -> str:
    """Answers whose surface has nothing to do with their rank."""
    return text_of(draw, draw.randint(30, 60)) + draw.choice([".", "", "!", ": 1, 2 y 3."])


@pytest.mark.extras
def test_a_balanced_set_passes() -> None:
    found = measure_giveaways(scripted(150, balanced))
    assert (found.pairs, found.prompts, found.surface.pairs, found.surface.prompts) == (450, 150, 450, 150)
    assert found.surface.accuracy
    assert found.surface.accuracy.high
    assert found.surface.accuracy.high <= 0.65
    assert found.passes
    assert found.problem is None


@pytest.mark.extras
def test_better_answers_that_are_longer_are_caught_and_named() -> None:
    records = scripted(40, lambda draw, rank: text_of(draw, 90 - 20 * rank))
    found = measure_giveaways(records)
    assert found.longer_wins
    assert found.longer_wins.value == 1
    assert found.surface.accuracy
    assert found.surface.accuracy.value == 1
    assert found.surface.feature in {"length", "words"}  # here one is as good as the other
    assert not found.passes
    assert found.problem == (
        "length gives the rank away: the longer answer is the better one in 100.0% of 120 pairs "
        "(at most 60% passes); give all answers of a prompt one length, whatever their rank"
    )


def test_better_answers_that_are_shorter_are_caught_too() -> None:
    found = measure_giveaways(scripted(5, lambda draw, rank: text_of(draw, 10 + 20 * rank)), classifier=False)
    assert "the shorter answer is the better one in 100.0% of 15 pairs" in str(found.problem)


@pytest.mark.extras
@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("por favor ", "polite words"),
        ("quizás en ", "hedges"),
        ("**luz** y ", "bold and other Markdown"),
        ("- un sol, ", "list marks"),
        ("(luz) sol ", "parentheses"),
        ("unas 1984 ", "digits"),
    ],
)
def test_what_better_answers_have_more_of_is_named_where_lengths_are_equal(mark: str, name: str) -> None:
    def cut(draw: random.Random, rank: int) -> str:
        return (mark * (rank == 1) + text_of(draw, 60))[: draw.randint(190, 210)]

    found = measure_giveaways(scripted(60, cut))
    assert found.longer_wins
    assert 0.4 <= found.longer_wins.value <= 0.6
    assert found.surface.feature == name
    assert f"above all by '{name}', of which better answers have more" in str(found.problem)


@pytest.mark.extras
def test_a_few_prompts_are_too_few_to_pass() -> None:
    found = measure_giveaways(scripted(12, lambda draw, _: text_of(draw, 40)[:100]))
    assert found.longer_wins
    assert found.longer_wins.value == 0.5
    assert str(found.problem).startswith("12 prompts are too few to say that the surface does not give the rank away")


def test_under_ten_prompts_nothing_is_fitted() -> None:
    found = measure_giveaways(scripted(9, lambda draw, rank: text_of(draw, 20)))
    assert found.surface.accuracy is None
    assert found.surface.reason == "it needs 10 prompts with a ranking, and there are 9"
    assert found.surface.feature is None
    assert not found.passes


def test_records_of_one_group_are_one_prompt() -> None:
    records = scripted(3, balanced)
    records += [replace(each, id=f"{each.id}-b", prompt=each.prompt.upper()) for each in records]
    assert measure_giveaways(records, classifier=False).prompts == 3
    grouped = [replace(each, metadata={"group": "un grupo"}) for each in records]
    assert measure_giveaways(grouped, classifier=False).prompts == 1


def test_only_answers_with_a_known_order_are_pairs() -> None:
    compared = ranked(1, [("aa", 1), ("b", None), ("c", None)], comparisons=(Comparison(1, 2),))
    found = measure_giveaways([compared, ranked(2, [("aa", 1), ("bb", 1), ("c", 2)])], classifier=False)
    assert (found.pairs, found.prompts) == (3, 2)
    assert found.longer_wins
    assert found.longer_wins.value == 2.5 / 3
    nothing = measure_giveaways([ranked(1, [("aa", 1), ("b", 1)])], classifier=False)
    assert (nothing.pairs, nothing.prompts, nothing.longer_wins) == (0, 0, None)
    assert nothing.problem == "there is no pair of answers with different ranks, so nothing can be measured"


def test_a_classifier_that_is_asked_for_needs_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.giveaways.measure.PACKAGES", ("no_such_package",))
    with pytest.raises(MissingPartError, match=r"the surface classifier needs .* 'h4rmony-es\[extend\]'"):
        measure_giveaways([], classifier=True)
    found = measure_giveaways(scripted(10, balanced))
    assert found.surface.reason == "it needs scikit-learn: pip install 'h4rmony-es[extend]'"
    assert found.longer_wins


@pytest.mark.extras
def test_at_most_2000_prompts_are_read_by_the_classifier() -> None:
    records = [ranked(number, [(f"luz {number}", 1), (f"sol {number}", 2)]) for number in range(2010)]
    found = measure_giveaways(records)
    assert (found.prompts, found.surface.prompts, found.surface.pairs) == (2010, 2000, 2000)


answers = st.lists(
    st.tuples(st.text("aé \n.!?", min_size=1).filter(str.strip), st.none() | st.integers(1, 2)),
    min_size=2,
    max_size=4,
    unique_by=lambda answer: answer[0],
)
sets = st.lists(answers, min_size=1, max_size=5)


@given(sets)
def test_swapping_all_ranks_turns_longer_wins_round(records: list[list[tuple[str, int | None]]]) -> None:
    def measured(swap: bool) -> tuple[int, float] | None:
        turned = [[(text, rank and (3 - rank if swap else rank)) for text, rank in each] for each in records]
        found = measure_giveaways([ranked(*each) for each in enumerate(turned)], classifier=False)
        return found.longer_wins and (found.pairs, found.longer_wins.value)

    straight, swapped = measured(False), measured(True)
    if straight is None:
        assert swapped is None
    else:
        assert swapped == (straight[0], pytest.approx(1 - straight[1]))


@pytest.mark.extras
def test_swapping_all_ranks_leaves_the_classifier_as_good_and_turns_its_weights() -> None:
    records = scripted(20, balanced)
    swapped = [ranked(number, [(a.text, 4 - (a.rank or 0)) for a in r.answers]) for number, r in enumerate(records)]
    found, turned = measure_giveaways(records), measure_giveaways(swapped)
    assert found.surface.accuracy == turned.surface.accuracy
    assert dict(found.surface.weights) == pytest.approx({k: -v for k, v in turned.surface.weights.items()}, abs=1e-3)


@given(sets, st.randoms())
def test_the_order_of_the_records_does_not_matter(
    records: list[list[tuple[str, int | None]]], draw: random.Random
) -> None:
    listed = [ranked(*each) for each in enumerate(records)]
    before = measure_giveaways(listed, classifier=False)
    draw.shuffle(listed)
    assert measure_giveaways(listed, classifier=False) == before


@pytest.mark.extras
def test_the_order_of_the_records_does_not_matter_to_the_classifier() -> None:
    records = scripted(30, balanced)
    assert measure_giveaways(records[::-1]) == measure_giveaways(records)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Sí.", {"length": 1.0986, "words": 0.6931, "sentences": 0.6931, "long words": 2, "different words": 1}),
        ("un dos un", {"different words": 2 / 3, "sentences": 0}),
        ("¿Cómo cuidar un río?", {"words of the prompt at its beginning": 3, "question marks": 0.6931}),
        ("1. uno\n2. dos", {"list marks": 1.0986, "line breaks": 0.6931, "digits": 1.0986}),
        ("«Claro», por favor", {"polite words": 1.0986, "quotation marks": 1.0986}),
        ("However, it could be; quizá", {"hedges": 1.3863, "polite words": 0}),
        (
            "## Un **río** (azul)!",
            {"bold and other Markdown": 1.3863, "parentheses": 1.0986, "exclamation marks": 0.6931},
        ),
        ("...", {"words": 0, "long words": 0, "different words": 0}),
    ],
)
def test_the_features_of_an_answer(answer: str, expected: dict[str, float]) -> None:
    found = dict(zip(FEATURES, surface(answer, prompt_words("¿Cómo cuidar el río?")), strict=True))
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)


def test_an_interval_is_wider_where_pairs_of_a_prompt_agree() -> None:
    alone = clustered_share([(1, 1), (0, 1)] * 30)
    alike = clustered_share([(3, 3), (0, 3)] * 10)
    assert alone
    assert alike
    assert (alone.low, alone.high) == pytest.approx((0.374, 0.626), abs=1e-3)
    assert alike.low is not None
    assert alone.low is not None
    assert alike.low < alone.low - 0.08


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = random.Random(3)
    held = 0
    for _ in range(400):
        clusters = []
        for _ in range(20):
            own = min(max(draw.gauss(0.7, 0.2), 0), 1)  # each prompt has a share of its own
            clusters.append((float(sum(draw.random() < own for _ in range(3))), 3))
        share = clustered_share(clusters)
        assert share
        assert share.low is not None
        assert share.high is not None
        held += share.low <= 0.69 <= share.high  # clipping takes 0.01 of the mean
    assert 0.92 <= held / 400 <= 0.99


def test_one_prompt_has_no_interval_and_no_pair_no_share() -> None:
    assert str(clustered_share([(1, 2)])) == "50.0%"
    assert clustered_share([]) is None
    assert str(clustered_share([(2, 2)] * 10)) == "100.0% (66.2% to 100.0%)"
