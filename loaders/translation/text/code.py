"""Code, formulas and markup in a text, which are in no language: where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCED = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
# bounded, so that a text of nothing but beginnings takes no time that grows with its square
FORMULA = re.compile(
    r"\\\(.{1,999}?\\\)|\\\[.{1,999}?\\\]|\$\$.{1,999}?\$\$|\$(?=[^$\n]*[\\^_{])[^$\n]+\$|\\[a-zA-Z]+(?:\{[^{}\n]*\})+",
    re.DOTALL,
)
TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<!--.{0,999}?-->|\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|\{\w+\}", re.DOTALL)


def blocks(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text, in order, each with whether it is a fenced block of code; together they are the text."""
    start = 0
    for block in FENCED.finditer(text) if "```" in text or "~~~" in text else ():
        yield text[start : block.start()], False
        yield block[0], True
        start = block.end()
    yield text[start:], False
