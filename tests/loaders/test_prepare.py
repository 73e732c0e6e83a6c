"""The groups of new prompts: by their words always, by their vectors where there is a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exports.split import record_group, settle_groups
from loaders.embeddings import KeptVectors, Matrix
from loaders.load import Known
from loaders.prepare import group_prompts
from tests.reviews import record
from workspace.records import Record
from workspace.remote import Settled


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
        settled = Settled(each.prompt, "en", each.metadata.get("group"), (), None)
        known[each.id] = Known(each.id, each.source_hash, "", "", "verify", False, settled)
    return known


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
