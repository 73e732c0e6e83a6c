"""Which version of a prompt gives rows: a corrected prompt is a record that follows the one it corrects.

``load --new-versions`` makes them (``loaders/loading/versions.py``). One of a prompt's versions gives rows, so that
no two contradict each other: the newest that ``min_reviewers`` or more have submitted; where there is none, the
newest. The pairs of the others are dropped as ``other_version``; their ballots are kept, and counted as ballots are.
"""

from __future__ import annotations

from collections.abc import Iterator

from exports.merging.votes import MergeRules
from exports.review.files import Review
from workspace.model.versions import follows


def other_versions(review: Review, rules: MergeRules) -> dict[str, str]:
    """The records whose rows another version of their prompt gives, and the id of that version."""
    ids = {record.id for record in review.records}
    before = {record.id: first for record in review.records if (first := follows(record.metadata)) in ids}
    if not before:
        return {}
    enough = {
        record.id
        for record, ballots in review
        if sum(ballot.is_vote for ballot in rules.counted(ballots)) >= rules.min_reviewers
    }
    giving: dict[str, str] = {}
    for newest in ids.intersection(before).difference(before.values()):
        versions = list(_backwards(newest, before))
        chosen = next((name for name in versions if name in enough), newest)
        giving |= {name: chosen for name in versions if name != chosen}
    return giving


def _backwards(name: str, before: dict[str, str]) -> Iterator[str]:
    seen = set[str]()
    while name not in seen:
        yield name
        seen.add(name)
        name = before.get(name, name)
