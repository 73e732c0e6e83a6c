from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from loaders.check.embeddings import Matrix
from loaders.check.enrich import EnrichCounts, adequacy, enrich, enrich_rows
from loaders.check.kept_flags import KeptFlags
from loaders.translation.tables import TranslatedRow
from tests.reviews import record
from workspace.argilla.codec import encode
from workspace.model.records import Record


class ByAngle:
    """Texts at stated angles: the cosine of two is that of the angle between them."""

    def __init__(self, angles: dict[str, float]) -> None:
        self.angles = angles
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked.extend(texts)
        angles = np.radians([self.angles.get(text, 0.0) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


VECTORS = ByAngle({"Viven.": 60.0, "Depende.": 90.0, "Son útiles.": 180.0})


def one(records: list[Record], vectors: ByAngle | None = VECTORS) -> tuple[list[Record], EnrichCounts]:
    counts = EnrichCounts()
    with TemporaryDirectory() as home, closing(KeptFlags(Path(home) / "flags.sqlite", ())) as flags:
        return list(enrich(records, flags, vectors, counts)), counts


def test_adequacy_is_the_cosine_from_0_to_1_of_the_prompt_and_of_each_answer() -> None:
    (done,), counts = one([record(1)])
    assert done.translation
    assert done.translation.adequacy == (1.0, 0.5, 0.0, 0.0)
    assert counts.lowest == 0.0
    assert adequacy(np.array([1, 0], np.float32), np.array([0.123456, 0], np.float32)) == 0.123


def test_without_a_model_there_is_no_number_but_what_was_measured_before_stays() -> None:
    assert one([record(1)], None) == ([record(1)], EnrichCounts())
    known = record(1)
    assert known.translation
    known = replace(known, translation=replace(known.translation, adequacy=(0.9, 0.8, 0.7, 0.6)))
    done, counts = one([known], None)
    assert (done, counts.lowest) == ([known], 0.6)


def test_an_empty_translation_says_nothing_and_a_record_of_its_own_language_has_none() -> None:
    (partly,), _ = one([record(1, spanish=("¿Por qué importan los ríos?", "", "Depende.", ""))])
    assert partly.translation
    assert partly.translation.adequacy == (1.0, 0.0, 0.0, 0.0)
    assert partly.metadata["flags"] == ["untranslated"]
    bare = record(2, spanish=None)
    own = record(3)
    assert own.translation
    own = replace(own, translation=replace(own.translation, engine="original"))
    assert one([bare, own])[0] == [bare, own]


def test_each_text_is_asked_for_once_a_batch_and_flags_are_counted_by_record() -> None:
    vectors = ByAngle({})
    bad = ("Por qué?", "Viven!", "Depende.", "Son útiles.")
    done, counts = one([record(1), record(2, spanish=bad), record(3, spanish=bad)], vectors)
    assert [each.id for each in done] == ["h4rmony-1", "h4rmony-2", "h4rmony-3"]
    assert len(vectors.asked) == len(set(vectors.asked))
    assert counts.flags == {"missing_inverted": 2, "numbers_lost": 2}


def test_argilla_gets_the_score_of_each_text_and_the_lowest_of_the_record() -> None:
    (done,), _ = one([record(1, ranks=(1, 2, 3))])
    names = ["ranking", "prompt_text", "answer_a_text", "answer_b_text", "answer_c_text"]
    payload = encode(done, "verify", {name: name for name in names})
    scores = {s["value"]: s.get("score") for s in payload["suggestions"] if s["question_id"] != "ranking"}
    assert scores == {"¿Por qué importan los ríos? (1)": 1.0, "Viven.": 0.5, "Depende.": 0.0, "Son útiles.": 0.0}
    assert payload["metadata"]["adequacy"] == 0.0
    unmeasured = encode(record(1), "verify", dict.fromkeys(names, "x"))["suggestions"]
    assert {s.get("score") for s in unmeasured} == {None}


def test_rows_of_a_table_get_the_flags_and_adequacy_of_their_columns() -> None:
    counts = EnrichCounts()
    source, spanish = {"Q": "Why?", "A": "They live.", "N": ""}, {"Q": "Por qué?", "A": "Viven.", "N": ""}
    row = TranslatedRow(1, source, spanish, "es", "apertium")
    (data,) = enrich_rows([row], (), VECTORS, counts)
    assert data["translation"]["flags"] == {"Q": ["missing_inverted"]}
    assert data["translation"]["adequacy"] == {"Q": 1.0, "A": 0.5}
    assert (counts.flags, counts.lowest) == ({"missing_inverted": 1}, 0.5)
    sound = TranslatedRow(1, {"A": "They live."}, {"A": "Viven."}, "es", "apertium")
    assert list(enrich_rows([sound], (), None, EnrichCounts())) == [sound.to_json()]
