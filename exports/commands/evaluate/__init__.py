"""``h4rmony evaluate``: score a model by a judge, measure the judge, compare models, plan people's work."""

from __future__ import annotations

import click

from exports.commands.evaluate.asking import answer, grade
from exports.commands.evaluate.likelihood import likelihood
from exports.commands.evaluate.pages import leaderboard, report
from exports.commands.evaluate.people import collect, sample
from exports.commands.evaluate.scores import compare, plan, score
from exports.commands.evaluate.validate import validate


@click.group()
def evaluate() -> None:
    """Score a model by a judge that is itself measured by people."""


for _command in (answer, grade, sample, collect, score, validate, compare, plan, leaderboard, report, likelihood):
    evaluate.add_command(_command)
