from __future__ import annotations

from dataclasses import replace

import pytest

from loaders.translation.engines.licences import (
    APERTIUM,
    FROM_FILE,
    PROVIDER,
    check_licence,
    label_licence,
)
from loaders.translation.engines.registry import make_translator
from loaders.translation.records import translate_records
from workspace.errors import ConfigError
from workspace.licences import card_licence, model_licence
from workspace.memory.store import HUMAN, Approved, EngineId
from workspace.model.h4rmony import metadata_column, metadata_key
from workspace.model.records import Answer, Record


@pytest.mark.parametrize(
    ("model", "licence"),
    [
        ("Helsinki-NLP/opus-mt-tc-big-en-es", "CC-BY-4.0"),
        ("Helsinki-NLP/opus-mt-en-es", "Apache-2.0"),
        ("BSC-LT/salamandraTA-7b-instruct", "Apache-2.0"),
        ("facebook/nllb-200-3.3B", "CC-BY-NC-4.0"),
        ("somebody/model", "None"),
    ],
)
def test_licences_of_models(model, licence):
    assert str(model_licence(model)) == licence


@pytest.mark.parametrize(
    ("card", "name", "commercial"),
    [
        ("---\nlanguage: es\nlicense: apache-2.0\n---\n", "Apache-2.0", True),
        ('---\nlicense: "CC-BY-NC-SA-4.0"\n---\n', "CC-BY-NC-SA-4.0", False),
        ("---\nlicense: other\n---\n", "other", False),
        ("license: mit\n", None, None),
        ("---\ntags: [x]\n---\nlicense: mit\n", None, None),
    ],
)
def test_the_card_of_a_model_is_believed(tmp_path, card, name, commercial):
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    found = card_licence(tmp_path)
    assert (found.name if found else None) == name
    assert (found.commercial if found else None) == commercial


def test_licences_by_the_names_of_an_engine():
    assert label_licence("apertium 3.8.3/eng-spa 0.8.1") is APERTIUM
    assert str(APERTIUM) == "GPL-2.0-or-later (program; no claim on output)"
    assert str(label_licence("opus Helsinki-NLP/opus-mt-tc-big-en-es@abc ctranslate2 int8")) == "CC-BY-4.0"
    assert label_licence("openai gpt-x prompt-1") is PROVIDER
    assert label_licence("deepl 2") is FROM_FILE
    with pytest.raises(ConfigError):
        check_licence(label_licence("nllb facebook/nllb-200@1"), "it", accepted=False)
    check_licence(label_licence("nllb facebook/nllb-200@1"), "it", accepted=True)


def test_a_record_says_under_what_it_was_translated(upper, memory):
    record = Record("test-1", "One?", (Answer("three", 1), Answer("two", 2)), metadata={"type": "Question"})
    (done,) = translate_records([record], upper, memory)
    assert dict(done.metadata) == {"type": "Question", "translation_licence": "CC0-1.0"}
    origin = "opus Helsinki-NLP/opus-mt-tc-big-en-es@1"
    memory.approve("en", "es", {"One?": Approved("¿Uno?", origin)})
    (mixed,) = translate_records([done], upper, memory, retranslate=True)
    assert mixed.translation.engine.startswith(HUMAN)
    assert mixed.metadata["translation_licence"] == "CC-BY-4.0, CC0-1.0"
    spanish = Record("test-2", "¿Uno?", record.answers, metadata={"language": "es", "translation_licence": "X"})
    (own,) = translate_records([spanish], upper, memory, retranslate=True)
    assert own.metadata["translation_licence"] == "X"  # its texts are bound by it: a twin of a translated text
    translated = replace(spanish, translation=done.translation)
    (own,) = translate_records([translated], upper, memory, retranslate=True)
    assert "translation_licence" not in own.metadata  # the translation that was bound by it is gone


def test_the_licence_is_no_column_of_the_source():
    assert metadata_column("translation_licence") is None
    assert metadata_key("translation_licence") == "source:translation_licence"


def test_translations_in_a_file_are_bound_by_their_engine(tmp_path, memory):
    memory.put_many(EngineId("nllb", "facebook/nllb-200@1", "en", "es"), {"trees": "árboles"})
    memory.export_jsonl(tmp_path / "memory.jsonl")
    with pytest.raises(ConfigError, match=r"CC-BY-NC-4\.0.*--accept-licence"):
        make_translator("memory", memory_file=tmp_path / "memory.jsonl")
    assert make_translator("memory", memory_file=tmp_path / "memory.jsonl", accept_licence=True).engine == "nllb"
