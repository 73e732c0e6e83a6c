"""What the Hub's validator may answer, and what is made of it: against the stand-in on loopback, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huggingface_hub import constants

from exports.card.check import NOT_THE_HUB, CardCheck, check_by_hub
from tests.hub import Hub, local_hub
from workspace.errors import HubError

REPO = "equipo/h4rmony-es"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with local_hub() as hub:
        yield hub


def check(hub: Hub) -> CardCheck:
    return check_by_hub(REPO, "---\nlicense: mit\n---\n", endpoint=hub.url)


@pytest.mark.parametrize("answer", ["{}", '{"errors": 5, "warnings": "no"}', '{"other": true}', '{"errors": []}'])
def test_any_object_with_status_200_is_a_yes_as_it_is_to_the_hub_s_own_client(hub: Hub, answer: str) -> None:
    hub.instead = (200, answer)
    assert check(hub) == CardCheck()


@pytest.mark.parametrize(
    ("status", "answer", "why_not"),
    [(503, "{}", "the Hub answered 503"), (429, "{}", "the Hub answered 429"), (401, "{}", "the Hub answered 401"),
     (200, "<html>log in to this network</html>", NOT_THE_HUB),
     (400, "<html>no</html>", NOT_THE_HUB),
     (200, "[]", NOT_THE_HUB),
     (200, "\xff\xfe{", NOT_THE_HUB),
     (200, "9" * 5000, NOT_THE_HUB),
     (200, "[" * 100_000, NOT_THE_HUB),
     (200, '{"errors": [], "warnings": ["' + "x" * 2_000_000 + '"]}', NOT_THE_HUB)],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_another_answer_than_the_validator_s_is_no_check(hub: Hub, status: int, answer: str, why_not: str) -> None:
    hub.instead = (status, answer)
    assert check(hub) == CardCheck(why_not)


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (400, '{"errors": [{"message": null}], "warnings": []}', "it gives no reason"),
        (400, '{"error": null, "errors": [null, " ", {}, 5, {"message": "no\\nlanguage"}]}', "5; no language"),
        (400, '{"error": {"a": 1}}', "it gives no reason"),
        (400, '{"error": "too long"}', "too long"),
        (200, '{"errors": [{"message": null}], "warnings": []}', "it gives no reason"),
    ],
)
def test_what_the_hub_says_without_words_is_never_none(hub: Hub, status: int, answer: str, said: str) -> None:
    hub.instead = (status, answer)
    with pytest.raises(HubError) as raised:
        check(hub)
    assert str(raised.value) == f"{REPO}: the Hub does not take the dataset card ({said})"


def test_nobody_there_is_no_check(hub: Hub) -> None:
    hub.url = "http://127.0.0.1:9"
    assert check(hub) == CardCheck("the Hub could not be reached")


def test_what_says_that_it_is_offline_asks_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert check(hub) == CardCheck("HF_HUB_OFFLINE is set")
    assert hub.requests == []
