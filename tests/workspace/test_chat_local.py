"""A model on this machine is asked as an endpoint is: on a tiny model that has learned what to answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_models import make_adapter, make_scripted
from workspace.chat import BadAnswer, Budget, ChatCache, Question, Request, Schema, read_json, read_text
from workspace.chat import local as chat_local
from workspace.chat.local import LocalChat, find_chat_model
from workspace.errors import BudgetSpent, ChatRefused, ChatUnavailable, ChatUnusable, ConfigError, MissingPartError

pytestmark = pytest.mark.extras

RIVERS = {"Spain?": "Ebro", "France?": "the Loire", "Peru?": "the long Amazon"}
COLOUR = Schema("colour", {"type": "object"})
Make = Callable[..., LocalChat]


def asked(*texts: str, system: str = "") -> list[dict[str, str]]:
    told = [{"role": "system", "content": system}] if system else []
    return [*told, *({"role": "user", "content": text} for text in texts)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    again = Request.of("Which colour?").asked_again("it was not a JSON object").messages
    script = [(asked(question), river) for question, river in RIVERS.items()]
    script += [(asked("Which colour?"), "Red, I think."), ([dict(each) for each in again], '{"colour": "red"}')]
    script += [(asked("Which colour?", system=COLOUR.in_words()), '{"colour": "blue"}')]
    return make_scripted(tmp_path_factory.mktemp("chat") / "tiny-instruct", script)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ChatCache]:
    with ChatCache(tmp_path / "chat.sqlite") as cache:
        yield cache


@pytest.fixture
def chat(folder: Path) -> Make:
    return lambda place=folder, **settings: LocalChat(find_chat_model(str(place), folder.parent), **settings)


def rivers(times: int = 1, **parameters: Any) -> list[Question[str]]:
    return [
        Question(Request.of(question, repeat=n, **parameters), read_text, about=river)
        for n in range(times)
        for question, river in RIVERS.items()
    ]


def is_loaded(chat: LocalChat) -> bool:
    return "_causal" in vars(chat)


def test_many_questions_are_answered_in_their_order_and_counted(chat: Make) -> None:
    one = chat(batch_tokens=200)
    questions = rivers(100, temperature=0.8)
    answers = list(one.ask_all(questions))
    assert [answer.value for answer in answers] == [question.about for question in questions]
    assert one.usage.requests == 300
    assert one.usage.tokens == one.budget.spent
    assert one.usage.tokens.completion == 100 * sum(len(river.split()) + 1 for river in RIVERS.values())
    assert sum(answer.tokens for answer in answers) == one.usage.tokens.total
    soon = list(chat(batch_tokens=200).ask_all(questions, in_order=False))
    assert {id(answer.question) for answer in soon} == {id(question) for question in questions}
    assert all(answer.value == answer.question.about for answer in soon)


def test_questions_are_taken_as_the_answers_are(chat: Make) -> None:
    taken = []

    def questions() -> Iterator[Question[str]]:
        for question in rivers(1000):
            taken.append(question)
            yield question

    assert next(chat().ask_all(questions())).value == "Ebro"
    assert len(taken) == chat_local.WINDOW


def test_what_cannot_be_used_is_asked_for_again_with_what_was_wrong(chat: Make) -> None:
    one = chat()
    assert one.ask(Request.of("Which colour?"), read_json) == {"colour": "red"}
    assert one.usage.requests == 2

    def never(text: str) -> str:
        raise BadAnswer("it was no colour")

    with pytest.raises(ChatUnusable, match=r"^tiny-instruct@\w{12} gave no usable answer in 3 tries \(it was no"):
        one.ask(Request.of("Which colour?"), never)
    with pytest.raises(ChatUnusable, match="it was too long, and was cut"):
        one.ask(Request.of("Peru?", max_tokens=2), read_text)
    assert one.usage.requests == 8


def test_a_schema_is_told_in_words(chat: Make) -> None:
    assert chat().ask(Request.of("Which colour?", schema=COLOUR), read_json) == {"colour": "blue"}
    assert chat().ask(Request.of("Which colour?", schema=Schema("colour", words="")), read_text) == "Red, I think."


def test_what_the_cache_has_is_not_written_again_wherever_the_model_lies(
    chat: Make, cache: ChatCache, folder: Path, tmp_path: Path
) -> None:
    first = chat(cache=cache)
    list(first.ask_all(rivers()))
    shutil.copytree(folder, tmp_path / "other-name")
    again = chat(tmp_path / "other-name", cache=cache)
    assert [answer.value for answer in again.ask_all(rivers())] == list(RIVERS.values())
    assert (again.usage.from_cache, again.usage.requests, again.usage.tokens.total) == (3, 0, 0)
    assert is_loaded(first) and not is_loaded(again)
    (tmp_path / "other-name" / "generation_config.json").write_text('{"top_k": 3}')
    other = chat(tmp_path / "other-name", cache=cache)
    list(other.ask_all(rivers()))
    assert other.usage.requests == 3


def test_a_budget_ends_the_asking_and_what_the_cache_has_still_comes(chat: Make, cache: ChatCache) -> None:
    list(chat(cache=cache).ask_all(rivers()))
    short = chat(cache=cache, budget=Budget(100), batch_tokens=80)
    answers = list(short.ask_all([*rivers(10, seed=1, answer_characters=30), *rivers()]))
    done, spent, kept = answers[:30], [answer for answer in answers if answer.error], answers[30:]
    assert 3 <= sum(answer.value is not None for answer in done) < 30
    assert {str(answer.error) for answer in spent} == {"the budget of 100 tokens is spent"}
    assert {type(answer.error) for answer in spent} == {BudgetSpent}
    assert [answer.value for answer in kept] == list(RIVERS.values())
    assert short.usage.tokens.total <= 100


def test_too_little_memory_makes_smaller_batches_and_then_an_error(
    chat: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    one, sizes, most = chat(), [], 5
    write = one._causal.write

    def short_of_memory(prompts: Any, *others: Any) -> Any:
        sizes.append(len(prompts))
        if len(prompts) > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return write(prompts, *others)

    monkeypatch.setattr(one._causal, "write", short_of_memory)
    questions = rivers(8, temperature=0.8)
    assert [answer.value for answer in one.ask_all(questions)] == [question.about for question in questions]
    assert sizes[:4] == [24, 12, 6, 3] and max(sizes[3:]) == 3
    assert one.budget.spent == one.usage.tokens
    most = 0
    errors = [answer.error for answer in one.ask_all(rivers(seed=2))]
    assert {type(error) for error in errors} == {ChatUnavailable}
    assert "not enough memory for a request and an answer of" in str(errors[0])
    monkeypatch.setattr(one._causal, "write", lambda *_: (_ for _ in ()).throw(RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        list(one.ask_all(rivers(seed=3)))


def test_a_request_that_is_too_long_is_refused_alone(chat: Make) -> None:
    long, good = chat().ask_all([Question(Request.of("Peru? " * 9, max_tokens=600), read_text), rivers()[0]])
    assert isinstance(long.error, ChatRefused) and "are more than the model's 512" in str(long.error)
    assert good.value == "Ebro"


def test_models_that_are_not_there_are_stated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--local nowhere: not a folder, nor an id"):
        find_chat_model("nowhere", tmp_path)
    with pytest.raises(ConfigError, match=rf"--local {tmp_path}: it lacks config\.json"):
        find_chat_model(str(tmp_path), tmp_path)
    with pytest.raises(MissingPartError, match=r"owner/tiny is not on this machine.*, or give a folder with --lo"):
        find_chat_model("owner/tiny", tmp_path)


@pytest.fixture(scope="module")
def adapter(folder: Path) -> Path:
    return make_adapter(folder.parent / "tiny-adapter", folder)


def test_an_adapter_changes_what_its_base_says_and_is_another_model(chat: Make, folder: Path, adapter: Path) -> None:
    request = Request.of("Spain?", may_be_cut=True, max_tokens=5)
    base, moved = chat(), chat(adapter)
    assert base.ask(request, str) == "Ebro"
    assert moved.ask(request, str) != "Ebro"
    assert moved.ask(request, str) == chat(adapter).ask(request, str)
    name, _, revision = moved.model.partition("@")
    assert (name, len(revision)) == ("tiny-adapter", 12)
    assert revision != base.model.partition("@")[2]


def test_an_adapter_that_cannot_be_used_is_stated(chat: Make, folder: Path, adapter: Path, tmp_path: Path) -> None:
    def broken(name: str, config: str | None = None) -> Path:
        place = shutil.copytree(adapter, tmp_path / name)
        if config is None:
            (place / "adapter_model.safetensors").unlink()
        else:
            (place / "adapter_config.json").write_text(config)
        return place

    with pytest.raises(ConfigError, match=r"the adapter lacks adapter_model\.safetensors"):
        chat(broken("empty"))
    for name, config in {"list": "[]", "none": "{}", "no": "{"}.items():
        with pytest.raises(ConfigError, match=r"adapter_config\.json cannot be read"):
            chat(broken(name, config))
    with pytest.raises(ConfigError, match="does not name the adapter's base"):
        chat(broken("null", '{"base_model_name_or_path": null}'))
    with pytest.raises(ConfigError, match="the adapter's base cannot be used"):
        chat(broken("gone", '{"base_model_name_or_path": "/nowhere"}'))
    other = make_scripted(tmp_path / "other", [(asked("A?"), "B")])
    shutil.copy(adapter / "adapter_config.json", tmp_path / "config.json")
    told = json.loads((tmp_path / "config.json").read_text())
    wrong = broken(
        "wrong", json.dumps({**told, "base_model_name_or_path": str(other), "target_modules": ["lm_foot"]})
    )
    with pytest.raises(ConfigError, match="cannot be loaded"):
        chat(wrong).ask(Request.of("A?"), str)
