"""What no text of a model may be, prompt, answer or twin, found before anybody reviews it. Pure.

Each check says what is wrong as a sentence about "it", which the model is told when it is asked again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders.check.languages import is_other_language
from loaders.extending.texts.hostile import hostile_problem
from workspace.model.languages import LANGUAGES
from workspace.model.prompts import prompt_key

_REFUSAL = re.compile(
    r"\b(?:lo siento|lamento no|disculpa|no puedo (?:ayudar|responder|escribir|cumplir|generar)|"
    r"como (?:modelo|asistente|ia|inteligencia artificial)\b|i(?:'m| am) sorry|i can(?:no|')t|as an ai)",
    re.IGNORECASE,
)
_LEAKAGE = re.compile(
    r"\b(?:ecoling[üu][íi]stic\w*|ecoc[ée]ntric\w*|antropoc[ée]ntric\w*|punto de vista|mi (?:papel|rol)|en el rol|"
    r"como escritora?|ambivalente|inconsciente|instrucci(?:ón|ones)|enunciado|ecolinguistic\w*|ecocentric\w*|"
    r"anthropocentric\w*|point of view|my role|as an? (?:aware|unaware|ambivalent))\b",
    re.IGNORECASE,
)
_FORMATTING = re.compile(r"[\n*#`|]|^\s*(?:[-•–]|\d+[.)])\s|[\U0001f300-\U0001faff\u2600-\u27bf]")
_PENINSULAR = re.compile(r"\b(?:vosotr[oa]s|vuestr[oa]s?|os|\w+[áé]is)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WHOLE = re.compile(r".*[.!?…»\"”)]$", re.DOTALL)
_WINDOW = 4  # words that may stand together at most twice
ALIKE = 0.7  # share of the words of two answers, from which they say the same


@dataclass(frozen=True)
class Told:
    """What a text must keep to.

    Attributes:
        prompt: what the answer answers.
        band: the least and the most characters that it may have.
        given: the text whose numbers it may state.
        language: the ISO code of the language that it must be in.
        neutral: whether the variety is that of Latin America, which has no "vosotros".
    """

    prompt: str
    band: tuple[int, int]
    given: str
    language: str
    neutral: bool


def text_problem(
    text: str, prompt: str, band: tuple[int, int], *, language: str = "es", neutral: bool, base: str | None = None
) -> str | None:
    """Why a text of a model cannot be used, or None.

    Args:
        text: without white space around it.
        prompt: what it answers; "" for a prompt.
        band: the least and the most characters that it may have.
        language: the ISO code of the language that it must be in.
        neutral: the variety is that of Latin America, which has no "vosotros".
        base: the text that it rewrites: only its numbers may be stated, and what it does itself may be done.
    """
    told = Told(prompt, band, prompt if base is None else base, language, neutral)
    for check in _CHECKS:
        problem = check(text, told)
        if problem and (base is None or check is _length or not check(base, told)):
            return problem
    return None


def alike(texts: Sequence[str]) -> tuple[int, int] | None:
    """The places of the first two texts that say nearly the same, by their words; None if there are none."""
    words = [frozenset(prompt_key(text).split()) for text in texts]
    for second in range(len(texts)):
        for first in range(second):
            if len(words[first] & words[second]) >= ALIKE * len(words[first] | words[second]):
                return first, second
    return None


def _is_hostile(text: str, _: Told) -> str | None:
    return hostile_problem(text)


def _refuses(text: str, _: Told) -> str | None:
    return "it refuses or apologises instead of answering" if _REFUSAL.search(text) else None


def _leaks(text: str, _: Told) -> str | None:
    found = _LEAKAGE.search(text)
    return f"it speaks of its instructions or its role ({found[0]!r})" if found else None


def _formats(text: str, _: Told) -> str | None:
    found = _FORMATTING.search(text)
    return "it has line breaks, a list, markup or emojis, and must be one plain paragraph" if found else None


def _other_language(text: str, told: Told) -> str | None:
    return f"it is not in {LANGUAGES[told.language][1]}" if is_other_language(text, told.language) else None


def _other_variety(text: str, told: Told) -> str | None:
    found = _PENINSULAR.search(text) if told.neutral else None
    return f"it is not in the variety that was asked for ({found[0]!r})" if found else None


def _repeats_prompt(text: str, told: Told) -> str | None:
    asked = prompt_key(told.prompt)
    return "it repeats what was asked" if len(asked.split()) > 2 and asked in prompt_key(text) else None


def _new_numbers(text: str, told: Told) -> str | None:
    new = sorted(set(_NUMBER.findall(text)) - set(_NUMBER.findall(told.given)))
    return f"it states numbers that were not given ({', '.join(new[:3])})" if new else None


def _repeats(text: str, _: Told) -> str | None:
    found = sentences(text)
    words = prompt_key(text).split()
    windows = Counter(zip(*(words[start:] for start in range(_WINDOW)), strict=False))
    again = len({prompt_key(sentence) for sentence in found}) < len(found) or max(windows.values(), default=0) > 2
    return "it repeats itself" if again else None


def _breaks_off(text: str, _: Told) -> str | None:
    return None if _WHOLE.fullmatch(text) else "it ends in the middle of a sentence"


def _length(text: str, told: Told) -> str | None:
    least, most = told.band
    return None if least <= len(text) <= most else f"it has {len(text)} characters, and must have {least} to {most}"


def sentences(text: str) -> list[str]:
    """The sentences of a text, by their last sign."""
    return _SENTENCE_END.split(text.strip())


_CHECKS: tuple[Callable[[str, Told], str | None], ...] = (
    _is_hostile,
    _refuses,
    _leaks,
    _formats,
    _other_language,
    _other_variety,
    _repeats_prompt,
    _new_numbers,
    _repeats,
    _breaks_off,
    _length,
)
