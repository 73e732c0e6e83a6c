from __future__ import annotations

import json

import pytest
import sacrebleu

from loaders.translation.evaluate import Reference, evaluate, read_references, text_scores
from workspace.errors import DataError
from workspace.files.jsonl import write_jsonl
from workspace.model.records import Answer, Record, Translation

RECORD = Record(
    "test-1",
    "One?",
    (Answer("two", 1), Answer("three", 2)),
    translation=Translation("es", "human", "¿Uno?", ("dos", "")),
)


def test_references_are_records_or_pairs(tmp_path):
    lines = [
        RECORD.to_json(),
        {"source": "four", "target": "cuatro"},
        {"source": "four", "target": "cuatro"},
        {"source": "five", "target": "cinc", "source_language": "en", "target_language": "ca"},
        {"source": "six", "target": " "},
    ]
    write_jsonl(tmp_path / "reference.jsonl", lines)
    assert read_references(tmp_path / "reference.jsonl", "en", "es") == [
        Reference("One?", "¿Uno?"),
        Reference("two", "dos"),
        Reference("four", "cuatro"),
    ]
    assert read_references(tmp_path / "reference.jsonl", "en", "ca") == [
        Reference("four", "cuatro"),
        Reference("five", "cinc"),
    ]


def test_files_without_references_are_refused(tmp_path):
    path = tmp_path / "reference.jsonl"
    path.write_text(json.dumps({**RECORD.to_json(), "translation": None}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="no reference from en to es; each line must be"):
        read_references(path, "en", "es")
    path.write_text('{"prompt": "x"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="line 1: reference: key 'source' is missing"):
        read_references(path, "en", "es")


def test_scores_are_those_of_sacrebleu():
    wanted = ["Los ríos están vivos en el bosque.", "El suelo respira con calma hoy."]
    references = [Reference("a", wanted[0]), Reference("b", wanted[1])]
    translations = ["Los ríos viven en el bosque.", "El suelo respira con calma."]
    targets = [[reference.target for reference in references]]
    result = evaluate(translations, references)
    assert result.values["chrF"] == sacrebleu.corpus_chrf(translations, targets).score
    assert result.values["BLEU"] == sacrebleu.corpus_bleu(translations, targets).score
    assert result.values["TER"] == sacrebleu.corpus_ter(translations, targets).score
    assert 0 < result.values["BLEU"] < result.values["chrF"] < 100
    assert result.signatures["chrF"].startswith("nrefs:1|")
    assert "tok:13a" in result.signatures["BLEU"]
    assert evaluate(["", ""], references).values["chrF"] == 0
    perfect = [reference.target for reference in references]
    assert evaluate(perfect, references).values["BLEU"] == pytest.approx(100)
    assert evaluate(perfect, references).values["TER"] == 0
    assert text_scores([translations[0], perfect[1]], references)[1] == 100
