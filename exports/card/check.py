"""Whether a finished dataset card is one that the Hub takes: by the packages that read it, and by the Hub itself.

The rules:

- Every card is parsed by ``huggingface_hub`` and by ``datasets``, whose loader reads the configurations in it.
- The Hub's own validation (POST ``/api/validate-yaml``) gets the card's text as it is, and answers with errors (400)
  and warnings. It needs no token. Where ``HF_HUB_OFFLINE`` is set, it is not asked.
- Whoever must have the Hub's word (a push) asks for it; for all others its silence is no error, and is said.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workspace.errors import HubError

DRY_RUN_SECONDS = 5.0
PUSH_SECONDS = 30.0
UNREACHABLE = "the Hub could not be reached"
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
    try:
        response = get_session().post(
            f"{endpoint or constants.ENDPOINT}/api/validate-yaml",
            json={"repoType": "dataset", "content": text},
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout,
        )
    except (transport_error(), OSError):
        return CardCheck(UNREACHABLE)
    try:
        answer = response.json()
    except ValueError:  # somebody between here and the Hub answered
        answer = None
    status = int(response.status_code)
    if status not in (200, _REFUSED):
        return CardCheck(f"the Hub answered {status}")
    if not isinstance(answer, dict):
        return CardCheck(UNREACHABLE)
    errors = _messages(answer.get("errors"))
    if errors or status == _REFUSED:
        why = line("; ".join(errors) or answer.get("error") or "it gives no reason")
        raise HubError(f"{repo_id}: the Hub does not take the dataset card ({why})")
    return CardCheck(warnings=_messages(answer.get("warnings")))


def transport_error() -> type[BaseException]:
    """The root of the errors of the Hub's client when no answer comes; which HTTP library it has, it may change."""
    from huggingface_hub.errors import HfHubHTTPError

    return HfHubHTTPError.__mro__[1]


def line(error: object) -> str:
    """An error's message on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _messages(found: Any) -> tuple[str, ...]:
    """The messages of a list of errors or warnings, each on one line."""
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return tuple(line(each.get("message", each) if isinstance(each, dict) else each) for each in found)
