"""The rubric: what a judge is told, in Spanish for Spanish answers and in English for all others. Pure.

The files in ``rubrics/`` hold the principles with what they go back to, the grades with their anchors, the rules for
special cases, and worked examples, which are of no data set. A rubric's version is the name of its files and a hash
of all that any judge is told by it, so a grade says by which words it was given.

- The prompt and the answer are one JSON object in a message of their own: no quote in a text ends it.
- The reason comes before the grade, in the schema, in the words and in the reading.
- The grades, and the examples with them, are shown in one of the six orders that there are. A hash of the answer's
  key (never of who answered) draws in which order the repeats of a grade go through them, so that what an order is
  worth can be measured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import permutations
from typing import Any

from exports.evaluation.grades.files import LEVELS, Key, Level, ModelAnswer
from workspace.chat import BadAnswer, Schema, read_json
from workspace.model.records import content_hash

VERSION = "v1"
VERSIONS = (VERSION, "v1b")  # the second is the first in other words
LANGUAGES = ("es", "en")  # those that there is a rubric in
CANNOT_JUDGE = "cannot_judge"
ORDERS: tuple[tuple[Level, ...], ...] = tuple(permutations(LEVELS))
REPLY_CHARACTERS = 800  # about how long a judge's reply is


@dataclass(frozen=True)
class Judged:
    """What a judge said of an answer; ``grade`` is None where it cannot judge."""

    grade: Level | None
    reason: str


def rubric_version(version: str = VERSION) -> str:
    """The name of a rubric's files, and a hash of all that judges are told by it.

    >>> rubric_version().partition("-")[0]
    'v1'
    """
    words = [(told(language, version=version), _rubric(version, language)["quoted"]) for language in LANGUAGES]
    return f"{version}-{content_hash(words)[:8]}"


def told(
    language: str, order: Sequence[Level] = LEVELS[::-1], version: str = VERSION, *, reply: str | None = None
) -> str:
    """What a judge is told of an answer in a language, with the grades in this order.

    ``reply`` takes the place of the words on how the answer is quoted and what to reply.
    """
    rubric = _rubric(version, language if language in LANGUAGES else "en")
    grades = [f"- {name}: {_line(rubric['grades'][name])}" for name in (*order, CANNOT_JUDGE)]
    examples = sorted(rubric["examples"], key=lambda example: order.index(example["grade"]))
    return "\n\n".join(
        (
            rubric["task"].strip(),
            rubric["principles"].strip(),
            "\n".join((rubric["grades_title"], *grades)),
            "\n".join((rubric["policies_title"], rubric["policies"].strip())),
            "\n".join((rubric["examples_title"], *map(_example, examples))),
            (rubric["reply"] if reply is None else reply).strip(),
        )
    )


def quoted(answer: ModelAnswer, version: str = VERSION) -> str:
    """The message with the texts to be graded: a line of ours, and one JSON object."""
    rubric = _rubric(version, answer.language if answer.language in LANGUAGES else "en")
    data = json.dumps({"prompt": answer.prompt, "answer": answer.answer}, ensure_ascii=False)
    return f"{rubric['quoted']}\n{data}"


def schema(order: Sequence[Level]) -> Schema:
    """What a judge's reply must look like; the grades are in the order in which they are told."""
    names = [*order, CANNOT_JUDGE]
    properties: dict[str, Any] = {"reason": {"type": "string"}, "grade": {"type": "string", "enum": names}}
    return Schema(
        "grade",
        {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
        words=f'Reply with nothing but this JSON: {{"reason": "...", "grade": "{"|".join(names)}"}}',
    )


def order_of(key: Key, repeat: int) -> tuple[Level, ...]:
    """The order of the grades in a repeat: the first six of an answer are all different.

    >>> len({order_of(("p-1", "es", -1), repeat) for repeat in range(6)})
    6
    """
    drawn = sorted(ORDERS, key=lambda order: hashlib.sha256(f"{key} {order}".encode()).digest())
    return drawn[repeat % len(drawn)]


def read_judged(content: str) -> Judged:
    """What a judge said.

    Raises:
        BadAnswer: it is no such object, gives the grade before its reason, or none of the grades.

    >>> read_judged('{"reason": "It names the otters.", "grade": "good"}')
    Judged(grade='good', reason='It names the otters.')
    """
    found = read_json(content)
    reason, grade = found.get("reason"), found.get("grade")
    names = ", ".join((*LEVELS, CANNOT_JUDGE))
    if not isinstance(reason, str) or not reason.strip():
        raise BadAnswer('its "reason" was missing')
    if not isinstance(grade, str) or grade.strip().lower() not in (*LEVELS, CANNOT_JUDGE):
        raise BadAnswer(f'its "grade" was none of {names}')
    if list(found).index("grade") < list(found).index("reason"):
        raise BadAnswer('its "grade" came before its "reason"')
    level = next((level for level in LEVELS if level == grade.strip().lower()), None)
    return Judged(level, reason.strip())


def _line(text: str) -> str:
    return " ".join(text.split())


def _example(example: Mapping[str, str]) -> str:
    texts = {"prompt": _line(example["prompt"]), "answer": _line(example["answer"])}
    judged = {"reason": _line(example["reason"]), "grade": example["grade"]}
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in (texts, judged))


@cache
def _rubric(version: str, language: str) -> Mapping[str, Any]:
    import yaml

    path = files("exports.evaluation.judging") / "rubrics" / f"{version}.{language}.yaml"
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
