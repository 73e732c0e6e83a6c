"""The dataset card: metadata that the Hub takes, numbers that were counted, words for all there is, nothing hostile.

The Hub's own check of a card (``RepoCard.validate``) needs the network; pushes make it. Offline, the strictest checks
there are stand here: ``huggingface_hub`` parses the card, and ``datasets`` parses its configurations, refuses doubled
keys, and knows the Hub's tasks, sizes and languages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import card_words, estimates, merge, texts
from exports.card import MARK, CardFacts, ConfigFacts, Figure, Portion, card_metadata, render_card, size_category
from exports.card_fields import FIELDS
from exports.card_tables import Tables, decimal, escaped, markdown, measured, percent
from exports.card_words import Words
from exports.estimates import Estimate
from exports.formats import FORMATS
from exports.publish import BALLOT_COLUMNS, CONFIGS, portions
from workspace import ballots
from workspace.h4rmony import ISSUES

COUNTS: dict[str, Any] = {
    "records": {"total": 30, "unreviewed": 2, "with_pairs": 20},
    "ballots": {"submitted": 41, "draft": 3},
    "reviewers": 4,
    "votes": 39,
    "dropped": {"tie": 7, "no_votes": 6},
    "left_out": {"kto/mixed": 5},
    "texts": {"agreed": 80},
    "problems": {"false_fact": 2},
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
    settings={"min_margin": 0.2, "formats": ["dpo", "sft"], "weights": None},
    prompts=20,
    from_source=0,
    engines=(Portion("apertium 3.8", 29, 29 / 30), Portion("", 1, 1 / 30)),
    sources=(Portion("h4rmony", 30, 1.0),),
    issues=(Portion("PWM", 13, 0.65), Portion("", 7, 0.35)),
    types=(Portion("Question", 20, 1.0),),
    agreement=(Figure("alpha_ranks", Estimate(0.8154, 0.7, 0.9, 60, 20)),),
    anchoring=(Figure("tau_blind", Estimate(None, reason="no_votes")),),
    languages=("es",),
    constants={"idioma": "es"},
    comments=False,
    version="9.8.7",
    year="2024",
)


def hub_card(text: str) -> dict[str, Any]:
    """The metadata as huggingface_hub reads them."""
    from huggingface_hub import DatasetCard, DatasetCardData

    card = DatasetCard(text)
    assert isinstance(card.data, DatasetCardData)
    data: dict[str, Any] = card.data.to_dict()
    return data


def test_the_metadata_pass_the_strictest_offline_checks() -> None:
    import datasets
    import yaml
    from datasets.utils.metadata import MetadataConfigs, _NoDuplicateSafeLoader, known_task_ids
    from huggingface_hub import DatasetCard

    text = render_card(FACTS)
    data = hub_card(text)
    block = text.split("---\n")[1]
    assert yaml.load(block, Loader=_NoDuplicateSafeLoader) == card_metadata(FACTS)
    assert MetadataConfigs.from_dataset_card_data(DatasetCard(text).data) == {
        "dpo": {"data_files": [{"split": "train", "path": "dpo/train.parquet"},
                               {"split": "test", "path": "dpo/test.parquet"}], "default": True},
        "sft": {"data_files": [{"split": "train", "path": "sft/train.parquet"}]},
        "ballots": {"data_files": [{"split": "train", "path": "ballots/train.parquet"}]},
    }  # fmt: skip
    resources = Path(datasets.__file__).parent / "utils" / "resources"
    assert set(data["size_categories"]) <= set(json.loads((resources / "size_categories.json").read_text()))
    assert set(data["language"]) <= set(json.loads((resources / "languages.json").read_text(encoding="utf-8")))
    assert set(data["task_categories"]) <= set(known_task_ids)
    assert data["license"] == "cc-by-4.0"
    assert all(re.fullmatch(r"original|extended(\|.+)?", source) for source in data["source_datasets"])
    assert {"h4rmony", "dpo", "preference", "rlhf", "ecolinguistics"} <= set(data["tags"])
    assert data["pretty_name"] == "H4rmony en español"


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
        assert "| min_margin | 0.2 |" in half
        assert "| formats | dpo, sft |" in half
        assert 'load_dataset("equipo/h4rmony-es", "dpo")' in half
        assert "10.57967/hf/1148" in half
        assert "cc-by-4.0" in half
        assert "9.8.7" in half
    assert "| 0,82 &#91;0,70; 0,90&#93; | 20 |" in spanish
    assert "| 0.82 &#91;0.70; 0.90&#93; | 20 |" in english
    assert "| PWM: contaminación y gestión de residuos | 13 | 65,0 % |" in spanish
    assert "| PWM: pollution and waste management | 13 | 65.0% |" in english
    assert "| (sin dato) | 7 | 35,0 % |" in spanish
    assert "| n/a (no hay votos) | 0 |" in spanish
    assert "| n/a (no votes) | 0 |" in english


def test_empty_splits_and_configurations_are_said_to_be_left_out() -> None:
    spanish, english = halves(render_card(FACTS))
    assert "`sft` no tiene filas en test" in spanish
    assert "`sft` has no rows in test" in english
    assert "`lm-eval` no tiene filas y no se publica" in spanish
    assert "`lm-eval` has no rows and is not published" in english
    assert "`dpo` " not in spanish + english


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
    return replace(facts, counts=counts, issues=(), types=(), engines=(), sources=(), ballots=None, year=None)


def test_what_depends_on_the_facts_is_said_only_where_it_holds() -> None:
    plain = render_card(FACTS)
    assert "`method`" not in plain
    assert "Sus comentarios no se publican." in plain and "Their comments are not published." in plain
    assert "acuerdo dice poco" not in plain
    other = render_card(replace(FACTS, comments=True, from_source=3, counts={**COUNTS, "reviewers": 1}, year=None))
    assert "**Sin revisar:** 3" in other and "**Not reviewed:** 3" in other
    assert "comentarios se publican" in other and "comments are published" in other
    assert "Con 1 revisor," in other and "With 1 reviewer," in other
    assert "year " not in other
    assert 'year   = "2024"' in plain


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
        FACTS, version=HOSTILE,
        engines=hostile, sources=hostile, issues=hostile, types=hostile, constants={"idioma": HOSTILE},
        settings={HOSTILE: HOSTILE}, counts={**COUNTS, "problems": {HOSTILE: 1}},
        configs=(replace(FACTS.configs[0], columns={HOSTILE: "string"}), *FACTS.configs[1:]),
    )  # fmt: skip
    text = render_card(facts)
    tags = Tags()
    tags.feed(text)
    assert tags.tags == []
    assert text.count(escaped(HOSTILE)) == 2 * 12
    for raw in ("**b**", "[l]", "`c`", "$x$", "\n# t", "![i", "\u202e", "_u_", "&lt;"):
        assert raw not in text, raw
    cells = {line.count("|") for line in text.splitlines() if escaped(HOSTILE) in line}
    assert cells == {0, 3, 4, 5}  # 0: the version stands in a sentence


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


def test_numbers_are_written_as_each_language_does() -> None:
    assert [decimal(0.125, "es"), decimal(0.125, "en"), decimal(-0.001, "en")] == ["0,12", "0.12", "0.00"]
    assert [percent(0.125, "es"), percent(1, "en")] == ["12,5 %", "100.0%"]
    assert measured(Estimate(0.5, reason="one_record"), "en") == "0.50 (one record only, no interval)"


def test_a_table_has_as_many_cells_in_each_line() -> None:
    assert markdown(("a", "b|"), [(1, "x|y")]) == "| a | b&#124; |\n|---|---|\n| 1 | x&#124;y |"


def test_portions_are_shares_of_all_or_of_the_total_given() -> None:
    assert portions(["b", "a", "b"]) == (Portion("b", 2, 2 / 3), Portion("a", 1, 1 / 3))
    assert portions(["b", "a", "b"], 4) == (Portion("b", 2, 0.5), Portion("a", 1, 0.25))
    assert portions([]) == ()


@pytest.mark.parametrize(
    ("names", "table"),
    [
        (get_args(merge.Reason), card_words.REASONS),
        (get_args(ballots.Status), card_words.STATUSES),
        (get_args(texts.Choice), card_words.CHOICES),
        (("bad_translation", "not_rankable", "false_fact", "harmful"), card_words.PROBLEMS),
        (tuple(ISSUES), card_words.ISSUES),
        (get_args(estimates.Reason), card_words.NOT_AVAILABLE),
        (CONFIGS, card_words.CONFIGS),
        (tuple({*BALLOT_COLUMNS, "lang"}.union(*(f.columns for f in FORMATS.values()))), FIELDS),
    ],
)
def test_there_are_words_for_every_name_and_no_others(names: tuple[str, ...], table: dict[str, Words]) -> None:
    assert set(table) == set(names)
    assert all(words.es.strip() and words.en.strip() for words in table.values())


def test_every_column_type_of_every_format_has_words() -> None:
    from exports.arrow import arrow_schema
    from exports.publish import kinds_of

    kinds = {kind for format in FORMATS.values() for kind in kinds_of(arrow_schema(format)).values()}
    assert kinds <= set(card_words.KINDS)


def test_the_same_facts_give_the_same_text() -> None:
    assert render_card(FACTS) == render_card(replace(FACTS))
    assert Tables(FACTS, "es").ballots() != Tables(FACTS, "en").ballots()
