"""The settings that all commands with a language model share: what cannot be is refused by its option's name."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from workspace.chat import Endpoint, Prices
from workspace.chat.settings import ModelSettings
from workspace.cli import main
from workspace.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"local": "m", "model": "gpt"}, "--local runs a model on this machine"),
        ({"local": "m", "base_url": "http://localhost:1/v1"}, "--local runs a model on this machine"),
        ({"most": 0}, "--most 0: "),
        ({"price_prompt": -1.0, "price_answer": 1.0}, "--price-prompt -1.0: "),
        ({"price_prompt": 1.0, "price_answer": float("inf")}, "--price-answer inf: "),
        ({"price_prompt": 1.0}, "give both --price-prompt and --price-answer"),
        ({"budget_money": float("nan")}, "--budget-money nan: "),
        ({"budget_money": 1.0}, "--budget-money needs --price-prompt and --price-answer"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        ModelSettings(**given)


def test_an_endpoint_comes_from_the_settings_or_the_environment() -> None:
    environ = {"OPENAI_API_KEY": "secret", "OPENAI_MODEL": "theirs"}
    assert ModelSettings(environ=environ).asked == Endpoint.of("theirs", None, environ)
    chosen = ModelSettings(model="ours", price_prompt=1, price_answer=2, environ=environ)
    assert chosen.asked == Endpoint.of("ours", None, environ)
    assert chosen.prices == Prices(1, 2)
    assert "secret" not in repr(chosen)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["extend", "--prompts", "x.txt", "--model", "gpt"], "--model"),
        (["evaluate", "answer", "gpt", "--data", "."], "MODEL"),
        (["evaluate", "grade", "--data", ".", "--judge", "gpt"], "--judge"),
    ],
)
def test_a_model_here_and_an_endpoint_exclude_each_other(command: list[str], named: str) -> None:
    result = CliRunner().invoke(main, [*command, "-o", "x.jsonl", "--local", "m"])
    assert result.exit_code == 2
    assert f"--local PATH takes the place of {named} and --base-url" in result.output
