"""Measure which story reviewers prefer: an answer as it was, or its counterfactual twin with one feature flipped.

The rules (pure, no I/O):

- A twin is a record of two answers, the base first, that names the feature flipped in the second
  (``workspace/model/twins.py``). The same votes count as in the agreement (``exports/measure/agreement.py``).
- The share is of the votes that rank the base above its twin; a tie counts half. At 0.5 the feature sways nobody.
- Votes on twins of one prompt are not independent, so the interval is ``clustered_share``'s by the groups of prompts:
  Wilson's, which stays honest where nearly all votes are for the base, as a percentile bootstrap does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exports.measure.agreement import RankedRecord
from exports.measure.estimates import Estimate, Reason, not_available
from workspace.giveaways.shares import clustered_share
from workspace.model.groups import record_group, settle_groups
from workspace.model.twins import FEATURES, feature_of

ALL = ""  # the name of all features together


@dataclass(frozen=True)
class Story:
    """How often reviewers prefer the bases to their twins, by the feature that is flipped in these.

    Attributes:
        feature: its name; ``ALL`` for all features together.
        pairs: the twins that have votes.
        preference: the share of votes for the base; its items are votes, its records groups of prompts.
    """

    feature: str
    pairs: int
    preference: Estimate


def stories(records: Iterable[RankedRecord]) -> tuple[Story, ...]:
    """The stories of some records, each feature's and then all together; none where there are no twins."""
    listed = list(records)
    grouped = settle_groups(ranked.record for ranked in listed)
    twins: dict[str, list[tuple[str, RankedRecord]]] = {}
    for record, ranked in zip(grouped, listed, strict=True):
        feature = feature_of(record.metadata)
        if feature and len(record.answers) == 2:
            twins.setdefault(feature, []).append((record_group(record), ranked))
    known = {feature: place for place, feature in enumerate(FEATURES)}
    ordered = sorted(twins, key=lambda feature: (known.get(feature, len(known)), feature))
    found = [_story(feature, twins[feature]) for feature in ordered]
    if len(found) > 1:
        found.append(_story(ALL, [twin for feature in ordered for twin in twins[feature]]))
    return tuple(found)


def _story(feature: str, twins: Sequence[tuple[str, RankedRecord]]) -> Story:
    groups: dict[str, tuple[float, int]] = {}
    for group, ranked in twins:
        for vote in ranked.votes:
            hits, votes = groups.get(group, (0.0, 0))
            groups[group] = hits + _hit(vote.ranks), votes + 1
    pairs = sum(bool(ranked.votes) for _, ranked in twins)
    votes = sum(count for _, count in groups.values())
    share = clustered_share(groups.values())
    if share is None:
        return Story(feature, 0, not_available("no_votes"))
    reason: Reason | None = "one_prompt" if share.low is None else None
    return Story(feature, pairs, Estimate(share.value, share.low, share.high, votes, len(groups), reason))


def _hit(ranks: Sequence[int | None]) -> float:
    """1 for the base, 0 for its twin, half for a tie."""
    base, twin = (rank or 0 for rank in ranks)
    return 0.5 if base == twin else float(base < twin)
