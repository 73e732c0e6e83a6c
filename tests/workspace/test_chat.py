"""The chat client against a local server that speaks the protocol, and misbehaves."""

from __future__ import annotations

import doctest
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import TOKENS, Answer, FakeOpenAI, completion, failing, running_fake
from workspace.chat import (
    Budget,
    Chat,
    ChatCache,
    Endpoint,
    Prices,
    Question,
    Request,
    Schema,
    Tokens,
    read_json,
    read_text,
)
from workspace.chat.client import ATTEMPTS
from workspace.errors import BudgetSpent, ChatRefused, ChatUnavailable, ChatUnusable, ConfigError, DataError

KEY = "sk-very-secret"
RIVER = Schema("river", {"type": "object", "properties": {"river": {"type": "string"}}})
Make = Callable[..., Chat]


def echo(body: dict[str, Any]) -> Answer:
    """The question, as it was asked."""
    return completion(body["messages"][-1]["content"])


def answering(text: str | None, **options: Any) -> Callable[[dict[str, Any]], Answer]:
    return lambda _: completion(text, **options)


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with running_fake() as fake:
        fake.otherwise = echo
        yield fake


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(fake: FakeOpenAI, waits: list[float]) -> Iterator[Make]:
    made: list[Chat] = []

    def make(**options: Any) -> Chat:
        made.append(Chat(Endpoint("mock", fake.url, KEY), **{"timeout": 5.0, "sleep": waits.append, **options}))
        return made[-1]

    yield make
    for chat in made:
        chat.close()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ChatCache]:
    cache = ChatCache(tmp_path / "chat.sqlite")
    yield cache
    cache.close()


def ask(chat: Chat, *texts: str, **options: Any) -> list[str | None]:
    return [answer.value for answer in chat.ask_all([Question(Request.of(t), read_text) for t in texts], **options)]


def test_a_question_is_asked_with_its_parameters(client: Make, fake: FakeOpenAI) -> None:
    parameters = {"temperature": 0.5, "seed": 7, "max_tokens": 20}
    request = Request.of("Name a river.", system="Be brief.", **parameters)
    assert client().ask(request, read_text) == "Name a river."
    told = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a river."}]
    assert fake.requests == [{"model": "mock", "messages": told, **parameters}]
    assert fake.keys == [f"Bearer {KEY}"]


def test_answers_come_in_order_or_as_soon_as_they_are_there(client: Make, fake: FakeOpenAI) -> None:
    def first_is_slow(body: dict[str, Any]) -> Answer:
        answer = echo(body)
        answer.delay = 0.3 * (body["messages"][-1]["content"] == "0")
        return answer

    fake.otherwise = first_is_slow
    texts = [str(number) for number in range(20)]
    assert ask(client(), *texts) == texts
    soon = ask(client(), *texts, in_order=False)
    assert sorted(soon) == sorted(texts)
    assert soon[0] != "0"


def test_no_more_requests_are_under_way_than_allowed_and_questions_are_taken_as_needed(
    client: Make, fake: FakeOpenAI
) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def count(body: dict[str, Any]) -> Answer:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return echo(body)

    fake.otherwise = count
    taken: list[int] = []

    def questions() -> Iterator[Question[str]]:
        for number in range(100):
            taken.append(number)
            yield Question(Request.of(str(number)), read_text, about=number)

    answers = client(concurrency=3).ask_all(questions())
    assert next(answers).question.about == 0
    assert len(taken) <= 12
    assert [answer.question.about for answer in answers] == list(range(1, 100))
    assert most == 3


def test_a_model_is_asked_again_with_what_was_wrong_and_every_answer_is_counted(
    client: Make, fake: FakeOpenAI
) -> None:
    chat = client()
    fake.script.extend([answering("no JSON"), answering(""), answering('{"river": "Ebro"}')])
    assert chat.ask(Request.of("Name a river."), read_json) == {"river": "Ebro"}
    told = [request["messages"][-1]["content"] for request in fake.requests]
    assert told[1] == told[2] == "Name a river.\n\nYour last answer could not be used: it was not a JSON object."
    assert (chat.usage.requests, chat.usage.retries, chat.usage.tokens.total) == (3, 0, 3 * TOKENS)


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (answering("no"), "it was not a JSON object"),
        (answering(None), "it was not a JSON object"),
        (answering('{"a": 1}', reason="length"), "it was cut at the model's longest answer"),
        (answering('{"a": 1}', reason="content_filter"), "broken off by the provider's filter"),
        (lambda _: Answer(body=[]), "it was not a JSON object"),
    ],
)
def test_what_cannot_be_used_is_an_error_that_says_why(client: Make, fake: FakeOpenAI, behave, why: str) -> None:
    fake.otherwise = behave
    with pytest.raises(ChatUnusable, match=f"^mock gave no usable answer in 3 tries .*{why}"):
        client().ask(Request.of("?"), read_json)
    assert len(fake.requests) == 3


def test_a_schema_is_sent_in_the_best_form_that_the_endpoint_takes(client: Make, fake: FakeOpenAI) -> None:
    refused = ["json_schema"]

    def behave(body: dict[str, Any]) -> Answer:
        form = body.get("response_format", {}).get("type")
        if form in refused:
            return failing(400, f"response_format.type {form} is unavailable now")(body)
        return completion('{"river": "Ebro"}')

    fake.otherwise = behave
    chat = client()
    request = Request.of("Name a river.", system="Be brief.", schema=RIVER)
    for forms in (["json_schema", "json_object"], ["json_object"]):
        fake.requests.clear()
        assert chat.ask(request, read_json) == {"river": "Ebro"}
        assert [sent["response_format"]["type"] for sent in fake.requests] == forms
    told = fake.requests[-1]["messages"]
    assert [message["role"] for message in told] == ["system", "user"]
    assert told[0]["content"].startswith("Be brief.\n\nAnswer with nothing but JSON that follows this schema: {")
    refused.append("json_object")
    fake.requests.clear()
    assert chat.ask(Request.of("Name a river.", schema=RIVER), read_json) == {"river": "Ebro"}
    assert [sent.get("response_format", {}).get("type") for sent in fake.requests] == ["json_object", None]
    assert "follows this schema" in fake.requests[-1]["messages"][0]["content"]
    fake.requests.clear()
    refused.clear()
    assert client().ask(request, read_json) == {"river": "Ebro"}
    (sent,) = fake.requests
    assert sent["response_format"]["json_schema"] == {"name": "river", "schema": RIVER.schema, "strict": True}
    assert sent["messages"][0]["content"] == "Be brief."


def test_an_answer_is_paid_for_once(client: Make, fake: FakeOpenAI, cache: ChatCache, tmp_path: Path) -> None:
    assert ask(client(cache=cache), "a", "b") == ["a", "b"]
    again = client(cache=cache)
    assert ask(again, "b", "a") == ["b", "a"]
    assert len(fake.requests) == 2
    assert (again.usage.requests, again.usage.from_cache, again.usage.tokens.total) == (0, 2, 0)
    differing = {"temperature": 1, "seed": 1, "max_tokens": 9, "repeat": 1, "system": "x", "schema": RIVER}
    others = [Request.of("a", **{name: value}) for name, value in differing.items()]
    assert len({request.key("mock") for request in others} | {Request.of("a").key(name) for name in "xy"}) == 8
    assert Request.of("a", answer_characters=9).key("mock") == Request.of("a").key("mock")
    for request in others:
        again.ask(request, read_text)
    assert len(fake.requests) == 8
    reader = ChatCache(tmp_path / "chat.sqlite", read_only=True)
    assert ask(client(cache=reader), "a", "new") == ["a", "new"]
    reader.close()
    assert cache.get(Request.of("new").key("mock")) is None


def test_a_killed_run_keeps_what_it_paid_for(client: Make, fake: FakeOpenAI, cache: ChatCache) -> None:
    questions = [Question(Request.of(str(number)), read_text) for number in range(9)]
    for number, _ in enumerate(client(cache=cache, concurrency=1).ask_all(questions)):
        if number == 2:
            break
    paid = len(fake.requests)
    assert ask(client(cache=cache), *(str(number) for number in range(9))) == [str(number) for number in range(9)]
    assert len(fake.requests) == 9
    assert 3 <= paid <= 9


def test_a_failure_is_not_kept_and_an_answer_that_is_read_more_strictly_now_is_asked_again(
    client: Make, fake: FakeOpenAI, cache: ChatCache
) -> None:
    fake.otherwise = answering("prose")
    chat = client(cache=cache)
    with pytest.raises(ChatUnusable):
        chat.ask(Request.of("?"), read_json)
    assert chat.ask(Request.of("?"), read_text) == "prose"
    fake.otherwise = answering("{}")
    assert chat.ask(Request.of("?"), read_json) == {}
    fake.otherwise = failing(500)
    assert chat.ask(Request.of("?"), read_json) == {}


def test_a_file_that_is_not_a_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(DataError, match="not a file of models' answers, or damaged"):
        ChatCache(tmp_path / "x.sqlite")


def test_a_budget_of_money_stops_the_client(client: Make, fake: FakeOpenAI) -> None:
    budget = Budget(money=0.00095, prices=Prices(prompt=2.0, completion=10.0))
    chat = client(budget=budget, concurrency=1)
    request = Request.of("?", answer_characters=30)
    answers = list(chat.ask_all([Question(request, read_text) for _ in range(9)]))
    # an answer costs 75 tokens at 2 and 25 at 10 a million: 0.0004; one more was expected to cost 0.0002
    assert [answer.value for answer in answers] == ["?", "?", *[None] * 7]
    assert budget.cost == pytest.approx(0.0008)
    assert (len(fake.requests), budget.spent) == (2, Tokens(150, 50))
    assert {str(answer.error) for answer in answers[2:]} == {"the budget of 0.00095 in money is spent"}
    with pytest.raises(ConfigError, match="a budget in money needs the prices"):
        Budget(money=1)


def test_a_budget_is_never_reserved_beyond_its_limit() -> None:
    budget = Budget(10)
    assert budget.reserve(Tokens(2, 4))
    assert not budget.reserve(Tokens(5))
    budget.settle(Tokens(2, 4), Tokens(3))
    assert budget.reserve(Tokens(0, 7))
    assert not budget.reserve(Tokens(1))
    assert Budget().reserve(Tokens(10**9, 10**9))


def test_what_is_sent_and_not_answered_may_be_paid_for_and_counts_each_time(
    client: Make, fake: FakeOpenAI, waits: list[float]
) -> None:
    def late(body: dict[str, Any]) -> Answer:
        return Answer(body={}, delay=0.5)

    fake.script.extend([late, late])
    chat = client(timeout=0.1)
    request = Request.of("?", answer_characters=300)
    chat.ask(request, read_text)
    assert (chat.usage.requests, chat.usage.retries, chat.usage.unanswered, len(waits)) == (3, 2, 2, 2)
    assert chat.budget.spent.total == chat.usage.tokens.total == 2 * request.estimate().total + TOKENS
    tight = client(timeout=0.1, budget=Budget(tokens=request.estimate().total + 10))
    fake.script.extend([late, late])
    with pytest.raises(BudgetSpent):
        tight.ask(request, read_text)
    assert tight.usage.requests == 1


def test_an_answer_that_drips_is_not_waited_for(client: Make, fake: FakeOpenAI) -> None:
    fake.otherwise = lambda body: replace(completion("x" * 400), drip=0.05)
    chat = client(timeout=0.3)
    before = time.monotonic()
    with pytest.raises(ChatUnavailable, match=f"does not answer in time, {ATTEMPTS} times"):
        chat.ask(Request.of("?"), read_text)
    assert time.monotonic() - before < 15, "the whole answer would take longer, each time"
    assert chat.usage.unanswered == ATTEMPTS


def test_an_answer_that_breaks_off_is_asked_for_again_and_counted(client: Make, fake: FakeOpenAI) -> None:
    fake.script.append(lambda body: replace(completion("x" * 400), cut=True))
    chat, request = client(), Request.of("?")
    assert chat.ask(request, read_text) == "?"
    assert (chat.usage.retries, chat.usage.unanswered) == (1, 1)
    assert chat.usage.tokens.total == request.estimate().total + TOKENS


def test_the_budget_is_spent_as_far_as_it_goes_with_many_at_once(client: Make, fake: FakeOpenAI) -> None:
    request = Request.of("?", max_tokens=400)
    chat = client(budget=Budget(tokens=20 * TOKENS + request.estimate().total), concurrency=8)
    answers = list(chat.ask_all(Question(replace(request, repeat=n), read_text) for n in range(40)))
    assert 20 <= sum(not answer.error for answer in answers) == len(fake.requests) < 40
    assert {type(answer.error) for answer in answers} == {type(None), BudgetSpent}


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": -5, "completion_tokens": -5}, {"total_tokens": -9}, {"total_tokens": True}]
)
def test_no_server_can_give_tokens_back(client: Make, fake: FakeOpenAI, usage: dict[str, Any]) -> None:
    answer = completion("ok")
    answer.body["usage"] = usage
    fake.otherwise = lambda body: answer
    chat, request = client(), Request.of("?")
    chat.ask(request, read_text)
    assert chat.usage.tokens == request.estimate()


def test_half_a_character_is_an_error_of_its_question_alone(client: Make, fake: FakeOpenAI, cache: ChatCache) -> None:
    fake.otherwise = lambda body: completion("\ud83d" if "half" in body["messages"][-1]["content"] else "ok")
    chat = client(cache=cache)
    asked = [Question(Request.of(text), read_text) for text in ("\ud83d", "half", "whole")]
    sent, received, good = chat.ask_all(asked)
    assert isinstance(sent.error, ChatRefused)
    assert isinstance(received.error, ChatUnusable) and "half a character" in str(received.error)
    assert good.value == "ok"


def test_a_client_that_cannot_ask_is_refused(client: Make) -> None:
    for wrong in ({"tries": 0}, {"concurrency": 0}):
        with pytest.raises(ConfigError, match="at least 1"):
            client(**wrong)


def test_what_a_server_refuses_costs_nothing(client: Make, fake: FakeOpenAI, waits: list[float]) -> None:
    fake.script.extend([failing(503), failing(429, headers={"Retry-After": "3"})])
    chat = client()
    chat.ask(Request.of("?"), read_text)
    assert (chat.usage.retries, chat.usage.unanswered, chat.budget.spent.total) == (2, 0, TOKENS)
    assert waits[1] == 3
    fake.script.append(failing(400, "filtered"))
    with pytest.raises(ChatRefused, match=r"answers 400 \(filtered\)"):
        chat.ask(Request.of("?"), read_text)
    fake.otherwise = failing(500, "busy")
    with pytest.raises(ChatUnavailable, match=rf"answers 500 \(busy\), {ATTEMPTS} times"):
        chat.ask(Request.of("?"), read_text)
    assert chat.budget.spent.total == TOKENS
    assert len(fake.requests) == 4 + ATTEMPTS, "the package's own retries are off"


def test_the_key_is_shown_nowhere(client: Make, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chat = client()
    for status in (400, 401, 404, 429, 500):
        fake.otherwise = failing(status, f"the key {KEY}")
        with pytest.raises((ChatRefused, ChatUnavailable, ConfigError)) as caught:
            client().ask(Request.of("?"), read_text)
        assert KEY not in f"{caught.value!r}{caught.value.__cause__!r}"
    endpoint = Endpoint("mock", "http://me:pass@127.0.0.1:9/v1", KEY)
    with pytest.raises(ChatUnavailable, match=r"http://127\.0\.0\.1:9/v1 cannot be reached") as caught:
        Chat(endpoint, sleep=lambda _: None).ask(Request.of("?"), read_text)
    assert "pass" not in str(caught.value)
    assert KEY not in f"{chat!r}{endpoint!r}{caplog.text}"


def test_an_endpoint_comes_from_the_options_and_the_environment() -> None:
    environ = {"OPENAI_API_KEY": f" {KEY}\n", "OPENAI_BASE_URL": "http://here/v1/", "OPENAI_MODEL": "theirs"}
    assert Endpoint.of(environ=environ) == Endpoint("theirs", "http://here/v1", KEY)
    assert Endpoint.of("mine", "http://there", environ) == Endpoint("mine", "http://there", KEY)
    for given, problem in (
        ({}, "give --model NAME or set OPENAI_MODEL"),
        ({"OPENAI_MODEL": "m"}, r"no API key for https://api\.openai\.com/v1: set OPENAI_API_KEY"),
        ({**environ, "OPENAI_API_KEY": "a b"}, "OPENAI_API_KEY holds blanks"),
        ({**environ, "OPENAI_BASE_URL": "http://["}, "not an address"),
        ({**environ, "OPENAI_BASE_URL": "ftp://x"}, "not an address"),
        ({**environ, "OPENAI_BASE_URL": "http://user:pass@"}, "not an address"),
    ):
        with pytest.raises(ConfigError, match=problem) as caught:
            Endpoint.of(environ=given)
        assert "pass" not in str(caught.value)


def test_json_is_found_in_what_models_say_around_it() -> None:
    for content in ('{"a": 1}', '```json\n{"a": 1}\n```', '<think>{"b": 2}</think> So: {"a": 1}.', '{"a":\n1}'):
        assert read_json(content) == {"a": 1}
    assert read_json(json.dumps({"a": "}{"})) == {"a": "}{"}


@pytest.mark.parametrize("module", ["workspace.chat", "workspace.chat.requests", "workspace.hub"])
def test_the_examples_run(module: str) -> None:
    failed, tried = doctest.testmod(import_module(module))
    assert (failed, tried > 0) == (0, True)
