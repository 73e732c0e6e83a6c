"""How ``extend`` runs: the settings that all its ways of finding prompts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loaders.check.duplicates import THRESHOLD
from loaders.extending.writer import Writer
from workspace.chat.settings import ModelSettings
from workspace.errors import ConfigError
from workspace.model.twins import FEATURES
from workspace.roles import VARIETIES

SOURCE_NAME = "extended"
# H4rmony's column CognitiveStructure; the stories of Stibbe's Ecolinguistics
STRUCTURES = (
    *("Ideology", "Framing", "Metaphor", "Evaluation", "Identity", "Conviction", "Erasure", "Salience", "Narrative"),
)


@dataclass(frozen=True, kw_only=True)
class ExtendSettings(ModelSettings):
    """How ``extend`` runs; beside what every model is asked with (``workspace.chat.settings``).

    ``seed`` draws what a prompt is about, lengths, and the hard ones among the worst answers.

    Attributes:
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
        source_name: the beginning of every id.
        retry_refused: ask again for the prompts that were refused.
        allow_giveaways: write the records whatever gives their ranks away.
        features: what is flipped in twins.
        per_record: how many of these features are flipped in each record, drawn by a hash of its id; None is all.

    Raises:
        ConfigError: answers are not written in the language, there is no such feature or cognitive structure, a
            number or a price cannot be or is missing, or ``local`` is given beside an endpoint.

    >>> ExtendSettings(language="en").told_variety
    'inglés'
    """

    model_licence: str | None = None
    against: Sequence[str | Path] = ()
    language: str = "es"
    variety: str | None = None
    country: str | None = None
    cognitive_structures: Sequence[str] = ()
    embedding_model: str | None = None
    duplicate_threshold: float = THRESHOLD
    source_name: str = SOURCE_NAME
    retry_refused: bool = False
    allow_giveaways: bool = False
    features: Sequence[str] = FEATURES
    per_record: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.language not in VARIETIES:
            raise ConfigError(f"--language {self.language}: answers are written in {' or '.join(VARIETIES)}")
        if not self.features or not set(self.features) <= set(FEATURES) or isinstance(self.features, str):
            raise ConfigError(f"--feature: the features of twins are {', '.join(FEATURES)}; got {self.features!r}")
        if self.per_record is not None and self.per_record < 1:
            raise ConfigError(f"--per-record {self.per_record}: give a number of features from 1, or leave it out")
        if unknown := sorted({*self.cognitive_structures} - {*STRUCTURES}):
            raise ConfigError(f"--cognitive-structure {unknown[0]}: choose of {', '.join(STRUCTURES)}")

    @property
    def told_variety(self) -> str:
        """The variety of the language, as a model is told."""
        return self.variety or VARIETIES[self.language]

    @cached_property
    def writer(self) -> Writer:
        """Who writes.

        Raises:
            ConfigError: there is no model or no key, or the licence has no name that can be written.
            MissingPartError: a package or the model is not on this machine.
        """
        return Writer.of(self.asked, self.model_licence)
