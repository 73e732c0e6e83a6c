"""A Griffe extension for the site: what docstrings write for doctest and for reading in code, written as Markdown."""

from __future__ import annotations

from typing import Any

import griffe


class Docstrings(griffe.Extension):
    """Put every doctest into a block of code, and turn ``::`` before an indented block into a colon."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of each object that is read."""
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Rewrite the docstring of the package itself."""
        self.on_object(obj=pkg)


def as_markdown(text: str) -> str:
    """The docstring as Markdown; a doctest ends at the next blank line."""
    lines: list[str] = []
    indent: str | None = None
    for line in text.splitlines():
        if indent is None and line.lstrip().startswith(">>>"):
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}```pycon")
        elif indent is not None and not line.strip():
            lines.append(f"{indent}```")
            indent = None
        if indent is None and line.endswith("::"):
            line = line.removesuffix("::") if line.strip() == "::" else line.removesuffix(":")
        lines.append(line)
    return "\n".join([*lines, f"{indent}```"] if indent is not None else lines)
