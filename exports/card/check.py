"""Check a finished card, of a dataset or of a model: with the packages that read it, and with the Hub itself.

The rules:

- A dataset card is parsed by ``huggingface_hub`` and by ``datasets``, whose loader reads the configurations in it.
- The Hub's own validation (POST ``/api/validate-yaml``) gets the card's text as it is, and answers with errors (400)
  and warnings. It needs no token. Where ``HF_HUB_OFFLINE`` is set, it is not asked.
- A push needs the Hub's answer. For everything else a silent Hub is not an error, but is stated.
- A Hub that is silent for the time given is not waited for, nor one whose answer is not complete by then.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any

from workspace.errors import HubError, one_line
from workspace.hub import transport_errors

DRY_RUN_SECONDS = 5.0
PUSH_SECONDS = 30.0
UNREACHABLE = "the Hub could not be reached"
NOT_THE_HUB = "what was reached does not answer as the Hub does"
_LONGEST = 1_000_000  # bytes; the Hub's own answers have some hundred
_TRUE = ("1", "ON", "YES", "TRUE")


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
    """Let the packages parse a dataset card.

    Raises:
        HubError: one of them cannot read it.
    """
    import yaml
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
            f"{repo_id}: huggingface_hub and datasets do not take the dataset card ({one_line(error)})"
        ) from error


def check_by_hub(
    repo_id: str,
    text: str,
    *,
    kind: str = "dataset",
    endpoint: str | None = None,
    token: str | None = None,
    timeout: float = DRY_RUN_SECONDS,
) -> CardCheck:
    """Ask the Hub about the card of a ``dataset`` or a ``model``; says why not if it does not answer.

    Raises:
        HubError: the Hub does not take the card.
    """
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE:
        return CardCheck("HF_HUB_OFFLINE is set")
    url = f"{endpoint or constants.ENDPOINT}/api/validate-yaml"
    sent = {"repoType": kind, "content": text}
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    late = CardCheck(f"the Hub did not answer within {timeout:g} second{'' if timeout == 1 else 's'}")
    silent: tuple[type[Exception], ...] = (OSError, ValueError, *transport_errors())
    end = time.monotonic() + timeout
    body = b""
    try:
        with get_session().stream("POST", url, json=sent, headers=headers, timeout=timeout) as response:
            status = response.status_code
            for part in response.iter_bytes():
                body += part
                if time.monotonic() > end:
                    return late
                if len(body) > _LONGEST:
                    return _judged(repo_id, kind, status, b"")
    except silent as error:
        return late if "timeout" in type(error).__name__.lower() else CardCheck(UNREACHABLE)
    return _judged(repo_id, kind, status, body)


def _judged(repo_id: str, kind: str, status: int, body: bytes) -> CardCheck:
    """What an answer of the validator says of the card."""
    if status not in (200, 400):
        return CardCheck(f"the Hub answered {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # somebody between here and the Hub answered
        answer = None
    if not isinstance(answer, dict):
        return CardCheck(NOT_THE_HUB)
    errors = answer.get("errors")
    if (isinstance(errors, list) and errors) or status == 400:
        why = "; ".join(_messages(errors) or _messages([answer.get("error")])) or "it gives no reason"
        raise HubError(f"{repo_id}: the Hub does not take the {kind} card ({one_line(why)})")
    return CardCheck(warnings=_messages(answer.get("warnings")))


def _messages(found: Any) -> tuple[str, ...]:
    """The messages of a list of errors or warnings, each on one line; those without words are left out."""
    listed = found if isinstance(found, list) else ()
    said = (each.get("message") if isinstance(each, dict) else each for each in listed)
    return tuple(one_line(each) for each in said if isinstance(each, str | int) and str(each).strip())
