"""The dataset card: metadata that the Hub takes, numbers that were counted, words for all there is, nothing hostile.

The Hub's own check of a card needs the network: here the packages that read cards check it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exports.card.check import check_offline
from exports.card.facts import portions
from exports.card.licences import FREE, Terms, licences_of, stated, terms, what_binds
from exports.card.page import (
    MARK,
    CardFacts,
    ConfigFacts,
    ModelFacts,
    Portion,
    SourceFacts,
    card_metadata,
    render_card,
    size_category,
)
from exports.card.tables import Tables, measured
from exports.formats import FORMATS
from exports.formats.base import METADATA_COLUMNS
from exports.measure import estimates
from exports.measure.estimates import Estimate
from exports.measure.stories import ALL, Story
from exports.merging import texts, votes
from exports.publishing.build import BALLOT_COLUMNS
from exports.publishing.folder import CONFIGS
from exports.review.made import Made
from exports.words import Wording, catalogue
from exports.words.markdown import escaped, markdown
from exports.write.export import ExportSettings
from loaders.translation.engines import licences as models
from tests.exports.card_text import metadata_of
from tests.exports.cases import record
from workspace.errors import HubError
from workspace.giveaways import GiveAways, Share, Surface
from workspace.licences import SPDX, Licence
from workspace.model import ballots
from workspace.model.h4rmony import ISSUES
from workspace.model.twins import FEATURES

COUNTS: dict[str, Any] = {
    "records": {"total": 30, "unreviewed": 2, "with_pairs": 20},
    "ballots": {"submitted": 41, "draft": 3},
    "reviewers": 4,
    "votes": 39,
    "dropped": {"tie": 7, "no_votes": 6},
    "left_out": {"kto/mixed": 5},
    "texts": {"agreed": 80},
    "problems": {"false_fact": 2},
    "ballots_of_weight_0": 0,
    "marked": {"kept": 0, "taken_out": 0},
    "prompts_on_both_sides": 0,
}
FACTS = CardFacts(
    repo_id="equipo/h4rmony-es",
    configs=(
        ConfigFacts("dpo", {"train": 48, "test": 6}, {"prompt": "list<message>", "id": "string"}),
        ConfigFacts("sft", {"train": 12, "test": 0}, {"prompt": "list<message>", "idioma": "string"}),
        ConfigFacts("lm-eval", {"train": 0, "test": 0}, {}),
    ),
    ballots=ConfigFacts("ballots", {"train": 44}, {"reviewer": "string"}),
    counts=COUNTS,
    settings={
        "min_margin": 0.2,
        "min_reviewers": 2,
        "method": "margins",
        "languages": ["es"],
        "sources": [],
        "test_share": 0.1,
        "formats": ["dpo", "sft"],
        "jsonl": False,
        "weights": None,
        "unreviewed": False,
        "keep_problems": False,
    },
    prompts=20,
    from_source=0,
    machine_prompts=0,
    machine_pairs=0,
    engines=(Portion("apertium 3.8", 29, 29 / 30), Portion("", 1, 1 / 30)),
    sources=(SourceFacts("h4rmony", 30, {"translated": 30}, ("CC-BY-4.0",), {"es": 54}),),
    licences=(Portion("CC-BY-4.0", 30, 1.0),),
    issues=(Portion("PWM", 13, 0.65), Portion("", 7, 0.35)),
    types=(Portion("Question", 20, 1.0),),
    agreement={"alpha_ranks": Estimate(0.8154, 0.7, 0.9, 60, 20)},
    anchoring={"tau_blind": Estimate(None, reason="no_votes")},
    languages=("es",),
    constants={"idioma": "es"},
    comments=False,
    made=Made("2024-05-01", "9.8.7", "0123456789ab"),
    giveaways=GiveAways(54, 20, Share(0.75, 0.6, 0.86), Surface(reason="it is not fitted here")),
    changed=12,
    translated=80,
    example=("¿Qué es el compost?", "Tierra buena.", "Basura."),
)
NO_BALLOTS = ConfigFacts("ballots", {"train": 0}, {})


def test_the_hub_has_nothing_against_the_metadata() -> None:
    text = render_card(FACTS)
    check_offline("equipo/h4rmony-es", text)
    data = metadata_of(text)
    assert data == card_metadata(FACTS)
    assert [(config["config_name"], len(config["data_files"])) for config in data["configs"]] == [
        ("dpo", 2), ("sft", 1), ("ballots", 1),
    ]  # fmt: skip
    assert data["configs"][0] == {
        "config_name": "dpo",
        "data_files": [{"split": "train", "path": "dpo/train.parquet"},
                       {"split": "test", "path": "dpo/test.parquet"}],
        "default": True,
    }  # fmt: skip
    assert (data["license"], data["language"], data["pretty_name"]) == ("cc-by-4.0", ["es"], "H4rmony en español")
    assert {"h4rmony", "dpo", "preference", "rlhf", "ecolinguistics"} <= set(data["tags"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# no metadata\n", "no metadata was found"),
        ("---\nlicense: [\n---\n", "while parsing"),
        ("---\n- a\n---\n", "should be a dict"),
        ("---\nlicense: mit\n---\n", "no configuration was found"),
        ("---\nconfigs:\n- data_files: a.csv\n---\n", "config_name"),
        ("---\nconfigs:\n- config_name: a\n  data_files: {a: b}\n---\n", "Expected data_files"),
        ("---\nconfigs:\n- config_name: a\n  default: true\n- config_name: b\n  default: true\n---\n", "several"),
    ],
)
def test_what_the_packages_cannot_read_is_one_stated_line(text: str, said: str) -> None:
    with pytest.raises(HubError) as raised:
        check_offline("equipo/h4rmony-es", text)
    assert said in str(raised.value) and len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("rows", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (9_999, "1K<n<10K"), (10**6, "1M<n<10M"),
     (10**12 - 1, "100B<n<1T"), (10**12, "n>1T")],
)  # fmt: skip
def test_sizes_have_the_hub_s_names(rows: int, name: str) -> None:
    assert size_category(rows) == name


def test_the_size_is_that_of_the_largest_configuration() -> None:
    large = replace(FACTS.configs[0], rows={"train": 950, "test": 60})
    assert card_metadata(replace(FACTS, configs=(large, *FACTS.configs[1:])))["size_categories"] == ["1K<n<10K"]
    many = replace(FACTS, ballots=ConfigFacts("ballots", {"train": 10_000}, {"reviewer": "string"}))
    assert card_metadata(many)["size_categories"] == ["10K<n<100K"]


def halves(text: str) -> tuple[str, str]:
    spanish, english = text.split("\n# H4rmony in Spanish\n")
    return spanish, english


def test_the_card_says_the_counts_in_both_languages() -> None:
    spanish, english = halves(render_card(FACTS))
    for half, of in ((spanish, "de"), (english, "of")):
        assert f":** 20 {of} 30" in half
        assert "| dpo | 48 | 6 |" in half
        assert "| sft | 12 | 0 |" in half
        assert "| ballots | 44 | – |" in half
        assert re.search(r"\| submitted \| 41 \|", half)
        assert re.search(r"\| draft \| 3 \|", half)
        assert re.search(r"\| tie \| 7 \|", half)
        assert re.search(r"\| kto/mixed \| 5 \|", half)
        assert re.search(r"\| agreed \| 80 \|", half)
        assert re.search(r"\| false_fact \| 2 \|", half)
        assert 'load_dataset("equipo/h4rmony-es", "dpo")' in half
        assert "10.57967/hf/1148" in half
        assert "cc-by-4.0" in half
        assert "9.8.7" in half
    assert "| medida | valor [IC 95 %] | registros |" in spanish
    assert "| figure | value [95% CI] | records |" in english
    assert "| 0,82 [0,70; 0,90] | 20 |" in spanish
    assert "| 0.82 [0.70, 0.90] | 20 |" in english
    assert "| PWM: contaminación y gestión de residuos | 13 | 65,0 % |" in spanish
    assert "| PWM: pollution and waste management | 13 | 65.0% |" in english
    assert "| (sin dato) | 7 | 35,0 % |" in spanish
    assert "| n/d (no hay votos) | 0 |" in spanish
    assert "| n/a (no votes) | 0 |" in english


def test_the_story_comes_first_and_the_columns_last() -> None:
    spanish = (
        "por 4 personas", "**Revisores:** 4", "**Acuerdo:** alfa de Krippendorff de los puestos 0,82 [0,70; 0,90]",
        "los revisores cambiaron 12 de 80 textos traducidos (15,0 %)",
        "**Hecho** con respuestas hasta el 2024-05-01, por h4rmony-es 9.8.7 (0123456789ab)", "## Un ejemplo",
        "| chosen | Tierra buena. |", "## Para entrenar", "DPOTrainer(", "## Configuraciones", "## Licencia",
        "## Columnas <details>",
    )  # fmt: skip
    english = (
        "by 4 people", "**Reviewers:** 4", "**Agreement:** Krippendorff's alpha over ranks 0.82 [0.70, 0.90]",
        "reviewers changed 12 of 80 translated texts (15.0%)",
        "**Made** from answers until 2024-05-01, by h4rmony-es 9.8.7 (0123456789ab)", "## An example",
        "| chosen | Tierra buena. |", "## To train", "DPOTrainer(", "## Configurations", "## Citation",
        "## Columns <details>",
    )  # fmt: skip
    for half, order in zip(halves(render_card(FACTS)), (spanish, english), strict=True):
        places = [flat(half).replace("\u00a0", " ").index(each) for each in order]
        assert places == sorted(places)
        assert half.count("9.8.7") == half.count("0123456789ab") == 1
    unknown = render_card(replace(bare(FACTS), translated=0, changed=0,
                                  agreement={"alpha_ranks": Estimate(None, reason="no_votes")}))  # fmt: skip
    for absent in ("Acuerdo:**", "Agreement:**", "Correcciones:**", "Edits:**", "Un ejemplo", "0 personas"):
        assert absent not in unknown


def test_the_snippet_trains_with_the_first_configuration_if_trl_can() -> None:
    kto = replace(FACTS.configs[0], name="kto")
    assert "from trl import KTOConfig, KTOTrainer" in render_card(replace(FACTS, configs=(kto,)))
    for config in (replace(kto, name="h4rmony"), replace(kto, rows={"train": 0, "test": 2})):
        card = render_card(replace(FACTS, configs=(config,)))
        assert "trl" not in card and f'data = load_dataset("equipo/h4rmony-es", "{config.name}")' in card


def test_empty_splits_and_configurations_are_said_to_be_left_out() -> None:
    spanish, english = halves(render_card(FACTS))
    assert "`sft` no tiene filas en test" in spanish
    assert "`sft` has no rows in test" in english
    assert "`lm-eval` no tiene filas y no se publica" in spanish
    assert "`lm-eval` has no rows and is not published" in english
    assert "`dpo` " not in spanish + english
    assert "la misma tabla" not in spanish and "the same table" not in english


def test_dpo_and_orpo_are_said_to_be_one_table() -> None:
    assert (FORMATS["dpo"].columns, FORMATS["dpo"].rows) == (FORMATS["orpo"].columns, FORMATS["orpo"].rows)
    orpo = replace(FACTS.configs[0], name="orpo")
    spanish, english = halves(render_card(replace(FACTS, configs=(*FACTS.configs, orpo))))
    assert "`dpo` y `orpo` son la misma tabla con dos nombres." in spanish
    assert "`dpo` and `orpo` are the same table under two names." in english


def test_the_settings_that_shape_the_data_are_said_in_words() -> None:
    spanish, english = halves(render_card(FACTS))
    assert section(spanish, "Ajustes de la unión:") == [
        "| ajuste | valor |",
        "|---|---|",
        "| fuentes | todas |",
        "| idioma de los textos | español |",
        "| cómo se unen los votos | margins: la mayoría de cada par |",
        "| votos que necesita un par | 2 |",
        "| margen que un par ha de superar, por voto | 0,2 |",
        "| pesos de los revisores | no |",
        "| con lo que nadie ha revisado | no |",
        "| con lo que los revisores llaman dañino, falso o mal traducido | no |",
        "| parte de los prompts en test | 10,0 % |",
    ]
    weighted = {**FACTS.settings, "weights": {"reviewers": 1}, "unreviewed": True, "languages": ["es", "en"]}
    weighted |= {"sources": ["extended", "h4rmony"]}
    _, english = halves(render_card(replace(FACTS, settings=weighted)))
    assert section(english, "Settings of the merge:")[2:] == [
        "| sources | extended, h4rmony |",
        "| language of the texts | Spanish, English |",
        "| how the votes are merged | margins: the majority on each pair |",
        "| votes that a pair needs | 2 |",
        "| margin that a pair must exceed, per vote | 0.2 |",
        "| weights of the reviewers | yes, of 1 reviewer |",
        "| with what nobody has reviewed | yes |",
        "| with what reviewers call harmful, false or badly translated | no |",
        "| share of the prompts in test | 10.0% |",
    ]
    assert table("setting") == set(ExportSettings().to_json()) - {"formats", "jsonl"}


def table(name: str) -> set[str]:
    """The names that a table of the catalogue has words for."""
    return {key.removeprefix(f"{name}_") for key in catalogue("es") if key.startswith(f"{name}_")}


def section(half: str, title: str) -> list[str]:
    """The lines of the table that follows a line."""
    return half.partition(f"\n{title}\n\n")[2].partition("\n\n")[0].splitlines()


SPANISH, ENGLISH, BOTH = ("es",), ("en",), ("es", "en")


def test_english_texts_are_not_called_spanish() -> None:
    facts = replace(FACTS, languages=ENGLISH)
    text = render_card(facts)
    spanish, english = text.split("\n# H4rmony in English, re-ranked\n")
    assert (
        "\n# H4rmony en inglés, ordenado de nuevo\n\n*[In English below](#h4rmony-in-english-re-ranked)*" in spanish
    )
    data = metadata_of(text)
    assert (data["language"], data["pretty_name"]) == (["en", "es"], "H4rmony en inglés, ordenado de nuevo")
    for wrong in (
        "Datos de preferencia en español",
        "han corregido",
        "El español nace",
        "traducción al español, corr",
    ):
        assert wrong not in spanish
    for wrong in ("data in Spanish", "have corrected", "The Spanish begins", "translated to Spanish, corrected"):
        assert wrong not in english
    assert "- **Idiomas:** en (es en `ballots`)\n" in spanish
    assert "- **Languages:** en (es in `ballots`)\n" in english
    assert "Only the configuration `ballots` has Spanish texts" in english
    alone = replace(facts, ballots=NO_BALLOTS)
    assert card_metadata(alone)["language"] == ["en"]
    assert "`ballots`" not in render_card(alone)


def test_both_languages_are_named_and_what_is_counted_twice_is_said() -> None:
    facts = replace(FACTS, languages=BOTH)
    text = render_card(facts)
    spanish, english = text.split("\n# H4rmony in Spanish and English\n")
    data = metadata_of(text)
    assert (data["language"], data["pretty_name"]) == (["es", "en"], "H4rmony en español y en inglés")
    assert spanish.count("una vez por idioma") == 3 and english.count("once per language") == 3
    plain = render_card(FACTS)
    assert "una vez por idioma" not in plain and "once per language" not in plain


@pytest.mark.parametrize("languages", [SPANISH, ENGLISH, BOTH])
@pytest.mark.parametrize("licences", [("CC-BY-4.0",), ("CC-BY-NC-4.0", "NOASSERTION (what, now?)"), ("x" * 200,), ()])
def test_every_kind_of_card_passes_the_hub_s_rules(languages: tuple[str, ...], licences: tuple[str, ...]) -> None:
    facts = replace(FACTS, languages=languages, licences=tuple(Portion(name, 3, 0.1) for name in licences))
    text = render_card(facts)
    check_offline("equipo/h4rmony-es", text)
    assert metadata_of(text) == card_metadata(facts)


# -- licences --------------------------------------------------------------------------------------------------------


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
    assert "o escribieron textos" in spanish and "or wrote texts" in english
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


def test_there_are_no_placeholders_and_no_gaps() -> None:
    for facts in (FACTS, bare(FACTS)):
        body = render_card(facts)
        assert MARK in body
        for placeholder in ("{{", "{%", "TODO", "[More", "nan", "| |", "|  |", "\n\n\n", "&amp;"):
            assert placeholder not in body, placeholder
        assert not re.search(r"\bNone\b[^.]", body)
        for heading, following in zip(body.split("\n## ")[1:], [*body.split("\n## ")[2:], ""], strict=True):
            assert heading.partition("\n")[2].strip(), following


def bare(facts: CardFacts) -> CardFacts:
    """Facts of a review without ballots, problems, issues or types."""
    counts = {**COUNTS, "ballots": {}, "dropped": {}, "left_out": {}, "texts": {}, "problems": {}, "reviewers": 0}
    return replace(
        facts,
        counts=counts,
        issues=(),
        types=(),
        engines=(),
        sources=(),
        ballots=NO_BALLOTS,
        made=Made(None, "9.8.7", None),
        example=None,
    )


def test_what_depends_on_the_facts_is_said_only_where_it_holds() -> None:
    plain = render_card(FACTS)
    assert "`method`" not in plain and "`reviewed`" not in plain
    assert "Sus comentarios no se publican." in plain and "Their comments are not published." in plain
    assert "acuerdo dice poco" not in plain
    other = render_card(
        replace(
            FACTS,
            comments=True,
            from_source=3,
            counts={**COUNTS, "reviewers": 1},
            made=Made(None, "9.8.7", None),
            example=None,
        )
    )
    assert "**Sin revisar:** 3" in other and "**Not reviewed:** 3" in other
    assert "comentarios se publican" in other and "comments are published" in other
    assert "Con 1 revisor," in other and "With 1 reviewer," in other
    assert "1, con seudónimo" in other and "1, under a pseudonym\n" in other and "4, under pseudonyms\n" in plain
    assert "year " not in other
    assert 'year   = "2024"' in plain


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("count", "es", "en"),
    [
        (1, "1 de ellos lleva el orden de la fuente y la traducción automática; nadie lo ha revisado (`method`",
            "1 of them has the source's ranking and the machine translation; nobody has reviewed it (`method`"),
        (2, "2 de ellos llevan el orden de la fuente y la traducción automática; nadie los ha revisado (`method`",
            "2 of them have the source's ranking and the machine translation; nobody has reviewed them (`method`"),
    ],
)  # fmt: skip
def test_unreviewed_prompts_are_named_in_the_right_number(count: int, es: str, en: str) -> None:
    spanish, english = map(flat, halves(render_card(replace(FACTS, from_source=count))))
    assert es in spanish and en in english


@pytest.mark.parametrize(
    ("pairs", "prompts", "es", "en"),
    [
        (1, 1, "1 par de 1 prompt revisado lleva algún texto automático que ningún revisor envió",
               "1 pair of 1 reviewed prompt has a machine text that no reviewer submitted"),
        (3, 1, "3 pares de 1 prompt revisado llevan algún texto automático que ningún revisor envió",
               "3 pairs of 1 reviewed prompt have a machine text that no reviewer submitted"),
        (3, 2, "3 pares de 2 prompts revisados llevan algún", "3 pairs of 2 reviewed prompts have a machine text"),
    ],
)  # fmt: skip
def test_pairs_with_the_machine_s_text_are_named_at_the_top(pairs: int, prompts: int, es: str, en: str) -> None:
    spanish, english = map(flat, halves(render_card(replace(FACTS, machine_pairs=pairs, machine_prompts=prompts))))
    assert es in spanish and en in english
    assert spanish.index(es) < spanish.index("## Configuraciones")
    assert english.index(en) < english.index("## Configurations")


@pytest.mark.parametrize(
    ("reviewers", "es", "en"),
    [(0, "Nadie ha revisado estos datos.", "Nobody has reviewed these data."),
     (1, "Con 1 revisor, el acuerdo", "With 1 reviewer, the agreement"),
     (2, "Con 2 revisores, el acuerdo", "With 2 reviewers, the agreement")],
)  # fmt: skip
def test_few_reviewers_are_named_in_the_right_number(reviewers: int, es: str, en: str) -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "reviewers": reviewers})))
    assert es in spanish and en in english


@pytest.mark.parametrize(
    ("count", "es", "en"),
    [(0, "", ""),
     (1, "- 1 *prompt* revisado está en `train` y en `test`: *prompts* distintos de la fuente acabaron con las "
         "mismas palabras. ",
         "- 1 reviewed prompt is in `train` and in `test`: different source prompts ended in the same "
         "words. "),
     (3, "- 3 *prompts* revisados están en `train` y en `test`: ",
         "- 3 reviewed prompts are in `train` and in `test`: ")],
)  # fmt: skip
def test_prompts_on_both_sides_are_a_limit(count: int, es: str, en: str) -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "prompts_on_both_sides": count})))
    if count:
        assert es in flat(spanish.partition("\n## Límites\n")[2])
        assert en in flat(english.partition("\n## Limits\n")[2])
    else:
        assert "en `train` y en `test`" not in spanish and "in `train` and in `test`" not in english


def test_ballots_of_weight_0_have_a_line_where_there_are_any() -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "ballots_of_weight_0": 7})))
    assert section(spanish, "Papeletas por estado:")[2:] == [
        "| draft | 3 | borrador: no cuenta |",
        "| submitted | 41 | enviada: cuenta como voto, salvo que diga que no se puede ordenar |",
        "| de peso 0 | 7 | las enviadas por revisores con peso 0: no cuentan |",
    ]
    assert section(english, "Ballots by status:")[-1] == (
        "| of weight 0 | 7 | those of the submitted ones whose reviewer has weight 0: not counted |"
    )
    for half in halves(render_card(FACTS)):
        assert "peso 0" not in half and "weight 0" not in half


def test_the_columns_of_one_name_stand_together_and_long_lists_are_said_short() -> None:
    names = ("dpo", "dpo-standard", "kto", "reward", "sft", "h4rmony")
    kinds = {"prompt": "list<message>", "record_id": "string", "language": "string", "reviewed": "bool"}
    columns = {name: dict(kinds) for name in names}
    columns["dpo-standard"]["prompt"] = "string"
    del columns["h4rmony"]["language"]
    configs = tuple(ConfigFacts(name, {"train": 9}, columns[name]) for name in names)
    ballots = ConfigFacts("ballots", {"train": 9}, {"record_id": "string", "prompt": "string"})
    facts = replace(FACTS, configs=configs, ballots=ballots)
    spanish, english = halves(render_card(facts))
    rows = [
        line.split(" | ")[:3]
        for line in section(
            english, "<summary>Each column, with its type and the configurations that have it</summary>"
        )[2:]
    ]
    assert rows == [
        ["| prompt", "list of messages {role, content}", "all but dpo-standard and ballots"],
        ["| prompt", "text", "dpo-standard, ballots"],
        ["| record_id", "text", "all"],
        ["| language", "text", "all but h4rmony and ballots"],
        ["| reviewed", "yes/no", "all but ballots"],
    ]
    rows = [
        line.split(" | ")[2]
        for line in section(
            spanish, "<summary>Cada columna, con su tipo y las configuraciones que la tienen</summary>"
        )[4:]
    ]
    assert rows == ["todas", "todas menos h4rmony y ballots", "todas menos ballots"]


def test_reviewed_means_what_the_formats_say() -> None:
    assert "o es el de la fuente" in catalogue("es")["column_reviewed"]
    assert "or it is the source's own" in catalogue("en")["column_reviewed"]


NEW = SourceFacts("extended", 20, {"by_model": 18, "by_people": 2}, ("Apache-2.0",), {"es": 51})
SAMPLE = SourceFacts("muestra", 24, {"in_spanish": 24}, (), {})


def test_each_source_says_how_it_came_to_be_its_licence_and_its_pairs() -> None:
    both = replace(FACTS.sources[0], pairs={"en": 50, "es": 54}, made={"translated": 29, "untranslated": 1})
    spanish, english = halves(render_card(replace(FACTS, sources=(NEW, both, SAMPLE))))
    lead = "Registros y pares por fuente; lo escrito en español tiene pares en un solo idioma:"
    assert section(spanish, lead) == [
        "| fuente | cómo se hizo | licencia | registros | pares |",
        "|---|---|---|---|---|",
        "| extended | escrito en español por un modelo: 18; escrito en español por personas: 2 | Apache-2.0 | 20 "
        "| español: 51 |",
        "| h4rmony | traducido: 29; sin traducir: 1 | CC-BY-4.0 | 30 | inglés: 50; español: 54 |",
        "| muestra | escrito en español: 24 | (sin dato) | 24 | 0 |",
    ]
    assert "| extended | written in Spanish by a model: 18; written in Spanish by people: 2 | Apache-2.0" in english
    for said in ("Otra parte se escribió directamente en español", "lo escrito en español quedó como estaba"):
        assert said in spanish
    assert "El español de lo traducido nace de una traducción automática." in spanish
    assert "re-ranked; new records in Spanish." in flat(english)
    data = metadata_of(render_card(replace(FACTS, sources=(NEW, both))))
    assert data["source_datasets"] == ["extended|neovalle/H4rmony", "original"]


def test_what_was_written_in_spanish_alone_is_not_called_a_translation() -> None:
    text = render_card(replace(FACTS, sources=(NEW,)))
    check_offline("equipo/h4rmony-es", text)
    assert metadata_of(text)["source_datasets"] == ["original"]
    spanish, english = map(flat, halves(text))
    for said in ("traducido automáticamente", "nace de una traducción", "Obra derivada", "originales en inglés"):
        assert said not in spanish
    for said in ("machine-translated", "begins as a machine translation", "Derived from", "English originals"):
        assert said not in english
    assert "Los textos se escribieron en español" in spanish and "The texts were written in Spanish" in english
    assert "no contiene ningún texto suyo" in spanish and "without any text of it" in english
    assert "Un modelo escribió las respuestas" in spanish and "A model wrote the answers" in english
    assert "A model wrote" not in render_card(replace(FACTS, sources=(SAMPLE,)))


def test_constant_columns_are_described_by_their_value() -> None:
    assert "| idioma | texto | sft | valor constante: es |" in render_card(FACTS)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Iterable[Any]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = "<script>alert(1)</script> | **b** [l](javascript:x) `c` $x$ \n\n# t ![i](http://x) \\ _u_ &lt; \u202e"


def test_foreign_texts_are_text_to_markdown_and_to_html() -> None:
    hostile = (Portion(HOSTILE, 1, 1.0),)
    facts = replace(
        FACTS, made=Made(HOSTILE, HOSTILE, HOSTILE), example=(HOSTILE,) * 3, engines=hostile,
        sources=(SourceFacts(HOSTILE, 1, {HOSTILE: 1}, (HOSTILE,), {HOSTILE: 1}),),
        models=(ModelFacts(HOSTILE, HOSTILE, 1, 1),),
        licences=hostile, issues=hostile, types=hostile,
        constants={"idioma": HOSTILE},
        settings={HOSTILE: HOSTILE, "method": HOSTILE}, counts={**COUNTS, "problems": {HOSTILE: 1}},
        configs=(replace(FACTS.configs[0], columns={HOSTILE: "string"}), *FACTS.configs[1:]),
    )  # fmt: skip
    text = render_card(facts)
    tags = Tags()
    tags.feed(text)
    assert tags.tags == ["details", "summary"] * 2
    assert text.count(escaped(HOSTILE)) == 2 * 22
    for raw in ("**b**", "[l]", "`c`", "$x$", "\n# t", "![i", "\u202e", "_u_", "&lt;"):
        assert raw not in text, raw
    cells = {line.count("|") for line in text.splitlines() if escaped(HOSTILE) in line}
    assert cells == {0, 3, 4, 5, 6}  # 0: the version stands in a sentence


@given(st.text())
def test_escaped_text_is_one_line_and_reads_the_same(text: str) -> None:
    written = escaped(text)
    assert len(written.splitlines()) <= 1
    assert not re.search(r"[\\`*\[\]<>|~$@]", written)
    tags = Tags()
    tags.feed(f"{written}\n")
    tags.close()
    assert tags.tags == []
    printable = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+", " ", text)
    assert " ".join(tags.text.split()) == " ".join(printable.split())


def test_underscores_stay_inside_words_only() -> None:
    assert escaped("record_id a_1_b") == "record_id a_1_b"
    assert escaped("_a_ __init__") == "&#95;a&#95; &#95;&#95;init&#95;&#95;"


def test_a_figure_without_an_interval_says_why() -> None:
    assert measured(Estimate(0.5, reason="one_record"), Wording("en")) == "0.50 (no interval: one record only)"


def test_twins_have_a_table_of_the_stories_that_are_preferred_and_nothing_else_has() -> None:
    found = (
        Story("agency", 12, Estimate(0.875, 0.7, 0.95, 24, 12)),
        Story("otro|<b>", 1, Estimate(0.5, items=1, records=1, reason="one_prompt")),
        Story("framing", 0, Estimate(None, reason="no_votes")),
        Story(ALL, 13, Estimate(0.86, 0.7, 0.94, 25, 12)),
    )
    spanish, english = halves(render_card(replace(FACTS, stories=found)))
    assert section(english, Wording("en")("stories_intro"))[2:] == [
        "| Agency: nobody acts | 12 | 24 | 87.5% [70.0, 95.0] |",
        "| otro&#124;&#60;b&#62; | 1 | 1 | 50.0% (no interval: one prompt only) |",
        "| Framing: nature as a commodity | 0 | 0 | n/a (no votes) |",
        "| All features | 13 | 25 | 86.0% [70.0, 94.0] |",
    ]
    assert "| Agencia: nadie actúa | 12 | 24 | 87,5\u00a0% [70,0; 95,0] |" in spanish
    assert all(Wording(language)("stories") not in render_card(FACTS) for language in ("es", "en"))


def test_a_table_has_as_many_cells_in_each_line() -> None:
    assert markdown(("a", "[b]"), [(1, "x|y")]) == "| a | [b] |\n|---|---|\n| 1 | x&#124;y |"


def test_portions_are_shares_of_all_or_of_the_total_given() -> None:
    assert portions(["b", "a", "b"]) == (Portion("b", 2, 2 / 3), Portion("a", 1, 1 / 3))
    assert portions(["b", "a", "b"], 4) == (Portion("b", 2, 0.5), Portion("a", 1, 0.25))
    assert portions([]) == ()


def test_there_are_words_for_every_name_and_no_others() -> None:
    columns = {*BALLOT_COLUMNS, *METADATA_COLUMNS, "lang", "feature"}.union(
        *(format.columns for format in FORMATS.values())
    )
    assert table("dropped") == set(get_args(votes.Reason))
    assert table("status") == set(get_args(ballots.Status))
    assert table("choice") == set(get_args(texts.Choice))
    assert table("problem") == {"bad_translation", "not_rankable", "false_fact", "harmful"}
    assert table("issue") == set(ISSUES)
    assert table("story") == set(FEATURES)
    assert table("reason") == set(get_args(estimates.Reason))
    assert table("config") == set(CONFIGS)
    assert table("merge") == set(get_args(votes.Method))
    assert table("column") == columns - set(ISSUES)


def test_every_column_type_of_every_format_has_words() -> None:
    from exports.publishing.build import kinds_of
    from exports.write.arrow import arrow_schema

    kinds = {kind for format in FORMATS.values() for kind in kinds_of(arrow_schema(format)).values()}
    assert kinds <= table("datatype")


def test_the_same_facts_give_the_same_text() -> None:
    assert render_card(FACTS) == render_card(replace(FACTS))
    assert Tables(FACTS, Wording("es")).ballots() != Tables(FACTS, Wording("en")).ballots()
