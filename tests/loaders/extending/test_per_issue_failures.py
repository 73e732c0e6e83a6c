"""What goes wrong while a model writes prompts and answers: nothing is lost, nothing is paid for twice."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loaders import Extended, ExtendSettings
from loaders.extending.there import REFUSED_FILE
from tests.fake_openai import TOKENS, Answer, FakeOpenAI, completion, failing
from tests.loaders.extending.writer import asks_for_a_prompt, run, whole
from workspace.chat.opened import CACHE_FILE
from workspace.cli import main
from workspace.errors import BudgetSpent, ChatUnavailable, ConfigError
from workspace.model.h4rmony import ISSUES

pytestmark = pytest.mark.extras
PER_ISSUE = 2
PROMPTS = PER_ISSUE * len(ISSUES)
REQUESTS = 4 * PROMPTS  # if each text is good at once: a prompt and three answers


@pytest.fixture(autouse=True)
def whole_model(fake: FakeOpenAI) -> None:
    fake.otherwise = whole


def extend(folder: Path, **settings: Any) -> Extended:
    done = run(folder / "o.jsonl", per_issue=PER_ISSUE, home=folder / "home", embedding_model="none", **settings)
    states = [done.kept, done.written, len(done.refused), len(done.missing)]
    assert done.prompts == PROMPTS == sum(states)
    for name, number in zip(("kept", "written", "refused", "missing"), states, strict=True):
        assert sum(done.issues[name].values()) == number
    assert done.issues["prompts"] == dict.fromkeys(ISSUES, PER_ISSUE)
    return done


def whole_again(folder: Path, fake: FakeOpenAI, paid: int) -> None:
    """Run again with a model that is well: what was paid for is not asked for again, and then nothing is."""
    fake.otherwise = whole
    before = len(fake.requests)
    done = extend(folder)
    assert [done.kept + done.written, done.missing, len(fake.requests) - before] == [PROMPTS, (), REQUESTS - paid]
    files = (folder / "o.jsonl").read_bytes(), (folder / REFUSED_FILE).read_bytes()
    again = extend(folder)
    assert [again.kept, again.usage.requests, again.usage.from_cache] == [PROMPTS, 0, 0]
    assert ((folder / "o.jsonl").read_bytes(), (folder / REFUSED_FILE).read_bytes()) == files


@pytest.mark.parametrize("paid", [4, 25])
def test_a_server_that_asks_to_wait_for_ever(fake: FakeOpenAI, tmp_path: Path, paid: int) -> None:
    fake.script.extend([whole] * paid)
    fake.otherwise = failing(429, headers={"Retry-After": "0"})
    done = extend(tmp_path)
    assert isinstance(done.problem, ChatUnavailable) and done.missing
    assert done.usage.tokens.total == TOKENS * paid
    whole_again(tmp_path, fake, paid)


def test_a_server_that_is_late_once_is_asked_again(fake: FakeOpenAI, tmp_path: Path) -> None:
    fake.script.append(lambda body: replace(whole(body), delay=3))
    done = extend(tmp_path, timeout=2)
    late = done.usage.unanswered
    assert late >= 1 and [done.written, done.usage.requests] == [PROMPTS, REQUESTS + late]
    assert done.usage.tokens.total > TOKENS * REQUESTS  # what may have been paid for counts


def test_a_request_that_the_server_refuses_and_a_reply_that_is_cut_give_no_record(
    fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.script.extend([failing(422, "no"), lambda body: completion('{"prompt": "¿Qué', reason="length")])
    done = extend(tmp_path)
    assert [done.written, len(done.refused)] == [PROMPTS - 1, 1]
    assert "answers 422" in done.refused[0].reason
    assert [line["role"] for line in rejected(tmp_path)] == ["prompt"]
    assert extend(tmp_path).usage.requests == 0
    assert extend(tmp_path, retry_refused=True).kept == PROMPTS - 1
    assert extend(tmp_path).kept == PROMPTS


def test_answers_that_fail_leave_their_prompt_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    def behave(body: dict[str, Any]) -> Answer:
        hostile = not asks_for_a_prompt(body) and body["messages"][-1]["content"].startswith("¿")
        return completion("Esos idiotas no entienden nada de la vida.") if hostile else whole(body)

    fake.otherwise = behave
    done = extend(tmp_path)
    assert [done.written, len(done.refused)] == [PROMPTS // 2, PROMPTS // 2]
    assert all("it insults" in each.reason and each.role == "aware" for each in done.refused)
    assert extend(tmp_path).usage.requests == 0


@pytest.mark.parametrize("limit", [{"budget": 900}, {"budget": 3000}, {"budget_money": 0.004}])
def test_a_budget_ends_the_run(fake: FakeOpenAI, tmp_path: Path, limit: dict[str, Any]) -> None:
    done = extend(tmp_path, **limit, price_prompt=1, price_answer=4)
    assert isinstance(done.problem, BudgetSpent) and done.missing
    paid, numbers = len(fake.requests), done.to_json()
    assert numbers["tokens"] == TOKENS * paid <= limit.get("budget", 10**9)
    assert numbers["cost"] == pytest.approx(paid * (75 * 1 + 25 * 4) / 1e6)
    assert numbers["cost"] <= limit.get("budget_money", 1)
    whole_again(tmp_path, fake, paid)


def test_a_run_writes_no_more_than_it_may(fake: FakeOpenAI, tmp_path: Path) -> None:
    for number, written in enumerate((4, 4, 2, 0)):
        done = extend(tmp_path, most=4)
        assert [done.kept, done.written, done.problem] == [min(PROMPTS, 4 * number), written, None]
        assert done.usage.requests == 4 * written
    (tmp_path / "p.txt").write_text("\n".join(f"¿Qué harías tú con los sauces de {place}?" for place in "abc"))
    few = run(tmp_path / "few.jsonl", prompts=tmp_path / "p.txt", home=tmp_path / "home", most=2)
    assert [few.written, len(few.missing)] == [2, 1]


def test_a_dry_run_says_what_it_would_cost_and_asks_for_nothing(fake: FakeOpenAI, tmp_path: Path) -> None:
    given = ["extend", "--per-issue", "2", "-o", str(tmp_path / "o.jsonl"), "--home", str(tmp_path / "home")]
    prices = ["--price-prompt", "0.4", "--price-answer", "1.6"]
    dry = json.loads(CliRunner().invoke(main, [*given, *prices, "--dry-run", "--json"]).stdout)
    assert [dry["missing"], dry["written"], dry["cost"]] == [PROMPTS, 0, 0]
    assert 10_000 < dry["estimated_tokens"] < 40_000
    assert 0.4 * dry["estimated_tokens"] / 1e6 < dry["estimated_cost"] < 1.6 * dry["estimated_tokens"] / 1e6
    assert dry["missing_per_issue"] == dict.fromkeys(ISSUES, 2)
    assert not fake.requests and not (tmp_path / "o.jsonl").exists() and not (tmp_path / "home").exists()
    shown = CliRunner().invoke(main, [*given, *prices]).stdout
    assert "  cost" in shown and "written per issue" in shown and "CCEU 2" in shown


def test_settings_that_cannot_be_are_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    for given, said in (
        ({"price_prompt": 1}, "both --price-prompt and --price-answer"),
        ({"budget_money": 1}, "--budget-money needs"),
        ({"price_prompt": float("nan"), "price_answer": 1}, "--price-prompt nan: give an amount"),
        ({"most": -1}, "--most -1: give a number"),
        ({"cognitive_structures": ["salience"]}, "--cognitive-structure salience: choose of Ideology"),
    ):
        with pytest.raises(ConfigError, match=said):
            ExtendSettings(**given)
    for way, settings, said in (
        ({"per_issue": 1}, {"features": ["erasure"]}, "--feature is not for --per-issue"),
        ({"prompts": "p.txt"}, {"country": "Chile"}, "--country is not for --prompts"),
        (
            {"complete": "p.csv"},
            {"cognitive_structures": ["Salience"]},
            "--cognitive-structure is not for --complete",
        ),
    ):
        with pytest.raises(ConfigError, match=said):
            run(tmp_path / "o.jsonl", **way, home=tmp_path, **settings)
    for number in (0, 10_001):
        with pytest.raises(ConfigError, match=f"--per-issue {number}: give a number of prompts from 1 to 10000"):
            run(tmp_path / "o.jsonl", per_issue=number, home=tmp_path)
    both = ["extend", "--per-issue", "1", "--prompts", "p.txt", "-o", str(tmp_path / "o.jsonl")]
    assert "give one of --prompts, --per-issue, --complete" in CliRunner().invoke(main, both).stderr


def rejected(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / REFUSED_FILE).read_text().splitlines()]


@pytest.mark.parametrize("paid", [6, 21])
def test_a_run_that_is_killed_is_carried_on_with(fake: FakeOpenAI, tmp_path: Path, paid: int) -> None:
    """The server answers ``paid`` requests and leaves all others hanging; then the run is killed."""
    hanging = threading.Event()

    def hang(body: dict[str, Any]) -> Answer:
        hanging.wait(60)
        return whole(body)

    fake.script.extend([whole] * paid)
    fake.otherwise = hang
    given = ["--per-issue", str(PER_ISSUE), "-o", str(tmp_path / "o.jsonl"), "--home", str(tmp_path / "home")]
    program = [sys.executable, "-m", "workspace.cli", "extend", *given, "--embedding-model", "none"]
    child = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while kept(tmp_path / "home" / CACHE_FILE) < paid and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        hanging.set()
    assert not (tmp_path / "o.jsonl").exists()
    dry = extend(tmp_path, dry_run=True)
    assert [dry.usage.from_cache, dry.estimated_requests] == [paid, REQUESTS - paid]
    whole_again(tmp_path, fake, paid)
    answered = Counter(json.dumps(body, sort_keys=True) for body in fake.requests[:paid])
    assert max(answered.values()) == 1


def kept(cache: Path) -> int:
    """How many answers the cache has."""
    if not cache.exists():
        return 0
    with closing(sqlite3.connect(f"file:{cache}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM answers").fetchone()[0])
        except sqlite3.OperationalError:  # it is being made
            return 0
