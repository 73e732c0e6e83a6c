"""The two scripted reviewers of the demo."""

from __future__ import annotations

import json
from importlib.resources import files

from workspace.model.ballots import Ballot


def scripted_ballots() -> dict[str, list[Ballot]]:
    """What each reviewer answers; a text of None is left as it is suggested."""
    data = json.loads((files("workspace") / "demo" / "reviews.json").read_text(encoding="utf-8"))
    return {
        reviewer["username"]: [
            Ballot(
                record_id=review["record_id"],
                reviewer=reviewer["username"],
                status=review["status"],
                ranks=tuple(review["ranks"]),
                prompt=review["prompt"],
                answers=tuple(review["answers"]),
                problems=tuple(review["problems"]),
                comment=review["comment"],
            )
            for review in reviewer["reviews"]
        ]
        for reviewer in data["reviewers"]
    }
