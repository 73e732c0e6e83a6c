"""Code, formulas, tags and placeholders in a text: what a translation has to keep character for character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_FENCED = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_FORMULA = re.compile(
    r"\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$|\$(?=[^$\n]*[\\^_{])[^$\n]+\$|\\[a-zA-Z]+(?:\{[^{}\n]*\})+", re.DOTALL
)
_CODE = (_FENCED, _INLINE, _FORMULA)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<!--.*?-->|\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|\{\w+\}", re.DOTALL)
_NAME = re.compile(r"\b[A-Za-z]\w*_\w+\b")  # of a variable or a file, as get_flow
# what may be translated in code
_FOR_PEOPLE = re.compile(r"(?:#|//|--\s).*$|\"[^\"\n]*\"|'[^'\n]*'|<!--.*?-->|/\*.*?\*/", re.MULTILINE | re.DOTALL)
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
    for code in _FENCED.finditer(text):
        yield " ".join(_FOR_PEOPLE.sub("", code[2]).split())
    text = _FENCED.sub(" ", text)
    for pattern in (_INLINE, _FORMULA, _TAG, _NAME):
        yield from pattern.findall(text)
        text = pattern.sub(" ", text)
