"""The dataset card: metadata that the Hub takes, numbers that were counted, words for all there is, nothing hostile.

The Hub's own check of a card needs the network: here the packages that read cards check it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from exports.card.check import check_offline
from exports.card.facts import portions
from exports.card.page import (
    ConfigFacts,
    Portion,
    card_metadata,
    render_card,
    size_category,
)
from exports.card.tables import Tables, measured
from exports.formats import FORMATS
from exports.formats.base import METADATA_COLUMNS
from exports.measure import estimates
from exports.measure.estimates import Estimate
from exports.merging import texts, votes
from exports.publishing.build import BALLOT_COLUMNS
from exports.publishing.folder import CONFIGS
from exports.words import Wording, catalogue
from exports.words.markdown import markdown
from exports.write.export import ExportSettings
from tests.exports.card.cards import (
    BOTH,
    ENGLISH,
    FACTS,
    SPANISH,
    bare,
    flat,
    halves,
    section,
    table,
)
from tests.exports.card_text import metadata_of
from workspace.errors import HubError
from workspace.model import ballots
from workspace.model.h4rmony import ISSUES
from workspace.model.twins import FEATURES


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


@pytest.mark.parametrize("languages", [SPANISH, ENGLISH, BOTH])
@pytest.mark.parametrize("licences", [("CC-BY-4.0",), ("CC-BY-NC-4.0", "NOASSERTION (what, now?)"), ("x" * 200,), ()])
def test_every_kind_of_card_passes_the_hub_s_rules(languages: tuple[str, ...], licences: tuple[str, ...]) -> None:
    facts = replace(FACTS, languages=languages, licences=tuple(Portion(name, 3, 0.1) for name in licences))
    text = render_card(facts)
    check_offline("equipo/h4rmony-es", text)
    assert metadata_of(text) == card_metadata(facts)


# -- licences --------------------------------------------------------------------------------------------------------


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


def test_constant_columns_are_described_by_their_value() -> None:
    assert "| idioma | texto | sft | valor constante: es |" in render_card(FACTS)


def test_a_figure_without_an_interval_says_why() -> None:
    assert measured(Estimate(0.5, reason="one_record"), Wording("en")) == "0.50 (no interval: one record only)"


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
