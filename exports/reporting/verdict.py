"""May the review be published? The conditions, what was found of each, and which of them do not hold (no I/O).

The thresholds are for a dataset that others are to train on; nothing refuses to publish without them:

- ``pairs``: at least one training pair, with the default settings of an export.
- ``reviewers``: at least three people voted. With fewer, one person's taste decides.
- ``overlap``: at least 20 records have two votes or more. With fewer, nobody knows whether the reviewers agree.
- ``agreement``: Krippendorff's alpha over ranks is at least 0.667, his bound for tentative conclusions (*Content
  Analysis*, 2nd ed., 2004, p. 241).
- ``edits``: people changed at least 10% of the translated texts. Where they change fewer, machine text is as a rule
  approved unread. Not asked if no text that was submitted is a translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from exports.words import Wording

Condition = Literal["pairs", "reviewers", "overlap", "agreement", "edits"]
LEAST: Mapping[Condition, float] = {"pairs": 1, "reviewers": 3, "overlap": 20, "agreement": 0.667, "edits": 0.1}


@dataclass(frozen=True)
class Check:
    """One condition, and what was found; None if that cannot be computed."""

    name: Condition
    found: float | None

    @property
    def least(self) -> float:
        """What is needed."""
        return LEAST[self.name]

    @property
    def holds(self) -> bool:
        """Whether the condition holds."""
        return self.found is not None and self.found >= self.least

    def written(self, number: float | None, words: Wording) -> str:
        """What was found or is needed, as the language writes it."""
        if number is None:
            return words("na")
        if self.name == "agreement":
            return words.decimal(number, 3)
        return words.percent(number) if self.name == "edits" else words.whole(int(number))
