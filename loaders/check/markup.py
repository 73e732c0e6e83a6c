"""Code, formulas, tags and placeholders in a text: what a translation has to keep character for character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from loaders.translation.text.code import FENCED, FORMULA, INLINE, TAG

_NAME = re.compile(r"\b[A-Za-z]\w*_\w+\b")  # of a variable or a file, as get_flow
# what may be translated in code
_FOR_PEOPLE = re.compile(
    r"(?:#|//|--\s).*$|\"[^\"\n]*\"|'[^'\n]*'|<!--.{0,999}?-->|/\*.{0,999}?\*/", re.MULTILINE | re.DOTALL
)
_CODE = (FENCED, INLINE, FORMULA)
_SIGNS = frozenset("`~\\$<{_")


def changes_markup(source: str, translation: str) -> bool:
    """A piece of code, a formula in LaTeX, a tag, a placeholder or a name_like_this of the source is not in the
    translation, character for character; of code in a fence, comments and strings may differ.
    """
    if _SIGNS.isdisjoint(source):
        return False
    return bool(Counter(_pieces(source)) - Counter(_pieces(translation)))


def without_code(text: str) -> str:
    """A text without its code and formulas, which are in no language."""
    if _SIGNS.isdisjoint(text):
        return text
    for pattern in _CODE:
        text = pattern.sub(" ", text)
    return text


def _pieces(text: str) -> Iterator[str]:
    for code in FENCED.finditer(text):
        yield " ".join(_FOR_PEOPLE.sub("", code[2]).split())
    text = FENCED.sub(" ", text)
    for pattern in (INLINE, FORMULA, TAG, _NAME):
        yield from pattern.findall(text)
        text = pattern.sub(" ", text)
