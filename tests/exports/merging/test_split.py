from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.merging.split import split_of as split_of_group
from tests.reviews import record
from workspace.model.groups import record_group, settle_groups
from workspace.model.prompts import prompt_key as prompt_group


def split_of(prompt: str, *share: float) -> str:
    return split_of_group(prompt_group(prompt), *share)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do you see plastics?", "how do you see  plastics"),
        ("¿Cómo ves el papel?", "COMO VES - EL PAPEL!"),
        ("naïve  café", "naive cafe\u0301"),
        ("A\u00a0B\nC", "a b c"),
        ("snake_case", "snake case"),
        ("STRASSE", "straße"),
    ],
)
def test_near_duplicates_are_one_group(one: str, other: str) -> None:
    assert prompt_group(one) == prompt_group(other)
    assert all(split_of(one, share / 50) == split_of(other, share / 50) for share in range(51))


@pytest.mark.parametrize(
    ("one", "other"), [("plastics", "plastic"), ("a b", "ab"), ("???", "!!!"), ("Prompt 1", "Prompt 2"), ("汉", "字")]
)
def test_other_words_are_another_group(one: str, other: str) -> None:
    assert prompt_group(one) != prompt_group(other)


@given(st.text(min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_raised_share_moves_no_prompt_out_of_test(prompt: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (split_of(prompt, low), split_of(prompt, high)) != ("test", "train")


@given(st.text())
def test_the_bounds(prompt: str) -> None:
    assert split_of(prompt, 0.0) == "train"
    assert split_of(prompt, 1.0) == "test"


def test_the_share_is_met_and_the_sides_are_known() -> None:
    sides = Counter(split_of(f"What is number {number}?") for number in range(5000))
    assert 400 < sides["test"] < 600
    # pinned: a change here moves every published split
    assert [n for n in range(60) if split_of(f"What is number {n}?") == "test"] == [11, 14, 42, 55, 59]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_from_0_to_1(share: float) -> None:
    with pytest.raises(ValueError, match="test_share"):
        split_of("a", share)


def test_a_group_that_load_settled_goes_before_the_prompt_s_own_words() -> None:
    one = record(1, prompt="What is number 11?")
    other = record(2, prompt="Which number is 12?")
    linked = replace(other, metadata={**other.metadata, "group": record_group(one)})
    assert (record_group(one), record_group(other)) == ("what is number 11", "which number is 12")
    assert record_group(linked) == record_group(one)
    assert [split_of_group(record_group(each)) for each in (one, linked, other)] == ["test", "test", "train"]
    assert record_group(replace(other, metadata={"group": 7})) == record_group(other)


# -- the groups of a whole review ------------------------------------------------------------------------------------


def grouped(*prompts: tuple[str, str | None]) -> list[str]:
    """The settled groups of records with these prompts and stored groups, in their order."""
    records = [
        replace(record(number, prompt=prompt), metadata={"group": group} if group else {})
        for number, (prompt, group) in enumerate(prompts, start=1)
    ]
    settled = settle_groups(records)
    assert [each.id for each in settled] == [each.id for each in records]
    return [record_group(each) for each in settled]


@pytest.mark.parametrize(
    ("prompts", "groups"),
    [
        # nothing is settled: the words
        ([("A?", None), ("b", None)], ["a", "b"]),
        # one prompt, with a group and without
        ([("A?", "x"), ("a", None)], ["x", "x"]),
        ([("a", None), ("A?", "x")], ["x", "x"]),
        # whoever was put to the words of that prompt goes along
        ([("A?", "x"), ("a", None), ("Other", "a")], ["x", "x", "x"]),
        # one prompt with two groups: the first by code points
        ([("a", "y"), ("A", "x"), ("why", "y")], ["x", "x", "y"]),
        # a chain, and a circle, which a file by hand may hold
        ([("a", "b"), ("b", "c"), ("d", "a")], ["c", "c", "c"]),
        ([("a", "b"), ("b", "a"), ("c", "b")], ["a", "a", "a"]),
        ([("a", "a"), ("A!", None)], ["a", "a"]),
    ],
)
def test_equal_prompts_are_one_group_whatever_each_of_them_holds(
    prompts: list[tuple[str, str | None]], groups: list[str]
) -> None:
    assert grouped(*prompts) == groups
    assert grouped(*prompts[::-1]) == groups[::-1]


def test_a_record_that_is_not_moved_is_the_same_object() -> None:
    records = [record(1), replace(record(2, prompt="A?"), metadata={"group": "x"}), record(3, prompt="a")]
    settled = settle_groups(records)
    assert (settled[0] is records[0], settled[1] is records[1]) == (True, True)
    assert settled[2].metadata == {**records[2].metadata, "group": "x"}


WORDS = st.sampled_from("abcdef")
old_records = st.lists(st.tuples(WORDS, st.none() | WORDS), max_size=6)


@given(old_records, st.lists(st.tuples(WORDS, st.none() | st.integers(0, 30)), max_size=8))
def test_however_mixed_a_review_is_equal_prompts_share_a_group_and_growth_moves_none(
    old: list[tuple[str, str | None]], arrivals: list[tuple[str, int | None]]
) -> None:
    """Growth as ``load`` makes it: a prompt whose words are known takes what is known, another may join any group."""
    held = list(old)
    before = grouped(*held)
    for words, nearest in arrivals:
        known = [group for prompt, group in held if prompt == words]
        names = {group for _, group in held if group} | {prompt for prompt, _ in held}
        if known:
            group = min((group for group in known if group), default=None)
        elif words in names or nearest is None or not held:
            group = None
        else:
            prompt, stored = held[nearest % len(held)]
            group = stored or prompt
        held.append((words, group))
        after = grouped(*held)
        assert after[:-1] == before
        if not known and group:
            assert after[-1] == grouped(*held, ("unknown words", group))[-1]
        by_words = {(prompt, group) for (prompt, _), group in zip(held, after, strict=True)}
        assert len(by_words) == len({prompt for prompt, _ in held})
        before = after


def slow_end(name: str, leads: dict[str, str]) -> str:
    """What ``settle_groups`` says of the end of a chain, followed name by name."""
    path: list[str] = []
    while name in leads and name not in path:
        path.append(name)
        name = leads[name]
    return min(path[path.index(name) :]) if name in leads else name


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | st.sampled_from("abcdefgh")), max_size=14))
def test_chains_and_circles_end_where_following_them_name_by_name_ends(records: list[tuple[str, str | None]]) -> None:
    leads: dict[str, str] = {}
    for words, group in records:
        if group and group != words:
            leads[words] = min(group, leads.get(words, group))
    assert grouped(*records) == [slow_end(words, leads) for words, _ in records]


@pytest.mark.slow
def test_a_long_chain_is_settled_soon() -> None:
    one, count = record(1), 100_000
    records = [
        replace(one, id=f"r-{number}", prompt=f"p {number}", metadata={"group": f"p {number + 1}"})
        for number in range(count)
    ]
    began = time.process_time()
    settled = settle_groups(records)
    assert time.process_time() - began < 6, "linear: 2 s, with room for a busy machine"
    assert {record_group(each) for each in settled} == {f"p {count}"}
