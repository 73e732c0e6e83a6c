from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from loaders.check.duplicates import Duplicates, Prompt, find_duplicates
from loaders.check.embeddings import Matrix
from workspace.model.prompts import prompt_key

TRANSLATED = {"Traducción a 40": 40.0, "Traducción b 40": 40.0}


def find(*prompts: tuple[Prompt, float], threshold: float = 0.9) -> Duplicates:
    """Prompts at stated angles in degrees; 0.9 is 25.8 degrees."""
    stated = {prompt.text: angle for prompt, angle in prompts} | TRANSLATED
    return find_duplicates([prompt for prompt, _ in prompts], lambda texts: vectors(texts, stated), threshold)


def vectors(texts: Sequence[str], stated: Mapping[str, float]) -> Matrix:
    """The vectors of texts at stated angles."""
    angles = np.radians([stated[text] for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def new(name: str, language: str = "en") -> Prompt:
    return Prompt(name, f"Prompt {name}?", language)


def loaded(name: str, group: str | None = None) -> Prompt:
    return Prompt(name, f"Prompt {name}?", "en", group, is_loaded=True)


def test_new_prompts_that_say_the_same_share_the_key_of_the_first() -> None:
    found = find((new("b"), 0), (new("a"), 20), (new("c"), 90))
    assert found.groups == (("a", "prompt a"), ("b", "prompt a"))
    ((pair),) = found.pairs
    assert (pair.first.id, pair.second.id, pair.cosine) == ("a", "b", 0.94)


def test_the_threshold_counts() -> None:
    assert find((new("a"), 0), (new("b"), 26)).pairs == ()
    assert len(find((new("a"), 0), (new("b"), 26), threshold=0.89).pairs) == 1


def cosines(*prompts: tuple[Prompt, float]) -> dict[str, float]:
    return {pair.first.id + pair.second.id: pair.cosine for pair in find(*prompts).pairs}


def test_prompts_in_two_languages_are_compared_also_by_the_translation_and_the_higher_cosine_counts() -> None:
    english = replace(new("a"), translation="Traducción a 40")
    assert cosines((english, 0), (new("b", "es"), 90)) == {}
    assert cosines((english, 0), (new("b", "es"), 50)) == {"ab": 0.985}
    assert cosines((english, 0), (new("b", "es"), 20)) == {"ab": 0.94}
    assert cosines((english, 0), (new("b", "es"), 5)) == {"ab": 0.996}
    assert cosines((new("b", "es"), 50), (replace(english, id="c"), 0)) == {"bc": 0.985}, "in either order"
    assert cosines((new("a"), 0), (new("b", "es"), 10)) == {"ab": 0.985}, "a multilingual model needs no translation"


def test_translations_are_compared_with_no_other_translation_and_in_one_language_with_nothing() -> None:
    first, second = replace(new("a"), translation="Traducción a 40"), replace(new("b"), translation="Traducción b 40")
    assert cosines((first, 0), (second, 90)) == {}
    assert cosines((first, 0), (new("b"), 40)) == {}
    assert cosines((first, 0), (replace(second, language="de"), 90)) == {}


def test_the_words_of_a_translation_need_no_model() -> None:
    english = replace(new("z"), translation="¿Prompt, A?")
    found = find_duplicates([english, new("a", "es"), new("b", "es"), replace(new("c"), translation="Otra")], None)
    assert [(pair.first.id, pair.second.id, pair.cosine) for pair in found.pairs] == [("a", "z", 1.0)]
    assert found.groups == (("a", "prompt a"), ("z", "prompt a"))
    known = replace(english, is_loaded=True, group="compost")
    assert find_duplicates([new("a", "es"), known], None).groups == (("a", "compost"),)
    assert find_duplicates([replace(new("a"), translation="Prompt a")], None) == Duplicates(), "its own words"


def test_prompts_that_are_linked_share_a_group() -> None:
    found = find((new("a"), 0), (new("b"), 20), (new("c"), 40))
    assert dict(found.groups) == dict.fromkeys("abc", "prompt a")
    assert len(found.pairs) == 2


def test_a_loaded_prompt_keeps_its_group_and_a_new_one_takes_it() -> None:
    assert find((loaded("b"), 0), (new("a"), 10)).groups == (("a", "prompt b"),)
    assert find((loaded("b", "given"), 0), (new("a"), 10)).groups == (("a", "given"),)
    assert find((loaded("a"), 0), (loaded("b"), 0)).groups == ()


def test_a_new_prompt_between_two_loaded_ones_joins_the_more_similar_and_both_stay() -> None:
    found = find((loaded("a"), 0), (new("m"), 20), (loaded("z"), 35))
    assert found.groups == (("m", "prompt z"),)
    assert [(pair.first.id, pair.second.id) for pair in found.pairs] == [("a", "m"), ("m", "z")]


def test_prompts_with_the_same_words_are_one_whatever_their_vectors() -> None:
    one, other, near = Prompt("a", "Plastic?", "en"), Prompt("b", "PLASTIC", "en"), Prompt("c", "About it", "en")
    found = find((loaded("l"), 0), (one, 90), (other, 20), (near, 100))
    assert dict(found.groups) == dict.fromkeys("abc", "prompt l")
    found = find((one, 90), (other, 20), (Prompt("d", "Alone", "en"), 180))
    assert found == Duplicates()


def test_a_group_never_changes_however_the_set_grows() -> None:
    angles = {f"p{n:02}": float(n * 7 % 90) for n in range(24)}
    for seed in range(20):
        order = sorted(angles)
        random.Random(seed).shuffle(order)
        groups: dict[str, str] = {}
        for step in range(0, len(order), 5):
            here = [(loaded(name, groups[name]), angles[name]) for name in order[:step]]
            fresh = [(new(name), angles[name]) for name in order[step : step + 5]]
            given = dict(find(*here, *fresh).groups)
            assert not set(given) & set(groups), "what was loaded has its group"
            groups |= {prompt.id: given.get(prompt.id, prompt_key(prompt.text)) for prompt, _ in fresh}


def test_the_first_id_begins_also_where_others_are_like_a_loaded_one() -> None:
    found = find((loaded("l"), 0), (new("m"), 10), (new("a"), 90), (new("b"), 95))
    assert found.groups == (("a", "prompt a"), ("b", "prompt a"), ("m", "prompt l"))


def test_the_order_of_the_prompts_changes_nothing() -> None:
    prompts = [(new(name), angle) for name, angle in (("a", 0), ("b", 15), ("c", 30), ("d", 80), ("e", 85))]
    expected = find(*prompts)
    for seed in range(5):
        random.Random(seed).shuffle(prompts)
        assert find(*prompts) == expected


@pytest.mark.parametrize("count", [0, 1])
def test_few_prompts_are_no_trouble(count: int) -> None:
    assert find(*[(new("a"), 0.0)][:count]) == Duplicates()


def test_more_prompts_than_one_block_are_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = [(new(f"{n:02}"), float(n * 30)) for n in range(12)] + [(new("zz"), 0.0)]
    whole = find(*prompts)
    monkeypatch.setattr("loaders.check.duplicates._BLOCK", 4)
    assert find(*prompts) == whole
    assert [(pair.first.id, pair.second.id) for pair in whole.pairs] == [("00", "zz")]
