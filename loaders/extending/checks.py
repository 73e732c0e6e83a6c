"""What a model's answer must not be, found before anybody reviews it. Pure.

Each check says what is wrong as a sentence about "it", which the model is told when it is asked again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from loaders.check.languages import is_other_language
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
_WHOLE = re.compile(r".*[.!?…»\")]$", re.DOTALL)
_WINDOW = 4  # words that may stand together at most twice
ALIKE = 0.7  # share of the words of two answers, from which they say the same


def text_problem(text: str, prompt: str, band: tuple[int, int], *, language: str = "es", neutral: bool) -> str | None:
    """Why a text cannot be an answer to the prompt, or None.

    Args:
        text: the answer, without white space around it.
        prompt: what it answers.
        band: the least and the most characters that it may have.
        language: the ISO code of the language that it must be in.
        neutral: the variety is that of Latin America, which has no "vosotros".
    """
    least, most = band
    key, asked = prompt_key(text), prompt_key(prompt)
    if _REFUSAL.search(text):
        return "it refuses or apologises instead of answering"
    if found := _LEAKAGE.search(text):
        return f"it speaks of its instructions or its role ({found[0]!r})"
    if _FORMATTING.search(text):
        return "it has line breaks, a list, markup or emojis, and must be one plain paragraph"
    if is_other_language(text, language):
        return f"it is not in {LANGUAGES[language][1]}"
    if neutral and (found := _PENINSULAR.search(text)):
        return f"it is not in the variety that was asked for ({found[0]!r})"
    if len(asked.split()) > 2 and asked in key:
        return "it repeats what was asked"
    if new := sorted(set(_NUMBER.findall(text)) - set(_NUMBER.findall(prompt))):
        return f"it states numbers that were not given ({', '.join(new[:3])})"
    if _repeats(key, text):
        return "it repeats itself"
    if not _WHOLE.fullmatch(text):
        return "it ends in the middle of a sentence"
    if not least <= len(text) <= most:
        return f"it has {len(text)} characters, and must have {least} to {most}"
    return None


def alike(texts: Sequence[str]) -> tuple[int, int] | None:
    """The places of the first two texts that say nearly the same, by their words; None if there are none."""
    words = [frozenset(prompt_key(text).split()) for text in texts]
    for second in range(len(texts)):
        for first in range(second):
            if len(words[first] & words[second]) >= ALIKE * len(words[first] | words[second]):
                return first, second
    return None


def _repeats(key: str, text: str) -> bool:
    sentences = [prompt_key(sentence) for sentence in _SENTENCE_END.split(text)]
    words = key.split()
    windows = Counter(zip(*(words[start:] for start in range(_WINDOW)), strict=False))
    return len(set(sentences)) < len(sentences) or max(windows.values(), default=0) > 2
