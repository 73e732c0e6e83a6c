"""Measure how well an answer's rank can be read from its surface, and whether that is too well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import combinations
from typing import Any, Literal

from workspace.errors import count_of
from workspace.extras import is_installed, require_packages
from workspace.giveaways.classifier import classify
from workspace.giveaways.features import prompt_words, surface
from workspace.giveaways.shares import Share, Tally, clustered_share
from workspace.model.groups import Groups, stated_group
from workspace.model.prompts import prompt_key
from workspace.model.records import Record, content_hash

LEAST, MOST = 0.40, 0.60  # the longer answer may be the better one in this share of the pairs
MOST_SURFACE = 0.65  # and the upper end of the classifier's interval may be this
FEWEST_PROMPTS = 10  # that a classifier is fitted to
MOST_PROMPTS = 2000  # that it reads
PACKAGES = ("sklearn",)
Verdict = Literal["passes", "no_pairs", "length", "not_measured", "few_prompts", "surface"]


@dataclass(frozen=True)
class Surface:
    """How often the surface classifier finds the better of two answers, on prompts that it was not fitted to.

    ``prompts`` and ``pairs`` count what it read; ``weights`` has each feature's weight, above 0 where better answers
    have more of it. ``reason`` says why there is no ``accuracy``.
    """

    accuracy: Share | None = None
    prompts: int = 0
    pairs: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None

    @property
    def feature(self) -> str | None:
        """The feature with the largest weight; None where no feature has any."""
        return max(filter(self.weights.get, self.weights), key=lambda name: abs(self.weights[name]), default=None)


@dataclass(frozen=True)
class GiveAways:
    """From what the rank of an answer can be read without reading it.

    Attributes:
        pairs: pairs of answers of which one is known to be better.
        prompts: the groups of prompts that they belong to.
        longer_wins: the share of the pairs whose better answer has more characters; equal length counts half. None
            without any pair.
        surface: the surface classifier.
    """

    pairs: int
    prompts: int
    longer_wins: Share | None
    surface: Surface

    @property
    def verdict(self) -> Verdict:
        """Whether anything gives the rank away.

        The longer answer may be the better one in 40% to 60% of the pairs, and the interval of the classifier's
        accuracy may reach 65%. What could not be measured, or not well enough, does not pass.
        """
        longer, accuracy = self.longer_wins, self.surface.accuracy
        if longer is None:
            return "no_pairs"
        if not LEAST <= longer.value <= MOST:
            return "length"
        if accuracy is None or accuracy.low is None or accuracy.high is None:
            return "not_measured"
        if accuracy.high <= MOST_SURFACE:
            return "passes"
        return "few_prompts" if accuracy.low <= 0.5 else "surface"

    @property
    def passes(self) -> bool:
        """True if neither length nor the rest of the surface gives the rank away."""
        return self.verdict == "passes"

    @property
    def problem(self) -> str | None:
        """The give-away that was found, and what to do, in one sentence; None if it passes."""
        accuracy, feature = self.surface.accuracy, self.surface.feature
        match self.verdict:
            case "no_pairs":
                return "there is no pair of answers with different ranks, so nothing can be measured"
            case "length":
                share = self.longer_wins.value if self.longer_wins else 0.0
                return (
                    f"length gives the rank away: the {'longer' if share > MOST else 'shorter'} answer is the better "
                    f"one in {max(share, 1 - share):.1%} of {count_of(self.pairs, 'pair')} (at most {MOST:.0%} "
                    "passes); give all answers of a prompt one length, whatever their rank"
                )
            case "not_measured":
                return f"the surface classifier could not be measured: {self.surface.reason}"
            case "few_prompts":
                return (
                    f"{count_of(self.surface.prompts, 'prompt')} are too few to say that the surface does not give "
                    f"the rank away: the classifier is right in {accuracy} of the pairs, and its interval may reach "
                    f"{MOST_SURFACE:.0%}; measure more prompts"
                )
            case "surface":
                more = "more" if self.surface.weights[str(feature)] > 0 else "less"
                return (
                    f"the surface gives the rank away: the classifier finds the better answer in {accuracy} of the "
                    f"pairs (the interval may reach {MOST_SURFACE:.0%}), above all by {feature!r}, of which better "
                    f"answers have {more}; make the answers of a prompt alike in it, whatever their rank"
                )
        return None

    def to_json(self) -> dict[str, Any]:
        """The figures, as ``h4rmony implode --json`` prints them."""
        accuracy = self.surface.accuracy
        return {
            "pairs": self.pairs,
            "prompts": self.prompts,
            "longer_wins": self.longer_wins and self.longer_wins.to_json(),
            "surface": {
                "accuracy": accuracy and accuracy.to_json(),
                "prompts": self.surface.prompts,
                "pairs": self.surface.pairs,
                "feature": self.surface.feature,
                "reason": self.surface.reason,
            },
            "verdict": self.verdict,
            "problem": self.problem,
        }


def measure_giveaways(records: Iterable[Record], *, classifier: bool | None = None) -> GiveAways:
    """Measure from what the rank of an answer can be read without reading it.

    A pair is two answers of a record with different ranks, or that the source compares. Intervals are at 95% and
    clustered by group of prompts. The order of the records does not matter, and the records are read once.

    Args:
        records: ranked records from any source.
        classifier: whether to fit the surface classifier, on at most 2,000 records that are drawn by a hash of their
            ids; None fits it where scikit-learn is installed.

    Raises:
        MissingPartError: ``classifier`` is True, and scikit-learn is not installed.

    >>> from workspace import Record, measure_giveaways
    >>> answers = [{"text": "Keep them, they cool the street.", "rank": 1}, {"text": "Fell them.", "rank": 2}]
    >>> record = Record.from_json({"id": "mine-1", "prompt": "Trees?", "answers": answers})
    >>> found = measure_giveaways([record], classifier=False)
    >>> found.pairs, found.longer_wins.value, found.passes
    (1, 1.0, False)
    """
    if classifier:
        require_packages("the surface classifier", PACKAGES, "extend")
    tallies: list[tuple[str, str, float, int]] = []
    drawn = nsmallest(MOST_PROMPTS, _tallied(records, tallies), key=_draw)
    groups = Groups((words, group) for words, group, _, _ in tallies)
    clusters: dict[str, Tally] = {}
    for words, _, hits, pairs in tallies:
        name = groups.resolve(words)
        before = clusters.get(name, (0.0, 0))
        clusters[name] = (before[0] + hits, before[1] + pairs)
    longer = clustered_share(clusters.values())
    pairs = sum(count for _, count in clusters.values())
    found = Surface(reason="it was not asked for") if classifier is False else _surface(drawn, groups)
    return GiveAways(pairs, len(clusters), longer, found)


def ranked_pairs(record: Record) -> set[tuple[int, int]]:
    """The pairs of a record's answers, the better one first: by their ranks, and as the source compares them."""
    stated = {(comparison.better, comparison.worse) for comparison in record.comparisons}
    ranks = record.ranks
    settled = [place for place, rank in enumerate(ranks) if rank is not None]  # answers are sorted by rank
    return stated | {(first, second) for first, second in combinations(settled, 2) if ranks[first] != ranks[second]}


def _tallied(records: Iterable[Record], tallies: list[tuple[str, str, float, int]]) -> Iterator[Record]:
    """The records that have pairs; words, group, hits of "longer wins" and pairs of each are added to ``tallies``."""
    for record in records:
        pairs = ranked_pairs(record)
        if not pairs:
            continue
        lengths = [len(answer.text) for answer in record.answers]
        hits = sum(
            1.0 if lengths[better] > lengths[worse] else 0.5 if lengths[better] == lengths[worse] else 0.0
            for better, worse in pairs
        )
        words = prompt_key(record.prompt)
        tallies.append((words, stated_group(record) or words, hits, len(pairs)))
        yield record


def _draw(record: Record) -> tuple[str, tuple[str, ...]]:
    return content_hash(record.id), record.texts


def _surface(records: Iterable[Record], groups: Groups) -> Surface:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[groups.resolve(prompt_key(record.prompt))].append(record)
    if len(grouped) < FEWEST_PROMPTS:
        needed = f"it needs {FEWEST_PROMPTS} prompts with a ranking, and there {'is' if len(grouped) == 1 else 'are'}"
        return Surface(reason=f"{needed} {len(grouped)}")
    if not is_installed(*PACKAGES):
        return Surface(reason="it needs scikit-learn: pip install 'h4rmony-es[extend]'")
    clusters, weights = classify({name: _differences(each) for name, each in grouped.items()})
    return Surface(clustered_share(clusters), len(clusters), sum(count for _, count in clusters), weights)


def _differences(records: Iterable[Record]) -> list[list[float]]:
    """The features of the better answer minus those of the worse one, for each pair of some records."""
    found = []
    for record in records:
        words = prompt_words(record.prompt)
        seen = [surface(answer.text, words) for answer in record.answers]
        for better, worse in sorted(ranked_pairs(record)):
            found.append([high - low for high, low in zip(seen[better], seen[worse], strict=True)])
    return found
