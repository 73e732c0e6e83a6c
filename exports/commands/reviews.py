"""What the commands on a review share: where they read it, and what they say of what they found in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workspace.argilla.connection import Connection
from workspace.commands.output import say
from workspace.errors import count_of

if TYPE_CHECKING:
    from exports.review.files import Gone, Review

_QUIET = ("ballots_of_weight_0", "prompts_on_both_sides")


def review_from(folder: Path | None, connect: Callable[[], Connection]) -> Review:
    """Read the review in ``folder``, or without a folder the one in Argilla."""
    from exports.review.collect import collect
    from exports.review.files import read_review

    return read_review(folder) if folder else collect(connect())


def warn_of_gone(gone: Gone, output: Path, place: str, *, dry_run: bool) -> None:
    """Say on stderr whose ballots in the folder are not in ``place``, or only older ones, and where they are kept."""
    from exports.review.files import GONE

    for ballots, how in ((gone.new, "no longer in"), (gone.newer, "newer here than in")):
        for reviewer, count in sorted(Counter(ballot.reviewer for ballot in ballots).items()):
            verb, them = ("is", "it") if count == 1 else ("are", "they")
            what = f"{count_of(count, 'ballot')} of {reviewer} {verb}"
            say(
                f"Warning: {what} {how} {place}; {them} {'would be' if dry_run else verb} kept in {output / GONE}",
                err=True,
            )


def both_sides(records: Sequence[tuple[str, str]]) -> str:
    """The warning about final prompts that are in train and in test; ``records`` has one of each side for each."""
    what = count_of(len(records), "final prompt is", "final prompts are")
    return (
        f"{what} in train and in test ({' and '.join(records[0])} share one): different source prompts ended in "
        "the same words; correct one of each in Argilla, or leave its rows out"
    )


def said_to_people(counts: Mapping[str, Any]) -> dict[str, Any]:
    """The counts as people see them: some only if they are not 0, the sources' pairs only if there are several."""
    said = {name: value for name, value in counts.items() if name != "sources" and (value or name not in _QUIET)}
    sources: Mapping[str, Any] = counts.get("sources", {})
    if len(sources) > 1:
        said["pairs_by_source"] = {
            f"{name} ({language})": sum(pairs.values())
            for name, one in sources.items()
            for language, pairs in one["pairs"].items()
        }
    return said
