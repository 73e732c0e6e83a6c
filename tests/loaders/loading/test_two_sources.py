"""Several sources, one after another, in one dataset on the real server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exports import collect, merge
from loaders import implode, load
from loaders.loading.load import Loaded
from tests.reviews import connection_to, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.settings import BATCH
from workspace.config import Credentials
from workspace.errors import ConfigError, DataError
from workspace.model.groups import record_group
from workspace.model.records import Answer, Record
from workspace.model.sources import source_of

RIVERS = "¿Por qué importan los ríos? (3)"  # as record 3 is translated


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def spanish(number: int, prompt: str = "¿Y el arroyo?") -> Record:
    """A record that was written in Spanish, as ``extend`` makes them."""
    answers = (Answer("Cuidarlo.", 1), Answer("Depende.", 2), Answer("Entubarlo.", 3))
    return Record(f"extended-{number:016x}", f"{prompt} ({number})", answers, (), {"language": "es"})


def loaded(connection: Connection, records: Iterable[Record], **settings: Any) -> Loaded:
    return load(tuple(records), connection, "none", embedding_model="none", **settings)


def test_each_source_has_its_own_blind_share_and_batches_and_retires_its_own(connection: Connection) -> None:
    first = loaded(connection, map(record, range(1, 41)), blind_share=0.3, batches=2)
    second = loaded(connection, map(spanish, range(40)), blind_share=0.3, batches=2)
    for done in (first, second):
        assert (done.changed, done.vanished, done.notes) == (40, 0, ())
        assert 4 <= done.modes["blind"] <= 20
    with Gateway(connection) as gateway:
        remotes = list(gateway.records(gateway.dataset()))
    batches = Counter((str(remote.external_id).split("-")[0], remote.metadata[BATCH]) for remote in remotes)
    assert len(batches) == 4
    assert min(batches.values()) >= 10
    assert loaded(connection, map(record, range(1, 41))).changed == 0
    gone = loaded(connection, map(spanish, range(39)), retire=True)
    assert (gone.retired, gone.actions) == (1, {"unchanged": 39})
    assert Counter(map(source_of, collect(connection).records)) == {"h4rmony": 40, "extended": 39}


def test_what_says_the_same_in_two_languages_shares_its_side_in_either_order(connection: Connection) -> None:
    loaded(connection, map(record, range(1, 5)))
    own = replace(spanish(7), prompt="por que importan los RIOS... 3")
    done = loaded(connection, [own, spanish(8)])
    assert done.notes == (
        f"{own.id} and h4rmony-3: their prompts say the same (1.00); they share their side of the split",
    )
    assert (done.near_duplicates, done.equal_prompts) == (1, 0)
    review = collect(connection)
    found = {each.id: record_group(each) for each in review.records}
    assert found[own.id] == found["h4rmony-3"]
    assert len(set(found.values())) == 5
    for share in (0.3, 0.5, 0.7):
        sides = {each.record.id: each.split for each in merge(review, test_share=share, language="both").records}
        assert sides[own.id] == sides["h4rmony-3"]
    again = loaded(connection, [own, spanish(8)])
    assert (again.changed, [record_group(each) for each in collect(connection).records]) == (0, [*found.values()])


class Rivers:
    """Translates by a table; what is not in it by nothing."""

    engine, version, source_language, target_language = "table", "1", "en", "es"
    licence = "CC0-1.0"

    def translate(self, texts: list[str]) -> list[str]:
        return ["¿Por qué importan los ríos? (3)" if "rivers" in text else f"({text})" for text in texts]


def test_english_that_comes_after_spanish_is_translated_before_it_is_grouped(connection: Connection) -> None:
    own = replace(spanish(7), prompt=RIVERS)
    loaded(connection, [own])
    fresh = [replace(record(number), translation=None) for number in (2, 3)]
    dry = load(fresh, connection, Rivers(), embedding_model="none", dry_run=True)
    assert dry.changed == 2
    done = load(fresh, connection, Rivers(), embedding_model="none")
    assert (done.changed, done.counts.translated, done.counts.from_memory) == (2, 5, 0), "each text once"
    found = {each.id: record_group(each) for each in collect(connection).records}
    assert set(found.values()) == {"por que importan los rios 3"}
    assert load(fresh, connection, Rivers(), embedding_model="none").changed == 0


def test_a_record_of_another_source_is_a_conflict_even_in_the_same_words(connection: Connection) -> None:
    """The ids of two sources can be equal if the name of the one begins with that of the other."""
    said = (("Keep them.", "Thin them.", "R1-R2"), ("Thin them.", "Fell them.", "R2-R3"))
    rows = [
        {"Prompt": "Trees?", "BetterCompletion": better, "WorseCompletion": worse, "ComparedRanks": ranks}
        for better, worse, ranks in said
    ]
    first = implode([{**each, "PromptID": "b-1"} for each in rows], source_name="a")
    other = implode([{**each, "PromptID": "1"} for each in rows], source_name="a-b")
    assert [each.id for each in first] == [each.id for each in other] == ["a-b-1"]
    loaded(connection, first)
    done = loaded(connection, other, replace_changed=True)
    assert done.notes == (
        "a-b-1: conflict, the dataset has it of the source a; --source-name keeps two sources apart",
    )
    with pytest.raises(DataError, match="1 conflict with the dataset"):
        done.check_conflicts()
    assert [source_of(each) for each in collect(connection).records] == ["a"]


def test_two_tables_under_one_name_are_told_by_their_conflicts(connection: Connection) -> None:
    rows = [{"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Thin them."},
            {"prompt": "Trees?", "chosen": "Thin them.", "rejected": "Fell them."}]  # fmt: skip
    other = [{**row, "chosen": row["chosen"].upper()} for row in rows[:1]] + [
        {**rows[1], "chosen": "Thin them."}, {**rows[1], "chosen": "KEEP THEM."}]  # fmt: skip
    assert load(rows, connection, "none", embedding_model="none").changed == 1
    with pytest.raises(DataError, match="--source-name keeps two sources apart"):
        load(other, connection, "none", embedding_model="none").check_conflicts()
    done = load(other, connection, "none", embedding_model="none", source_name="ours")
    assert (done.changed, done.equal_prompts) == (1, 1)
    assert len({record_group(each) for each in collect(connection).records}) == 1


def test_twins_are_a_source_of_their_own(connection: Connection) -> None:
    bases = [*map(record, range(1, 4))]
    twins = [
        replace(base, id=f"{base.id}-twin-agency", metadata={**base.metadata, "twin_of": base.id}) for base in bases
    ]
    loaded(connection, bases)
    assert loaded(connection, twins, retire=True).actions == {"new": 3}
    assert loaded(connection, bases, retire=True).actions == {"unchanged": 3}
    again = loaded(connection, twins[1:], retire=True)
    assert (again.actions, again.retired) == ({"unchanged": 2}, 1)
    assert Counter(map(source_of, collect(connection).records)) == {"h4rmony": 3, "h4rmony-twins": 2}


def test_without_an_engine_what_no_language_is_told_of_is_named_because_it_counts_as_english(
    connection: Connection,
) -> None:
    rows = [{"prompt": text, "chosen": better, "rejected": worse} for text, better, worse in (
        ("Should a town keep its old trees?", "Yes: they are home to many lives.", "No, they are in the way."),
        ("¿Qué le debemos a un río?", "Cuidado, porque vive y da vida a otros.", "Nada: es agua sin mayor utilidad."),
        ("Plan A?", "Sol", "Pan"))]  # fmt: skip
    done = load(rows, connection, "none", embedding_model="none", answers=2)
    (note,) = done.notes
    assert note.startswith("pairs-") and "nor the texts tell the language; give --source-language en or es" in note
    assert note.endswith(
        "(loaded all the same, and an export takes for English what no column says to be anything else)"
    )
    settings = {"unreviewed": True, "language": "en"}
    written = {each.record.prompt for each in merge(collect(connection), **settings).records if each.pairs}
    assert written == {"Should a town keep its old trees?", "Plan A?"}
    said = load(rows, connection, "none", embedding_model="none", answers=2, source_language="es")
    assert (said.notes, said.actions) == ((), {"unchanged": 2, "suggestions": 1})
    written = {each.record.prompt for each in merge(collect(connection), **settings).records if each.pairs}
    assert written == {"Should a town keep its old trees?"}


def test_another_table_with_the_same_ids_is_refused_until_it_has_a_name(
    connection: Connection, tmp_path: Path
) -> None:
    """Two tables that number their prompts from 1; a corrected table is no other one."""
    head = "PromptID,Prompt,BetterCompletion,WorseCompletion\n"
    rivers, fields = tmp_path / "rivers.csv", tmp_path / "Mis campos.csv"
    rivers.write_text(head + "1,What do we owe a river?,Care.,Nothing.\n2,Who drinks of it?,All.,Us.\n")
    fields.write_text(head + "1,Why plant hedges?,For birds.,For cars.\n2,Is soil alive?,Yes.,No.\n")
    given: dict[str, Any] = {"translator": "none", "embedding_model": "none", "answers": 2}
    load(rivers, connection, **given)
    for options in ({}, {"replace_changed": True}):
        with pytest.raises(ConfigError) as refused:
            load(fields, connection, **given, **options)
        assert str(refused.value) == (
            "2 prompts of 2 are others than the dataset holds under their ids, as h4rmony-1: this source is not "
            "'h4rmony'; give it a name of its own, --source-name mis-campos"
        )
    assert load(fields, connection, **given, source_name="mis-campos").actions == {"new": 2}
    rivers.write_text(head + "1,What do we owe to rivers?,Care.,Nothing.\n2,Who else drinks of it?,All.,Us.\n")
    assert load(rivers, connection, **given, replace_changed=True).actions == {"replaced": 2}
