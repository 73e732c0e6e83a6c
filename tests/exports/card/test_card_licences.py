"""The card's licence: what binds the data, in what words, under a name that the Hub takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exports.card.check import check_offline
from exports.card.licences import FREE, Terms, licences_of, source_licence, stated, terms, what_binds
from exports.card.page import (
    ModelFacts,
    Portion,
    render_card,
)
from loaders.translation.engines import licences as models
from tests.exports.card.cards import (
    FACTS,
    halves,
)
from tests.exports.card_text import metadata_of
from tests.exports.cases import record
from workspace.licences import SPDX, Licence
from workspace.model.records import Translation


def test_a_licence_that_binds_the_translations_is_the_data_s_too() -> None:
    licences = (Portion("CC-BY-NC-4.0", 3, 0.3), Portion("Apache-2.0", 1, 0.1), Portion("", 6, 0.6))
    facts = replace(FACTS, licences=licences)
    data = metadata_of(render_card(facts))
    assert data["license"] == "other"
    assert data["license_name"] == "cc-by-4.0-and-cc-by-nc-4.0"
    assert data["license_details"] == (
        "H4rmony and the reviewers' work: CC BY 4.0. "
        "Machine translations: CC-BY-NC-4.0: 3 records; Apache-2.0: 1 record."
    )
    spanish, english = halves(render_card(facts))
    assert "- **Licencia:** other (cc-by-4.0-and-cc-by-nc-4.0)\n" in spanish
    assert "- **Licence:** other (cc-by-4.0-and-cc-by-nc-4.0)\n" in english
    assert "| CC-BY-NC-4.0 | 3 | 30,0 % |" in spanish and "| CC-BY-NC-4.0 | 3 | 30.0% |" in english
    assert "| Apache-2.0 | 1 | 10.0% |" in english and "| (not given) | 6 | 60.0% |" in english
    assert "obligan también a quien use estos datos" in spanish and "bind whoever uses these data too" in english


def test_free_licences_leave_the_data_under_h4rmony_s() -> None:
    facts = replace(FACTS, licences=tuple(Portion(name, 1, 0.1) for name in sorted(FREE)))
    data = metadata_of(render_card(facts))
    assert data["license"] == "cc-by-4.0" and not {"license_name", "license_details"} & set(data)
    assert "- **Licence:** cc-by-4.0\n" in render_card(facts)
    assert "bind whoever" not in render_card(facts)


@pytest.mark.parametrize("name", ["cc-by-4.0", "mit", "apache-2.0", "CC0-1.0", "gpl-2.0-OR-later (Program; no claim "
                                  "on output)"])  # fmt: skip
def test_licences_are_the_same_in_whatever_case(name: str) -> None:
    assert terms((Portion(name, 3, 1.0),)) == Terms("cc-by-4.0")
    (found,) = licences_of(record(1, metadata={"translation_licence": f"{name}, {name.upper()}"}))
    assert found in FREE


@pytest.mark.parametrize(
    ("names", "licence_name"),
    [
        (("CC-BY-4.0 (not for sale)",), "cc-by-4.0-and-others"),
        (("CC BY 4.0", "cc-by-nc-4.0", "CC-BY-NC-4.0"), "cc-by-4.0-and-cc-by-nc-4.0"),
    ],
)
def test_the_licence_of_h4rmony_is_never_named_twice(names: tuple[str, ...], licence_name: str) -> None:
    assert terms(tuple(Portion(name, 1, 1.0) for name in names)).name == licence_name


MODELS = (
    ModelFacts("tiny@1", "Apache-2.0", 6, 2),
    ModelFacts("gpt", "gpt-terms", 3, 0),
    ModelFacts("own", None, 1, 1),
)


def test_the_card_says_which_models_wrote_how_many_texts_and_under_what() -> None:
    facts = replace(FACTS, models=MODELS)
    data = metadata_of(render_card(facts))
    assert (data["license"], data["license_name"]) == ("other", "cc-by-4.0-and-gpt-terms-and-noassertion")
    assert data["license_details"].endswith(
        " Texts that models wrote: tiny 1, Apache-2.0: 6 texts; gpt, gpt-terms: 3 texts; own, NOASSERTION: 1 text."
    )
    assert "synthetic" in data["tags"] and "synthetic" not in metadata_of(render_card(FACTS))["tags"]
    spanish, english = halves(render_card(facts))
    assert "| tiny&#64;1 | Apache-2.0 | 6 | 2 |" in spanish and "| own | no consta | 1 | 1 |" in spanish
    assert "| gpt | gpt-terms | 3 | 0 |" in english and "| own | not stated | 1 | 1 |" in english
    assert "Donde no consta, nadie ha declarado" in spanish and "Where it is not stated, nobody has said" in english
    assert "licencias de los modelos que escribieron textos" in spanish
    assert "licences of the models that wrote texts" in english
    check_offline("equipo/h4rmony-es", render_card(facts))
    free = replace(FACTS, models=(MODELS[0], ModelFacts("b", "mit", 1, 0)))
    assert metadata_of(render_card(free))["license"] == "cc-by-4.0"
    assert "not stated" not in render_card(free) and "wrote texts" not in render_card(FACTS)


def test_the_models_that_bind_are_said_with_what_to_do() -> None:
    assert what_binds(replace(FACTS, models=MODELS[:1])) == ()
    (said,) = what_binds(replace(FACTS, models=MODELS))
    assert said == (
        "the licences of the models that wrote texts bind the data (gpt, gpt-terms: 3 texts; own, NOASSERTION: 1 text"
        "; where it is NOASSERTION, put the licence of the model in metadata.origins)"
    )
    both = what_binds(replace(FACTS, models=MODELS[1:2], licences=(Portion("CC-BY-NC-4.0", 2, 1.0),)))
    assert [each.partition(" bind")[0] for each in both] == [
        "the licences of the translations",
        "the licences of the models that wrote texts",
    ]


def test_what_binds_is_said_with_what_to_do_where_nobody_has_said_what_holds() -> None:
    assert stated((Portion("CC-BY-NC-4.0", 2, 1.0),)) == "CC-BY-NC-4.0: 2 records"
    said = stated((Portion("CC-BY-NC-4.0", 2, 0.5), Portion("noassertion (a, b)", 1, 0.5)))
    assert said.startswith("CC-BY-NC-4.0: 2 records; noassertion (a, b): 1 record; where it is NOASSERTION, put the ")
    assert "metadata.translation_licence" in said and "another engine" in said and len(said.splitlines()) == 1


def test_the_free_licences_are_those_of_the_translators() -> None:
    known = {str(each): each for each in vars(models).values() if isinstance(each, Licence)}
    known |= {str(each): each for each in SPDX.values()}
    assert set(known) >= FREE
    assert all(known[name].commercial for name in FREE)
    assert {name for name, each in known.items() if each.commercial} - FREE == {
        "CC-BY-SA-4.0",  # must be passed on under the same licence
        *(str(each) for each in (models.NONE, models.FROM_FILE, models.PROVIDER)),  # nobody has said what holds
    }
    assert not [name for name in known if ", " in name]  # a comma parts the licences of one record


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("CC-BY-4.0", ("CC-BY-4.0",)),
        ("CC-BY-NC-4.0, Apache-2.0", ("Apache-2.0", "CC-BY-NC-4.0")),
        ("", ("",)),
        (None, ("",)),
        (5, ("5",)),
        ("a\n\u202eb", ("a b",)),
    ],
)
def test_the_licences_of_a_record(stated: Any, found: tuple[str, ...]) -> None:
    assert licences_of(record(1, metadata={"translation_licence": stated})) == found
    assert licences_of(record(1, metadata={})) == ("",)


@given(st.lists(st.text(), max_size=4))
@example(["[---["])
def test_whatever_licences_say_the_name_is_one_that_the_hub_takes(names: list[str]) -> None:
    licences = [
        licence for name in names for licence in licences_of(record(1, metadata={"translation_licence": name}))
    ]
    found = terms(tuple(Portion(name, 1, 1.0) for name in licences))
    assert found == Terms("cc-by-4.0") or found.name
    data = metadata_of(render_card(replace(FACTS, licences=tuple(Portion(n, 1, 1.0) for n in licences))))
    assert data["license"] == "cc-by-4.0" or re.fullmatch(r"[a-z0-9][a-z0-9.-]*", data["license_name"])


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ({"license": "mit"}, "MIT"),
        ({"Licencia": " CC-BY-SA-4.0 "}, "CC-BY-SA-4.0"),
        ({}, "CC0-1.0"),  # what who publishes says
        ({"licence": "NOASSERTION (nobody knows)"}, "CC0-1.0"),
        ({"origins": [{"by": "human"}, *[{"by": "model", "model": "tiny"}] * 3]}, None),
        ({"origins": [{"by": "source"}] * 4}, "CC0-1.0"),
    ],
)
def test_a_source_states_its_licence_in_its_rows_or_who_publishes_does(
    metadata: dict[str, Any], licence: str | None
) -> None:
    made = record(1, id="foro-1", metadata={"prompt_id": "1", **metadata})
    assert source_licence(made, {"foro": "CC0-1.0"}) == licence
    assert source_licence(record(1, metadata=metadata), {"h4rmony": "MIT"}) == "CC-BY-4.0"
    if licence == "CC0-1.0":
        assert source_licence(made, {"otra": "MIT"}) == ""
        spanish = replace(
            made,
            metadata={"translation_licence": "CC-BY-4.0", **made.metadata},
            translation=Translation("es", "original", made.prompt, tuple(a.text for a in made.answers)),
        )
        assert source_licence(spanish, {}) == "CC-BY-4.0"
