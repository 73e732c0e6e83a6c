from __future__ import annotations

import subprocess
import sys

import pytest

from loaders.source.table import Row
from loaders.translation.engines.registry import TRANSLATORS, make_translator
from loaders.translation.tables import translate_rows
from loaders.translation.texts import TranslationCounts
from workspace.errors import ConfigError, DataError, TranslationError
from workspace.memory.store import EngineId, TranslationMemory


def test_engines_are_made_by_name():
    assert list(TRANSLATORS) == ["apertium", "auto", "memory", "none", "openai", "opus", "salamandra"]
    none = make_translator("none", target_language="ca")
    assert EngineId.of(none) == EngineId("none", "", "en", "ca")
    assert EngineId.of(none).label == "none"
    assert none.translate(["one", "two"]) == ["", ""]
    apertium = make_translator("apertium")
    assert EngineId.of(apertium).label == f"apertium {apertium.version}"


def test_an_unknown_engine_names_those_there_are():
    with pytest.raises(
        ConfigError,
        match="no translator 'deepl'; give one of: apertium, auto, memory, none, openai, opus, salamandra",
    ):
        make_translator("deepl")


def test_engines_are_imported_only_when_they_are_made():
    code = (
        "import sys, loaders.translation.engines.registry; "
        "print('loaders.translation.engines.apertium' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_file_of_translations_is_an_engine(tmp_path, upper, memory):
    memory.put_many(EngineId.of(upper), {"trees": "árboles"})
    memory.export_jsonl(tmp_path / "memory.jsonl")
    recorded = make_translator("memory", memory_file=tmp_path / "memory.jsonl")
    assert EngineId.of(recorded) == EngineId.of(upper)
    assert recorded.translate(["trees", "trees"]) == ["árboles", "árboles"]
    with pytest.raises(TranslationError, match="lacks 1 of 2 texts, the first is 'birds'"):
        recorded.translate(["trees", "birds"])


def test_a_file_of_translations_must_be_of_one_engine(tmp_path, upper, memory):
    file = tmp_path / "memory.jsonl"
    with pytest.raises(ConfigError, match="give --memory FILE"):
        make_translator("memory")
    with pytest.raises(DataError, match="cannot be read"):
        make_translator("memory", memory_file=file)
    memory.put_many(EngineId("one", "1", "en", "es"), {"trees": "árboles"})
    memory.put_many(EngineId("two", "1", "en", "es"), {"trees": "árboles"})
    memory.export_jsonl(file)
    with pytest.raises(ConfigError, match="found one 1, two 1"):
        make_translator("memory", memory_file=file)
    with pytest.raises(ConfigError, match="found none"):
        make_translator("memory", memory_file=file, target_language="ca")


def test_rows_keep_their_order_their_blanks_and_their_duplicates(upper, tmp_path):
    cells = [{"Q": "one", "A": ""}, {"Q": "two", "A": " "}, {"Q": "one", "A": ""}, {"A": "gap", "Q": "one"}, {}]
    rows = [Row(number, row) for number, row in enumerate(cells, start=1)]
    counts = TranslationCounts()
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:
        done = [row.to_json() for row in translate_rows(rows, upper, memory, batch_size=2, counts=counts)]
    assert [row["row"] for row in done] == [1, 2, 3, 4, 5]
    assert [row["source"] for row in done] == cells
    assert [list(row["translation"]["texts"].items()) for row in done] == [
        [("Q", "ONE"), ("A", "")],
        [("Q", "TWO"), ("A", " ")],
        [("Q", "ONE"), ("A", "")],
        [("A", ""), ("Q", "ONE")],
        [],
    ]
    assert {(row["translation"]["language"], row["translation"]["engine"]) for row in done} == {("es", "upper 1")}
    assert (counts.texts, counts.distinct, counts.translated) == (5, 3, 2)
