"""The opus engine on a tiny Marian model: the real conversion, splitting, batching and search."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loaders.translation.engines.converted import converted
from loaders.translation.engines.marian import Decoding, MarianTokens
from loaders.translation.engines.opus import OpusTranslator
from loaders.translation.engines.registry import make_translator
from loaders.translation.texts import translate_texts
from tests.tiny_models import ENGLISH, make_marian, sentence
from workspace.errors import ConfigError, DataError, MissingPartError
from workspace.memory.store import EngineId, TranslationMemory

pytestmark = pytest.mark.extras

SENTENCES = [sentence(ENGLISH, length, length) for length in range(1, 40)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def opus(marian, cache):
    def make(**options):
        return OpusTranslator(**{"model": str(marian), "cache": cache, **options})

    return make


def folders(cache):
    return sorted(path.name for path in cache.iterdir() if path.is_dir())


def reference(folder, sentences):
    """Greedy translations by transformers alone, as its documentation shows; None where they did not end."""
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        tokenizer = MarianTokenizer.from_pretrained(folder)
    model = MarianMTModel.from_pretrained(folder)
    answers = []
    for text in sentences:
        with torch.inference_mode():
            output = model.generate(**tokenizer([text], return_tensors="pt"), num_beams=1, max_new_tokens=510)[0]
        ended = output[-1] == 0 and len(output) < 500
        answers.append(tokenizer.decode(output, skip_special_tokens=True) if ended else None)
    return answers


def test_ctranslate2_greedy_equals_transformers_greedy(opus, marian):
    wanted = reference(marian, SENTENCES)
    for options in ({"quantisation": "float32"}, {"runtime": "transformers"}):
        found = opus(beam=1, **options)._units.translate(SENTENCES)
        assert found == wanted
    assert sum(1 for text in wanted if text) > 30
    assert len({*wanted}) > 25


def test_the_search_keeps_as_many_hypotheses_as_it_is_told(opus):
    greedy, wide = (opus(beam=beam).translate(SENTENCES[:12]) for beam in (1, 4))
    assert greedy != wide
    assert wide == opus().translate(SENTENCES[:12])


def test_tokens_are_those_of_transformers(opus, marian):
    from transformers import MarianTokenizer

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        tokenizer = MarianTokenizer.from_pretrained(marian)
    tokens = opus()._tokens
    texts = [*SENTENCES, "Ünknown ☂ wörds, 42 %  and\u00a0blanks"]
    assert [tokens.numbers(each) for each in tokens.encode(texts)] == tokenizer(texts)["input_ids"]


def test_batching_changes_no_translation(opus):
    engine = opus(quantisation="float32", beam=1)
    together = engine.translate(SENTENCES)
    assert together == [engine.translate([text])[0] for text in SENTENCES]
    assert engine.translate(SENTENCES[::-1]) == together[::-1]
    assert engine.translate([]) == []


def test_white_space_and_bullets_stay(opus):
    engine = opus(beam=1)
    first, second = (engine.translate([text])[0] for text in SENTENCES[3:5])
    text = f"  1. {SENTENCES[3]}  {SENTENCES[4]}\n\n\t- {SENTENCES[3]} \r\n"
    assert engine.translate([text]) == [f"  1. {first}  {second}\n\n\t- {first} \r\n"]


def test_a_sentence_beyond_the_models_length_is_never_cut(opus):
    engine = opus(quantisation="float32", beam=1)
    clauses = [text.rstrip(".").lower() for text in SENTENCES] * 3
    long = ", ".join(clauses) + "."
    (length,) = engine._units.lengths([long])
    assert length > engine._tokens.positions
    asked = []
    translate = engine._units.translate

    def spy(units):
        asked.extend(units)
        return translate(units)

    engine._units.translate = spy
    (translation,) = engine.translate([long])
    assert max(engine._units.lengths(asked)) <= engine._units.limit
    parts = [unit for unit in asked if unit in long and unit != long]
    assert sum(map(len, dict.fromkeys(parts))) > 0.9 * len(long)
    assert all(any(clause in part for part in parts) for clause in clauses if len(clause.split()) < 4)
    assert translation


def test_the_version_names_all_that_decides(opus, marian, tmp_path):
    other = tmp_path / marian.name
    shutil.copytree(marian, other)
    (other / "generation_config.json").write_text("{}", encoding="utf-8")
    versions = [
        opus().version,
        opus(beam=1).version,
        opus(quantisation="float32").version,
        opus(runtime="transformers").version,
        opus(model=str(other)).version,
    ]
    assert len({*versions}) == 5
    assert versions[0].startswith("tiny-en-es@")
    assert versions[0].endswith(" ctranslate2 int8 beam4 split2")
    copy = tmp_path / "elsewhere" / marian.name
    shutil.copytree(marian, copy)
    assert opus(model=str(copy)).version == versions[0]
    assert str(opus().licence) == "CC-BY-4.0"


def test_a_model_is_converted_once(opus, marian, tmp_path):
    engine = opus(cache=tmp_path)
    assert folders(tmp_path) == []  # not before the first text
    engine.translate(["the water"])
    (name,) = folders(tmp_path)
    assert name == f"tiny-en-es-{engine.model.revision}-int8"
    before = (tmp_path / name / "model.bin").stat()
    opus(cache=tmp_path).translate(["the water"])
    assert (tmp_path / name / "model.bin").stat().st_mtime_ns == before.st_mtime_ns
    opus(cache=tmp_path, quantisation="float32").translate(["the water"])
    assert len(folders(tmp_path)) == 2


def test_what_a_killed_conversion_left_is_no_model(opus, tmp_path):
    engine = opus(cache=tmp_path)
    name = f"tiny-en-es-{engine.model.revision}-int8"
    for left in (name, f".{name}.part"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "config.json").write_text("{", encoding="utf-8")
    assert engine.translate(["the water"]) != [""]
    assert folders(tmp_path) == [name]


def test_of_two_conversions_at_once_one_waits_for_the_other(opus, tmp_path, monkeypatch):
    from ctranslate2.converters import TransformersConverter

    calls = []
    convert = TransformersConverter.convert
    monkeypatch.setattr(
        TransformersConverter, "convert", lambda *args, **options: calls.append(1) or convert(*args, **options)
    )
    model = opus(cache=tmp_path).model
    with ThreadPoolExecutor(4) as pool:
        made = {*pool.map(lambda _: converted(model, "int8", tmp_path), range(4))}
    assert len(made) == len(calls) == 1
    assert len(folders(tmp_path)) == 1


def test_a_conversion_that_is_killed_is_done_again(opus, marian, tmp_path):
    program = (
        "import os, sys; from pathlib import Path\n"
        "from ctranslate2.converters import TransformersConverter\n"
        "from loaders.translation.engines.opus import OpusTranslator\n"
        "save = TransformersConverter.convert\n"
        "def convert(self, folder, **options):\n"
        "    save(self, folder, **options); os._exit(9)\n"
        "TransformersConverter.convert = convert\n"
        "OpusTranslator(model=sys.argv[1], cache=Path(sys.argv[2])).translate(['the water'])\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program, str(marian), str(tmp_path)], check=False)
    assert done.returncode == 9
    assert not list(tmp_path.glob("tiny*/model.bin"))
    engine = opus(cache=tmp_path)
    assert engine.translate(["the water"]) == opus().translate(["the water"])
    assert folders(tmp_path) == [f"tiny-en-es-{engine.model.revision}-int8"]


def test_a_broken_model_is_a_stated_error(opus, marian, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(marian, broken)
    (broken / "vocab.json").write_text("[]", encoding="utf-8")
    engine = opus(model=str(broken))
    with pytest.raises(DataError, match=r"vocab\.json: not a JSON object|cannot be converted"):
        engine.translate(["the water"])
    (broken / "source.spm").unlink()
    with pytest.raises(ConfigError, match=r"lacks source\.spm: a model of another kind.*give another model"):
        opus(model=str(broken))


def test_a_multilingual_model_is_told_the_language(tmp_path):
    model = make_marian(tmp_path / "roa", target_lang="cat oci spa", codes=["cat", "oci", "spa"])
    engine = OpusTranslator(model=str(model), cache=tmp_path, target_language="ca")
    assert engine._tokens.encode(["the water"])[0][0] == ">>cat<<"
    numbers = engine._tokens.numbers(engine._tokens.encode(["the water"])[0])
    assert numbers[0] == 2
    spanish = OpusTranslator(model=str(model), cache=tmp_path)
    texts = SENTENCES[:10]
    assert spanish.translate(texts) != engine.translate(texts)
    with pytest.raises(ConfigError, match="translates to cat, oci, spa, not to gl"):
        OpusTranslator(model=str(model), cache=tmp_path, target_language="gl")


def test_languages_are_checked(opus):
    with pytest.raises(ConfigError, match="translates to es, not to ca; give another"):
        opus(target_language="ca")
    with pytest.raises(ConfigError, match="translates from en, not from es"):
        opus(source_language="es", target_language="en")


def test_a_model_that_forbids_commercial_use_is_refused_unless_accepted(tmp_path):
    model = make_marian(tmp_path / "nc", licence="cc-by-nc-4.0")
    with pytest.raises(ConfigError, match=r"nc is licensed under CC-BY-NC-4\.0.*--accept-licence"):
        OpusTranslator(model=str(model), cache=tmp_path)
    assert str(OpusTranslator(model=str(model), cache=tmp_path, accept_licence=True).licence) == "CC-BY-NC-4.0"
    silent = make_marian(tmp_path / "silent", licence=None)
    with pytest.raises(ConfigError, match="silent states no licence"):
        make_translator("opus", model=str(silent), cache=tmp_path)


def test_a_missing_package_is_named(opus, monkeypatch):
    monkeypatch.setattr("workspace.extras.find_spec", lambda name: None if name == "sentencepiece" else name)
    with pytest.raises(MissingPartError, match=r"sentencepiece, which is not .* 'h4rmony-es\[models\]'"):
        opus()
    monkeypatch.setattr("workspace.extras.find_spec", lambda name: None if name == "ctranslate2" else name)
    assert " transformers float32 " in opus().version


def test_nothing_heavy_is_imported_before_a_text_is_translated(marian, tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from loaders.translation.engines.registry import make_translator\n"
        "make_translator('opus', model=sys.argv[1], cache=Path(sys.argv[2]))\n"
        "print([name for name in ('torch', 'transformers', 'ctranslate2', 'sentencepiece') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(marian), str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_memory_keeps_what_it_translates(opus, tmp_path):
    engine = opus(beam=1)
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:
        first = list(translate_texts(SENTENCES[:5], engine, memory))
        assert memory.get_many(EngineId.of(engine), SENTENCES[:5]).keys() == {*SENTENCES[:5]}
        assert list(translate_texts(SENTENCES[:5], engine, memory)) == first


def test_unknown_words_and_the_end_are_no_text(opus):
    assert MarianTokens.decode(opus()._tokens, ["▁el", "<unk>", "▁a", "gua", ".", "</s>"]) == "el agua."
    assert Decoding().beam == 4


def test_digests_of_a_folder_are_remembered(marian, tmp_path):
    cache = tmp_path / "cache"
    first = OpusTranslator(model=str(marian), cache=cache).version
    remembered = Path(cache / "digests.json").read_bytes()
    assert OpusTranslator(model=str(marian), cache=cache).version == first
    assert Path(cache / "digests.json").read_bytes() == remembered
    assert OpusTranslator(model=str(marian), cache=tmp_path / "none", read_only=True).version == first
    assert not (tmp_path / "none").exists()
