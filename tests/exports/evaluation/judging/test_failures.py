"""Whatever an endpoint does, nothing is graded twice, and nothing that failed becomes a grade."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exports import AnswerSettings, GradeSettings, answer, grade
from exports.evaluation.grades.files import read_grades
from tests.exports.evaluation.judging.models import answers, both, judge, says, write_answers
from tests.fake_openai import Answer, Behaviour, FakeOpenAI, completion, failing
from workspace.chat.cache import ChatCache
from workspace.chat.client import CONCURRENCY
from workspace.chat.opened import CACHE_FILE
from workspace.errors import DataError

AT_ONCE = {"Retry-After": "0"}
PASSING: dict[str, Behaviour] = {
    "too many requests": failing(429, headers=AT_ONCE),
    "server error": failing(500, headers=AT_ONCE),
    "timeout": lambda body: replace(judge(body), delay=0.6),
    "broken off": lambda body: replace(judge(body), cut=True),
    "not JSON": lambda body: completion("Claro: {"),
    "a list": lambda body: completion("[1]"),
    "no such grade": lambda body: says("excellent"),
    "no grade": lambda body: completion(json.dumps({"reason": "Porque sí."})),
    "a number for a grade": lambda body: says(100),
    "no reason": lambda body: says("good", "  "),
    "reason is no text": lambda body: says("good", ["x"]),
    "grade before reason": lambda body: completion(json.dumps({"grade": "good", "reason": "Porque sí."})),
    "cut": lambda body: completion('{"reason": "Por', reason="length"),
    "filtered": lambda body: completion(None, reason="content_filter"),
    "not a completion": lambda body: Answer(body=[]),
}


def settings(folder: Path, **given: Any) -> GradeSettings:
    return GradeSettings(**{"model": "juez", "home": folder / "home", "repeats": 1, **given})


@pytest.mark.parametrize("kind", PASSING)
def test_a_failure_that_passes_is_no_grade(fake: FakeOpenAI, tmp_path: Path, kind: str) -> None:
    fake.script.append(PASSING[kind])
    done = grade(answers("Son recursos."), tmp_path / "g.jsonl", settings(tmp_path, timeout=0.3))
    assert [each.grade for each in done.grades] == ["bad"]
    assert len(fake.requests) == 2
    assert (done.refused, done.missing, done.problem) == ((), 0, None)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (failing(422, "no"), "answers 422"),
        (lambda body: says("excellent"), "none of bad, regular, good, cannot_judge"),
        (lambda body: completion(None, reason="content_filter"), "provider's filter"),
    ],
)
def test_what_fails_for_good_is_neither_bad_nor_null_and_is_asked_for_again(
    fake: FakeOpenAI, tmp_path: Path, behave: Behaviour, reason: str
) -> None:
    output = tmp_path / "g.jsonl"

    def on_one(body: dict[str, Any]) -> Answer:
        return behave(body) if "recursos" in body["messages"][-1]["content"] else both(body)

    fake.otherwise = on_one
    done = grade(answers("nutrias", "Son recursos."), output, settings(tmp_path))
    assert [(each.id, reason in each.reason) for each in done.refused] == [("p-1", True)]
    assert [each.id for each in read_grades(output)] == ["p-0"]
    fake.otherwise = both
    done = grade(answers("nutrias", "Son recursos."), output, settings(tmp_path))
    assert (done.kept, done.written) == (1, 1)


def test_an_output_that_cannot_be_written_is_said_before_anything_is_asked(fake: FakeOpenAI, tmp_path: Path) -> None:
    source = write_answers(tmp_path / "a.jsonl", answers("nutrias"))
    for output in (tmp_path, source / "g.jsonl"):
        with pytest.raises(DataError, match=r"not a regular file|is not a folder"):
            grade(source, output, settings(tmp_path))
        with pytest.raises(DataError, match=r"not a regular file|is not a folder"):
            answer(tmp_path / "review", output, AnswerSettings(model="probado", home=tmp_path))
    assert not fake.requests


@pytest.mark.parametrize("known", ["json_object", ""])
def test_an_endpoint_that_knows_no_schema_is_told_it_in_words(fake: FakeOpenAI, tmp_path: Path, known: str) -> None:
    def behave(body: dict[str, Any]) -> Answer:
        form = body.get("response_format", {}).get("type", "")
        if form not in (known, ""):
            return failing(400, f"response_format.type {form} is unavailable now")(body)
        assert '{"reason": "...", "grade": "' in body["messages"][0]["content"]
        return judge(body)

    fake.otherwise = behave
    done = grade(answers("nutrias"), tmp_path / "g.jsonl", settings(tmp_path))
    assert [each.grade for each in done.grades] == ["good"]


def kept(path: Path) -> int:
    """How many replies the cache has."""
    if not path.exists():
        return 0
    with ChatCache(path, read_only=True) as cache:
        return int(cache.connection.execute("SELECT count(*) FROM answers").fetchone()[0])


def hanging(first: Callable[[dict[str, Any]], Answer]) -> Behaviour:
    """Never answers, for as long as the test needs."""
    never = threading.Event()

    def hang(body: dict[str, Any]) -> Answer:
        never.wait(60)
        return first(body)

    return hang


def test_a_run_that_is_killed_is_carried_on_with(fake: FakeOpenAI, tmp_path: Path) -> None:
    """The server answers 10 requests and leaves all others hanging; then the run is killed."""
    texts = [f"Cuida {number} nutrias." for number in range(20)]
    source, output = write_answers(tmp_path / "a.jsonl", answers(*texts)), tmp_path / "g.jsonl"
    fake.script.extend([judge] * 10)
    fake.otherwise = hanging(judge)
    given = [str(source), "-o", str(output), "--judge", "juez", "--repeats", "1", "--home", str(tmp_path / "home")]
    program = [sys.executable, "-m", "workspace.cli", "evaluate", "grade", *given]
    child = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while (
            kept(tmp_path / "home" / CACHE_FILE) < 10 or len(fake.requests) < 10 + CONCURRENCY
        ) and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not output.exists()
    assert len(fake.requests) == 10 + CONCURRENCY  # those under way were lost
    fake.otherwise, before = both, len(fake.requests)
    dry = grade(source, output, settings(tmp_path, dry_run=True))
    assert (dry.estimated_requests, dry.usage.from_cache, dry.missing, len(fake.requests)) == (10, 10, 20, before)
    done = grade(source, output, settings(tmp_path))
    assert done.estimated_requests is None
    assert (done.written, done.usage.from_cache, len(fake.requests) - before) == (20, 10, 10)
    assert len(read_grades(output)) == 20
