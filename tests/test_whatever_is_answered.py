"""Whatever the server takes from a reviewer, every command reads, again and again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.loading.send import Policy, load_records
from tests.cli import run
from tests.reviews import connection_to, options, record
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials

ODD = ("\x00", "\ud800", "a\udfffb", "\ufffe", "\U0010ffff", "\u2028", "\x1b[31m", "</script>", "\x85", "x" * 100_000)
texts = st.lists(st.sampled_from([*ODD, "sí", " ", "\n"]), max_size=4).map("".join)
values = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 10**30, 1.5, float("nan"), float("inf"), [], {}, [[]], [{}], "a", ["a"], {"a": "b"}]),
    st.lists(
        st.fixed_dictionaries({"value": st.sampled_from("abcz\x00"), "rank": st.sampled_from([None, 1, 0, 10**30])})
    ),
)
QUESTIONS = ("ranking", "prompt_text", "answer_a_text", "answer_b_text", "comment", "problems")
forms = st.dictionaries(st.sampled_from(QUESTIONS), values, max_size=6)
RANKING = {"value": [{"value": slot, "rank": place} for place, slot in enumerate("abc", 1)]}


def test_whatever_the_server_takes_is_collected_again_and_exported(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path / "home")
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 1)
        load_records(gateway, {3: dataset}, [record(number) for number in range(1, 51)], Policy())
        waiting = [r.id for r in gateway.records(dataset)]
        key = gateway.add_reviewer(f"rara-{connection.dataset}", "Rara", "x" * 12).api_key
    review, data = tmp_path / "review", tmp_path / "data"
    taken: list[str] = []

    @settings(max_examples=25, derandomize=True, database=None)
    @given(forms, texts)
    def answer(form: dict[str, Any], text: str) -> None:
        draft = {"status": "draft", "values": {name: {"value": value} for name, value in form.items()}}
        texts = {f"answer_{slot}_text": {"value": text or "sí"} for slot in "abc"}
        texts |= {"prompt_text": {"value": "¿Por qué?" + text}, "comment": {"value": text}, "ranking": RANKING}
        for body in (draft, {"status": "submitted", "values": texts}):
            record_id = waiting.pop()
            url = f"{server.api_url}/api/v1/records/{record_id}/responses"
            response = http.post(url, content=json.dumps(body))
            assert response.status_code in (201, 400, 422), (body, response.text)
            taken.extend([record_id] * response.is_success)

    with httpx.Client(headers={"X-Argilla-Api-Key": key, "Content-Type": "application/json"}) as http:
        answer()
    for _ in range(2):
        run("collect", "-o", str(review), *options(connection))
        assert (review / "ballots.jsonl").read_bytes().count(b"\n") == len(taken) > 25
    for source in (["--review", str(review)], options(connection)):
        run("export", "-o", str(data), "--format", "dpo", "--format", "sft", *source)
