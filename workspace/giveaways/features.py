"""What can be seen of an answer without reading it: one number for each feature.

Counts are logarithms of one more than the count, so that a long list weighs little more than a short one. Words are
runs of letters, in lower case. The lists of words are Spanish and English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import log, log1p

_OPENING = 5  # the first words of an answer that are compared with its prompt
_WORD = re.compile(r"[^\W\d_]+")
_POLITE = (
    *("por favor", "gracias", "con gusto", "encantad[oa]s?", "claro", "por supuesto", "disculp[ae]n?", "perdón"),
    *("lo siento", "lamento", "bienvenid[oa]s?", "amablemente", "please", "thanks?", "thank you", "sorry", "glad"),
    *("happy to", "of course", "certainly", "sure", "welcome", "kindly", "apologi[sz]e", "appreciate"),
)
_HEDGES = (
    *("quizás?", "tal vez", "a lo mejor", "acaso", "posiblemente", "probablemente", "puede que", "podrían?"),
    *("parecen?", "depende", "en parte", "suelen?", "más o menos", "hasta cierto punto", "aunque", "sin embargo"),
    *("por otro lado", "en general", "perhaps", "maybe", "might", "could", "possibly", "probably", "seems?"),
    *("depends", "partly", "somewhat", "often", "usually", "generally", "to some extent", "although", "however"),
    *("on the other hand", "opinions differ"),
)


def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


_COUNTED = {
    "sentences": re.compile(r"[.!?…]+(?=\s|$)"),
    "line breaks": re.compile(r"\n"),
    "list marks": re.compile(r"^[ \t]*(?:[-*•–]|\d+[.)])[ \t]", re.MULTILINE),
    "bold and other Markdown": re.compile(r"\*\*|__|`|^#{1,6} ", re.MULTILINE),
    "digits": re.compile(r"\d"),
    "exclamation marks": re.compile("!"),
    "question marks": re.compile(r"\?"),
    "quotation marks": re.compile('["«»“”„]'),
    "parentheses": re.compile(r"[()\[\]]"),
    "polite words": _phrases(_POLITE),
    "hedges": _phrases(_HEDGES),
}
_WORDED: dict[str, Callable[[list[str], frozenset[str]], float]] = {
    "words": lambda words, _: log1p(len(words)),
    "long words": lambda words, _: sum(map(len, words)) / max(len(words), 1),
    "different words": lambda words, _: len(set(words)) / max(len(words), 1),
    "words of the prompt at its beginning": lambda words, prompt: sum(word in prompt for word in words[:_OPENING]),
}
FEATURES = ("length", *_WORDED, *_COUNTED)


def prompt_words(prompt: str) -> frozenset[str]:
    """The words of a prompt, as ``surface`` needs them."""
    return frozenset(_WORD.findall(prompt.lower()))


def surface(answer: str, prompt: frozenset[str]) -> list[float]:
    """The features of an answer, in the order of ``FEATURES``; ``prompt`` has the words of its prompt."""
    words = _WORD.findall(answer.lower())
    worded = [float(feature(words, prompt)) for feature in _WORDED.values()]
    counted = [log1p(sum(1 for _ in pattern.finditer(answer))) for pattern in _COUNTED.values()]
    return [log(max(len(answer), 1)), *worded, *counted]
