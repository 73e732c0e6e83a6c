"""Settle the final text of a prompt and of each answer from what the reviewers submitted.

The rules (pure, no I/O), for one text:

- Every submitted ballot has one version, which counts once whatever its reviewer's weight. Ballots of weight 0 are
  left out before this module sees them (``exports.merging.votes.MergeRules.counted``).
- Line ends of any kind (LF, CRLF, CR) at the end of a version are removed, because the text box may add one. A blank
  version, or one that cannot be stored, does not count.
- Versions that are equal after white space is normalised are one version. Its spelling is the one that most of its
  reviewers used, then the shorter one, then the first by code points.
- ``agreed``: one version has more reviewers than any other.
- ``closest``: several have the most. The one whose chrF to the versions of all reviewers is highest is taken. chrF is
  the mean of both directions, since it is not symmetric. If that is equal too (as it always is for two versions), a
  correction goes before the untouched translation, then the shorter text, then the first by code points.
- ``machine``: nobody submitted a version, so it is the translation, with support 0; a pair with it is written only if
  unreviewed ones are asked for.
- ``missing``: there is no translation either; the text is empty, and no pair with it is written.
- ``original``: the source's own text, which reviewers see and do not change.

Nothing depends on the order of the ballots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from workspace.model.ballots import Ballot
from workspace.model.records import Record, text_problem

Choice = Literal["agreed", "closest", "machine", "missing", "original"]
_DIGITS = 6  # chrF scores that differ by less are equal


@dataclass(frozen=True)
class FinalText:
    """The text that review settled on, why, and how many reviewers submitted this version."""

    text: str
    choice: Choice
    support: int

    @property
    def is_reviewed(self) -> bool:
        """True if a reviewer submitted this text, changed or not."""
        return self.support > 0

    @property
    def is_settled(self) -> bool:
        """True if the text needs no further review: a reviewer submitted it, or it is the source's own."""
        return self.is_reviewed or self.choice == "original"


@dataclass(frozen=True)
class FinalTexts:
    """The final texts of one record, aligned with its answers."""

    prompt: FinalText
    answers: tuple[FinalText, ...]


def final_texts(record: Record, ballots: Iterable[Ballot]) -> FinalTexts:
    """Settle all texts of a record from its ballots; only submitted ones count, whatever problems they name."""
    submitted = [ballot for ballot in ballots if ballot.is_vote]
    machine = record.translation
    return FinalTexts(
        prompt=settle_text([ballot.prompt for ballot in submitted], machine.prompt if machine else ""),
        answers=tuple(
            settle_text([ballot.answers[index] for ballot in submitted], machine.answers[index] if machine else "")
            for index in range(len(record.answers))
        ),
    )


def source_texts(record: Record) -> FinalTexts:
    """The texts of the source, as they are."""
    prompt, *answers = (FinalText(text, "original", 0) for text in record.texts)
    return FinalTexts(prompt, tuple(answers))


def settle_text(versions: Sequence[str | None], machine: str) -> FinalText:
    """Settle one text from its reviewers' versions and its machine translation (empty if there is none)."""
    first = versions[0] if versions else None
    if first is not None and versions.count(first) == len(versions) and not text_problem(first):
        return FinalText(without_line_ends(first), "agreed", len(versions))  # as most texts are
    given = [without_line_ends(text) for text in versions if text is not None and not text_problem(text)]
    if not given:
        text = without_line_ends(machine)
        return FinalText("", "missing", 0) if not text.strip() else FinalText(text, "machine", 0)
    if len(set(given)) == 1:
        return FinalText(given[0], "agreed", len(given))
    groups: dict[str, list[str]] = {}
    for text in given:
        groups.setdefault(normal_space(text), []).append(text)
    most = max(len(group) for group in groups.values())
    leaders = [key for key, group in groups.items() if len(group) == most]
    if len(leaders) > 1:
        counts = {key: len(group) for key, group in groups.items()}
        untouched = normal_space(machine)
        leaders.sort(key=lambda key: (-_closeness(key, counts), key == untouched, len(key), key))
    chosen = _spelling(groups[leaders[0]])
    return FinalText(chosen, "closest" if len(leaders) > 1 else "agreed", most)


def without_line_ends(text: str) -> str:
    """The text without the line ends at its end."""
    return text.rstrip("\r\n")


def normal_space(text: str) -> str:
    """The text with each run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def _spelling(group: Sequence[str]) -> str:
    counts = Counter(group)
    return min(counts, key=lambda text: (-counts[text], len(text), text))


def _closeness(text: str, counts: dict[str, int]) -> float:
    """The mean chrF of a version to the versions of all reviewers, from 0 to 100."""
    if len(counts) == 2:
        return 0.0  # two versions with as many reviewers are as close to each other: spare the work
    total = sum(100.0 * count if other == text else count * _chrf(text, other) for other, count in counts.items())
    return round(total / sum(counts.values()), _DIGITS)


def _chrf(one: str, other: str) -> float:
    """chrF of two texts, the mean of both directions."""
    there, back = (_scorer().sentence_score(*pair).score for pair in ((one, [other]), (other, [one])))
    return float(there + back) / 2


@cache
def _scorer() -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF()
