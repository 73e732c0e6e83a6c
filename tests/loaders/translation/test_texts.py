from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.translation.engines.none import NoTranslator
from loaders.translation.texts import TranslationCounts, translate_texts
from workspace.errors import DataError, TranslationError
from workspace.memory.store import TranslationMemory


def test_every_text_in_order_and_each_different_one_once(upper, memory):
    counts = TranslationCounts()
    texts = ["one", "two", "one", "", " \n", "three", "two", "one"]
    assert list(translate_texts(texts, upper, memory, batch_size=3, counts=counts)) == [
        "ONE", "TWO", "ONE", "", " \n", "THREE", "TWO", "ONE",
    ]  # fmt: skip
    assert upper.asked == [["one", "two"], ["three"]]
    assert counts == TranslationCounts(texts=6, distinct=3, from_memory=0, translated=3)


def test_a_second_run_translates_nothing(upper, memory):
    texts = ["one", "two", "one"]
    list(translate_texts(texts, upper, memory))
    again = TranslationCounts()
    assert list(translate_texts(texts, upper, memory, counts=again)) == ["ONE", "TWO", "ONE"]
    assert len(upper.asked) == 1
    assert again == TranslationCounts(texts=3, distinct=2, from_memory=2, translated=0)


def test_another_version_translates_anew(upper, memory):
    list(translate_texts(["one"], upper, memory))
    upper.version = "2"
    list(translate_texts(["one"], upper, memory))
    assert upper.asked == [["one"], ["one"]]


def test_no_translation_is_empty_and_not_kept(upper, memory):
    counts = TranslationCounts()
    assert list(translate_texts(["one", "gap"], upper, memory, counts=counts)) == ["ONE", ""]
    assert memory.count() == 1
    assert counts.untranslated == 1
    assert list(translate_texts(["one", "two"], NoTranslator(), memory)) == ["", ""]
    assert memory.count() == 1


def test_no_translator_under_an_engines_names_is_its_memory_alone(upper, memory):
    list(translate_texts(["one"], upper, memory))
    counts = TranslationCounts()
    alone = NoTranslator(engine=upper.engine, version=upper.version)
    assert list(translate_texts(["one", "two"], alone, memory, counts=counts)) == ["ONE", ""]
    assert (counts.from_memory, counts.untranslated) == (1, 1)


def test_it_is_a_stream(upper, memory):
    taken = []

    def texts():
        for number in range(100):
            taken.append(number)
            yield f"text {number}"

    stream = translate_texts(texts(), upper, memory, batch_size=10)
    assert next(stream) == "TEXT 0"
    assert len(taken) == 10


def test_a_failed_batch_loses_nothing_translated_before(upper, memory):
    texts = ["one", "two", "three", "bad", "five"]
    stream = translate_texts(texts, upper, memory, batch_size=2)
    assert [next(stream), next(stream)] == ["ONE", "TWO"]
    with pytest.raises(TranslationError, match="cannot translate 'bad'"):
        next(stream)
    assert memory.count() == 2


def test_a_wrong_number_of_answers_is_an_error_and_nothing_of_it_is_kept(upper, memory):
    class Short(type(upper)):
        def translate(self, texts):
            return super().translate(texts)[1:]

    with pytest.raises(TranslationError, match="upper 1 answered with 1 text for 2, of which the first is 'one'"):
        list(translate_texts(["one", "two"], Short(), memory))
    assert memory.count() == 0


def test_half_a_surrogate_pair_is_a_stated_error(upper, memory):
    with pytest.raises(DataError, match="half a surrogate pair"):
        list(translate_texts(["a\ud800"], upper, memory))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=3), max_size=30), st.integers(1, 7))
def test_count_and_order_hold_for_any_batch_size(upper, memory, texts, size):
    expected = [text if not text.strip() or not text.upper().strip() else text.upper() for text in texts]
    counts = TranslationCounts()
    assert list(translate_texts(texts, upper, memory, batch_size=size, counts=counts)) == expected
    assert counts.distinct == counts.from_memory + counts.translated == len({t for t in texts if t.strip()})


SLOW = """
import sys, time
from pathlib import Path
from loaders.translation.texts import TranslationCounts, translate_texts
from workspace.memory.store import TranslationMemory

class Slow:
    engine, version, source_language, target_language = "slow", "1", "en", "es"
    def translate(self, texts):
        time.sleep(float(sys.argv[2]))
        return [text.upper() for text in texts]

counts = TranslationCounts()
with TranslationMemory(Path(sys.argv[1])) as memory:
    texts = (f"text {number}" for number in range(200))
    for text in translate_texts(texts, Slow(), memory, batch_size=10, counts=counts):
        print(text, flush=True)
print(counts.from_memory, counts.translated)
"""


def test_a_killed_run_carries_on(tmp_path):
    path = tmp_path / "memory.sqlite"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", SLOW, str(path)]
    with subprocess.Popen([*command, "0.1"], stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(45)]
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert seen[-1] == "TEXT 44\n"
    with TranslationMemory(path) as memory:
        kept = memory.count()
    assert 50 <= kept < 200
    again = subprocess.run([*command, "0"], capture_output=True, text=True, env=environ, check=True)
    *lines, counts = again.stdout.splitlines()
    assert lines == [f"TEXT {number}" for number in range(200)]
    assert counts == f"{kept} {200 - kept}"
