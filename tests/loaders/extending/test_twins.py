"""``h4rmony extend --twins``: one feature of each best answer is flipped, and nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exports import collect, pairs, report
from exports.merging.split import split_of
from loaders import ExtendSettings, extend, load
from loaders.extending.twins.bases import FEWEST_WORDS, read_bases
from loaders.extending.twins.checks import KEPT, kept_share, twin_problem
from loaders.extending.twins.features import NEAR, band_for, features_for, longer_ones, told
from loaders.imploding.source import implode
from loaders.translation.engines.none import NoTranslator
from loaders.translation.records import translate_records
from tests.fake_openai import TOKENS, Answer, FakeOpenAI, completion
from tests.loaders.extending.rewriter import FLIPPED, WORSE, bases, feature_in, flipped
from tests.reviews import connection_to
from workspace import Ballot, Record
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import BudgetSpent, ConfigError, DataError, GiveAwayFound
from workspace.files.jsonl import write_jsonl
from workspace.memory.store import TranslationMemory
from workspace.model.groups import record_group, settle_groups
from workspace.model.prompts import prompt_key
from workspace.model.records import Answer as RecordAnswer
from workspace.model.records import Translation
from workspace.model.sources import source_name
from workspace.model.twins import FEATURES, feature_of, twin_of

pytestmark = pytest.mark.extras

PROMPT, TEXTS = next(iter(FLIPPED.items()))
BASE = TEXTS["base"]


@pytest.fixture(autouse=True)
def rewriting(fake: FakeOpenAI) -> None:
    fake.otherwise = flipped


def write_twins(tmp_path: Path, source: Any = None, name: str = "twins.jsonl", **settings: Any) -> Any:
    chosen = ExtendSettings(home=tmp_path / "home", **settings)
    return extend(tmp_path / name, twins=bases() if source is None else source, settings=chosen)


def test_every_feature_of_every_best_answer_is_flipped(fake: FakeOpenAI, tmp_path: Path) -> None:
    done = write_twins(tmp_path)
    assert [len(done.records), done.refused, done.missing] == [4 * 5, (), ()]
    assert done.to_json()["tokens"] == TOKENS * 20 == TOKENS * len(fake.requests)
    assert tuple(implode(tmp_path / "twins.jsonl")) == done.records
    for twin in done.records:
        base = next(record for record in bases() if record.id == twin_of(twin.metadata))
        feature = feature_of(twin.metadata)
        assert twin.id == f"{base.id}-twin-{feature}"
        assert [twin.prompt, twin.answers[0], twin.ranks] == [base.prompt, base.answers[0], (1, 2)]
        assert {key: twin.metadata[key] for key in base.metadata} == base.metadata
        prompt, kept, made = twin.metadata["origins"]
        assert [prompt, kept] == [{"by": "source"}] * 2
        assert [made["by"], made["model"], made["role"], made["seed"]] == ["model", "escritor", "twin", 0]
        assert re.fullmatch(rf"{feature}-[0-9a-f]{{8}}", made["role_version"])
        assert len(twin.answers[1].text) == pytest.approx(len(base.answers[0].text), rel=NEAR)
        assert source_name(twin.id, twin.metadata) == "mano-twins"
    assert Counter(feature_of(twin.metadata) for twin in done.records) == dict.fromkeys(FEATURES, 4)


def test_a_model_is_told_one_feature_and_the_answer_alone(fake: FakeOpenAI, tmp_path: Path) -> None:
    write_twins(tmp_path)
    seen = {(feature_in(body), body["messages"][1]["content"]) for body in fake.requests}
    assert len(seen) == 20
    for feature, user in seen:
        system = told(feature, (100, 110), "es")
        assert sum(f"Rasgo: {said}" in system for said in ("quién ap", "quién ac", "lo v", "la v", "el marco")) == 1
        assert WORSE not in user
    assert "el inglés" in told("erasure", (100, 110), "en")


def test_half_of_the_twins_of_each_feature_are_longer_than_their_bases(tmp_path: Path) -> None:
    assert [band_for(BASE, longer=longer) for longer in (False, True)] == [(242, 267), (269, 294)]
    asked = [(f"h4rmony-{number}", feature) for number in range(41) for feature in FEATURES]
    longer = longer_ones(asked, 0)
    assert longer == longer_ones(reversed(asked), 0) != longer_ones(asked, 1)
    assert all(20 <= sum(each == feature for _, each in longer) <= 21 for feature in FEATURES)
    assert len({sum(each == record_id for each, _ in longer) for record_id, _ in asked}) > 2
    share = write_twins(tmp_path, bases(6), per_record=1).giveaways.longer_wins
    assert 0.4 <= share.value <= 0.6


def test_some_features_are_drawn_for_each_record_and_stay_drawn(fake: FakeOpenAI, tmp_path: Path) -> None:
    ids = [f"h4rmony-{number}" for number in range(1000)]
    drawn = Counter(feature for each in ids for feature in features_for(each, FEATURES, 1, 0))
    assert drawn.total() == 1000
    assert all(150 < drawn[feature] < 250 for feature in FEATURES)
    assert all(set(features_for(each, FEATURES, 1, 0)) < set(features_for(each, FEATURES, 2, 0)) for each in ids)
    done = write_twins(tmp_path, features=("framing", "agency"), per_record=1)
    assert len(done.records) == 4 == len(fake.requests)
    assert {feature_of(twin.metadata) for twin in done.records} <= {"framing", "agency"}
    more = write_twins(tmp_path, features=("framing", "agency"))
    assert [more.kept, more.written] == [4, 4]


@pytest.mark.parametrize("translated", [True, False])
def test_a_twin_and_its_base_are_never_on_both_sides(tmp_path: Path, translated: bool) -> None:
    source = bases(10)
    source[0] = replace(source[0], metadata={**source[0].metadata, "group": "el arroyo"})
    if translated:
        source = [in_english(record, number) for number, record in enumerate(source)]
    twins = write_twins(tmp_path, source, features=("framing",)).records
    together = {record.id: record for record in settle_groups((*source, *twins))}
    alone = {record.id: record for record in (*settle_groups(source), *settle_groups(twins))}
    assert len(twins) == len(source)
    for records in (together, alone):
        sides: Counter[str] = Counter()
        for twin in twins:
            groups = [record_group(records[each]) for each in (twin.id, str(twin_of(twin.metadata)))]
            assert groups[0] == groups[1]
            sides[split_of(groups[0], 0.5)] += 1
        assert len(sides) == 2


def in_english(record: Record, number: int) -> Record:
    """The record as it would have been translated from English, one of many."""
    shown = Translation("es", "apertium 3.8", record.prompt, tuple(answer.text for answer in record.answers))
    return Record(
        f"h4rmony-{number}",
        f"Prompt number {number}, in English?",
        (RecordAnswer(f"A good answer, number {number}.", 1), RecordAnswer("Another answer.", 2)),
        metadata={
            **record.metadata, "language": "en-gb", "translation_licence": "CC-BY-NC-4.0", "unsuggested": [1],
            "flags": ["glossary_missed"], "follows": "h4rmony-0", "hard": True, "prompt_id": str(number),
        },
        translation=shown,
    )  # fmt: skip


def test_a_translated_base_is_rewritten_in_spanish_and_its_licence_stays(tmp_path: Path) -> None:
    english = in_english(bases()[0], 7)
    [twin] = write_twins(tmp_path, [english], features=("erasure",)).records
    assert [twin.prompt, twin.answers[0].text, twin.translation] == [PROMPT, BASE, None]
    engine = {"by": "source", "translation_engine": "apertium 3.8"}
    assert twin.metadata["origins"][:2] == [engine, engine]
    assert {**twin.metadata, "origins": None} == {
        "language": "es", "issues": ["NRMB"], "type": "Question", "prompt_id": "7", "origins": None,
        "translation_licence": "CC-BY-NC-4.0", "twin_of": "h4rmony-7", "feature": "erasure",
        "group": "prompt number 7 in english",
    }  # fmt: skip
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:
        [loaded] = translate_records([twin], NoTranslator(), memory)
    assert loaded.translation and loaded.translation.engine == "original"
    assert loaded.metadata["translation_licence"] == "CC-BY-NC-4.0"


def test_what_is_known_of_who_wrote_the_base_is_kept(tmp_path: Path) -> None:
    known = [{"by": "human"}, {"by": "model", "model": "otra", "role": "aware"}, {"by": "model"}]
    record = replace(bases()[0], metadata={"origins": known})
    [twin] = write_twins(tmp_path, [record], features=("erasure",)).records
    assert twin.metadata["origins"][:2] == known[:2]
    assert twin.metadata["language"] == "es"


def test_records_without_a_base_are_refused_before_anything_is_paid(fake: FakeOpenAI, tmp_path: Path) -> None:
    first = bases()[0]
    twin = write_twins(tmp_path, [first], features=("erasure",), name="first.jsonl").records[0]
    paid = len(fake.requests)
    source = [
        twin,
        replace(first, id="unranked", answers=(RecordAnswer(BASE, None), RecordAnswer(WORSE, None))),
        replace(first, id="english", metadata={"language": "en"}),
        replace(first, id="short", answers=(RecordAnswer("Viven allí.", 1), RecordAnswer(WORSE, 2))),
        replace(first, id="x" * 190),
        replace(in_english(first, 1), id="untold", translation=Translation("es", "none", PROMPT, ("", WORSE))),
    ]
    done = write_twins(tmp_path, source)
    assert {each.id: each.reason for each in done.refused} == {
        twin.id: "it is a twin itself",
        "unranked": "none of its answers is known to be the best",
        "english": "it is not in Spanish, and has no translation",
        "short": f"its best answer is too short for a feature to be flipped, which needs {FEWEST_WORDS} words",
        "x" * 190: "its id is too long for a twin's, which has 200 characters at most",
        "untold": "its translation lacks the prompt or the best answer",
    }
    assert [done.records, len(fake.requests) - paid] == [(), 0]
    [base], _ = read_bases([replace(first, metadata={"language": "es-MX"})], "es")
    assert base.metadata["language"] == "es-MX"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text, "same words as the answer"),
        (lambda text: text.replace("más:", "más,").upper(), "same words as the answer"),
        (lambda _: WORSE + " " + WORSE.replace("importa", "interesa"), "of the answer's words"),
        (lambda text: text.replace(". Si", ", y si"), "2 sentences, and must have 3"),
        (lambda text: text.replace("vecino", "elemento").replace(" Si los", "\nSi los"), "2 lines, and must have 1"),
        (lambda text: text.replace("crían", "hay 30 crías de"), "numbers that were not given (30)"),
        (lambda text: text.replace("las garzas, ", "").replace("El arroyo", "La fauna"), "must have 269 to 294"),
        (
            lambda text: text.replace("vecino más", "elemento que se nombra aquí, por cierto, una vez más"),
            "must have",
        ),
        (lambda text: f"Respuesta reescrita: {text}", "speaks of the rewriting"),
        (lambda text: f"«{text.replace('vecino', 'elemento')}»", "in quotation marks"),
        (lambda text: text.replace("vecino", "elemento ecocéntrico"), "its role"),
        (lambda text: text.replace("vecino", "**elemento**"), "markup"),
        (lambda text: text.replace("vecino más", "idiota más"), "it insults"),
        (lambda text: text.replace("vecino", "elemento").replace("aquí.", "aquí"), "in the middle of a sentence"),
        (lambda text: text.replace("vecino más", "vecino: podéis verlo"), "variety"),
    ],
)
def test_what_is_no_twin_is_asked_for_again_and_then_refused(
    fake: FakeOpenAI, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    feature = "erasure"
    fake.otherwise = lambda body: completion(change(BASE))
    done = write_twins(tmp_path, bases()[:1], features=(feature,))
    assert [done.records, len(fake.requests)] == [(), 3]
    assert said in fake.requests[-1]["messages"][-1]["content"]
    [line] = [json.loads(line) for line in (tmp_path / "extend.rejected.jsonl").read_text().splitlines()]
    assert [line["id"], line["feature"], line["role"]] == [f"mano-1-twin-{feature}", feature, "twin"]
    assert said in line["reason"]
    fake.otherwise = flipped
    assert write_twins(tmp_path, bases()[:1], features=(feature,)).records == ()  # not paid for again
    assert len(fake.requests) == 3
    again = write_twins(tmp_path, bases()[:1], features=(feature,), retry_refused=True)
    assert [len(again.records), len(fake.requests)] == [1, 4]
    assert (tmp_path / "extend.rejected.jsonl").read_text() == ""


def test_what_a_base_does_itself_its_twin_may_do() -> None:
    base = "**Cuidad** el arroyo:\n- las garzas crían en el kilómetro 12\n- y los sauces dan sombra a vuestros hijos"
    twin = base.replace("las garzas crían", "la fauna anida").replace("los sauces dan", "la vegetación da")
    assert twin_problem(twin, base, "¿Qué hacemos?", (90, 120)) is None
    assert twin_problem(twin.replace("12", "13"), base, "¿Qué hacemos?", (90, 120))


def test_words_that_stay_are_counted_in_their_order() -> None:
    assert kept_share("c b a", "a b c") == pytest.approx(1 / 3)
    assert kept_share("A, b. C!", "a b c") == 1
    assert kept_share("a b c d e f", "a b c") == 0.5
    bad, good = [], []
    for texts in FLIPPED.values():
        good += [kept_share(re.sub(r"[\[\]]", "", texts[name]), texts["base"]) for name in FEATURES]
        bad += [kept_share(other["base"], texts["base"]) for other in FLIPPED.values() if other is not texts]
    assert max(bad) < 0.25 < KEPT <= min(good)


def test_a_budget_ends_the_run_and_the_next_one_carries_on(fake: FakeOpenAI, tmp_path: Path) -> None:
    first = write_twins(tmp_path, budget=1500)
    assert isinstance(first.problem, BudgetSpent)
    assert first.missing and len(first.records) + len(first.missing) == 20
    second = write_twins(tmp_path)
    assert [len(second.records), second.missing, second.kept] == [20, (), len(first.records)]
    assert len(fake.requests) == 20
    before = (tmp_path / "twins.jsonl").read_bytes()
    third = write_twins(tmp_path)
    assert [third.written, third.usage.requests] == [0, 0]
    assert (tmp_path / "twins.jsonl").read_bytes() == before
    (tmp_path / "otros").mkdir()
    other = write_twins(tmp_path, name="otros/twins.jsonl")
    assert other.usage.from_cache == 20 and (tmp_path / "otros/twins.jsonl").read_bytes() == before


def test_twins_that_length_tells_apart_are_not_written(fake: FakeOpenAI, tmp_path: Path) -> None:
    source = bases(6)

    def only_longer(body: dict[str, Any]) -> Answer:
        least = int(re.findall(r"(\d+) a \d+ caracteres", body["messages"][0]["content"])[0])
        return flipped(body) if least in {len(texts["base"]) + 1 for texts in FLIPPED.values()} else completion("No.")

    fake.otherwise = only_longer
    with pytest.raises(GiveAwayFound, match="the shorter answer is the better"):
        write_twins(tmp_path, source)
    assert not (tmp_path / "twins.jsonl").exists()
    assert write_twins(tmp_path, source, allow_giveaways=True, retry_refused=True).records


def test_a_flip_that_shows_in_the_surface_is_stated_and_not_refused(tmp_path: Path) -> None:
    done = write_twins(tmp_path, bases(6), features=("agency",))
    assert len(done.records) == 24
    assert done.giveaways.verdict == "surface"
    assert "long words" in done.to_json()["giveaways"]
    assert (tmp_path / "twins.jsonl").exists()


def test_the_command_says_what_it_would_do_and_does_it(fake: FakeOpenAI, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "bases.jsonl", (record.to_json() for record in bases()))
    given = ["extend", "--twins", str(tmp_path / "bases.jsonl"), "-o", str(tmp_path / "t.jsonl"), "--json"]
    given += ["--home", str(tmp_path / "home"), "--feature", "erasure", "--feature", "framing"]
    dry = json.loads(CliRunner().invoke(main, [*given, "--dry-run"]).output)
    assert [dry["missing"], dry["estimated_requests"], dry["requests"]] == [8, 8, 0]
    assert dry["estimated_tokens"] > 8 * 200
    assert not fake.requests and not (tmp_path / "t.jsonl").exists()
    done = json.loads(CliRunner().invoke(main, given).output)
    assert [done["written"], done["records"], done["requests"]] == [8, 8, 8]
    both = CliRunner().invoke(main, [*given, "--prompts", str(tmp_path / "bases.jsonl")])
    assert both.exit_code == 2 and "--twins" in both.output
    wrong = CliRunner().invoke(main, [*given, "--feature", "length"])
    assert wrong.exit_code == 2 and "'length' is not one of 'erasure'" in wrong.output


def test_settings_that_twins_do_not_have_are_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--variety is not for --twins"):
        write_twins(tmp_path, variety="español de México")
    with pytest.raises(ConfigError, match="--feature: the features of twins are erasure, agency"):
        write_twins(tmp_path, features=("length",))
    with pytest.raises(ConfigError, match="--per-record 0"):
        write_twins(tmp_path, per_record=0)
    (tmp_path / "una.txt").write_text("¿Y el mar?", encoding="utf-8")
    for wrong in (ExtendSettings(features=("agency",)), ExtendSettings(per_record=1)):
        with pytest.raises(ConfigError, match="is not for --prompts"):
            extend(tmp_path / "o.jsonl", prompts=tmp_path / "una.txt", settings=wrong)
    with pytest.raises(DataError, match="no two answers to compare"):
        write_twins(tmp_path, [{"prompt": "¿Y el mar?", "chosen": "Cuidarlo.", "rejected": ""}])
    write_jsonl(tmp_path / "twins.jsonl", (record.to_json() for record in bases()))
    with pytest.raises(ConfigError, match="the output has records that are no twins, as mano-1; give twins a file"):
        write_twins(tmp_path)
    with pytest.raises(ConfigError, match="this file is read and would be replaced"):
        write_twins(tmp_path, tmp_path / "twins.jsonl")
    with pytest.raises(ConfigError, match="this file is read and would be replaced"):
        write_twins(tmp_path, (tmp_path / "una.txt", tmp_path / "twins.jsonl"))
    with pytest.raises(ConfigError, match="are read; write to another folder"):
        write_twins(tmp_path, tmp_path)
    assert not fake.requests
    assert prompt_key(PROMPT) not in (tmp_path / "twins.jsonl").read_text()


def test_twins_go_the_whole_way(server: Credentials, tmp_path: Path) -> None:
    twins = write_twins(tmp_path, features=("erasure", "framing")).records
    connection = connection_to(server, tmp_path / "home")
    done = load(tmp_path / "twins.jsonl", connection, "none", answers=2, blind_share=1.0, embedding_model="none")
    assert [done.counts.problems, done.notes, dict(done.modes)] == [[], (), {"blind": 8}]
    ballots = [
        Ballot(twin.id, who, ranks=ranks, prompt=twin.prompt, answers=tuple(answer.text for answer in twin.answers))
        for twin in twins
        for who, ranks in (("ana", (1, 2)), ("luis", (1, 2) if feature_of(twin.metadata) == "erasure" else (1, 1)))
    ]
    connection.post(ballots)
    review = collect(connection)
    assert {record.id: record.metadata["origins"] for record in review.records} == {
        twin.id: twin.metadata["origins"] for twin in twins
    }
    assert Counter(pairs(review).feature) == {"erasure": 4, "framing": 4}
    report(review, tmp_path / "report.html", language="en")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Erasure: those affected disappear" in page and "75.0%" in page
