"""What a hackathon asks of a dataset: each rule by itself, with its remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exports import publish
from exports.card.page import CardFacts, ModelFacts, Portion
from exports.measure.estimates import Estimate
from exports.measure.varieties import VarietyLine
from exports.publishing.profile import RULES, missing
from exports.review.files import Review
from tests.exports.card.cards import COUNTS, FACTS
from tests.exports.card.test_card_sources import FORUM
from tests.exports.cases import confirmed, record
from workspace.errors import ConfigError, DataError

NONE = Estimate(None, reason="no_votes")
MEXICO = VarietyLine("es-MX", 20, 20, 4, NONE, NONE, 0, 0)
NOBODY = replace(MEXICO, reviewers=0)
UNSTATED = VarietyLine("", 3, 2, 0, NONE, NONE, 0, 0)
WHOLE = replace(FACTS, repo_id="equipo/h4rmony-es-dpo", varieties=(MEXICO,))
KTO = replace(FACTS.configs[0], name="kto")


def test_what_meets_every_rule_lacks_nothing() -> None:
    assert missing(WHOLE, "somosnlp") == ()
    assert missing(replace(WHOLE, repo_id="equipo/ES-KTO", configs=(KTO,)), "somosnlp") == ()
    assert missing(replace(WHOLE, repo_id="e/es-dpo-kto", configs=(*FACTS.configs, KTO)), "somosnlp") == ()
    with pytest.raises(ConfigError, match="profile 'kaggle' is unknown; choose from somosnlp"):
        missing(WHOLE, "kaggle")


@pytest.mark.parametrize(
    ("facts", "rule", "what", "remedy"),
    [
        (replace(WHOLE, sources=(FORUM,)), "card", "120 records of the source foro", "--source-licence foro=LICENCE"),
        (replace(WHOLE, models=(ModelFacts("gpt", None, 3, 0),)), "card", "what gpt wrote", "metadata.origins"),
        (replace(WHOLE, licences=(Portion("NOASSERTION (what?)", 3, 1.0),)), "card", "translation of 3 records",
         "metadata.translation_licence"),
        (replace(WHOLE, counts={**COUNTS, "reviewers": 0}), "card", "nobody has reviewed", "collect again"),
        (replace(WHOLE, repo_id="equipo/h4rmony-es"), "name", "h4rmony-es says neither", "equipo/h4rmony-es-dpo"),
        (replace(WHOLE, repo_id="dpo/h4rmony-es"), "name", "h4rmony-es says neither", "call it dpo/h4rmony-es-dpo"),
        (replace(WHOLE, repo_id="equipo/es-kto"), "name", "says kto, which is not published", "--format kto"),
        (replace(WHOLE, configs=FACTS.configs[1:]), "name", "neither the format dpo nor kto", "--format dpo"),
        (replace(WHOLE, sources=(FORUM,)), "licence", "cc-by-4.0-and-noassertion", "the rule card names"),
        (replace(WHOLE, machine_pairs=1), "reviewed", "1 pair has a machine's text", "submit those texts"),
        (replace(WHOLE, from_source=2), "reviewed", "nobody has reviewed 2 prompts", "without --unreviewed"),
        (replace(WHOLE, varieties=(MEXICO, UNSTATED)), "varieties", "3 prompts state no variety", "column variety"),
        (replace(WHOLE, varieties=()), "varieties", "20 prompts state no variety", "column variety"),
        (replace(WHOLE, unread_varieties=("Narnia",)), "varieties", "'Narnia' names no variety",
         "es-MX, MX or México"),
        (replace(WHOLE, varieties=(NOBODY,)), "varieties", "no reviewer's variety", "--reviewers FILE"),
        (replace(WHOLE, languages=("en",)), "language", "not in Spanish", "--language es"),
        (replace(WHOLE, varieties=()), "language", "no language tag has a region", "state the varieties"),
    ],
)  # fmt: skip
def test_each_rule_says_what_is_missing_and_what_to_do(facts: CardFacts, rule: str, what: str, remedy: str) -> None:
    assert [one.rule for one in missing(facts, "somosnlp")] == sorted(
        (one.rule for one in missing(facts, "somosnlp")), key=list(RULES).index
    )
    (found,) = [one for one in missing(facts, "somosnlp") if one.rule == rule and what in one.what]
    assert remedy in found.remedy
    assert len(str(found).splitlines()) == 1 and str(found).startswith(f"{rule}: ")


def test_texts_of_people_that_nobody_reviewed_are_not_synthetic() -> None:
    facts = replace(WHOLE, sources=(replace(FORUM, own={"MIT": 120}),), from_source=2)
    assert missing(facts, "somosnlp") == ()


@pytest.mark.extras
def test_from_python_a_folder_is_written_with_the_list_of_what_is_missing(tmp_path: Path) -> None:
    records = tuple(record(n, metadata={**record(n).metadata, "pais": "Perú"}) for n in range(1, 5))
    texts = {"prompt": "¿Qué es?"}
    review = Review(records, tuple(confirmed(1, 2, 3, record_id=one.id, **texts) for one in records))
    people = tmp_path / "people.csv"

    def done(name: str, said: str) -> tuple[str, ...]:
        people.write_text(f"reviewer,variety\nana,{said}\n", encoding="utf-8")
        out = tmp_path / f"{name}-{len(said)}"
        rules = {"profile": "somosnlp", "reviewers": people}
        found = publish(review, f"equipo/{name}", ["dpo"], folder=out, home=tmp_path, **rules)
        assert (out / "README.md").exists() and found.missing is not None
        return tuple(one.rule for one in found.missing)

    assert done("es-dpo", "Perú") == ()
    assert done("es", "") == ("name", "varieties")
    for bad, why in (
        ("Narnia", "row 2: 'Narnia' names no variety; write it as es-MX, MX or México"),
        ("MX\neva,MX", "row 3: reviewer 'eva' has no ballot"),
        ("MX\nana,MX", "row 3: reviewer 'ana' is in row 2 already"),
    ):
        with pytest.raises(DataError, match=why):
            done("es-dpo", bad)
    assert publish(review, "equipo/x", ["dpo"], folder=tmp_path / "x", home=tmp_path).missing is None


@pytest.mark.extras
def test_one_variety_may_be_said_for_all_records_that_state_none(tmp_path: Path) -> None:
    records = (record(1), record(2, metadata={"pais": "Perú"}), record(3, metadata={"pais": "Narnia"}))
    review = Review(records, tuple(confirmed(1, 2, 3, record_id=one.id, prompt="¿Qué es?") for one in records))
    said = {"home": tmp_path, "profile": "somosnlp"}
    found = publish(review, "equipo/x-dpo", ["dpo"], folder=tmp_path / "x", variety="latinoamericano", **said)
    assert {line.code: line.answers for line in found.facts.varieties} == {"es-419": 1, "es-PE": 1, "": 1}
    assert "'Narnia' names no variety" in " ".join(map(str, found.missing or ()))
    with pytest.raises(ConfigError, match="--variety 'Narnia' names no variety; write it as es-MX, MX or México"):
        publish(review, "equipo/x-dpo", ["dpo"], folder=tmp_path / "y", variety="Narnia", **said)
    assert not (tmp_path / "y").exists()
