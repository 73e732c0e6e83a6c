"""A model that writes answers in roles, for the server that speaks OpenAI's protocol; and ``extend`` in one call."""

from __future__ import annotations

import json
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
WHO = "una vecina, un primo, tu abuela, quien gobierna, una maestra, tu jefa, un turista, una amiga"
WHAT = (
    "lava la camioneta, tira aceite usado, compra ropa cada semana, corta sauces, riega con manguera, "
    "pesca de noche, quema hojas secas, cría gallinas, alquila bicicletas, vende leña, fumiga maíz, guarda semillas"
)
WHERE = (
    "junto a la quebrada, frente al mercado, detrás de la escuela, en la costa, cerca del bosque, al pie del cerro, "
    "en el puerto, bajo el puente, en la plaza, sobre el arroyo, en la huerta, dentro del parque"
)
WHEN = "cada domingo, desde enero, por costumbre, sin avisar, antes del alba, tras la lluvia, en verano, con permiso"


def run(
    output: Path,
    *,
    prompts: str | Path | None = None,
    per_issue: int | None = None,
    complete: str | Path | None = None,
    **settings: Any,
) -> Extended:
    """``extend`` with its settings given one by one."""
    given = ExtendSettings(**settings)
    return extend(output, prompts=prompts, per_issue=per_issue, complete=complete, settings=given)


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
    draw.shuffle(names)
    text = "Conviene saber que"
    while len(text) < least + draw.randrange(most - least - 30):
        text += draw.choice((" ", ", ")) + f"junto a la {names.pop()} vive cada {names.pop()}"
    return completion(text + ".")


def asks_for_a_prompt(body: dict[str, Any]) -> bool:
    """Whether the request is for a prompt, and not for an answer to one."""
    return str(body["messages"][-1]["content"]).startswith("Escribe el enunciado")


def prompt(body: dict[str, Any]) -> str:
    """A prompt of the type that is wanted, another one for every seed."""
    draw = Random(f"{body['seed']} {body['messages'][-1]['content']}")
    who, what, where, when = (draw.choice(words.split(", ")) for words in (WHO, WHAT, WHERE, WHEN))
    if "Es una pregunta, una sola" in body["messages"][0]["content"]:
        return f"¿Qué le dirías a {who} que {what} {where} {when}?"
    return f"Escribe una carta a {who} que {what} {where} {when}."


def whole(body: dict[str, Any]) -> Answer:
    """A prompt where one is asked for, and else an answer that does not tell its role, as long as those of others."""
    if asks_for_a_prompt(body):
        return completion(json.dumps({"prompt": prompt(body)}, ensure_ascii=False))
    answer = balanced(body)
    message = answer.body["choices"][0]["message"]
    least = int(re.findall(r"(\d+) a \d+ caracteres", body["messages"][0]["content"])[0])
    message["content"] = message["content"][: least - 1].rstrip(" ,.").ljust(least - 1, "a") + "."
    return answer


def wants_a_question(body: dict[str, Any]) -> bool:
    """Whether the prompt that the request is for is a question."""
    return asks_for_a_prompt(body) and "Es una pregunta, una sola" in body["messages"][0]["content"]


def writing(*replies: str) -> Callable[[dict[str, Any]], Answer]:
    """A server that says ``replies``, each once, where a question is asked for and nothing was refused yet."""
    left = list(reversed(replies))

    def behave(body: dict[str, Any]) -> Answer:
        first = wants_a_question(body) and body["messages"][-1]["content"] == "Escribe el enunciado."
        return completion(left.pop()) if first and left else whole(body)

    return behave
