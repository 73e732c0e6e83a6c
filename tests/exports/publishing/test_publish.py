"""What is published of a review: no name in any file, the same bytes each time, and `datasets` loads it all."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from exports.card.page import CARD, MARK, ModelFacts
from exports.formats import FORMATS
from exports.merging.votes import MergeRules
from exports.publishing.build import RESERVED_COLUMNS, PublishSettings, build_publication
from exports.publishing.folder import is_published, sync_folder
from exports.review.files import Review
from exports.review.weights import read_weights
from exports.write.export import ExportSettings, export_review
from tests.exports.card_text import metadata_of
from tests.exports.cases import TRANSLATED, record, vote
from workspace.errors import ConfigError, DataError
from workspace.model.ballots import Ballot
from workspace.model.records import Comparison

pytestmark = pytest.mark.extras

KEY = bytes(range(32))
NAMES = ("ana-lopez", "eva-roca", "leo-mas")
ALL = ExportSettings(tuple(FORMATS), test_share=0.4)


def ballot(number: int, name: str, *ranks: int, **changes: Any) -> Ballot:
    values = {"record_id": f"h4rmony-{number}", "prompt": f"¿Qué es {number}?", "answers": TRANSLATED}
    return vote(*ranks, reviewer=name, comment=f"soy {name}", **{**values, **changes})


def review_of(count: int = 8) -> Review:
    """Twelve prompts at most, the last nobody answered; names stand wherever a source has people."""
    people = {"prompt_originator": NAMES[0], "contributor": NAMES[1], "type": "Question", "issues": ["PWM", "SC"]}
    columns = {"Id": "1", "ComparedRanks": "R1-R2", "BetterCompletionOrigin": NAMES[2]}
    records = [record(n, metadata=people, comparisons=(Comparison(0, 1, columns),)) for n in range(1, count + 1)]
    ballots = [ballot(n, name, 1, 2, 3) for n in range(1, count) for name in NAMES[:2]]
    ballots += [ballot(1, NAMES[2], 2, 1, 3), ballot(2, NAMES[2], 1, 2, 3, status="draft", problems=("harmful",))]
    return Review(tuple(records), tuple(ballots))


def settings(export: ExportSettings = ALL, **changes: Any) -> PublishSettings:
    return PublishSettings(**{"repo_id": "equipo/h4rmony-es", "export": export, **changes})


def published(folder: Path, review: Review, given: PublishSettings, key: bytes = KEY) -> Path:
    folder.mkdir(parents=True)
    build_publication(review, key, given, folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def everything(folder: Path) -> str:
    """All that a reader can find in a publication, Parquet as JSON."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            parts.append(json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False))
            parts.append(str(pq.read_schema(path).metadata))
        elif path.is_file():
            parts.append(path.read_text(encoding="utf-8"))
    return "\n".join(parts)


def test_every_configuration_loads_with_all_its_rows(tmp_path: Path) -> None:
    from datasets import load_dataset

    folder = tmp_path / "out"
    folder.mkdir()
    facts = build_publication(review_of(), KEY, settings(columns={"idioma": "es"}), folder).facts
    assert [config.name for config in facts.published] == [*FORMATS, "ballots"]
    for config in facts.published:
        loaded = load_dataset(str(folder), config.name, cache_dir=str(tmp_path / "cache"))
        assert {split: len(rows) for split, rows in loaded.items()} == dict(config.rows)
        assert all(set(rows.column_names) == set(config.columns) for rows in loaded.values())
    assert (
        len(load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]) == facts.configs[0].rows["train"]
    )


def test_the_tasks_of_lm_eval_name_the_dataset_on_the_hub(tmp_path: Path) -> None:
    """They name the tables in which they have rows: a table without any is an error to ``datasets``."""
    import yaml
    from datasets import load_dataset

    of_lm_eval = settings(replace(ALL, formats=("lm-eval",)))
    folder = published(tmp_path / "out", review_of(), of_lm_eval)
    shared, pairs = (
        yaml.safe_load((folder / "lm-eval" / name).read_text(encoding="utf-8"))
        for name in ("template_yaml", "pairs.yaml")
    )
    assert shared["dataset_path"] == of_lm_eval.repo_id
    assert "custom_dataset" not in shared and not (folder / "lm-eval" / "tables.py").exists()
    kept = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"), **pairs["dataset_kwargs"])
    assert set(kept) == {"train", "test"}
    assert {row["kind"] for split in kept.values() for row in split} == {"pair"}
    assert "train:" not in (folder / "lm-eval" / "twins.yaml").read_text(encoding="utf-8")


def test_a_split_without_rows_is_left_out_of_the_configuration(tmp_path: Path) -> None:
    from datasets import load_dataset

    folder = published(tmp_path / "out", review_of(), settings(replace(ALL, test_share=0.0)))
    assert not list(folder.rglob("test.parquet")) and not list(folder.rglob("task.yaml"))
    loaded = load_dataset(str(folder), "dpo", cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train"]
    assert "`dpo` has no rows in test" in (folder / CARD).read_text(encoding="utf-8")


def test_a_configuration_without_rows_is_not_there_and_another_one_is_the_default(tmp_path: Path) -> None:
    pairs = [ballot(1, "ana", 1, 1, 2)]  # two best answers: pairs, but no single best one
    review = Review((record(1),), tuple(pairs))
    folder = published(tmp_path / "out", review, settings(ExportSettings(("sft", "h4rmony"))))
    assert not (folder / "sft").exists()
    card = (folder / CARD).read_text(encoding="utf-8")
    assert "`sft` has no rows and is not published" in card
    assert "config_name: sft" not in card
    assert re.search(r"config_name: h4rmony\n(.+\n)+?  default: true", card)


def test_no_name_and_no_comment_is_anywhere(tmp_path: Path) -> None:
    weights = tmp_path / "pesos-de-ana-lopez.csv"
    weights.write_text("reviewer,weight\n" + "".join(f"{name},{n}\n" for n, name in enumerate(NAMES, 1)))
    export = replace(ALL, weights=read_weights(weights))
    folder = published(tmp_path / "out", review_of(), settings(export))
    found = everything(folder)
    for name in NAMES:
        assert name not in found
    assert "soy " not in found and "pesos-de" not in found and "T10:00" not in found
    assert export.weights and export.weights.digest not in found
    assert "sha256" not in found and "weights.csv" not in found
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["settings"]["weights"] == {"reviewers": 3}
    assert "| weights of the reviewers | yes, of 3 reviewers |" in (folder / CARD).read_text(encoding="utf-8")
    assert len(set(re.findall("reviewer-[0-9a-f]{6}", found))) == 3
    assert not [path for path in files(folder) if re.search("|".join(NAMES), path)]


def test_weights_count_as_in_an_export_under_the_reviewers_names(tmp_path: Path) -> None:
    weights = tmp_path / "weights.csv"
    weights.write_text(f"reviewer,weight\n{NAMES[0]},1\n{NAMES[1]},1\n{NAMES[2]},9\n")
    export = ExportSettings(weights=read_weights(weights))
    export_review(review_of(), tmp_path / "export", export)
    folder = published(tmp_path / "out", review_of(), settings(export))
    for split in ("train", "test"):
        path = f"dpo/{split}.parquet"
        if (folder / path).exists():
            assert pq.read_table(folder / path).equals(pq.read_table(tmp_path / "export" / path))
    assert (folder / "dropped.jsonl").read_bytes() == (tmp_path / "export" / "dropped.jsonl").read_bytes()


def weighing(folder: Path, *values: str) -> ExportSettings:
    """Everything, with what each reviewer weighs."""
    path = folder / "weights.csv"
    path.write_text("reviewer,weight\n" + "".join(f"{n},{v}\n" for n, v in zip(NAMES, values, strict=True)))
    return replace(ALL, unreviewed=True, weights=read_weights(path))


def test_where_every_weight_is_0_nothing_is_measured_and_nobody_has_reviewed(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    facts = build_publication(review_of(), KEY, settings(weighing(tmp_path, "0", "0", "0")), folder).facts
    assert {figure.reason for figure in facts.agreement.values()} == {"no_votes"}
    assert {figure.reason for figure in facts.anchoring.values()} == {"no_votes"}
    card = (folder / CARD).read_text(encoding="utf-8")
    assert "**Reviewers:** 0\n" in card and "**Votes:** 0\n" in card
    assert "| of weight 0 | 15 | those of the submitted ones whose reviewer has weight 0: not counted |" in card
    assert "| de peso 0 | 15 | las enviadas por revisores con peso 0: no cuentan |" in card
    assert "- All submitted ballots are by reviewers of weight 0: these data are as if nobody had reviewed" in card
    assert "Nobody has reviewed these data" not in card and "nobody has reviewed\n" not in card
    assert "Nadie ha revisado estos datos" not in card and "nadie los ha revisado" not in card
    assert metadata_of(card)


def test_agreement_and_anchoring_are_of_the_ballots_that_count(tmp_path: Path) -> None:
    review = review_of()
    without = Review(review.records, tuple(ballot for ballot in review.ballots if ballot.reviewer != NAMES[2]))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = build_publication(review, KEY, settings(weighing(tmp_path, "1", "2", "0")), tmp_path / "one").facts
    two = build_publication(without, KEY, settings(ALL), tmp_path / "two").facts
    assert (one.agreement, one.anchoring) == (two.agreement, two.anchoring)
    assert one.agreement["alpha_ranks"].value is not None
    assert "| of weight 0 | 1 |" in (tmp_path / "one" / CARD).read_text(encoding="utf-8")
    assert "of weight 0" not in (tmp_path / "two" / CARD).read_text(encoding="utf-8")


def test_prompts_on_both_sides_are_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    ballots = tuple(ballot(n, NAMES[0], 1, 2, 3, prompt="¿Qué?") for n in range(1, 9))
    made = build_publication(Review(review_of().records, ballots), KEY, settings(), tmp_path / "out")
    (pair,) = made.on_both_sides
    assert {name.partition("-")[0] for name in pair} == {"h4rmony"}
    assert made.facts.counts["prompts_on_both_sides"] == 1


def test_the_rows_are_those_of_an_export(tmp_path: Path) -> None:
    export_review(review_of(), tmp_path / "export", ALL)
    folder = published(tmp_path / "out", review_of(), settings())
    for format in set(FORMATS) - {"h4rmony"}:  # which has columns of people
        for split in ("train", "test"):
            path = f"{format}/{split}.parquet"
            assert (folder / path).read_bytes() == (tmp_path / "export" / path).read_bytes()


def test_comments_are_published_when_asked_for(tmp_path: Path) -> None:
    folder = published(tmp_path / "out", review_of(), settings(comments=True))
    assert "soy ana-lopez" in pq.read_table(folder / "ballots" / "train.parquet")["comment"].to_pylist()
    assert "Their comments are published" in (folder / CARD).read_text(encoding="utf-8")


def test_the_ballots_stand_beside_what_their_reviewers_were_shown(tmp_path: Path) -> None:
    folder = published(tmp_path / "out", review_of(), settings())
    rows = pq.read_table(folder / "ballots" / "train.parquet").to_pylist()
    lines = [json.loads(line) for line in (folder / "ballots.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [{name: row[name] for name in line} for row, line in zip(rows, lines, strict=True)] == lines
    assert len(rows) == 16
    first = rows[0]
    assert first["source_prompt"] == "What is compost number 1?"
    assert first["source_ranks"] == [1, 2, 3]
    assert first["machine_answers"] == list(TRANSLATED)
    draft = [row for row in rows if row["status"] == "draft"]
    assert [row["problems"] for row in draft] == [["harmful"]]


def test_the_ballots_have_the_issue_codes_where_the_dataset_asks_for_them(tmp_path: Path) -> None:
    review = review_of()
    first, *others = review.ballots
    asked = Review(review.records, (replace(first, issues=("WA",)), *others))
    for name, given, column in (("plain", review, None), ("asked", asked, [["WA"], *[None] * len(others)])):
        table = pq.read_table(published(tmp_path / name, given, settings()) / "ballots" / "train.parquet")
        assert (table["issues"].to_pylist() if "issues" in table.column_names else None) == column


def test_constant_columns_stand_last_in_every_format_and_not_in_the_ballots(tmp_path: Path) -> None:
    constants = {"idioma": "es", "país_origen": "España"}
    folder = published(tmp_path / "with", review_of(), settings(columns=constants))
    plain = published(tmp_path / "without", review_of(), settings())
    for format in FORMATS:
        for split in ("train", "test"):
            table = pq.read_table(folder / format / f"{split}.parquet")
            assert table.column_names[-2:] == list(constants)
            assert {tuple(row.values()) for row in table.select(list(constants)).to_pylist()} == {("es", "España")}
            assert table.drop_columns(list(constants)).equals(pq.read_table(plain / format / f"{split}.parquet"))
    assert "idioma" not in pq.read_schema(folder / "ballots" / "train.parquet").names


@pytest.mark.parametrize(
    "name",
    ["prompt", "label", "margin", "messages", "images", "Type", "lang", "text", "tools", "input_ids", "labels",
     "ref_chosen_logps", "attention_mask", "completion_mask"],
)  # fmt: skip
def test_a_constant_column_never_takes_a_name_that_means_something(name: str) -> None:
    with pytest.raises(ConfigError, match=f"--columns {name}"):
        settings(columns={name: "x"})


TRAINERS = ("trainer/dpo_trainer", "trainer/kto_trainer", "trainer/reward_trainer", "trainer/sft_trainer",
            "experimental/orpo/orpo_trainer", "experimental/cpo/cpo_trainer", "data_utils")  # fmt: skip
# how TRL's modules name the columns of data: a key of a row or a batch, a name that is looked for, a list of them
_ROW = r"(?:examples?|rows?|features?|inputs|batch|element|ex|x)"
READ = (
    rf"\b{_ROW}(?:\[0\])?\[[\"'](\w+)[\"']\]",
    rf"\b{_ROW}(?:\[0\])?\.get\([\"'](\w+)[\"']",
    r"[\"'](\w+)[\"'] (?:not )?in (?:examples?(?:\[0\])?|column_names|\w*column_names|row|features?|inputs|batch)\b",
    r"dataset_text_field: str = field\(\s*default=[\"'](\w+)[\"']",
)


def test_no_constant_column_can_be_one_that_a_trainer_of_trl_reads() -> None:
    import importlib.util

    found = importlib.util.find_spec("trl")
    assert found and found.origin
    folder = Path(found.origin).parent
    names: set[str] = set()
    for module in (*TRAINERS, "trainer/sft_config"):
        source = (folder / f"{module}.py").read_text(encoding="utf-8")
        names.update(name for pattern in READ for name in re.findall(pattern, source))
        for listed in re.findall(r"_signature_columns = (\[[^]]*\])", source):
            names.update(re.findall(r"[\"'](\w+)[\"']", listed))
    expected = {
        "input_ids",
        "labels",
        "text",
        "messages",
        "ref_chosen_logps",
        "completion_mask",
        "tools",
        "seq_lengths",
    }
    assert names >= expected
    assert names <= RESERVED_COLUMNS


@pytest.mark.parametrize(
    ("name", "value"),
    [("idioma", "\udcff"), ("\udcff", "es"), ("idioma", "a\nb"), ("a\tb", "es"), ("idioma", "\x00"), ("a", "\u2028")],
)
def test_a_constant_column_is_one_line_of_text(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match="must be one line of UTF-8 text") as raised:
        settings(columns={name: value})
    assert len(str(raised.value).encode().splitlines()) == 1


def test_the_card_tells_of_the_review(tmp_path: Path) -> None:
    folder = published(tmp_path / "out", review_of(), settings())
    card = (folder / CARD).read_text(encoding="utf-8")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert "**Prompts with pairs:** 7 of 8" in card
    assert "**Reviewers:** 3, under pseudonyms" in card
    assert f"**Votes:** {summary['votes']}" in card and summary["votes"] == 15
    for format in FORMATS:
        rows = summary["rows"]
        assert f"| {format} | {rows[f'{format}/train']} | {rows[f'{format}/test']} |" in card
    assert "| apertium 3.8 | 8 | 100.0% |" in card
    assert "| PWM: pollution and waste management | 7 | 100.0% |" in card
    assert re.search(r"alpha, ordinal, over ranks \| 0\.\d\d \[", card)
    assert metadata_of(card)
    assert '  year   = "2024",' in card


def test_agreement_of_one_reviewer_is_not_available_with_the_reason(tmp_path: Path) -> None:
    review = Review((record(1),), (ballot(1, "ana", 1, 2, 3),))
    card = (published(tmp_path / "out", review, settings(ExportSettings())) / CARD).read_text(encoding="utf-8")
    assert "| n/a (one reviewer only) |" in card and "| n/d (un solo revisor) |" in card


def test_unreviewed_records_are_counted_and_named(tmp_path: Path) -> None:
    export = replace(ALL, unreviewed=True, languages=("es", "en"))
    card = (published(tmp_path / "out", review_of(), settings(export)) / CARD).read_text(encoding="utf-8")
    assert "**Prompts with pairs:** 8 of 8" in card
    assert "**Not reviewed:** 1 of them" in card
    assert "language:\n- es\n- en\n" in card


def test_pairs_of_reviewed_records_with_the_machine_s_text_are_counted_at_the_top(tmp_path: Path) -> None:
    blank = (ballot(2, NAMES[0], 1, 2, 3, answers=(" ", *TRANSLATED[1:])), ballot(1, NAMES[0], 1, 2, 3))
    review = Review(tuple(record(n) for n in (1, 2, 3)), blank)
    for languages, pairs in ((("es",), 2), (("es", "en"), 2), (("en",), 0)):
        export = ExportSettings(unreviewed=True, languages=languages)
        folder = tmp_path / "-".join(languages)
        folder.mkdir()
        facts = build_publication(review, KEY, settings(export), folder).facts
        assert (facts.machine_pairs, facts.machine_prompts, facts.from_source) == (pairs, int(pairs > 0), 1)
        card = (folder / CARD).read_text(encoding="utf-8")
        assert ("**With unreviewed text:**" in card) == bool(pairs)


def licensed(*licences: str) -> Review:
    """A record with each licence, of which all but the last have a ballot."""
    stated = [record(n, metadata={"translation_licence": licence}) for n, licence in enumerate(licences, 1)]
    ballots = tuple(ballot(n, NAMES[0], 1, 2, 3) for n in range(1, len(stated)))
    return Review(tuple(stated), ballots)


@pytest.mark.parametrize(
    ("licences", "export", "licence", "stated"),
    [
        (("Apache-2.0", "CC-BY-4.0", ""), ExportSettings(), "cc-by-4.0", {"Apache-2.0": 1, "CC-BY-4.0": 1}),
        (("CC-BY-NC-4.0", "CC-BY-4.0", ""), ExportSettings(), "other", {"CC-BY-4.0": 1, "CC-BY-NC-4.0": 1}),
        (("Apache-2.0, CC-BY-NC-4.0", ""), ExportSettings(), "other", {"Apache-2.0": 1, "CC-BY-NC-4.0": 1}),
        # of a record that is not published, nothing binds
        (("MIT", "CC-BY-NC-4.0"), ExportSettings(), "cc-by-4.0", {"MIT": 1}),
        (("mit", "Cc-By-4.0", ""), ExportSettings(), "cc-by-4.0", {"MIT": 1, "CC-BY-4.0": 1}),
        (("MIT", "CC-BY-NC-4.0"), ExportSettings(unreviewed=True), "other", {"CC-BY-NC-4.0": 1, "MIT": 1}),
        (("MIT", "CC-BY-NC-4.0"), ExportSettings(unreviewed=True, languages=("en",)), "cc-by-4.0", {"MIT": 1}),
        # the ballots hold the translation, whatever language the pairs are in
        (("CC-BY-NC-4.0", ""), ExportSettings(languages=("en",)), "other", {"CC-BY-NC-4.0": 1}),
    ],
)
def test_the_licence_is_that_of_the_translations_in_it(
    tmp_path: Path, licences: tuple[str, ...], export: ExportSettings, licence: str, stated: dict[str, int]
) -> None:
    (tmp_path / "out").mkdir()
    facts = build_publication(licensed(*licences), KEY, settings(export), tmp_path / "out").facts
    assert {each.name: each.count for each in facts.licences} == stated
    card = (tmp_path / "out" / CARD).read_text(encoding="utf-8")
    assert metadata_of(card)["license"] == licence


def of_a_forum(count: int = 6) -> Review:
    """Pairs of a forum whose rows say in ``source`` where somebody wrote them, and of a second source."""
    place = "https://foro.example/u/@maria{0}/hilo/{0}?user=maria{0}"
    records = [
        record(n, id=f"x{n}", comparisons=(), metadata={"source": place.format(n)}, translation=None)
        for n in range(count)
    ]
    records.append(record(9, id="y9", metadata={"source": "otra", "Licencia": "cc0-1.0"}, translation=None))
    return Review(
        tuple(records), tuple(ballot(0, name, 1, 2, 3, record_id=each.id) for each in records for name in NAMES[:2])
    )


def test_where_somebody_wrote_a_text_is_published_without_the_address_and_the_handle(tmp_path: Path) -> None:
    folder = published(tmp_path / "a", of_a_forum(), settings())
    assert "maria" not in everything(folder) and "foro.example" in (folder / CARD).read_text(encoding="utf-8")
    chosen = ExportSettings(("dpo",), sources=("https://foro.example/u/@maria1/hilo/1?user=maria1",))
    found = published(tmp_path / "b", of_a_forum(), settings(chosen))
    assert "maria" not in everything(found)
    rows = [row for path in found.glob("dpo/*.parquet") for row in pq.read_table(path).to_pylist()]
    assert {(row["record_id"], row["source"]) for row in rows} == {("x1", "foro.example")}


def test_who_publishes_says_the_licence_of_a_source_that_states_none(tmp_path: Path) -> None:
    facts = build_publication(of_a_forum(), KEY, settings(), empty(tmp_path / "facts")).facts
    assert {one.name: dict(one.own) for one in facts.sources} == {"foro.example": {"": 6}, "otra": {"CC0-1.0": 1}}
    assert not facts.is_derived and facts.terms.licence == "other"
    names = {one.metadata["source"]: "mit" for one in of_a_forum().records[:6]}
    said = build_publication(of_a_forum(), KEY, settings(source_licences=names), empty(tmp_path / "said")).facts
    assert {one.name: dict(one.own) for one in said.sources} == {"foro.example": {"MIT": 6}, "otra": {"CC0-1.0": 1}}
    assert said.terms.label == "cc-by-4.0"
    with pytest.raises(DataError, match="--source-licence nada: the review has no such source; it has"):
        build_publication(of_a_forum(), KEY, settings(source_licences={"nada": "MIT"}), empty(tmp_path / "none"))
    for blank in ("", " ", "MIT\nGPL"):
        with pytest.raises(ConfigError, match="--source-licence otra: the licence must be one line"):
            settings(source_licences={"otra": blank})


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_the_card_credits_the_models_that_wrote_texts_and_the_people_who_changed_them(tmp_path: Path) -> None:
    by = {"by": "model", "model": "tiny@1", "role": "aware", "licence": "llama3.1"}
    origins = [{"by": "human"}, by, {**by, "licence": None}, {"by": "source"}]
    records = tuple(record(number, metadata={"origins": origins}) for number in (1, 2, 3))  # nobody opened the third
    changed = ballot(1, NAMES[0], 1, 2, 3, answers=("Es muy bueno.", *TRANSLATED[1:]))
    review = Review(records, (changed, ballot(2, NAMES[0], 1, 2, 3)))
    for languages in (("es",), ("en",), ("es", "en")):
        out = tmp_path / "-".join(languages)
        out.mkdir()
        facts = build_publication(review, KEY, settings(ExportSettings(languages=languages)), out).facts
        seen = int("es" in languages)
        assert facts.models == (ModelFacts("tiny@1", None, 2, 0), ModelFacts("tiny@1", "llama3.1", 2, seen))
        assert facts.sources[0].licences == ("CC-BY-4.0", "NOASSERTION", "llama3.1")
        assert metadata_of((out / CARD).read_text(encoding="utf-8"))["license_name"] == (
            "cc-by-4.0-and-llama3.1-and-noassertion"
        )


def test_the_same_review_and_key_give_the_same_bytes_and_another_key_other_pseudonyms(tmp_path: Path) -> None:
    review = review_of()
    shuffled = Review(review.records[::-1], review.ballots[::-1])
    one = files(published(tmp_path / "one", review, settings(columns={"idioma": "es"})))
    two = files(published(tmp_path / "two", shuffled, settings(columns={"idioma": "es"})))
    other = files(published(tmp_path / "other", review, settings(columns={"idioma": "es"}), bytes(32)))
    assert one == two
    assert {name for name in one if one[name] != other[name]} == {
        "ballots.jsonl", "ballots/train.parquet", "h4rmony/test.parquet", "h4rmony/train.parquet", "summary.json",
    }  # fmt: skip


def test_nothing_to_publish_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    strict = ExportSettings(rules=MergeRules(min_reviewers=9))
    with pytest.raises(DataError, match=r"nothing to publish.*--min-reviewers.*--unreviewed"):
        published(tmp_path / "out", review_of(), settings(strict))


def test_a_folder_becomes_the_publication_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    source = published(tmp_path / "made", review_of(), settings())
    target = tmp_path / "target"
    assert sync_folder(source, target)
    assert files(target) == files(source)
    assert not sync_folder(source, target)
    notes = {"notes.md": b"mine", "dpo/notes.md": b"mine"}
    for name, text in notes.items():
        (target / name).write_bytes(text)
    smaller = published(tmp_path / "smaller", review_of(), settings(ExportSettings(("kto",))))
    assert sync_folder(smaller, target)
    assert files(target) == {**files(smaller), **notes}
    assert not (target / "sft").exists()


@pytest.mark.parametrize("name", ["train.csv", CARD, "dpo/train.parquet"])
def test_a_folder_that_is_no_publication_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    source = published(tmp_path / "made", review_of(), settings(ExportSettings()))
    target = tmp_path / "target"
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("# mine")
    with pytest.raises(DataError, match="choose an empty folder"):
        sync_folder(source, target)
    assert files(target) == {name: b"# mine"}


def test_a_killed_write_leaves_a_folder_that_a_second_run_mends(tmp_path: Path) -> None:
    source = published(tmp_path / "made", review_of(), settings(ExportSettings()))
    target = tmp_path / "target"
    target.mkdir()
    (target / CARD).write_bytes((source / CARD).read_bytes())
    assert MARK.encode() in (source / CARD).read_bytes()
    assert sync_folder(source, target)
    assert files(target) == files(source)


DEAD = 2**22 + 1  # beyond the largest number of a process


def test_what_a_killed_publication_left_beside_its_files_is_swept_away(tmp_path: Path) -> None:
    source = published(tmp_path / "made", review_of(), settings(ExportSettings()))
    target = tmp_path / "target"
    target.mkdir()
    (target / f".{CARD}.{DEAD}-0a1b2c3d.part").write_bytes(b"---\nlang")
    assert sync_folder(source, target)
    assert files(target) == files(source)
    (target / "dpo" / f".train.parquet.{DEAD}-0a1b2c3d.part").write_bytes(b"PAR1")
    living = target / f".{CARD}.{os.getppid()}-0a1b2c3d.part"
    living.write_bytes(b"")
    assert not sync_folder(source, target)
    assert files(target) == {**files(source), living.name: b""}


@pytest.mark.parametrize("name", [".notes.md.12-0a1b2c3d.part", ".README.md.part", "README.md.12-0a1b2c3d.part"])
def test_parts_of_other_files_are_not_ours(tmp_path: Path, name: str) -> None:
    source = published(tmp_path / "made", review_of(), settings(ExportSettings()))
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / name).write_bytes(b"mine")
    with pytest.raises(DataError, match="choose an empty folder"):
        sync_folder(source, tmp_path / "target")
    assert files(tmp_path / "target") == {name: b"mine"}


def test_an_evaluation_names_its_grader_or_there_is_none(tmp_path: Path) -> None:
    graded = published(tmp_path / "graded", review_of(), settings(grader="openai/gpt-4.1-mini"))
    [task] = yaml.safe_load((graded / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    assert task["scorers"][0]["args"]["model"] == "openai/gpt-4.1-mini"
    table = pq.read_table(graded / task["config"] / f"{task['split']}.parquet")
    spec = task["field_spec"]
    assert {spec["input"], *spec["metadata"]} <= set(table.column_names)
    assert table.num_rows == len(set(table["record_id"].to_pylist())) > 0
    plain = published(tmp_path / "plain", review_of(), settings())
    assert not (plain / "eval.yaml").exists()
    assert sync_folder(plain, graded)
    assert not (graded / "eval.yaml").exists()  # an evaluation of other data is not left
    assert not (graded / "benchmark").exists()
    only = ExportSettings(("dpo",), test_share=0.4)
    alone = published(tmp_path / "dpo", review_of(), settings(only, grader="openai/gpt-4.1-mini"))
    assert pq.read_table(alone / "benchmark" / "test.parquet") == table
    with pytest.raises(DataError, match="--grader needs prompts in the split test that people have reviewed"):
        none = ExportSettings(("dpo",), test_share=0.0)
        published(tmp_path / "none", review_of(), settings(none, grader="openai/gpt-4.1-mini"))


def test_the_benchmark_has_each_reviewed_test_prompt_once_and_no_answer(tmp_path: Path) -> None:
    """A tie is a prompt as good as any; a harmful one, one without a ballot, and the same words again are not."""
    records = tuple(record(number) for number in range(1, 7))
    ballots = (
        ballot(1, "ana", 1, 2, 3, prompt="¿Qué es un río?"),
        ballot(2, "ana", 1, 1, 1, prompt="¿Qué es un lago?"),
        ballot(3, "ana", 1, 2, 3, prompt="¿Qué es un mal?", problems=("harmful",)),
        ballot(4, "ana", 1, 2, 3, prompt="¿Qué es un mar?", status="draft"),
        ballot(6, "ana", 1, 2, 3, prompt="¿qué es un  río?"),
    )
    one = ExportSettings(("sft", "dpo"), test_share=1.0)
    folder = published(tmp_path / "out", Review(records, ballots), settings(one, grader="openai/gpt-4.1-mini"))
    table = pq.read_table(folder / "benchmark" / "test.parquet")
    found = table.to_pylist()
    assert [row["record_id"] for row in found] == ["h4rmony-1", "h4rmony-2"]
    assert [row["prompt"] for row in found] == [
        [{"role": "user", "content": f"¿Qué es un {what}?"}] for what in ("río", "lago")
    ]
    assert [row["record_id"] for row in pq.read_table(folder / "sft" / "test.parquet").to_pylist()] == [
        "h4rmony-1", "h4rmony-6",
    ]  # fmt: skip
    assert {"issues", "type", "language", "reviewers", "reviewed"} <= set(table.column_names)
    assert not {"completion", "chosen", "rejected", "answers"} & set(table.column_names)
    said = json.dumps(found, ensure_ascii=False)
    answers = [
        text for one in records for text in (*one.texts[1:], *(one.translation.answers if one.translation else ()))
    ]
    assert not [text for text in answers if text in said]
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "config_name: benchmark" in card


@pytest.mark.parametrize("name", ["gpt-4.1-mini", "", "openai/gpt 4", "openai/gpt\nmodel: x"])
def test_a_grader_is_named_as_inspect_names_models(name: str) -> None:
    with pytest.raises(ConfigError, match="write it as Inspect AI names models, PROVIDER/MODEL"):
        settings(grader=name)


def test_only_files_of_a_publication_are_ever_deleted() -> None:
    for path in ("README.md", "dpo/train.parquet", "lm-eval/task.yaml", "lm-eval/chat.yaml", "summary.json",
                 "eval.yaml"):  # fmt: skip
        assert is_published(path)
    for path in (".gitattributes", "data/train.parquet", "dpo/train.csv", "dpo/x/train.parquet", "dpo",
                 "dpo/tables.py", "LICENSE", "old/README.md"):  # fmt: skip
        assert not is_published(path)
