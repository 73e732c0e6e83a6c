"""Whether a finished dataset card is one that the Hub takes: by the packages that read it, and by the Hub itself.

The rules:

- Every card is parsed by ``huggingface_hub`` and by ``datasets``, whose loader reads the configurations in it.
- The Hub's own validation (POST ``/api/validate-yaml``) gets the card's text as it is, and answers with errors (400)
  and warnings. It needs no token. Where ``HF_HUB_OFFLINE`` is set, it is not asked.
- Whoever must have the Hub's word (a push) asks for it; for all others its silence is no error, and is said.
- Nobody waits longer than the time given, however slowly a byte comes after the other, and what is read has an end.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workspace.errors import HubError

DRY_RUN_SECONDS = 5.0
PUSH_SECONDS = 30.0
UNREACHABLE = "the Hub could not be reached"
NOT_THE_HUB = "what was reached does not answer as the Hub does"
_NO_REASON = "it gives no reason"
_LONGEST = 1_000_000  # bytes; the Hub's own answers have some hundred
_TRUE = ("1", "ON", "YES", "TRUE")
_REFUSED = 400


@dataclass(frozen=True)
class CardCheck:
    """Who checked a card: the Hub, or without it only the packages and ``why_not``. ``warnings`` are the Hub's."""

    why_not: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def checked_by(self) -> str:
        """The name for machines."""
        return "huggingface_hub" if self.why_not else "hub"

    def __str__(self) -> str:
        """What the summary says."""
        return f"checked by huggingface_hub only ({self.why_not})" if self.why_not else "checked by the Hub"


def check_offline(repo_id: str, text: str) -> None:
    """Let the packages parse a card.

    Raises:
        HubError: one of them cannot read it.
    """
    import yaml  # type: ignore[import-untyped]
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard

    try:
        data: Any = DatasetCard(text).data
        if not data.to_dict():
            raise ValueError("no metadata was found")
        configs = MetadataConfigs.from_dataset_card_data(data)
        configs.get_default_config_name()
        if not configs:
            raise ValueError("no configuration was found")
    except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise HubError(
            f"{repo_id}: huggingface_hub and datasets do not take the dataset card ({line(error)})"
        ) from error


def check_by_hub(
    repo_id: str,
    text: str,
    *,
    endpoint: str | None = None,
    token: str | None = None,
    timeout: float = DRY_RUN_SECONDS,
) -> CardCheck:
    """Ask the Hub about a card; says why not if it does not answer.

    Raises:
        HubError: the Hub does not take the card.
    """
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE:
        return CardCheck("HF_HUB_OFFLINE is set")
    url = f"{endpoint or constants.ENDPOINT}/api/validate-yaml"
    sent = {"repoType": "dataset", "content": text}
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask() -> tuple[int, bytes]:
        # a step of it may take longer than all of it, so that it is always the deadline that ends the wait
        with get_session().stream("POST", url, json=sent, headers=headers, timeout=timeout + 1) as response:
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > _LONGEST:
                    return int(response.status_code), b""
            return int(response.status_code), body

    try:
        answered = _within(timeout, ask)
    except TimeoutError:
        return CardCheck(f"the Hub did not answer within {timeout:g} second{'' if timeout == 1 else 's'}")
    return _judged(repo_id, *answered) if answered else CardCheck(UNREACHABLE)


def _within(seconds: float, ask: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes] | None:
    """What is answered; None if nobody is there. Who asks is left behind at the deadline, and ends with the process.

    Raises:
        TimeoutError: it takes longer.
    """
    answers: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except (transport_error(), OSError, ValueError):
            answers.put(None)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None


def _judged(repo_id: str, status: int, body: bytes) -> CardCheck:
    """What an answer of the validator says of the card."""
    if status not in (200, _REFUSED):
        return CardCheck(f"the Hub answered {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # somebody between here and the Hub answered
        answer = None
    if not isinstance(answer, dict):
        return CardCheck(NOT_THE_HUB)
    errors = answer.get("errors")
    if (isinstance(errors, list) and errors) or status == _REFUSED:
        why = "; ".join(_messages(errors) or _messages([answer.get("error")])) or _NO_REASON
        raise HubError(f"{repo_id}: the Hub does not take the dataset card ({line(why)})")
    return CardCheck(warnings=_messages(answer.get("warnings")))


def transport_error() -> type[Exception]:
    """The root of the errors of the Hub's client when no answer comes: that of its HTTP library, whichever it is.

    huggingface_hub 1 has httpx, 2 has httpx2; both name it in ``errors``.
    """
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # imported there, not listed

    return HTTPError


def line(error: object) -> str:
    """An error's message on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _messages(found: Any) -> tuple[str, ...]:
    """The messages of a list of errors or warnings, each on one line; those without words are left out."""
    listed = found if isinstance(found, list) else ()
    said = (each.get("message") if isinstance(each, dict) else each for each in listed)
    return tuple(line(each) for each in said if isinstance(each, str | int) and str(each).strip())
