"""What is in Spanish stays as it is, whatever says that it is: a column, the texts, the user, all other records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from loaders import implode, translate
from tests.cli import DATA, run
from tests.loaders.conftest import UpperCase
from workspace.errors import ConfigError, DataError

ENGLISH = (
    "Should a town keep its old trees?",
    "Yes: they are home to many lives.",
    "No, they are in the way of cars.",
)
SPANISH = (
    "¿Qué le debemos a un río?",
    "Cuidado, porque vive y da vida a otros.",
    "Nada: es agua sin mayor utilidad.",
)
FRENCH = ("Que devons-nous aux rivières ?", "Du soin, parce qu'elles vivent.", "Rien, ce n'est que de l'eau.")
SHORT = ("Plan A?", "Sol", "Pan")


def pairs(*texts: tuple[str, str, str], **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(texts, columns=["prompt", "chosen", "rejected"]).assign(**columns)


def engines(source: Any, engine: UpperCase, home: Path, **options: Any) -> dict[str, str]:
    """Who translated each prompt; nothing Spanish was given to the engine."""
    done = translate(source, engine, home=home, embedding_model="none", **options)
    asked = {text for batch in engine.asked for text in batch}
    assert asked.isdisjoint(SPANISH)
    assert done.counts.original == sum(record.translation.engine == "original" for record in done.records)
    for record in done.records:
        if record.translation.engine == "original":
            assert record.texts == (record.translation.prompt, *record.translation.answers)
            assert "flags" not in record.metadata
    return {record.prompt: record.translation.engine for record in done.records}


BOTH = {ENGLISH[0]: "upper 1", SPANISH[0]: "original"}


@pytest.mark.parametrize("column", ["Language", "language", "lang", "Idioma"])
@pytest.mark.parametrize("words", [("en-gb", "es-MX"), ("eng", "spa"), ("inglés", "español")])
def test_a_column_says_the_language(upper: UpperCase, tmp_path: Path, column: str, words: tuple[str, str]) -> None:
    assert engines(pairs(ENGLISH, SPANISH, **{column: list(words)}), upper, tmp_path) == BOTH


def test_the_texts_show_the_language_in_every_form_of_the_source(upper: UpperCase, tmp_path: Path) -> None:
    mixed = pairs(ENGLISH, SPANISH)
    mixed.to_csv(tmp_path / "mixed.csv", index=False)
    for source in (mixed, tmp_path / "mixed.csv", implode(mixed), implode(mixed).to_pandas()):
        assert engines(source, upper, tmp_path / "home") == BOTH
    assert engines(pairs(SPANISH), upper, tmp_path / "home") == {SPANISH[0]: "original"}
    assert engines(mixed, upper, tmp_path / "home", retranslate=True) == BOTH


def test_a_short_record_is_in_the_language_of_all_others_unless_it_rather_speaks_for_another(
    upper: UpperCase, tmp_path: Path
) -> None:
    short_english, short_spanish = ("Trees?", "Yes.", "No."), ("¿Árboles?", "Sí.", "No.")
    assert engines(pairs(ENGLISH, short_english), upper, tmp_path)[short_english[0]] == "upper 1"
    assert engines(pairs(SPANISH, short_spanish), upper, tmp_path)[short_spanish[0]] == "original"
    for others in ((ENGLISH, short_spanish), (ENGLISH, SPANISH, SHORT)):
        with pytest.raises(DataError, match=r"nor the texts tell the language; give --source-language en or es"):
            engines(pairs(*others), upper, tmp_path)
    assert engines(pairs(ENGLISH, SPANISH, SHORT), upper, tmp_path, source_language="es") == BOTH | {
        SHORT[0]: "original"
    }
    assert engines(pairs(ENGLISH, SPANISH, SHORT), upper, tmp_path, source_language="en") == BOTH | {
        SHORT[0]: "upper 1"
    }
    numbers = ("2 + 2?", "4", "5")
    assert engines(pairs(ENGLISH, SPANISH, numbers), upper, tmp_path)[numbers[0]] == "upper 1"


def test_a_third_language_is_refused_before_anything_is_done(upper: UpperCase, tmp_path: Path) -> None:
    for source in (pairs(ENGLISH, FRENCH), pairs(ENGLISH, SHORT, lang=["en", "fr"])):
        for dry_run in (True, False):
            with pytest.raises(DataError, match="is in fr, and the translator goes from en to es; leave it out"):
                translate(source, upper, home=tmp_path / "home", embedding_model="none", dry_run=dry_run)
    assert (upper.asked, list(tmp_path.iterdir())) == ([], [])
    with pytest.raises(ConfigError, match="--source-language fr: the upper translator goes from en to es"):
        translate(pairs(ENGLISH), upper, home=tmp_path / "home", source_language="fr")
    translate(pairs(FRENCH), UpperCase(source_language="fr"), home=tmp_path / "home", embedding_model="none")
    assert translate(pairs(FRENCH), "none", home=tmp_path / "home", embedding_model="none").counts.original == 0


def test_rows_of_a_table_of_texts_too(upper: UpperCase, tmp_path: Path) -> None:
    table = pd.DataFrame({"text": [ENGLISH[1], SPANISH[1], ""], "idioma": ["inglés", "español", ""]})
    for source in (table, table[["text"]]):
        done = translate(source, upper, home=tmp_path / "home", embedding_model="none")
        assert [row["translation"]["engine"] for row in done.rows] == ["upper 1", "original", "upper 1"]
        assert done.to_pandas().text.tolist() == [ENGLISH[1].upper(), SPANISH[1], ""]
        assert done.counts.original == 1
    assert upper.asked == [[ENGLISH[1]]]


def test_the_commands_say_so_and_h4rmony_needs_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pairs(ENGLISH, SPANISH).to_csv("mixed.csv", index=False)
    run("implode", "mixed.csv", "-o", "records.jsonl")
    how = ("--translator", "none", "--embedding-model", "none", "--home", "home", "--json")
    for source in ("mixed.csv", "records.jsonl"):
        assert json.loads(run("translate", source, "-o", f"{source}.out", *how))["original"] == 1
    assert Path("mixed.csv.out").read_bytes() == Path("records.jsonl.out").read_bytes()
    without = pd.read_csv(DATA / "h4rmony_small.csv").drop(columns="Language")
    assert translate(without, UpperCase(), home="home", embedding_model="none").counts.original == 0
