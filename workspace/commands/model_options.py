"""Options that every command with a language model shares, as a decorator: those of ``ModelSettings``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from workspace.chat.client import TIMEOUT
from workspace.commands.options import Command

_MONEY = click.FloatRange(0)


def model_options(writes: str, model: str) -> Callable[[Command], Command]:
    """Add the options that say where the model is and what it may cost.

    Args:
        writes: what a run writes, in words.
        model: how the user names an endpoint's model to the command; the command gets it as ``model``.
    """

    def add(command: Command) -> Command:
        @wraps(command)
        def checked(*args: Any, **given: Any) -> Any:
            if given["local"] and (given["model"] or given["base_url"]):
                raise click.UsageError(f"--local PATH takes the place of {model} and --base-url")
            return command(*args, **given)

        found: Command = checked
        for option in reversed(_options(writes)):
            found = option(found)
        return found

    return add


def _options(writes: str) -> tuple[Callable[[Command], Command], ...]:
    seconds = click.FloatRange(1)
    return (
        click.option("--base-url", help="Address of an OpenAI-compatible API (OPENAI_BASE_URL); key OPENAI_API_KEY."),
        click.option("--local", metavar="PATH", help="A transformers model on this machine: a folder, or a Hub id."),
        click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn; also the model's."),
        click.option("--budget", type=click.IntRange(1), help="Tokens that this run may spend."),
        click.option("--budget-money", type=_MONEY, help="Money that this run may spend, in the prices' currency."),
        click.option("--price-prompt", type=_MONEY, help="What a million tokens of requests cost, in any currency."),
        click.option("--price-answer", type=_MONEY, help="What a million tokens of answers cost."),
        click.option("--most", type=click.IntRange(1), help=f"{writes} that this run may write; another carries on."),
        click.option("--timeout", type=seconds, default=TIMEOUT, show_default=True, help="Seconds for one text."),
    )
