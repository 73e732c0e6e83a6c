"""A model that writes answers in roles, for the server that speaks OpenAI's protocol; and ``extend`` in one call."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from loaders import Extended, ExtendSettings, extend
from tests.fake_openai import Answer, completion

BODIES = {
    "cuidado": "Conviene mirar primero a quienes viven allí, porque también ellos descansan, crían y buscan alimento",
    "equidistante": "Hay razones a favor y en contra, de modo que cada familia puede decidir según su presupuesto",
    "descuidado": "Lo más práctico es elegir aquello que salga barato, dure bastante y no obligue a cambiar hábitos",
    "sostenible": "Una gestión verde y responsable convierte ese recurso en oportunidades sostenibles de crecimiento",
}


def run(
    output: Path, *, prompts: str | Path | None = None, complete: str | Path | None = None, **settings: Any
) -> Extended:
    """``extend`` with its settings given one by one."""
    return extend(output, prompts=prompts, complete=complete, settings=ExtendSettings(**settings))


def role_of(body: dict[str, Any]) -> str:
    """Which role the request is for, by a word of its instructions."""
    told = body["messages"][0]["content"]
    return next(word for word in ("sostenible", "descuidado", "equidistante", "cuidado") if word in told)


def written(body: dict[str, Any]) -> Answer:
    """An answer in the role, as long as the request wants it."""
    least = int(re.findall(r"(\d+) a \d+ caracteres", body["messages"][0]["content"])[0])
    words = iter(f"además {first}{last} vive cerca" for first in "abcdefgh" for last in ("lba", "rbo", "nta"))
    text = BODIES[role_of(body)]
    while len(text) < least:
        text += ", " + next(words)
    return completion(text + ".")


def told(system: str) -> Callable[[dict[str, Any]], Answer]:
    """A server whose answers to one role are ``system``."""
    return lambda body: completion(system) if role_of(body) == "descuidado" else written(body)


def balanced(body: dict[str, Any]) -> Answer:
    """An answer whose words, length and signs say nothing about its role."""
    system, user = (message["content"] for message in body["messages"])
    least, most = map(int, re.findall(r"(\d+) a (\d+) caracteres", system)[0])
    draw = Random(user + role_of(body))
    names = [
        f"{first}{second}{last}" for first in "lbmr" for second in "aeo" for last in ("sca", "rgo", "nte", "lva")
    ]
    text = "Conviene saber que"
    while len(text) < least + draw.randrange(most - least - 30):
        text += draw.choice((" ", ", ")) + f"junto a la {draw.choice(names)} vive cada {draw.choice(names)}"
    return completion(text + ".")
