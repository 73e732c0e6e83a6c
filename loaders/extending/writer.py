"""Who writes the texts of ``extend``: a model behind an endpoint, or one on this machine; and under which licence."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from workspace.chat import Endpoint
from workspace.chat.opened import model_name
from workspace.extras import require_packages
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

    @classmethod
    def of(cls, asked: Endpoint | LocalModel, licence: str | None) -> Writer:
        """A model with the licence that is given, else with the one that a local model's card states.

        Raises:
            ConfigError: the licence has no name that can be written.
            MissingPartError: a package is not installed.
        """
        if isinstance(asked, LocalModel):
            stated = given_licence(licence) if licence else asked.licence
        else:
            require_packages("a language model behind an API", ("openai",), "extend")
            stated = given_licence(licence) if licence else None
        return cls(asked, str(stated) if stated else None)


def today() -> str:
    """The day that a text's origin states."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()
