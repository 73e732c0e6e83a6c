"""Who writes the texts of ``extend``: a model behind an endpoint, or one on this machine; and under which licence."""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace.chat import Budget, Endpoint, LanguageModel
from workspace.chat.local import find_chat_model
from workspace.chat.opened import model_name, opened, remembered
from workspace.chat.remembered import Remembered
from workspace.extras import require_packages
from workspace.hub import MODELS
from workspace.licences import given_licence
from workspace.local.models import LocalModel


@dataclass(frozen=True)
class Writer:
    """A model that can be asked.

    Attributes:
        asked: the endpoint, or the model on this machine.
        licence: the licence or the terms of what it writes; None if nobody has stated them.
    """

    asked: Endpoint | LocalModel
    licence: str | None = None

    @property
    def model(self) -> str:
        """What a text is credited to."""
        return model_name(self.asked)

    def origin(self, role: str, role_version: str, seed: int, date: str) -> dict[str, Any]:
        """What ``metadata["origins"]`` says of a text that it wrote in a role."""
        made = {"by": "model", "model": self.model, "licence": self.licence}
        return {**made, "role": role, "role_version": role_version, "seed": seed, "date": date}

    def opened(self, home: Path, budget: Budget, timeout: float) -> AbstractContextManager[LanguageModel]:
        """The model, to be asked; see ``workspace.chat.opened``."""
        return opened(self.asked, home, budget, timeout)

    def remembered(self, home: Path) -> AbstractContextManager[Remembered]:
        """What it said before; see ``workspace.chat.remembered``."""
        return remembered(self.asked, home)


def today() -> str:
    """The day that a text's origin states."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def said(content: str) -> str:
    """What a model says, without what it thought aloud before."""
    return content.rpartition("</think>")[2].strip()


def local_writer(model: str | Path, licence: str | None, home: Path, *, dry_run: bool) -> Writer:
    """A model on this machine; its card says the licence, unless it is given.

    Raises:
        ConfigError: there is no such model, or the licence has no name that can be written.
        MissingPartError: a package is not installed, or the Hub cannot be reached and the model is not here.
    """
    given = given_licence(licence) if licence else None
    found = find_chat_model(str(model), home / MODELS, read_only=dry_run)
    stated = given or found.licence
    return Writer(found, str(stated) if stated else None)


def endpoint_writer(endpoint: Endpoint, licence: str | None) -> Writer:
    """A model behind an endpoint, whose licence nobody knows unless it is given.

    Raises:
        ConfigError: the licence has no name that can be written.
        MissingPartError: a package is not installed.
    """
    require_packages("a language model behind an API", ("openai",), "extend")
    return Writer(endpoint, str(given_licence(licence)) if licence else None)
