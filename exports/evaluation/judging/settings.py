"""How a model is asked for answers, or a judge for grades: beside who it is and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exports.evaluation.grades.families import family_of
from workspace.chat.opened import model_name
from workspace.chat.settings import ModelSettings


@dataclass(frozen=True, kw_only=True)
class AskSettings(ModelSettings):
    """How a model is asked; beside what every model is asked with.

    Attributes:
        family: the model's family, such as ``qwen``; by default its name tells.
        temperature: 0 takes the likeliest words; None leaves it to the model.
        max_tokens: the most tokens of one reply; None leaves it to the model.
    """

    family: str | None = None
    temperature: float | None = 0.0
    max_tokens: int | None = None

    @property
    def name(self) -> str:
        """The model's name where a text is credited to it."""
        return model_name(self.asked)

    @property
    def known_family(self) -> str | None:
        """The model's family, as it was given or as its name tells."""
        return self.family or family_of(self.name)

    def parameters(self) -> dict[str, Any]:
        """What decides on a reply beside the words of the request."""
        return {"temperature": self.temperature, "seed": self.seed, "max_tokens": self.max_tokens}
