"""The two scripted reviewers: what they answer, as the web UI would send it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from workspace.argilla import settings
from workspace.argilla.codec import RemoteRecord
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.errors import ArgillaError
from workspace.model.ballots import Status
from workspace.model.slots import letters, slot_order


@dataclass(frozen=True)
class ScriptedReview:
    """One answer of a script: ranks and texts aligned with the record's answers; a text of None is left as it is."""

    record_id: str
    status: Status
    ranks: tuple[int | None, ...]
    prompt: str | None
    answers: tuple[str | None, ...]
    problems: tuple[str, ...]
    comment: str | None


@dataclass(frozen=True)
class ScriptedReviewer:
    """A made-up person with a script."""

    username: str
    reviews: tuple[ScriptedReview, ...]


def read_script() -> list[ScriptedReviewer]:
    """The bundled script."""
    data = json.loads((files("workspace") / "demo" / "reviews.json").read_text(encoding="utf-8"))
    return [
        ScriptedReviewer(reviewer["username"], tuple(_review(item) for item in reviewer["reviews"]))
        for reviewer in data["reviewers"]
    ]


def _review(item: dict[str, Any]) -> ScriptedReview:
    return ScriptedReview(
        record_id=item["record_id"],
        status=item["status"],
        ranks=tuple(item["ranks"]),
        prompt=item["prompt"],
        answers=tuple(item["answers"]),
        problems=tuple(item["problems"]),
        comment=item["comment"],
    )


def form_values(review: ScriptedReview, remote: RemoteRecord) -> dict[str, Any]:
    """The form as the web UI posts it: the ranking in option order, untouched suggestions word for word."""
    order = slot_order(review.record_id, len(review.ranks))
    slots = letters(len(order))
    values: dict[str, Any] = {
        settings.RANKING: [
            {"value": slot, "rank": review.ranks[index]} for slot, index in zip(slots, order, strict=True)
        ]
    }
    texts = {settings.PROMPT_TEXT: review.prompt}
    texts |= {settings.answer_text(slot): review.answers[index] for slot, index in zip(slots, order, strict=True)}
    for name, text in texts.items():
        suggestion = remote.suggestions.get(name)
        if text is not None or suggestion:
            values[name] = text if text is not None else suggestion.value if suggestion else None
    if review.problems:
        values[settings.PROBLEMS] = list(review.problems)
    if review.comment:
        values[settings.COMMENT] = review.comment
    return {name: {"value": value} for name, value in values.items()}


def answer(
    reviewer: ScriptedReviewer,
    gateway: Gateway,
    dataset: RemoteDataset,
    records: Mapping[str, RemoteRecord],
) -> int:
    """Post the script's answers as the user of ``gateway``; returns how many were new. An answer that is there stays.

    Raises:
        ArgillaError: a record of the script is not in the dataset, or the server refuses an answer.
    """
    me = gateway.me()
    count = 0
    for review in reviewer.reviews:
        remote = records.get(review.record_id)
        if remote is None:
            raise ArgillaError(f"record {review.record_id!r} of the demo is not in dataset {dataset.name!r}")
        if me.id not in {response.user_id for response in remote.responses}:
            gateway.respond(remote.id, review.status, form_values(review, remote))
            count += 1
    return count
