"""What a prompt that a model wrote must not be, beside what no text of its may be. Pure.

As for answers, each check says what is wrong as a sentence about "it".
"""

from __future__ import annotations

import re

from loaders.check.spelling import unknown_words
from loaders.extending.prompts.wanted import Wanted
from loaders.extending.texts.checks import text_problem
from workspace.model.h4rmony import ISSUES
from workspace.roles import VARIETY

LENGTHS = (22, 242)  # characters of H4rmony's prompts
MOST_SENTENCES = 3
FEWEST_WORDS = 4
UNKNOWN = 0.25  # share of the words from which a text is not Spanish that people write
_LABELS = re.compile(
    rf"\b(?:{'|'.join(ISSUES)})\b|\b(?i:{'|'.join(map(re.escape, ISSUES.values()))}|ODS|sdgs?|h4rmony|"
    r"objetivos? de desarrollo sostenible|estructura cognitiva|cognitive structure)\b"
)
_SENTENCES = re.compile(r"[.!?…]+[»\")]?(?=\s|$)")
_LIST = re.compile(r"(?:^|\s)(?:\d+[.)]|[a-c]\)|•)\s")
_QUOTED = re.compile(r"[«\"“'].*[»\"”']", re.DOTALL)


def prompt_problem(text: str, wanted: Wanted) -> str | None:
    """Why a text cannot be the prompt that is wanted, or None."""
    neutral = wanted.variety == VARIETY
    return (
        text_problem(text, "", LENGTHS, language=wanted.language, neutral=neutral)
        or _label_problem(text)
        or _form_problem(text, wanted.kind)
        or _language_problem(text, wanted)
    )


def _label_problem(text: str) -> str | None:
    found = _LABELS.search(text)
    return f"it names a label of the data ({found[0]!r})" if found else None


def _form_problem(text: str, kind: str) -> str | None:
    asked = text.count("?")
    if asked > 1 or len(_SENTENCES.findall(text)) > MOST_SENTENCES or _LIST.search(text):
        return "it is several prompts in one"
    if kind == "Question" and not text.endswith("?"):
        return "it is not a question"
    if kind == "Prompt" and asked:
        return "it is a question, and must be a statement or a task"
    return "it stands in quotation marks" if _QUOTED.fullmatch(text) else None


def _language_problem(text: str, wanted: Wanted) -> str | None:
    words = text.split()
    if len(words) < FEWEST_WORDS:
        return f"it has {len(words)} words, and must have {FEWEST_WORDS} at least"
    if wanted.language == "es":
        if "?" in text and "¿" not in text:
            return "it lacks the sign ¿"
        if len(unknown := unknown_words(text)) > UNKNOWN * len(words):
            return f"it has words that Spanish does not have ({', '.join(unknown[:3])})"
    return None
