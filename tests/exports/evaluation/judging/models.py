"""A model that answers and a judge that grades, by rules, for the server that speaks OpenAI's protocol."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from exports.evaluation.grades.files import ModelAnswer
from tests.fake_openai import Answer, completion
from workspace.files.jsonl import write_jsonl

WORDS = {"good": "nutrias", "regular": "equilibrio", "bad": "recursos"}  # what the scripted judge goes by
ROLES = {"vale por sí misma": "nutrias", "equidistante": "equilibrio", "": "recursos"}


def system(body: dict[str, Any]) -> str:
    """What the model is told before the question."""
    return "".join(message["content"] for message in body["messages"] if message["role"] == "system")


def graded_texts(body: dict[str, Any]) -> dict[str, str]:
    """The one JSON object that a judge is sent, after the line before it."""
    _, _, data = body["messages"][-1]["content"].partition("\n")
    found, end = json.JSONDecoder().raw_decode(data)
    assert data[end:] == "" or data[end:].startswith("\n\nYour last answer could not be used")
    return dict(found)


def says(grade: Any, reason: Any = "Lo dice.") -> Answer:
    """A judge's reply."""
    return completion(json.dumps({"reason": reason, "grade": grade}))


def judge(body: dict[str, Any]) -> Answer:
    """A judge who goes by one word of the answer."""
    text = graded_texts(body)["answer"]
    return says(next((grade for grade, word in WORDS.items() if word in text), "cannot_judge"))


def answering(body: dict[str, Any]) -> Answer:
    """A model that answers in its role, where it is told one, and else evenly."""
    told = system(body)
    word = next(word for role, word in ROLES.items() if role in told) if told else "equilibrio"
    return completion(f"Pienso en {word}.")


def both(body: dict[str, Any]) -> Answer:
    """The judge and the model at one address."""
    return judge(body) if "cannot_judge" in system(body) else answering(body)


def answers(*texts: str, model: str = "probado", language: str = "es") -> list[ModelAnswer]:
    """One answer a prompt."""
    return [
        ModelAnswer(f"p-{n}", f"¿Qué hago con {n} sauces?", language, text, model) for n, text in enumerate(texts)
    ]


def write_answers(path: Path, found: Iterable[ModelAnswer]) -> Path:
    """Answers as a file."""
    write_jsonl(path, ({name: value for name, value in vars(each).items() if value is not None} for each in found))
    return path
