"""The prompts that a model is to write: what each is about, and what the model is told. Pure.

H4rmony has five issue codes, the manifestations of each, and the Sustainable Development Goal of each of these
(``loaders/check/taxonomy.csv``). The prompts of a code go round its manifestations. Questions and others take turns,
from code to code, from one manifestation to the next, and each time round. A hash of the seed draws the order of the
manifestations, the cognitive structure, the scene and the length. So what is asked for depends on no reply, and a
run that is resumed, or wants more, asks the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from loaders.check.taxonomy import Manifestation, taxonomy
from loaders.extending.outcome import Refused
from loaders.extending.settings import ExtendSettings
from workspace.chat import Request, Schema
from workspace.model.h4rmony import ISSUES
from workspace.model.records import content_hash
from workspace.roles import drawn

KINDS = ("Question", "Prompt")  # H4rmony's column Type
BANDS = ((30, 80), (50, 120), (80, 180))  # characters of a prompt, as a model is told: at least, at most
ROLE = "prompt"  # in a record's origins
TEMPERATURE = 1.0
_TOLD_AGAIN = 3  # refused texts that a model is told of, the last ones
_SCHEMA = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}},
    "required": ["prompt"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Wanted:
    """A prompt that is to be written: the ``number``-th of its code in a run's seed, variety and country."""

    number: int
    manifestation: Manifestation
    kind: str
    structure: str | None
    seed: int
    language: str
    variety: str
    country: str | None

    @property
    def code(self) -> str:
        """Its issue code."""
        return self.manifestation.code

    @property
    def key(self) -> str:
        """What tells it from all others, in each file of a run."""
        told = [self.manifestation.name, self.kind, self.structure, self.seed, self.language, self.variety]
        return f"{self.code}-{self.number}-{content_hash([*told, self.country])[:8]}"

    @property
    def band(self) -> tuple[int, int]:
        """The characters that it may have, as the model is told."""
        return BANDS[drawn("prompt band", self.key, self.seed) % len(BANDS)]

    @property
    def metadata(self) -> dict[str, Any]:
        """What its record says of it, as H4rmony does."""
        data: dict[str, Any] = {
            "issues": [self.code],
            "manifestation": self.manifestation.name,
            "sdg": self.manifestation.sdg,
            "type": self.kind,
            "language": self.language,
        }
        optional = {"cognitive_structure": self.structure, "country": self.country}
        return data | {name: value for name, value in optional.items() if value}

    def request(self, refused: Sequence[Refused] = ()) -> Request:
        """The request for its text; ``refused`` are the texts that were written before, with the reason."""
        words, (least, most) = _words(), self.band
        scenes = words["scenes"]
        system = _text("prompt.es.md").format(
            variety=self.variety,
            least=least,
            most=most,
            kind=words["kinds"][self.kind],
            topic=self.manifestation.told,
            scene=scenes[drawn("scene", self.key, self.seed) % len(scenes)],
        )
        if self.structure:
            system += f"- {words['structure'].format(structure=words['structures'][self.structure])}\n"
        if self.country:
            system += f"- {words['country'].format(country=self.country)}\n"
        again = [words["refused"].format(text=each.prompt, reason=each.reason) for each in refused[-_TOLD_AGAIN:]]
        return Request.of(
            "\n".join((words["ask"], *again)),
            system=system,
            schema=Schema("prompt", _SCHEMA, words["format"]),
            temperature=TEMPERATURE,
            seed=drawn(ROLE, self.key, self.seed) % 2**31,
            repeat=len(refused),
            answer_characters=most,
        )


def wanted_prompts(per_issue: int, settings: ExtendSettings) -> list[Wanted]:
    """The prompts of a run, the first of each code first."""
    codes = [[each for each in taxonomy() if each.code == code] for code in ISSUES]
    return [_wanted(code, number, settings) for number in range(per_issue) for code in codes]


def prompt_version() -> str:
    """The name of the file of what a model is told, and a hash of all that it is told."""
    return f"{ROLE}-{content_hash([_text('prompt.es.md'), _words(), [each.told for each in taxonomy()]])[:8]}"


def _wanted(code: Sequence[Manifestation], number: int, settings: ExtendSettings) -> Wanted:
    order = sorted(code, key=lambda each: drawn("manifestation", each.name, settings.seed))
    turn, place = divmod(number, len(order))
    chosen = order[place]
    first = drawn("type", "", settings.seed) + list(ISSUES).index(chosen.code)
    structure = None
    if known := settings.cognitive_structures:
        structure = known[(drawn("structure", chosen.name, settings.seed) + turn) % len(known)]
    return Wanted(
        number=number + 1,
        manifestation=chosen,
        kind=KINDS[(first + turn + place) % len(KINDS)],
        structure=structure,
        seed=settings.seed,
        language=settings.language,
        variety=settings.told_variety,
        country=settings.country,
    )


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_text("words.es.json"))
    return found


@cache
def _text(name: str) -> str:
    """The text of a file in ``told/``."""
    return (files("loaders.extending.prompts") / "told" / name).read_text(encoding="utf-8")
