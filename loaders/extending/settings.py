"""How ``extend`` runs: the settings that all its ways of finding prompts share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path

from loaders.check.duplicates import THRESHOLD
from loaders.extending.writer import Writer, endpoint_writer, local_writer
from workspace.chat import Endpoint, Prices
from workspace.chat.client import TIMEOUT
from workspace.config import default_home
from workspace.errors import ConfigError
from workspace.model.twins import FEATURES
from workspace.roles import VARIETIES

SOURCE_NAME = "extended"
# H4rmony's column CognitiveStructure; the stories of Stibbe's Ecolinguistics
STRUCTURES = (
    *("Ideology", "Framing", "Metaphor", "Evaluation", "Identity", "Conviction", "Erasure", "Salience", "Narrative"),
)


@dataclass(frozen=True)
class ExtendSettings:
    """How ``extend`` runs; every setting has a default.

    Attributes:
        model, base_url: an OpenAI-compatible endpoint, by default OPENAI_MODEL and OPENAI_BASE_URL; the key is
            OPENAI_API_KEY.
        local: a model on this machine that writes instead: a folder, or an id on the Hugging Face Hub.
        model_licence: the licence or the terms of what the model writes, by an SPDX id or a short name; by default
            what a local model's card says.
        against: sources whose prompts are not to be written again.
        language: the ISO code of the prompts' language, which the answers have too: es or en.
        variety: of the language, as the model is told in Spanish; by default neutral Latin American Spanish.
        country: where the prompts that a model writes take place, as it is told, in Spanish.
        cognitive_structures: what these prompts bring into play, by H4rmony's names, in turn; by default none.
        embedding_model: a multilingual sentence-transformers model (Hub id or folder) that finds prompts of a model
            that mean the same as others, or "none"; by default the one of ``load``, where it can be had.
        duplicate_threshold: the least cosine of two prompts that mean the same.
        seed: draws what a prompt is about, lengths, and the hard ones among the worst answers; also the model's seed.
        most: how many records this run may write; the rest is missing, and another run carries on.
        budget: tokens that this run may spend.
        budget_money: money that this run may spend, in the currency of the prices.
        price_prompt, price_answer: what a million tokens of requests and of answers cost.
        source_name: the beginning of every id.
        timeout: seconds for one text, from the request to its last byte.
        retry_refused: ask again for the prompts that were refused.
        allow_giveaways: write the records whatever gives their ranks away.
        dry_run: ask for nothing and write nothing.
        home: folder of all local state.
        features: what is flipped in twins.
        per_record: how many of these features are flipped in each record, drawn by a hash of its id; None is all.
        environ: where the endpoint and its key come from.

    Raises:
        ConfigError: answers are not written in the language, there is no such feature or cognitive structure, a
            number or a price cannot be or is missing, or ``local`` is given beside an endpoint.

    >>> ExtendSettings(language="en").told_variety
    'inglés'
    """

    model: str | None = None
    base_url: str | None = None
    local: str | Path | None = None
    model_licence: str | None = None
    against: Sequence[str | Path] = ()
    language: str = "es"
    variety: str | None = None
    country: str | None = None
    cognitive_structures: Sequence[str] = ()
    embedding_model: str | None = None
    duplicate_threshold: float = THRESHOLD
    seed: int = 0
    most: int | None = None
    budget: int | None = None
    budget_money: float | None = None
    price_prompt: float | None = None
    price_answer: float | None = None
    source_name: str = SOURCE_NAME
    timeout: float = TIMEOUT
    retry_refused: bool = False
    allow_giveaways: bool = False
    dry_run: bool = False
    home: str | Path | None = None
    features: Sequence[str] = FEATURES
    per_record: int | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __post_init__(self) -> None:
        if self.language not in VARIETIES:
            raise ConfigError(f"--language {self.language}: answers are written in {' or '.join(VARIETIES)}")
        if not self.features or not set(self.features) <= set(FEATURES) or isinstance(self.features, str):
            raise ConfigError(f"--feature: the features of twins are {', '.join(FEATURES)}; got {self.features!r}")
        if self.per_record is not None and self.per_record < 1:
            raise ConfigError(f"--per-record {self.per_record}: give a number of features from 1, or leave it out")
        if self.local is not None and (self.model or self.base_url):
            raise ConfigError("--local writes on this machine, so it goes without --model and --base-url")
        if unknown := sorted({*self.cognitive_structures} - {*STRUCTURES}):
            raise ConfigError(f"--cognitive-structure {unknown[0]}: choose of {', '.join(STRUCTURES)}")
        if self.most is not None and self.most < 1:
            raise ConfigError(f"--most {self.most}: give a number of records from 1, or leave it out")
        for name in ("budget_money", "price_prompt", "price_answer"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount < inf:
                raise ConfigError(f"--{name.replace('_', '-')} {amount}: give an amount of money from 0")
        if (self.price_prompt is None) != (self.price_answer is None):
            raise ConfigError("give both --price-prompt and --price-answer, or neither")
        if self.budget_money is not None and self.prices is None:
            raise ConfigError("--budget-money needs --price-prompt and --price-answer")

    @property
    def told_variety(self) -> str:
        """The variety of the language, as a model is told."""
        return self.variety or VARIETIES[self.language]

    @property
    def prices(self) -> Prices | None:
        """What the model's tokens cost; None if nobody said."""
        if self.price_prompt is None or self.price_answer is None:
            return None
        return Prices(self.price_prompt, self.price_answer)

    @cached_property
    def writer(self) -> Writer:
        """Who writes.

        Raises:
            ConfigError: there is no model or no key, or the licence has no name that can be written.
            MissingPartError: a package or the model is not on this machine.
        """
        if self.local is not None:
            return local_writer(self.local, self.model_licence, self.home_folder, dry_run=self.dry_run)
        return endpoint_writer(Endpoint.of(self.model, self.base_url, self.environ), self.model_licence)

    @property
    def home_folder(self) -> Path:
        """The folder of all local state."""
        return Path(self.home) if self.home else default_home()
