"""What the prompts of a run are about."""

from __future__ import annotations

import string
from collections import Counter

import pytest

from loaders.check.taxonomy import taxonomy
from loaders.extending.prompts.wanted import BANDS, KINDS, prompt_version, wanted_prompts
from loaders.extending.settings import STRUCTURES, ExtendSettings
from workspace.model.h4rmony import ISSUES


def test_the_taxonomy_has_each_manifestation_once_with_its_goal() -> None:
    assert Counter(each.code for each in taxonomy()) == {"PWM": 2, "CCEU": 4, "NRMB": 3, "WA": 6, "SC": 12}
    assert len({each.name for each in taxonomy()}) == len({each.told for each in taxonomy()}) == 27
    assert all(each.sdg[:2].isdecimal() and each.sdg[2] == "-" and each.told for each in taxonomy())


@pytest.mark.parametrize("seed", range(5))
def test_prompts_are_spread_over_manifestations_types_and_structures(seed: int) -> None:
    settings = ExtendSettings(seed=seed, cognitive_structures=STRUCTURES[:3])
    wanted = wanted_prompts(24, settings)
    assert Counter(each.code for each in wanted) == dict.fromkeys(ISSUES, 24)
    for code in ISSUES:
        ours = [each for each in wanted if each.code == code]
        counts = Counter(each.manifestation for each in ours)
        assert max(counts.values()) - min(counts.values()) <= 1
        assert Counter(each.kind for each in ours) == dict.fromkeys(KINDS, 12)
        pairs = Counter((each.manifestation, each.kind) for each in ours)
        assert len(pairs) == 2 * len(counts) and max(pairs.values()) - min(pairs.values()) <= 1
    structures = Counter(each.structure for each in wanted)
    assert all(25 <= structures[name] <= 55 for name in STRUCTURES[:3])
    assert all(counted >= 20 for counted in Counter(each.band for each in wanted).values())
    assert {each.band for each in wanted} == set(BANDS)


def test_a_few_prompts_are_of_both_types() -> None:
    for seed in range(10):
        assert {each.kind for each in wanted_prompts(1, ExtendSettings(seed=seed))} == set(KINDS)


def test_more_prompts_begin_with_the_same_ones_and_each_is_asked_for_by_itself() -> None:
    few, many = (wanted_prompts(number, ExtendSettings()) for number in (3, 9))
    assert many[: len(few)] == few
    assert len({each.key for each in many}) == len({each.request().key("m") for each in many}) == 45
    others = [ExtendSettings(seed=1), ExtendSettings(country="Perú"), ExtendSettings(variety="español de México")]
    keys = [{each.key for each in wanted_prompts(3, settings)} for settings in (ExtendSettings(), *others)]
    assert len(set.union(*keys)) == 4 * 15


def test_a_model_is_told_all_that_is_wanted_and_nothing_is_left_to_fill_in() -> None:
    settings = ExtendSettings(country="el sur de Chile", cognitive_structures=["Salience"], variety="español chileno")
    for each in wanted_prompts(12, settings):
        told = each.request().messages[0]["content"]
        assert each.manifestation.told in told and "español chileno" in told and "el sur de Chile" in told
        assert "primer plano" in told and f"{each.band[0]} a {each.band[1]} caracteres" in told
        assert not [field for _, field, _, _ in string.Formatter().parse(told) if field is not None]
        assert each.code not in told and each.manifestation.sdg not in told
    assert prompt_version().startswith("prompt-")
