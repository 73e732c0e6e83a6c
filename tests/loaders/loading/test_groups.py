"""The groups of new prompts: by their words always, by their vectors where there is a model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.merging.split import split_of
from loaders.check.embeddings import KeptVectors, Matrix
from loaders.loading.groups import Target, group_prompts, waits_for_translations
from loaders.loading.known import Known
from tests.reviews import record
from workspace.argilla.codec import Settled
from workspace.model.groups import record_group, settle_groups
from workspace.model.prompts import prompt_key
from workspace.model.records import Record, Translation


class Angles:
    """Vectors by the number in a text: its angle in degrees; 0.9 is 25.8 degrees."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text."""
        angles = np.radians([float(re.findall("[0-9]+", text)[0]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


MODEL = cast(KeptVectors, Angles())


def new(number: int, prompt: str, group: str | None = None, **metadata: Any) -> Record:
    return replace(record(number, prompt=prompt), metadata={**metadata, **({"group": group} if group else {})})


def loaded(*records: Record) -> dict[str, Known]:
    """What a dataset that holds these records is known to hold."""
    known = {}
    for each in records:
        spanish = is_spanish(each)
        translation = each.translation.prompt if each.translation and not spanish else ""
        group = each.metadata.get("group")
        settled = Settled(each.prompt, "es" if spanish else "en", group, (), None, each.metadata, translation)
        known[each.id] = Known(
            count=len(each.answers),
            id=each.id,
            source_hash=each.source_hash,
            translation_hash="",
            about_hash="",
            mode="verify",
            batch=None,
            is_answered=False,
            settled=settled,
        )
    return known


def is_spanish(each: Record) -> bool:
    """True for what was written in Spanish."""
    return bool(each.metadata.get("language") == "es" or (each.translation and each.translation.engine == "original"))


def groups(records: Sequence[Record], held: dict[str, Known], model: KeptVectors | None = None) -> dict[str, Any]:
    found = group_prompts(records, held, model)
    return {each.id: each.metadata.get("group") for each in found.apply(records)}


def test_a_prompt_with_the_words_of_a_loaded_one_takes_its_group_without_a_model() -> None:
    held = loaded(new(1, "Is it ok 0", "first words"), new(2, "Other words 90"))
    assert groups([new(3, "IS IT  OK, 0"), new(4, "other words, 90!"), new(5, "Third 40")], held) == {
        "h4rmony-3": "first words",
        "h4rmony-4": None,
        "h4rmony-5": None,
    }


def test_the_loaded_prompt_s_group_goes_before_the_source_s_and_the_model_s() -> None:
    held = loaded(new(1, "Is it ok 0", "first words"), new(2, "Is that fine 10"), new(6, "Plain 80"))
    assert groups([new(3, "is it ok 0", "from the file")], held) == {"h4rmony-3": "first words"}
    assert groups([new(3, "is that fine, 10", "from the file")], held) == {"h4rmony-3": "is that fine 10"}
    assert groups([new(3, "is that fine, 10")], held, MODEL) == {"h4rmony-3": None}
    # what is like the new one goes along with it; nothing is said of its words anywhere else
    assert groups([new(3, "is it OK 0"), new(4, "A new one 350")], held, MODEL) == {
        "h4rmony-3": "first words",
        "h4rmony-4": "first words",
    }


def test_the_words_of_a_group_s_name_are_of_that_group() -> None:
    """The prompt that named the group may be gone; its words still mean that group, by themselves."""
    held = loaded(new(1, "Is it ok 0", "first words 5"), new(2, "Nearer 6"))
    assert groups([new(3, "First words 5")], held, MODEL) == {"h4rmony-3": None}
    assert groups([new(3, "First words 5", "from the file")], held) == {"h4rmony-3": "first words 5"}


def test_a_loaded_prompt_is_not_touched_and_a_changed_one_is_new() -> None:
    one = new(1, "Is it ok 0", "first words")
    changed = new(2, "Is it ok 0")
    held = loaded(one) | {"h4rmony-2": replace(loaded(new(2, "Before 90"))["h4rmony-2"], source_hash="other")}
    assert groups([new(1, "Is it ok 0"), changed], held) == {"h4rmony-1": None, "h4rmony-2": "first words"}


def test_new_prompts_of_the_same_words_share_a_group() -> None:
    """Even where the model puts them apart: the words decide, those of the first id."""
    held = loaded(new(1, "Loaded 0"))
    prompts = [new(2, "Same words 20"), new(3, "Same words; 20", "from the file")]
    for order in (prompts, prompts[::-1]):
        assert groups(order, held) == {"h4rmony-2": "from the file", "h4rmony-3": "from the file"}
        assert groups(order, held, MODEL) == {"h4rmony-2": "from the file", "h4rmony-3": "from the file"}


a_prompt = st.tuples(st.integers(0, 11), st.sampled_from(["{}", "{}!", " {} ?"]), st.sampled_from([None, None, "x"]))
steps = st.lists(st.tuples(st.lists(a_prompt, max_size=4), st.booleans()), max_size=5)


@given(steps)
def test_loads_with_and_without_a_model_keep_equal_prompts_together_and_move_none(
    loads: list[tuple[list[tuple[int, str, str | None]], bool]],
) -> None:
    held: list[Record] = []
    sides: dict[str, str] = {}
    for prompts, with_model in loads:
        fresh = [
            new(len(held) + place, form.format(f"Words {word * 15}"), group)
            for place, (word, form, group) in enumerate(prompts, start=1)
        ]
        known = {**loaded(*held)}
        held += group_prompts(fresh, known, MODEL if with_model else None).apply(fresh)
        settled = {each.id: each for each in settle_groups(held)}
        found = {name: record_group(each) for name, each in settled.items()}
        assert {name: found[name] for name in sides} == sides, "what was loaded stays where it is"
        by_words = {(each.prompt.strip(" !?"), found[each.id]) for each in held}
        assert len(by_words) == len({words for words, _ in by_words})
        sides = found


# -- any vectors, any loads ------------------------------------------------------------------------------------------


class Stated:
    """Vectors by text: an angle in degrees."""

    def __init__(self, angles: Mapping[str, float]) -> None:
        self.angles = angles

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text."""
        radians = np.radians([self.angles[text] for text in texts])
        return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_the_same_words_have_one_group_in_a_load_and_what_is_like_one_of_them_has_it_too() -> None:
    angles = {"Loaded prompt": 0.0, "Plastic?": 90.0, "PLASTIC": 20.0, "About plastic": 100.0}
    fresh = [new(2, "Plastic?"), new(3, "PLASTIC"), new(4, "About plastic")]
    held = new(1, "Loaded prompt")
    for order in (fresh, fresh[::-1]):
        found = groups(order, loaded(held), cast(KeptVectors, Stated(angles)))
        assert found == dict.fromkeys(("h4rmony-2", "h4rmony-3", "h4rmony-4"), "loaded prompt")


def test_a_note_says_what_the_groups_say() -> None:
    angles = {"Loaded prompt": 0.0, "Second loaded": 90.0, "PLASTIC": 10.0, "Plastic?": 80.0}
    held = loaded(new(1, "Loaded prompt"), new(2, "Second loaded"))
    fresh = [new(3, "PLASTIC"), new(4, "Plastic?")]
    found = group_prompts(fresh, held, cast(KeptVectors, Stated(angles)))
    assert {each.metadata["group"] for each in found.apply(fresh)} == {"loaded prompt"}
    same = "their prompts say the same (0.98);"
    assert found.notes == [
        "h4rmony-3 and h4rmony-4: one prompt, in the same words; each is reviewed by itself, and they share their "
        "side of the split",
        f"h4rmony-1 and h4rmony-3: {same} they share their side of the split",
        f"h4rmony-2 and h4rmony-4: {same} they are in two groups, so they may be on both sides of the split",
    ]


def test_two_loaded_prompts_with_the_same_words_share_their_side_whatever_each_of_them_holds() -> None:
    held = loaded(new(1, "Same 0", "first words"), new(2, "SAME, 0"), new(3, "Other 5"))
    assert group_prompts([], held, MODEL).notes == [
        "h4rmony-1 and h4rmony-2: their prompts say the same (1.00); they share their side of the split",
        *(
            f"h4rmony-{number} and h4rmony-3: their prompts say the same (1.00); both were loaded before, so each "
            "keeps its side of the split"
            for number in (1, 2)
        ),
    ]


@pytest.mark.parametrize("model", [MODEL, None])
def test_no_note_says_that_twins_have_the_prompt_of_their_base(model: KeptVectors | None) -> None:
    def twin(number: int, feature: str) -> Record:
        plain = new(number, "Same 0")
        return replace(plain, metadata={**plain.metadata, "twin_of": "h4rmony-1", "feature": feature})

    fresh, other = [new(1, "Same 0"), twin(2, "agency"), twin(3, "erasure")], new(4, "Same, 0")
    found = group_prompts(fresh, loaded(twin(5, "framing")), model)
    assert (found.notes, list(found.equal)) == ([], [])
    assert {record_group(record) for record in found.apply(fresh)} == {"same 0"}
    assert [note for note in group_prompts([*fresh, other], {}, model).notes if "h4rmony-4" in note]


def test_a_new_record_holds_the_end_of_a_chain() -> None:
    held = loaded(new(1, "A 0", "f 0"), new(2, "D 90", "a 0"))
    fresh = [new(3, "d, 90"), new(4, "New 95"), new(5, "By the source 45", "a 0"), new(6, "Then 200", "by 300")]
    assert groups([*fresh, new(7, "By 300", "d 90")], held, MODEL) == {
        f"h4rmony-{number}": "f 0" for number in range(3, 8)
    }


TEXTS = [form.format(word) for word in "abcde" for form in ("{}", "{}!", "¡{}?")]
an_arrival = st.tuples(
    st.integers(0, 14), st.sampled_from(TEXTS), st.sampled_from([None, None, None, *"abcde", "x"]), st.booleans()
)
some_loads = st.lists(st.tuples(st.lists(an_arrival, max_size=5), st.booleans(), st.booleans()), max_size=5)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from([0, 10, 20, 30, 60, 90, 105, 120]), min_size=15, max_size=15), some_loads)
def test_no_load_of_any_prompts_with_any_vectors_moves_another_prompt(
    angles: list[int],
    loads: list[tuple[list[tuple[int, str, str | None, bool]], bool, bool]],
) -> None:
    """With and without a model, interrupted, with changed prompts that are replaced or not."""
    model = cast(KeptVectors, Stated(dict(zip(TEXTS, map(float, angles), strict=True))))
    held: dict[str, Record] = {}
    before: dict[str, str] = {}
    for arrivals, with_model, replaces in loads:
        source = {number: new(number, text, group) for number, text, group, _ in arrivals}
        arrived = {number: arrives for number, _, _, arrives in arrivals}
        found = group_prompts(source.values(), loaded(*held.values()), model if with_model else None)
        made = list(found.apply(source.values()))
        by_words: dict[str, set[str]] = {}
        for each in made:
            is_known = each.id in held and held[each.id].source_hash == each.source_hash
            if not is_known:
                by_words.setdefault(prompt_key(each.prompt), set()).add(record_group(each))
        assert all(len(names) == 1 for names in by_words.values())
        changed = set()
        for number, each in zip(source, made, strict=True):
            standing = held.get(each.id)
            if arrived[number] and (standing is None or (replaces and standing.source_hash != each.source_hash)):
                held[each.id] = each
                changed.add(each.id)
        settled = {each.id: record_group(each) for each in settle_groups(held.values())}
        assert settled == {name: record_group(each) for name, each in held.items()}, "no chain is ever made"
        assert {name: settled[name] for name in before if name not in changed} == {
            name: group for name, group in before.items() if name not in changed
        }
        before = settled


# -- two languages ---------------------------------------------------------------------------------------------------


def english(number: int, prompt: str, spanish: str | None, group: str | None = None) -> Record:
    """A prompt in English, translated or not yet."""
    made = new(number, prompt, group)
    translation = (
        Translation("es", "apertium 3.8", spanish, ("Viven.", "Depende.", "Son útiles.")) if spanish else None
    )
    return replace(made, translation=translation)


def spanish(number: int, prompt: str, *, says_so: bool = True) -> Record:
    """A prompt that was written in Spanish."""
    made = new(number, prompt, **({"language": "es"} if says_so else {}))
    return replace(made, id=f"extended-{number}", translation=None)


RIVERS = "¿Por qué importan los ríos?"


@pytest.mark.parametrize("words", [RIVERS, "por que IMPORTAN los rios", "Por qué importan... ¡los ríos!"])
def test_a_spanish_prompt_with_the_words_of_a_translation_shares_its_group(words: str) -> None:
    river = english(1, "Do rivers matter?", RIVERS)
    assert groups([spanish(2, words)], loaded(river)) == {"extended-2": "do rivers matter"}
    settled = replace(river, metadata={"group": "first words"})
    assert groups([spanish(2, words)], loaded(settled)) == {"extended-2": "first words"}
    assert groups([river, spanish(2, words)], {}) == {"h4rmony-1": "por que importan los rios", "extended-2": None}


def test_an_english_prompt_whose_translation_has_the_words_of_a_spanish_one_shares_its_group() -> None:
    for says_so in (True, False):
        held = loaded(spanish(2, RIVERS, says_so=says_so))
        river = english(1, "Do rivers matter?", RIVERS)
        assert groups([river], held) == {"h4rmony-1": "por que importan los rios"}
        assert groups([replace(river, translation=None)], held) == {"h4rmony-1": None}
        # words that are known keep their group
        assert groups([english(4, "do RIVERS matter", RIVERS)], held | loaded(replace(river, translation=None))) == {
            "h4rmony-4": None
        }


def test_a_spanish_prompt_is_compared_with_a_translation_by_the_model() -> None:
    model = cast(KeptVectors, Stated({"Rivers": 0.0, "Ríos": 60.0, "Arroyos": 70.0, "Otra cosa": 200.0}))
    held = loaded(english(1, "Rivers", "Ríos"))
    fresh = [spanish(2, "Arroyos", says_so=False), spanish(3, "Otra cosa")]
    found = group_prompts(fresh, held, model, target=Target("es", {"extended-2"}))
    assert found.new == {"extended-2": "rivers", "extended-3": "otra cosa"}
    assert found.notes == [
        "extended-2 and h4rmony-1: their prompts say the same (0.98); they share their side of the split"
    ]


def test_new_prompts_wait_for_their_translation_only_where_there_is_something_to_compare_it_with() -> None:
    river, own = english(1, "Do rivers matter?", None), spanish(2, RIVERS)
    target, told = Target("es"), Target("es", {"extended-2"})
    unsaid = spanish(2, RIVERS, says_so=False)
    assert waits_for_translations([river, own], {}, target)
    assert waits_for_translations([river, unsaid], {}, told)
    assert waits_for_translations([river], loaded(own), target)
    assert not waits_for_translations([river, unsaid], {}, target)
    assert not waits_for_translations([river], loaded(english(3, "Trees?", "¿Árboles?")), target)
    assert not waits_for_translations([own], loaded(river), target), "what the dataset has is known"
    assert not waits_for_translations([river], loaded(river, own), target), "and is not grouped again"
    assert not waits_for_translations([english(1, "Do rivers matter?", RIVERS), own], {}, target)


SAID = [f"dicho {word}" for word in "abcd"]
an_english = st.tuples(st.integers(0, 7), st.sampled_from("abcd"), st.sampled_from([None, *SAID]))
a_spanish = st.tuples(st.integers(20, 27), st.sampled_from(SAID), st.just("es"))
mixed_loads = st.lists(st.tuples(st.lists(an_english | a_spanish, max_size=5), st.booleans()), max_size=5)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([0, 20, 90, 110, 200, 220]), min_size=8, max_size=8), mixed_loads)
def test_no_load_in_two_languages_moves_a_prompt_and_what_a_translation_says_is_on_one_side(
    angles: list[int], loads: list[tuple[list[tuple[int, str, str | None]], bool]]
) -> None:
    texts = [*(f"said {word}" for word in "abcd"), *SAID]
    model = cast(KeptVectors, Stated(dict(zip(texts, map(float, angles), strict=True))))
    held: dict[str, Record] = {}
    before: dict[str, str] = {}
    for arrivals, with_model in loads:
        source = {
            number: spanish(number, text) if said == "es" else english(number, f"said {text}", said)
            for number, text, said in arrivals
        }
        source = {n: each for n, each in source.items() if held.get(each.id, each).source_hash == each.source_hash}
        known_words = {prompt_key(each.prompt) for each in held.values()}
        found = group_prompts(source.values(), loaded(*held.values()), model if with_model else None)
        fresh = {each.id: each for each in found.apply(source.values()) if each.id not in held}
        everything = {**held, **fresh}
        now = {name: record_group(each) for name, each in everything.items()}
        settled = {each.id: record_group(each) for each in settle_groups(everything.values())}
        assert settled == now, "no chain is ever made"
        assert {name: now[name] for name in before} == before
        for words in {prompt_key(each.prompt) for each in fresh.values()} - known_words:
            prompts = [each for each in everything.values() if prompt_key(each.prompt) == words]
            same = [other for other in everything.values() if any(says_the_same(each, other) for each in prompts)]
            if same and not with_model:
                assert {now[each.id] for each in prompts} <= {now[other.id] for other in same}
        held, before = everything, now
    sides: dict[str, set[str]] = {}
    for name, group in before.items():
        sides.setdefault(prompt_key(held[name].prompt), set()).add(split_of(group, 0.5))
    assert all(len(found) == 1 for found in sides.values())


def says_the_same(one: Record, other: Record) -> bool:
    """True if the translation of the one is the prompt of the other."""
    pairs = ((one, other), (other, one))
    return any(first.translation and first.translation.prompt == second.prompt for first, second in pairs)
