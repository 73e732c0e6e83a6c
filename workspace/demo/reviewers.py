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
            Ballot.from_json({**review, "reviewer": reviewer["username"], "updated_at": ""})
            for review in reviewer["reviews"]
        ]
        for reviewer in data["reviewers"]
    }
