"""Which model is asked, with which parameters, and what it may cost: shared by answering and grading."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from exports.evaluation.grades.families import family_of
from workspace.chat import Budget, Endpoint, LanguageModel, Prices
from workspace.chat.client import TIMEOUT
from workspace.chat.local import find_chat_model
from workspace.chat.opened import model_name, opened
from workspace.config import default_home
from workspace.errors import ConfigError
from workspace.hub import MODELS
from workspace.local.models import LocalModel


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Which model is asked, and how; every setting has a default.

    Attributes:
        model, base_url: an OpenAI-compatible endpoint, by default OPENAI_MODEL and OPENAI_BASE_URL; the key is
            OPENAI_API_KEY.
        local: a model on this machine instead: a folder, or an id on the Hugging Face Hub.
        family: the model's family, such as ``qwen``; by default its name tells.
        temperature: 0 takes the likeliest words; None leaves it to the model.
        seed: of what is drawn.
        max_tokens: the most tokens of one reply; None leaves it to the model.
        budget: tokens that this run may spend.
        budget_money: money that this run may spend, in the currency of the prices.
        price_prompt, price_answer: what a million tokens of requests and of replies cost.
        timeout: seconds for one reply, from the request to its last byte.
        dry_run: ask for nothing and write nothing.
        home: folder of all local state; replies are kept there as they come.
        environ: where the endpoint and its key come from.

    Raises:
        ConfigError: a price is missing, or ``local`` is given beside an endpoint.
    """

    OPTION: ClassVar[str] = "--model NAME"  # with which the user names the model

    model: str | None = None
    base_url: str | None = None
    local: str | Path | None = None
    family: str | None = None
    temperature: float | None = 0.0
    seed: int = 0
    max_tokens: int | None = None
    budget: int | None = None
    budget_money: float | None = None
    price_prompt: float | None = None
    price_answer: float | None = None
    timeout: float = TIMEOUT
    dry_run: bool = False
    home: str | Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __post_init__(self) -> None:
        if self.local is not None and (self.model or self.base_url):
            raise ConfigError("--local runs a model on this machine, and takes the place of an endpoint's")
        if (self.price_prompt is None) != (self.price_answer is None):
            raise ConfigError("give both --price-prompt and --price-answer, or neither")
        if self.budget_money is not None and self.prices is None:
            raise ConfigError("--budget-money needs --price-prompt and --price-answer")

    @property
    def prices(self) -> Prices | None:
        """What the model's tokens cost; None if nobody said."""
        if self.price_prompt is None or self.price_answer is None:
            return None
        return Prices(self.price_prompt, self.price_answer)

    @cached_property
    def asked(self) -> Endpoint | LocalModel:
        """Who is asked.

        Raises:
            ConfigError: there is no model or no key.
            MissingPartError: a package or the model is not on this machine.
        """
        if self.local is not None:
            return find_chat_model(str(self.local), self.home_folder / MODELS, read_only=self.dry_run)
        return Endpoint.of(self.model, self.base_url, self.environ, option=self.OPTION)

    @property
    def name(self) -> str:
        """The model's name where a text is credited to it."""
        return model_name(self.asked)

    @property
    def known_family(self) -> str | None:
        """The model's family, as it was given or as its name tells."""
        return self.family or family_of(self.name)

    @property
    def home_folder(self) -> Path:
        """The folder of all local state."""
        return Path(self.home) if self.home else default_home()

    def opened(self) -> AbstractContextManager[LanguageModel]:
        """The model, to be asked within the budget."""
        budget = Budget(self.budget, self.budget_money, self.prices)
        return opened(self.asked, self.home_folder, budget, self.timeout)

    def parameters(self) -> dict[str, Any]:
        """What decides on a reply beside the words of the request."""
        return {"temperature": self.temperature, "seed": self.seed, "max_tokens": self.max_tokens}
