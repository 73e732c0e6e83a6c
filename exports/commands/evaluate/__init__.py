"""``h4rmony evaluate``: score a model by a judge, measure the judge, compare models, plan people's work.

- ``asking``: ``answer`` and ``grade``, which ask models
- ``people``: ``sample`` and ``collect``, people's grades through Argilla
- ``scores``: ``score``, ``compare`` and ``plan``
- ``validate``: the judge's card
- ``pages``: ``leaderboard`` and ``report``
- ``likelihood``: the score without a judge
- ``options``: what several of them share

``translations`` is the loaders', which know how to translate; it is found by its name.
"""

from __future__ import annotations

import click

from workspace.commands.lazy import LazyGroup

_HERE = "exports.commands.evaluate"
COMMANDS: dict[str, tuple[str, str]] = {
    "answer": (f"{_HERE}.asking:answer", "Have a model answer the test prompts."),
    "grade": (f"{_HERE}.asking:grade", "Have a judge grade answers good, regular or bad."),
    "sample": (
        f"{_HERE}.people:sample",
        "Have people grade a random sample of a model's own answers, in Argilla.",
    ),
    "collect": (f"{_HERE}.people:collect", "Fetch people's grades of a model's answers from Argilla."),
    "score": (f"{_HERE}.scores:score", "Score a model's answers, from 0 to 100."),
    "validate": (
        f"{_HERE}.validate:validate",
        "Write a judge's card: how far it agrees with people, and what its grades depend on besides.",
    ),
    "compare": (f"{_HERE}.scores:compare", "Say how far two models are apart, on the prompts that both answered."),
    "plan": (f"{_HERE}.scores:plan", "Say how many answers people have to grade."),
    "leaderboard": (
        f"{_HERE}.pages:leaderboard",
        "Order models by score, and say which of them cannot be told apart.",
    ),
    "report": (f"{_HERE}.pages:report", "Write one page that says what a model's answers are worth."),
    "likelihood": (
        f"{_HERE}.likelihood:likelihood",
        "Say how often a model finds the better answer the likelier one.",
    ),
    "translations": (
        "loaders.commands.translations:translations",
        "Score a translation engine against translations that people made.",
    ),
}


@click.group(cls=LazyGroup, places=COMMANDS)
def evaluate() -> None:
    """Score a model by a judge that is itself measured by people."""
