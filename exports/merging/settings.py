"""The settings of a merge: they say which pairs there are, whatever format these are written in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from exports.merging.split import DEFAULT_TEST_SHARE
from exports.merging.votes import MergeRules
from exports.review.weights import Weights

Language = Literal["es", "en"]
SPANISH: Language = "es"
ENGLISH: Language = "en"
LanguageChoice = Literal["es", "en", "both"]
LANGUAGES: dict[LanguageChoice, tuple[Language, ...]] = {"es": ("es",), "en": ("en",), "both": ("es", "en")}


@dataclass(frozen=True, kw_only=True)
class MergeSettings:
    """Which pairs a merge writes, in which languages, and on which side of the split.

    Attributes:
        rules: when a pair has enough votes, and by which method.
        test_share: the share of prompts in ``test``.
        languages: the texts' languages: Spanish as reviewed, English as in the source, or both.
        unreviewed: whether to add records that nobody reviewed, with the source's order.
        keep_problems: whether to keep records that reviewers call harmful, false or badly translated.
        weights: the file that the weights in ``rules`` come from.
        sources: the names of the sources whose records are merged; all where none is named.

    Raises:
        ValueError: on construction, if ``test_share`` is not from 0 to 1.
    """

    rules: MergeRules = field(default_factory=MergeRules)
    test_share: float = DEFAULT_TEST_SHARE
    languages: tuple[Language, ...] = (SPANISH,)
    unreviewed: bool = False
    keep_problems: bool = False
    weights: Weights | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.test_share <= 1:
            raise ValueError(f"test_share must be from 0 to 1, got {self.test_share}")
        object.__setattr__(self, "sources", tuple(sorted(set(self.sources))))
        if self.weights and self.rules.weights is None:
            object.__setattr__(self, "rules", replace(self.rules, weights=self.weights.values))

    def to_json(self) -> dict[str, Any]:
        """The settings as ``summary.json`` holds them."""
        return {
            "keep_problems": self.keep_problems,
            "languages": list(self.languages),
            "method": self.rules.method,
            "min_margin": self.rules.min_margin,
            "min_reviewers": self.rules.min_reviewers,
            "sources": list(self.sources),
            "test_share": self.test_share,
            "unreviewed": self.unreviewed,
            "weights": self.weights.to_json() if self.weights else None,
        }
