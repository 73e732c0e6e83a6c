"""``loaders.translate``: what the command does, in one call, from whatever holds the texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from loaders import Imploded, Translated, implode, read_source, translate
from loaders.check.enrich import EnrichCounts
from loaders.translation.records import RecordCounts
from tests.cli import DATA
from tests.loaders.conftest import UpperCase
from workspace.errors import ConfigError, DataError, TranslationError
from workspace.model.records import Answer, Record, Translation

PAIRS = DATA / "h4rmony_small.csv"
TABLE = pd.DataFrame({"q": ["Rivers live.", "", "Rivers live."], "a": ["Yes.", "No.", "Yes."]})


def run(source, engine, tmp_path: Path, **options):
    return translate(source, engine, home=tmp_path / "home", embedding_model="none", **options)


@pytest.mark.parametrize(
    "read", [lambda: PAIRS, lambda: read_source(PAIRS), lambda: pd.read_csv(PAIRS), lambda: implode(PAIRS)]
)
def test_pairs_become_records_with_their_translation(read, upper: UpperCase, tmp_path: Path) -> None:
    done = run(read(), upper, tmp_path)
    assert isinstance(done.records, Imploded)
    assert [record.id for record in done.records] == ["h4rmony-131", "h4rmony-7", "h4rmony-8"]
    assert all(record.translation.prompt == record.prompt.upper() for record in done.records)
    assert (done.length, done.counts.records, done.counts.untranslated, done.engine) == (3, 3, 0, "upper 1")
    assert done.records.counts == implode(PAIRS).counts
    assert list(implode(done.to_pandas())) == list(done.records)


def test_a_table_of_texts_keeps_its_rows(upper: UpperCase, tmp_path: Path) -> None:
    done = run(TABLE, upper, tmp_path)
    assert done.records is None
    assert done.to_pandas().to_dict("list") == {
        "q": ["RIVERS LIVE.", "", "RIVERS LIVE."],
        "a": ["YES.", "NO.", "YES."],
    }
    assert (done.length, done.counts.texts, done.counts.distinct) == (3, 5, 3)
    assert upper.asked == [["Rivers live.", "Yes.", "No."]]


@pytest.mark.parametrize("source", [PAIRS, TABLE], ids=["records", "rows"])
def test_the_result_can_be_a_file_that_is_read_again(source, upper: UpperCase, tmp_path: Path) -> None:
    held = run(source, upper, tmp_path)
    written = run(source, upper, tmp_path, output=tmp_path / "out.jsonl")
    assert (written.is_new, held.is_new) == (True, None)
    assert written.counts.from_memory == written.counts.distinct == held.counts.translated
    for _ in range(2):
        assert list(written.rows) == list(held.rows)
        assert list(written.records or ()) == list(held.records or ())
    assert written.to_pandas().equals(held.to_pandas())
    assert run(source, upper, tmp_path, output=tmp_path / "out.jsonl").is_new is False
    assert len(upper.asked) == 1


def test_a_dry_run_counts_and_does_nothing(upper: UpperCase, tmp_path: Path) -> None:
    done = run(PAIRS, upper, tmp_path, output=tmp_path / "out.jsonl", dry_run=True)
    assert (done.records, list(done.rows), upper.asked, list(tmp_path.iterdir())) == (None, [], [], [])
    assert done.counts.untranslated == done.counts.distinct > 0


def test_a_failure_keeps_what_was_translated(upper: UpperCase, tmp_path: Path) -> None:
    run(pd.DataFrame({"text": ["fine"]}), upper, tmp_path, source_language="en")
    with pytest.raises(TranslationError, match="cannot translate 'bad'"):
        run(pd.DataFrame({"text": ["fine", "bad"], "lang": "eng"}), upper, tmp_path, output=tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    assert upper.asked == [["fine"], ["bad"]]


def test_options_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    for options, problem in (
        ({"translator": "deepl"}, "there is no translator 'deepl'"),
        ({"translator": "none", "budget": 5}, "the translator none takes no budget"),
    ):
        with pytest.raises(ConfigError, match=problem):
            translate(tmp_path / "absent.csv", home=tmp_path, **options)
    with pytest.raises(DataError, match="no such file"):
        translate(tmp_path / "absent.csv", "none", home=tmp_path)


def test_the_most_doubtful_texts_come_first() -> None:
    answers = (Answer("Trees live.", 1), Answer("Rivers live.", 2), Answer("Stones do not live here.", None))
    spanish = Translation("es", "upper 1", "¿Viven?", ("Los árboles viven.", "Los ríos viven.", ""))
    measured = replace(spanish, adequacy=(0.9, 0.8, 0.3, 0.0))
    own = replace(spanish, engine="original", answers=("A.", "B.", "C."))
    records = [
        Record(f"mine-{number}", "Do they live?", answers, translation=translation)
        for number, translation in enumerate((measured, spanish, own, None))
    ]
    frame = Translated(
        Imploded.from_records(records), (), True, 4, 0, RecordCounts(), EnrichCounts(), "upper 1", "CC0-1.0", "none"
    ).texts_frame()
    found = list(zip(frame.id, frame["rank"].fillna(-1), frame.translation, frame.adequacy.fillna(-1), strict=True))
    assert found == [
        (
            "mine-0",
            -1,
            "",
            0,
        ),
        ("mine-1", -1, "", -1),
        ("mine-0", 2, "Los ríos viven.", 0.3),
        ("mine-0", 1, "Los árboles viven.", 0.8),
        ("mine-0", 0, "¿Viven?", 0.9),
        ("mine-1", 0, "¿Viven?", -1),
        ("mine-1", 1, "Los árboles viven.", -1),
        ("mine-1", 2, "Los ríos viven.", -1),
    ]
    assert frame["doubtful"].tolist() == [True, True, *[False] * 6]
    assert frame["flags"].tolist() == [["untranslated"]] * 2 + [[]] * 6
    assert frame.source[0] == "Stones do not live here."
