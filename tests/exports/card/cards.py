"""The facts of a card that its tests render, and what they read of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from exports.card.page import (
    CardFacts,
    ConfigFacts,
    Portion,
    SourceFacts,
)
from exports.measure.estimates import Estimate
from exports.review.made import Made
from exports.words import catalogue
from workspace.giveaways import GiveAways, Share, Surface

COUNTS: dict[str, Any] = {
    "records": {"total": 30, "unreviewed": 2, "with_pairs": 20},
    "ballots": {"submitted": 41, "draft": 3},
    "reviewers": 4,
    "votes": 39,
    "dropped": {"tie": 7, "no_votes": 6},
    "left_out": {"kto/mixed": 5},
    "texts": {"agreed": 80},
    "problems": {"false_fact": 2},
    "ballots_of_weight_0": 0,
    "marked": {"kept": 0, "taken_out": 0},
    "prompts_on_both_sides": 0,
}


FACTS = CardFacts(
    repo_id="equipo/h4rmony-es",
    configs=(
        ConfigFacts("dpo", {"train": 48, "test": 6}, {"prompt": "list<message>", "id": "string"}),
        ConfigFacts("sft", {"train": 12, "test": 0}, {"prompt": "list<message>", "idioma": "string"}),
        ConfigFacts("lm-eval", {"train": 0, "test": 0}, {}),
    ),
    ballots=ConfigFacts("ballots", {"train": 44}, {"reviewer": "string"}),
    counts=COUNTS,
    settings={
        "min_margin": 0.2,
        "min_reviewers": 2,
        "method": "margins",
        "languages": ["es"],
        "sources": [],
        "test_share": 0.1,
        "formats": ["dpo", "sft"],
        "jsonl": False,
        "weights": None,
        "unreviewed": False,
        "keep_problems": False,
    },
    prompts=20,
    from_source=0,
    machine_prompts=0,
    machine_pairs=0,
    engines=(Portion("apertium 3.8", 29, 29 / 30), Portion("", 1, 1 / 30)),
    sources=(SourceFacts("h4rmony", 30, {"translated": 30}, ("CC-BY-4.0",), {"es": 54}),),
    licences=(Portion("CC-BY-4.0", 30, 1.0),),
    issues=(Portion("PWM", 13, 0.65), Portion("", 7, 0.35)),
    types=(Portion("Question", 20, 1.0),),
    agreement={"alpha_ranks": Estimate(0.8154, 0.7, 0.9, 60, 20)},
    anchoring={"tau_blind": Estimate(None, reason="no_votes")},
    languages=("es",),
    constants={"idioma": "es"},
    comments=False,
    made=Made("2024-05-01", "9.8.7", "0123456789ab"),
    giveaways=GiveAways(54, 20, Share(0.75, 0.6, 0.86), Surface(reason="it is not fitted here")),
    changed=12,
    translated=80,
    example=("¿Qué es el compost?", "Tierra buena.", "Basura."),
)


NO_BALLOTS = ConfigFacts("ballots", {"train": 0}, {})


def halves(text: str) -> tuple[str, str]:
    """The card in Spanish and in English: what each of the two titles stands before."""
    before, spanish, english = re.split(r"^# ", text, flags=re.MULTILINE)
    return before + spanish, english


def table(name: str) -> set[str]:
    """The names that a table of the catalogue has words for."""
    return {key.removeprefix(f"{name}_") for key in catalogue("es") if key.startswith(f"{name}_")}


def section(half: str, title: str) -> list[str]:
    """The lines of the table that follows a line."""
    return half.partition(f"\n{title}\n\n")[2].partition("\n\n")[0].splitlines()


SPANISH, ENGLISH, BOTH = ("es",), ("en",), ("es", "en")


def bare(facts: CardFacts) -> CardFacts:
    """Facts of a review without ballots, problems, issues or types."""
    counts = {**COUNTS, "ballots": {}, "dropped": {}, "left_out": {}, "texts": {}, "problems": {}, "reviewers": 0}
    return replace(
        facts,
        counts=counts,
        issues=(),
        types=(),
        engines=(),
        sources=(),
        ballots=NO_BALLOTS,
        made=Made(None, "9.8.7", None),
        example=None,
    )


def flat(text: str) -> str:
    return " ".join(text.split())
