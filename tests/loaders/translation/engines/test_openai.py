"""The openai engine against a local server that speaks the protocol, and misbehaves in every way."""

from __future__ import annotations

import json
import logging
from email.utils import formatdate
from time import time

import pytest

from loaders.translation.engines.groups import TextGroup, loose_groups, record_groups
from loaders.translation.engines.openai import OpenAITranslator
from loaders.translation.engines.openai_prompt import Prompt, read_answer
from loaders.translation.engines.registry import make_translator
from loaders.translation.records import RecordCounts, translate_records
from loaders.translation.texts import translate_texts
from tests.fake_openai import (
    TOKENS,
    Answer,
    asked,
    completion,
    failing,
    good,
    not_json,
    running_fake,
    slow,
    spanish,
    wrong_count,
)
from workspace.chat import BadAnswer
from workspace.chat.client import ATTEMPTS, TRIES
from workspace.errors import ConfigError
from workspace.memory.glossary import Term
from workspace.memory.store import TranslationMemory
from workspace.model.records import Answer as RecordAnswer
from workspace.model.records import Record

KEY = "sk-very-secret"


def record(name, *, prompt=None):
    texts = (f"{name} best", f"{name} fair", f"{name} worst")
    answers = tuple(RecordAnswer(text, rank) for rank, text in enumerate(texts, start=1))
    return Record(f"test-{name}", prompt or f"{name}?", answers)


RECORDS = [record("ant"), record("bee"), record("cod")]


@pytest.fixture
def fake():
    with running_fake() as fake:
        yield fake


@pytest.fixture
def waits():
    return []


@pytest.fixture
def engine(fake, waits):
    def make(**options):
        settings = {"model": "mock", "base_url": fake.url, "concurrency": 1, "glossary": (), "timeout": 5.0}
        environ = {"OPENAI_API_KEY": KEY}
        return OpenAITranslator(**{**settings, "environ": environ, "sleep": waits.append, **options})

    return make


@pytest.fixture
def run(tmp_path, engine):
    """Translate RECORDS with a new engine and the same memory, as a command does when it is run again."""

    def run(records=RECORDS, **options):
        counts = RecordCounts()
        with TranslationMemory(tmp_path / "memory.sqlite") as memory:
            done = list(translate_records(records, engine(**options), memory, counts=counts))
        return done, counts

    return run


def complete(records):
    return all(
        each.translation and [each.translation.prompt, *each.translation.answers] == [spanish(t) for t in each.texts]
        for each in records
    )


def test_one_request_a_prompt_with_all_its_answers(run, fake):
    done, counts = run()
    assert complete(done)
    assert [asked(request)["texts"] for request in fake.requests] == [list(each.texts) for each in RECORDS]
    assert [asked(request)["prompt"] for request in fake.requests] == ["ant?", "bee?", "cod?"]
    assert {*fake.keys} == {f"Bearer {KEY}"}
    assert (counts.translated, counts.tokens, counts.problems) == (12, 3 * TOKENS, [])
    again, counts = run()
    assert again == done
    assert (len(fake.requests), counts.translated) == (3, 0)


def test_a_record_that_keeps_its_translation_is_not_asked_for(run, fake):
    (translated,), _ = run(RECORDS[:1])
    done, counts = run([translated, RECORDS[1]])
    assert (complete(done), counts.kept, len(fake.requests)) == (True, 1, 2)


def test_several_requests_at_once_give_the_same(run, fake):
    done, _ = run(concurrency=3)
    assert complete(done)
    assert [each.id for each in done] == [each.id for each in RECORDS]


@pytest.mark.parametrize("bad", [wrong_count, not_json, lambda body: completion("")], ids=["count", "json", "empty"])
def test_an_unusable_answer_is_asked_for_again(run, fake, bad):
    fake.script.append(bad)
    done, counts = run()
    assert complete(done)
    assert len(fake.requests) == 4
    assert "Your last answer could not be used: it " in fake.requests[1]["messages"][-1]["content"]
    assert (counts.tokens, counts.problems) == (4 * TOKENS, [])


def test_a_record_that_gets_no_usable_answer_is_reported_and_nothing_else_is_lost(run, fake):
    fake.otherwise = lambda body: wrong_count(body) if "bee?" in asked(body)["texts"] else good(body)
    done, counts = run()
    assert complete([done[0], done[2]])
    assert done[1] == RECORDS[1]
    assert len(fake.requests) == 2 + TRIES
    assert counts.problems == [
        "mock gave no usable answer in 3 tries (it held 3 translations for 4 texts), at the text 'bee?'; run again, "
        "or give another --model"
    ]
    assert counts.untranslated == 4
    fake.otherwise = good
    fake.requests.clear()
    done, counts = run()
    assert complete(done)
    assert fake.texts == sorted(RECORDS[1].texts)


def test_an_answer_that_was_cut_is_not_used(run, fake):
    content = json.dumps({"translations": ["x"] * 4})
    fake.script.append(lambda body: completion(content, reason="length"))
    done, _ = run()
    assert complete(done)
    assert len(fake.requests) == 4


def test_429_waits_as_long_as_the_server_says(run, fake, waits):
    date = formatdate(time() + 30, usegmt=True)
    fake.script.extend([failing(429, headers={"Retry-After": "7"}), failing(429, headers={"Retry-After": date})])
    done, counts = run()
    assert complete(done)
    assert waits[0] == 7
    assert 25 < waits[1] <= 30
    assert (len(fake.requests), counts.problems) == (5, [])


def test_429_that_asks_for_an_hour_is_a_problem_and_costs_nothing_twice(run, fake, waits):
    fake.script.append(failing(429, headers={"Retry-After": "3600"}))
    done, counts = run()
    assert [each.translation is None for each in done] == [True, False, False]
    assert "asks to wait 3600 s" in counts.problems[0]
    assert waits == []
    fake.requests.clear()
    done, _ = run()
    assert complete(done)
    assert fake.texts == sorted(RECORDS[0].texts)


def test_500_is_tried_again_with_longer_waits(run, fake, waits):
    fake.script.extend([failing(500), failing(503)])
    done, _ = run()
    assert complete(done)
    assert 0.5 <= waits[0] <= 0.75
    assert 1 <= waits[1] <= 1.25


def test_a_server_that_stays_down_is_not_asked_for_every_record(run, fake):
    fake.script.append(good)
    fake.otherwise = failing(500, "overloaded")
    many = [record(f"n{number}") for number in range(9)]
    done, counts = run(many)
    assert complete(done[:1])
    assert done[1:] == many[1:]
    assert len(fake.requests) == 1 + 3 * ATTEMPTS
    assert "answers 500 (overloaded), 5 times" in counts.problems[0]
    assert any("the rest was not asked for" in problem for problem in counts.problems)
    assert counts.untranslated == 8 * 4
    fake.otherwise = good
    fake.requests.clear()
    done, _ = run(many)
    assert complete(done)
    assert len(fake.requests) == 8


def test_a_timeout_is_tried_again(run, fake, waits):
    fake.script.append(slow(1.0))
    done, _ = run(timeout=0.3)
    assert complete(done)
    assert len(fake.requests) == 4
    assert len(waits) == 1


def test_a_server_that_never_answers_in_time_is_a_problem_and_the_rest_is_kept(run, fake):
    fake.otherwise = lambda body: slow(1.0)(body) if "bee?" in asked(body)["texts"] else good(body)
    done, counts = run(timeout=0.2)
    assert complete([done[0], done[2]])
    assert f"{fake.url} does not answer in time, 5 times, at the text 'bee?'" in counts.problems[0]
    assert len(fake.requests) == 2 + ATTEMPTS
    fake.otherwise = good
    fake.requests.clear()
    done, _ = run()
    assert complete(done)
    assert len(fake.requests) == 1


def test_nobody_at_the_address_is_a_problem_that_names_it(run, fake):
    done, counts = run(RECORDS[:1], base_url="http://127.0.0.1:9/v1")
    assert done == RECORDS[:1]
    assert "http://127.0.0.1:9/v1 cannot be reached (ConnectError), 5 times" in counts.problems[0]


def test_the_budget_stops_the_run_and_the_next_one_asks_only_for_the_rest(run, fake, engine):
    (first, *_) = record_groups([RECORDS[0].texts], {*RECORDS[0].texts}, {})
    estimate = engine()._prompt.request(first).estimate().total
    done, counts = run(budget=TOKENS + estimate)
    assert complete(done[:2])
    assert done[2] == RECORDS[2]
    assert (len(fake.requests), counts.tokens, counts.untranslated) == (2, 2 * TOKENS, 4)
    assert counts.problems == [
        f"the budget of {TOKENS + estimate} tokens is spent; give a --budget and run again: only what is missing is "
        "asked for"
    ]
    fake.requests.clear()
    done, _ = run()
    assert complete(done)
    assert fake.texts == sorted(RECORDS[2].texts)
    fake.requests.clear()
    assert run(record_list := [record("eel")], budget=1)[0] == record_list
    assert fake.requests == []


def test_answers_without_usage_count_as_estimated(fake, engine):
    fake.otherwise = lambda body: completion(json.dumps({"translations": ["x"]}), tokens=None)
    translator = engine(budget=100_000)
    translator.translate(["trees"])
    assert translator.chat.budget.spent.total > 300


def test_a_killed_run_keeps_every_answer_it_had(fake, engine, tmp_path):
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:

        def die(body):
            raise KeyboardInterrupt

        translator = engine()
        answers = translator.translate_groups

        def killed(groups):
            for number, answer in enumerate(answers(groups)):
                if number == 2:
                    raise KeyboardInterrupt
                yield answer

        translator.translate_groups = killed
        with pytest.raises(KeyboardInterrupt):
            list(translate_records(RECORDS, translator, memory))
        fake.requests.clear()
        assert complete(list(translate_records(RECORDS, engine(), memory)))
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("status", "message", "says"),
    [
        (401, f"Incorrect API key provided: {KEY}", r"refuses the API key \(401: .*\*\*\*\); set OPENAI_API_KEY"),
        (404, "no such model", "has no model 'mock'"),
        (429, "insufficient_quota", "quota is used up"),
    ],
)
def test_what_no_retry_can_mend_ends_the_run_and_keeps_what_there_was(run, fake, status, message, says):
    fake.script.append(good)
    fake.otherwise = failing(status, message)
    with pytest.raises(ConfigError, match=says) as raised:
        run([*RECORDS, *(record(f"n{number}") for number in range(20))])
    assert KEY not in str(raised.value)
    assert len(fake.requests) == 2
    fake.otherwise = good
    fake.requests.clear()
    done, _ = run()
    assert complete(done)
    assert fake.texts == sorted(text for each in RECORDS[1:] for text in each.texts)


def test_a_request_that_is_refused_is_reported_and_the_others_go_on(run, fake):
    fake.otherwise = lambda body: failing(400, "filtered")(body) if "bee?" in asked(body)["texts"] else good(body)
    done, counts = run()
    assert complete([done[0], done[2]])
    assert "answers 400 (filtered), at the text 'bee?'" in counts.problems[0]
    assert len(fake.requests) == 3


def test_fields_that_a_server_does_not_know_are_left_out(run, fake):
    def strict(body):
        if "response_format" in body:
            return failing(400, "Unsupported parameter: 'response_format'")(body)
        return failing(400, "temperature must be 1")(body) if "temperature" in body else good(body)

    fake.otherwise = strict
    done, _ = run()
    assert complete(done)
    assert len(fake.requests) == 6
    assert fake.requests[-1].keys() == {"model", "messages"}


def test_a_text_of_several_prompts_is_paid_once(run, fake):
    shared = [RECORDS[0], Record("test-x", "ant?", record("x").answers), RECORDS[0]]
    done, _ = run(shared)
    assert complete(done)
    assert [len(asked(request)["texts"]) for request in fake.requests] == [4, 3]


def test_a_prompt_that_is_translated_already_is_told(run, fake):
    run()
    more = Record("test-ant", "ant?", (*RECORDS[0].answers, RecordAnswer("new", 4)))
    fake.requests.clear()
    run([more])
    (request,) = fake.requests
    assert asked(request) == {"prompt": "ant?", "prompt_translation": "es:ant?", "texts": ["new"]}


def test_texts_without_a_prompt_go_some_together(fake, engine, tmp_path):
    texts = [f"text {number}" for number in range(25)] + ["long " * 2000]
    with TranslationMemory(tmp_path / "memory.sqlite") as memory:
        assert list(translate_texts(texts, engine(), memory)) == [
            text.replace(text.strip(), spanish(text)) for text in texts
        ]
    assert [len(asked(request)["texts"]) for request in fake.requests] == [10, 10, 5, 1]
    assert [len(group.texts) for group in loose_groups(["a" * 4000, "b" * 3000, "c"])] == [1, 2]


def test_the_request_carries_register_variety_and_glossary(engine, fake):
    glossary = (Term("stewardship", ("cuidado", "custodia"), "nunca administración"), Term("soil", ("suelo",)))
    translator = engine(variety="Spanish as written in Mexico", glossary=glossary)
    list(translator.translate_groups([TextGroup(("Stewardship of rivers",), "Who cares?", "¿A quién le importa?")]))
    (request,) = fake.requests
    assert (request["model"], request["temperature"]) == ("mock", 0)
    assert "from English into Spanish" in request["messages"][0]["content"]
    assert "Write Spanish as written in Mexico." in request["messages"][0]["content"]
    assert asked(request) == {
        "prompt": "Who cares?",
        "prompt_translation": "¿A quién le importa?",
        "glossary": {"stewardship": "cuidado (nunca administración)"},
        "texts": ["Stewardship of rivers"],
    }
    assert "neutral Latin American Spanish" in Prompt("en", "es").instructions
    assert "Write standard Catalan." in Prompt("en", "ca").instructions


def test_the_version_is_the_model_and_what_it_is_told(engine):
    versions = {
        engine().version,
        engine(model="other").version,
        engine(variety="rioplatense").version,
        engine(glossary=None).version,
        engine(glossary=None, target_language="ca").version,
    }
    assert len(versions) == 5
    assert engine().version == engine(base_url="http://elsewhere/v1", budget=7).version
    assert engine().version.startswith("mock prompt-")


@pytest.mark.parametrize(
    "content",
    [
        '{"translations": ["uno", "dos"]}',
        '```json\n{"translations": ["uno ", " dos"]}\n```',
        '<think>{"translations": []} hmm</think>\n{"translations": ["uno", "dos"], "notes": "…"}',
    ],
)
def test_answers_that_can_be_read(content):
    assert read_answer(content, TextGroup(("one", " two\n"))) == ("uno", " dos\n")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "uno",
        "[]",
        '{"translations": "uno"}',
        '{"translations": ["uno"]}',
        '{"translations": ["uno", ""]}',
        '{"translations": ["uno", 2]}',
        '{"translations": ["uno", "dos", "tres"]}',
        '{"translations": ["uno", "\\ud800"]}',
    ],
)
def test_answers_that_cannot(content):
    with pytest.raises(BadAnswer):
        read_answer(content, TextGroup(("one", "two")))


@pytest.mark.parametrize("body", [None, [], {}, {"choices": []}, {"choices": [{"message": {"content": None}}]}, "x"])
def test_a_body_that_is_no_completion_is_an_unusable_answer(run, fake, body):
    fake.script.append(lambda _: Answer(body=body))
    done, _ = run()
    assert complete(done)


def test_settings_come_from_the_environment_and_the_key_from_nowhere_else(fake):
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url, "OPENAI_MODEL": "from-env"}
    translator = OpenAITranslator(environ=environ, glossary=())
    assert translator.translate(["trees"]) == ["es:trees"]
    assert (fake.requests[0]["model"], fake.keys) == ("from-env", [f"Bearer {KEY}"])
    with pytest.raises(ConfigError, match="give --model NAME or set OPENAI_MODEL"):
        OpenAITranslator(environ={"OPENAI_API_KEY": KEY})
    with pytest.raises(ConfigError, match=r"no API key for https://api\.openai\.com/v1: set OPENAI_API_KEY"):
        OpenAITranslator(model="mock", environ={})
    OpenAITranslator(model="mock", base_url=fake.url, environ={}, glossary=()).translate(["trees"])
    assert fake.keys[-1] is None
    with pytest.raises(ConfigError, match="the openai translator goes from"):
        OpenAITranslator(model="mock", target_language="xx", environ={"OPENAI_API_KEY": KEY})
    with pytest.raises(ConfigError, match=r"CC-BY-NC-4\.0"):
        OpenAITranslator(model="facebook/nllb-moe-54b", environ={"OPENAI_API_KEY": KEY})
    for address in ("not an address", "ftp://x"):
        with pytest.raises(ConfigError, match="not an address"):
            OpenAITranslator(model="m", base_url=address, environ={}, sleep=lambda _: None).translate(["x"])


def test_the_key_is_in_no_log_no_repr_and_no_message(fake, engine, caplog):
    caplog.set_level(logging.DEBUG)
    fake.otherwise = failing(400, f"bad key {KEY}")
    translator = engine()
    answers = list(translator.translate_groups([TextGroup(("a",))]))
    assert answers[0].problem
    everything = [
        caplog.text,
        repr(translator),
        repr(translator.chat),
        repr(translator.chat.endpoint),
        repr(answers),
        translator.version,
    ]
    assert not any(KEY in text for text in everything)


def test_the_provider_s_terms_stand_as_licence(engine):
    assert str(engine().licence) == "NOASSERTION (the provider's terms of use hold)"
    assert str(engine(model="BSC-LT/salamandraTA-7b-instruct").licence) == "Apache-2.0"
    assert make_translator("none").licence.commercial
