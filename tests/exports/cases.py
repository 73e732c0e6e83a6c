"""Records and ballots for the tests of the exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from exports.review.files import Review, write_review
from workspace.model.ballots import Ballot, dense_ranks
from workspace.model.records import Answer, Comparison, Record, Translation

TRANSLATED = ("Es bueno para el suelo.", "Da algo de trabajo.", "Es basura.")


def vote(*ranks: int, reviewer: str = "ana", **changes: Any) -> Ballot:
    """A submitted ballot with these ranks, without texts."""
    values: dict[str, Any] = {
        "record_id": "h4rmony-1",
        "reviewer": reviewer,
        "status": "submitted",
        "updated_at": "2024-05-01T10:00:00Z",
        "ranks": dense_ranks(ranks),
        "prompt": None,
        "answers": (None,) * len(ranks),
    }
    return Ballot(**{**values, **changes})


def confirmed(*ranks: int, **changes: Any) -> Ballot:
    """A submitted ballot with the machine's texts, unchanged."""
    return vote(*ranks, **{"prompt": "¿Qué es el compost 1?", "answers": TRANSLATED, **changes})


def votes(*rankings: Sequence[int], **changes: Any) -> list[Ballot]:
    """One submitted ballot a ranking, each by another reviewer."""
    return [vote(*ranks, reviewer=f"reviewer-{number}", **changes) for number, ranks in enumerate(rankings)]


def record(number: int = 1, **changes: Any) -> Record:
    """A translated record of three answers, whose source compares the first with both others."""
    values: dict[str, Any] = {
        "id": f"h4rmony-{number}",
        "prompt": f"What is compost number {number}?",
        "answers": (Answer("Good for the soil.", 1), Answer("Some work.", 2), Answer("Rubbish.", 3)),
        "comparisons": (
            Comparison(0, 1, {"Id": f"{number}1", "ComparedRanks": "R1-R2", "BetterCompletionOrigin": "GPT4"}),
            Comparison(0, 2, {"Id": f"{number}2", "ComparedRanks": "R1-R3", "BetterCompletionOrigin": "GPT4"}),
        ),
        "metadata": {"prompt_id": str(number), "type": "Question", "issues": ["PWM", "SC"], "language": "en-gb"},
        "translation": Translation("es", "apertium 3.8", f"¿Qué es el compost {number}?", TRANSLATED),
    }
    return Record(**{**values, **changes})


def small_review(folder: Path, *more: Ballot) -> Path:
    """Write a review to ``folder``: records 1, 2 and 10 have votes, on 10 two reviewers agree; nobody opened 3."""
    ballots = (
        spanish_vote(1, 3, 1, 1),
        spanish_vote(10, 1, 2, 3),
        spanish_vote(10, 1, 2, 3, reviewer="eva"),
        spanish_vote(2, 1, 2, 2),
    )
    write_review(Review(tuple(record(number) for number in (1, 2, 3, 10)), (*ballots, *more)), folder)
    return folder


def spanish_vote(number: int, *ranks: int, **changes: Any) -> Ballot:
    """A submitted ballot with texts on the record of this number."""
    return vote(*ranks, **{"record_id": f"h4rmony-{number}", "prompt": "¿Qué?", "answers": TRANSLATED, **changes})
