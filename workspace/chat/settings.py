"""Which model is asked, and what it may cost: the settings that every command with a language model shares."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path
from typing import ClassVar

from workspace.chat.asking import LanguageModel
from workspace.chat.budget import Budget, Prices
from workspace.chat.client import TIMEOUT
from workspace.chat.local import find_chat_model
from workspace.chat.opened import opened, remembered
from workspace.chat.remembered import Remembered
from workspace.chat.requests import Endpoint
from workspace.config import default_home
from workspace.errors import ConfigError
from workspace.hub import MODELS
from workspace.local.models import LocalModel


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Which model is asked, and what it may cost; every setting has a default.

    Attributes:
        model, base_url: an OpenAI-compatible endpoint, by default OPENAI_MODEL and OPENAI_BASE_URL; the key is
            OPENAI_API_KEY.
        local: a model on this machine instead: a folder, or an id on the Hugging Face Hub.
        seed: of what is drawn; also the model's.
        budget: tokens that this run may spend.
        budget_money: money that this run may spend, in the currency of the prices.
        price_prompt, price_answer: what a million tokens of requests and of answers cost.
        most: how many texts this run may write; the rest is missing, and another run carries on.
        timeout: seconds for one text, from the request to its last byte.
        dry_run: ask for nothing and write nothing.
        home: folder of all local state; answers are kept there as they come.
        environ: where the endpoint and its key come from.

    Raises:
        ConfigError: a number cannot be, a price is missing, or ``local`` is given beside an endpoint.
    """

    OPTION: ClassVar[str] = "--model NAME"  # with which the user names the model

    model: str | None = None
    base_url: str | None = None
    local: str | Path | None = None
    seed: int = 0
    budget: int | None = None
    budget_money: float | None = None
    price_prompt: float | None = None
    price_answer: float | None = None
    most: int | None = None
    timeout: float = TIMEOUT
    dry_run: bool = False
    home: str | Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __post_init__(self) -> None:
        if self.local is not None and (self.model or self.base_url):
            raise ConfigError("--local runs a model on this machine; leave out the name and address of an endpoint")
        if self.most is not None and self.most < 1:
            raise ConfigError(f"--most {self.most}: give a number of texts from 1, or leave it out")
        for name in ("budget_money", "price_prompt", "price_answer"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount < inf:
                raise ConfigError(f"--{name.replace('_', '-')} {amount}: give an amount of money from 0")
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
    def home_folder(self) -> Path:
        """The folder of all local state."""
        return Path(self.home) if self.home else default_home()

    def opened(self) -> AbstractContextManager[LanguageModel]:
        """The model, to be asked within the budget."""
        budget = Budget(self.budget, self.budget_money, self.prices)
        return opened(self.asked, self.home_folder, budget, self.timeout)

    def remembered(self) -> AbstractContextManager[Remembered]:
        """What the model said before; nothing is asked and nothing written."""
        return remembered(self.asked, self.home_folder)
