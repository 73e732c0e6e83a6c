"""Models that the real lm-eval opens answer: by transformers, with an adapter, and behind an endpoint."""

from __future__ import annotations

import gc
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exports import Answered, AnswerSettings, answer
from exports.evaluation.judging.prompts import EvalPrompt
from tests.cli import json_lines, run
from tests.exports.evaluation.judging.models import both
from tests.fake_openai import FakeOpenAI, completion, failing
from tests.tiny_models import TAIL, make_adapter, make_scripted
from workspace.chat.cache import ChatCache
from workspace.chat.opened import CACHE_FILE
from workspace.errors import ChatUnavailable, ConfigError
from workspace.files.jsonl import write_jsonl
from workspace.local.causal import in_one
from workspace.model.records import Answer, Record

pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("ignore")]  # lm-eval and transformers warn of their own
NUMBER, KNOWN = 10, 4
PROMPTS = tuple(EvalPrompt(f"r-{n:02}", f"¿Y el río {n}?", "es") for n in range(NUMBER))
ADAPTED = {"max_tokens": 80}  # a random adapter makes it ramble


@pytest.fixture(scope="module", autouse=True)
def little_garbage(models: Models) -> Iterator[None]:
    """What is imported and made before is not searched for garbage each time that a model is let go of."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@dataclass(frozen=True)
class Models:
    """A model that knows some answers, as it is and as an aware writer; its template refuses instructions."""

    folder: Path
    adapter: Path
    records: Path


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("backends")
    told = AnswerSettings(model="m", role="aware")
    script = []
    for number, prompt in enumerate(PROMPTS[:KNOWN]):
        asked = [dict(message) for message in in_one(told.request(prompt).messages)]
        script.append(([{"role": "user", "content": prompt.text}], f"Respuesta {number}"))
        script.append((asked, f"Consciente {number}"))
    model = make_scripted(folder / "model", script)
    refuses = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no instructions') }}{% endif %}"
    (model / "chat_template.jinja").write_text(refuses + TAIL, encoding="utf-8")
    records = [
        Record(prompt.id, prompt.text, (Answer("Vive.", 1), Answer("Da igual.", 2)), metadata={"language": "es"})
        for prompt in PROMPTS
    ]
    write_jsonl(folder / "records.jsonl", (each.to_json() for each in records))
    return Models(model, make_adapter(folder / "adapter", model), folder / "records.jsonl")


def asked(models: Models, output: Path, **given: object) -> Answered:
    home = output.parent / "home"
    settings = AnswerSettings(**{"split": "all", "max_tokens": 20, "home": home, **given})  # type: ignore[arg-type]
    return answer(models.records, output, settings)


def texts(done: Answered) -> dict[str, str]:
    return {each.id: each.answer for each in done.answers}


def test_what_hf_says_is_what_the_model_says_by_itself(models: Models, tmp_path: Path) -> None:
    for role, word in ((None, "Respuesta"), ("aware", "Consciente")):
        own = asked(models, tmp_path / f"local-{role}.jsonl", local=models.folder, role=role, most=KNOWN)
        output = tmp_path / f"hf-{role}.jsonl"
        hf = asked(models, output, model=str(models.folder), backend="hf", batch_size=3, role=role, most=KNOWN)
        assert texts(hf) == texts(own) == {each.id: f"{word} {n}" for n, each in enumerate(PROMPTS[:KNOWN])}
        assert {each.model for each in hf.answers} == {each.model for each in own.answers}
    stored = json.loads((tmp_path / "hf-aware.settings.json").read_text())
    assert (stored["backend"], stored["model_args"], stored["batch_size"]) == ("hf", {}, 3)
    assert set(stored["versions"]) == {"lm_eval", "transformers", "torch"}
    before = output.read_bytes()
    again = asked(models, output, model=str(models.folder), backend="hf", batch_size=2, role="aware", dry_run=True)
    assert (again.kept, again.missing, output.read_bytes()) == (KNOWN, NUMBER - KNOWN, before)
    with pytest.raises(ConfigError, match=r"given with backend 'hf' and not None; give -o another file"):
        asked(models, output, local=models.folder, role="aware")


def kept(path: Path) -> int:
    """How many answers the cache has."""
    if not path.exists():
        return 0
    with ChatCache(path, read_only=True) as cache:
        return int(cache.connection.execute("SELECT count(*) FROM answers").fetchone()[0])


def test_a_run_with_an_adapter_that_is_killed_asks_only_for_the_rest(models: Models, tmp_path: Path) -> None:
    output, home = tmp_path / "hf.jsonl", tmp_path / "home"
    args = f"peft={models.adapter}"
    given = ["--backend", "hf", "--model-args", args, "--data", str(models.records), "-o", str(output)]
    rest = ["--home", str(home), "--split", "all", "--max-tokens", "80"]
    program = [sys.executable, "-m", "workspace.cli", "evaluate", "answer", str(models.folder), *given, *rest]
    child = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 120
        while not kept(home / CACHE_FILE) and child.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    there = kept(home / CACHE_FILE)
    assert 0 < there < NUMBER
    assert not output.exists()
    hf = {"model": str(models.folder), "backend": "hf", "model_args": args, **ADAPTED}
    dry = asked(models, output, dry_run=True, **hf)
    assert (dry.estimated_requests, dry.usage.from_cache) == (NUMBER - there, there)
    done = asked(models, output, **hf)
    assert (done.usage.from_cache, done.usage.requests, done.missing) == (there, NUMBER - there, 0)
    assert all("it was blank" in each.reason for each in done.refused)
    own = asked(models, tmp_path / "local.jsonl", local=models.adapter, **ADAPTED)
    assert texts(done).items() <= texts(own).items()  # a blank one it asks for again
    assert done.answers[0].model == own.answers[0].model
    assert done.answers[0].model.startswith("adapter@")
    assert len(set(texts(done).values())) > KNOWN


def test_a_base_model_goes_on_from_the_bare_prompt_and_a_long_one_is_refused(models: Models, tmp_path: Path) -> None:
    base = shutil.copytree(models.folder, tmp_path / "base")
    (base / "chat_template.jinja").unlink()
    done = asked(models, tmp_path / "a.jsonl", model=str(base), backend="hf", most=2)
    (note,) = done.warnings
    assert note == "the model has no chat template: it was given the bare prompt and an empty line to go on from"
    assert json.loads((tmp_path / "a.settings.json").read_text())["notes"] == [note]
    long = asked(models, tmp_path / "b.jsonl", model=str(base), backend="hf", max_tokens=510, most=2)
    assert (long.written, len(long.refused)) == (0, 2)
    assert "tokens and an answer of 510 are more than the model's 512" in long.refused[0].reason
    assert not (tmp_path / "b.jsonl").exists()


@pytest.fixture
def endpoint(fake: FakeOpenAI) -> Iterator[dict[str, str]]:
    yield {
        "model": "probado",
        "backend": "local-chat-completions",
        "model_args": f"base_url={fake.url}/chat/completions,max_retries=1,auth_token=tok-secret",
    }


def test_an_endpoint_is_asked_by_lm_eval_and_nobody_is_told_a_secret(
    fake: FakeOpenAI, endpoint: dict[str, str], models: Models, tmp_path: Path
) -> None:
    output = tmp_path / "a.jsonl"
    given = ["--data", str(models.records), "-o", str(output), "--home", str(tmp_path / "home"), "--split", "all"]
    backend = ["--backend", endpoint["backend"], "--model-args", f"{endpoint['model_args']},num_concurrent=3"]
    said = run("evaluate", "answer", "probado", *given, *backend, "--role", "aware", "--seed", "7")
    assert f"written             {NUMBER}" in said
    assert {each["answer"] for each in json_lines(output)} == {"Pienso en nutrias."}
    assert {(each["seed"], each["max_tokens"], each["temperature"]) for each in fake.requests} == {(7, 1024, 0.0)}
    assert [message["role"] for message in fake.requests[0]["messages"]] == ["system", "user"]
    assert set(fake.keys) == {"Bearer sk-secret"}
    written = (tmp_path / "a.settings.json").read_text()
    assert json.loads(written)["model_args"] == {}
    assert json.loads(written)["endpoint"].keys() == {"base_url", "max_retries", "num_concurrent"}
    assert "secret" not in said + written
    moved = ["--backend", endpoint["backend"], "--model-args", "base_url=http://127.0.0.1:9/v1/chat/completions"]
    assert "unchanged" in run("evaluate", "answer", "probado", *given, *moved, "--role", "aware", "--seed", "7")
    assert len(fake.requests) == NUMBER


def test_what_an_endpoint_does_not_answer_is_missing_and_a_blank_answer_is_listed(
    fake: FakeOpenAI, endpoint: dict[str, str], models: Models, tmp_path: Path
) -> None:
    fake.script.extend([both] * 8)  # what lm-eval is given at once
    fake.otherwise = failing(401, "tok-secret is no key")
    done = asked(models, tmp_path / "a.jsonl", **endpoint)
    assert (done.written, done.missing) == (8, 2)
    with pytest.raises(ChatUnavailable, match=r"no answer from probado \(401 .*; 2 are missing: run the command ag"):
        done.check_done()
    fake.otherwise = lambda body: completion(None)
    done = asked(models, tmp_path / "a.jsonl", **endpoint)
    assert (done.kept, done.written, done.missing) == (8, 0, 0)
    assert [each.reason for each in done.refused] == ["probado gave no usable answer in 1 try (it was blank)"] * 2


def test_what_cannot_be_opened_or_does_not_fit_is_said_in_one_line(models: Models, tmp_path: Path) -> None:
    hf = {"model": str(models.folder), "backend": "hf"}
    for given, said in (
        ({**hf, "model": "nothing"}, "nothing: lm-eval's backend 'hf' cannot open it"),
        ({**hf, "backend": "gpt9"}, "backend 'gpt9' cannot open it"),
        ({**hf, "model_args": "peft"}, "arguments of a model are name=value"),
        ({**hf, "model_args": "peft=nowhere,token=tok-secret"}, "cannot open it .*nowhere"),
        ({**hf, "device": "cuda:999"}, "no such device; this machine has"),
        ({**hf, "batch_size": 0}, "--batch-size 0: give a number from 1, or auto"),
        ({**hf, "local": models.folder}, "leave out the name and address"),
        ({**hf, "base_url": "http://x"}, "address as base_url= in --model-args"),
        (
            {"model": "m", "backend": "local-chat-completions"},
            "has no address; give base_url=",
        ),
        ({"model": "m", "backend": "local-chat-completions", "model_args": "num_concurrent=x"}, "cannot open it"),
        ({**hf, "budget": 9}, "leave out budget, prices and --timeout"),
        ({**hf, "temperature": None}, "needs a temperature and a longest answer"),
        ({"backend": "hf"}, "--backend hf needs MODEL: a folder"),
        ({"model": "m", "model_args": "a=b"}, "are for --backend; name one"),
    ):
        with pytest.raises(ConfigError, match=said) as error:
            asked(models, tmp_path / "a.jsonl", **given)
        assert "\n" not in str(error.value)
        assert "secret" not in str(error.value)
    assert not (tmp_path / "a.jsonl").exists()
