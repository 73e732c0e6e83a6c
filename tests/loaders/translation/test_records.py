from __future__ import annotations

from dataclasses import replace

import pytest

from loaders.translation.engines.none import NoTranslator
from loaders.translation.records import RecordCounts, translate_records
from workspace.errors import TranslationError
from workspace.model.records import Answer, Record, Translation


def record(number, prompt="why trees", *, answers=("they live", "no reason"), **fields):
    ranked = tuple(Answer(text, rank) for rank, text in enumerate(answers, start=1))
    return Record(f"h4rmony-{number}", f"{prompt} {number}", ranked, **fields)


HUMAN = Translation("es", "a person", "por qué", ("viven", "por nada"), (0.5, 0.25, 1.0))


def test_prompt_and_answers_are_translated_and_the_engine_is_named(upper, memory):
    counts = RecordCounts()
    (done,) = translate_records([record(1)], upper, memory, counts=counts)
    assert done.translation == Translation("es", "upper 1", "WHY TREES 1", ("THEY LIVE", "NO REASON"))
    assert dict(done.metadata) == {"translation_licence": "CC0-1.0"}
    assert replace(done, translation=None, metadata={}) == record(1)
    assert counts == RecordCounts(texts=3, distinct=3, translated=3, records=1)


def test_equal_texts_of_different_prompts_are_translated_once(upper, memory):
    counts = RecordCounts()
    done = list(translate_records([record(n) for n in range(50)], upper, memory, batch_size=7, counts=counts))
    assert [r.id for r in done] == [f"h4rmony-{n}" for n in range(50)]
    assert all(r.translation.prompt == r.prompt.upper() for r in done)
    asked = [text for batch in upper.asked for text in batch]
    assert len(asked) == len(set(asked)) == 52
    assert (counts.texts, counts.distinct, counts.translated) == (150, 52, 52)


def test_a_translation_into_the_target_language_stays_unless_asked(upper, memory):
    given = [record(1, translation=HUMAN), record(2, translation=replace(HUMAN, language="ca"))]
    counts = RecordCounts()
    kept, other = translate_records(given, upper, memory, counts=counts)
    assert kept == given[0]
    assert (other.translation.language, other.translation.engine) == ("es", "upper 1")
    assert (counts.kept, counts.texts) == (1, 3)
    again, _ = translate_records(given, upper, memory, retranslate=True)
    assert again.translation == Translation("es", "upper 1", "WHY TREES 1", ("THEY LIVE", "NO REASON"))


@pytest.mark.parametrize("language", ["es", "es-mx", "ES", "es_MX", " es ", "spa"])
def test_a_record_in_the_target_language_is_its_own_translation(upper, memory, language):
    counts = RecordCounts()
    (done,) = translate_records([record(1, metadata={"language": language})], upper, memory, counts=counts)
    assert done.translation == Translation("es", "original", "why trees 1", ("they live", "no reason"))
    assert upper.asked == []
    assert (counts.original, counts.texts) == (1, 0)


@pytest.mark.parametrize("language", ["en-gb", "est", "", None, "e", "español?"])
def test_other_languages_are_translated(upper, memory, language):
    (done,) = translate_records([record(1, metadata={"language": language})], upper, memory)
    assert done.translation.engine == "upper 1"


def test_none_leaves_records_as_they_are(memory):
    given = [record(1), record(2, translation=HUMAN), record(3, translation=replace(HUMAN, language="ca"))]
    assert list(translate_records(given, NoTranslator(), memory)) == given
    assert list(translate_records(given, NoTranslator(), memory, retranslate=True)) == given
    assert memory.count() == 0


def test_an_answer_without_a_translation_is_empty(upper, memory):
    (done,) = translate_records([record(1, answers=("they live", "gap"))], upper, memory)
    assert done.translation.answers == ("THEY LIVE", "")


def test_records_stream_and_a_failure_keeps_the_batches_before(upper, memory):
    taken = []

    def records():
        for number in range(100):
            taken.append(number)
            yield record(number, "a bad prompt" if number == 4 else "why")

    stream = translate_records(records(), upper, memory, batch_size=6)
    assert [next(stream).id for _ in range(4)] == [f"h4rmony-{n}" for n in range(4)]
    assert len(taken) == 4
    with pytest.raises(TranslationError):
        next(stream)
    assert memory.count() == 6


def test_records_that_need_nothing_keep_their_place(upper, memory):
    given = [record(1), record(2, translation=HUMAN), record(3, metadata={"language": "es"}), record(4)]
    done = list(translate_records(given, upper, memory))
    assert [r.id for r in done] == [r.id for r in given]
    assert [r.translation.engine for r in done] == ["upper 1", "a person", "original", "upper 1"]
    assert done[3].translation.prompt == "WHY TREES 4"
