"""Pairs of transcripts, as HH-RLHF has them, of which the last exchange is compared.

``\\n\\nHuman: ...\\n\\nAssistant: ...\\n\\nHuman: ...\\n\\nAssistant: ...``, or what a chat template made of turns:
``<|im_start|>user\\n...<|im_end|>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loaders.shapes.columns import Columns
from loaders.shapes.judged import Judged, Shape
from loaders.shapes.messages import exchange
from loaders.source.table import Row, canonical_text
from workspace.model.conversations import Message, Role
from workspace.model.shapes import Joined

NAME = "transcripts"
# how a turn begins: in HH-RLHF, and in the templates ChatML, Zephyr's and Llama 3's
_TEMPLATES = tuple(
    map(
        re.compile,
        (
            r"((?:\A\s*|\n\n)(?:Human|Assistant):)",
            r"(\s*<\|im_start\|>(?:system|user|assistant)\n)",
            r"(\s*<\|(?:system|user|assistant)\|>\n)",
            r"((?:<\|begin_of_text\|>)?\s*<\|start_header_id\|>(?:system|user|assistant)<\|end_header_id\|>\n\n)",
        ),
    )
)
_END = re.compile(r"\s*(?:<\|im_end\|>|<\|eot_id\|>|<\|end_of_text\|>|</s>)\s*\Z")
_ROLES: Mapping[str, Role] = {
    "human": "user",
    "user": "user",
    "assistant": "assistant",
    "system": "system",
}
_ROLE = re.compile("|".join(_ROLES), re.IGNORECASE)


def is_transcript(cell: str) -> bool:
    """True if a text begins as a transcript does, and the user speaks in it; after ``Human:`` the assistant too."""
    template = _template(cell)
    roles = [turn.role for turn in turns_of(cell, "user")] if template else []
    return "user" in roles and roles[0] != "assistant" and ("assistant" in roles or template is not _TEMPLATES[0])


def transcripts(columns: Columns) -> Shape:
    """The shape of a table whose better and worse answers end a transcript."""
    chosen, rejected = (columns.need(part, NAME) for part in ("chosen", "rejected"))
    prompt = columns.find("prompt")
    own = tuple(name for name in (prompt, chosen, rejected) if name)

    def read(row: Row) -> Judged:
        cells = {name: row.cells[name] for name in own if name in row.cells}
        found = exchange(
            [turns_of(cells.get(name, ""), "assistant") for name in (chosen, rejected)],
            [turn for turn in turns_of(cells.get(prompt or "", ""), "user") if turn.content.strip()],
            is_asked=prompt is not None,
        )
        joined = {name: Joined(pieces(cell)) for name, cell in cells.items()}
        return Judged(found.prompt, found.answers, ((1, 2),), joined, found.context, (), found.trimmed)

    rule = (
        "the last turn of the user is the prompt, what is before it the context, and the last turn of the assistant"
    )
    return Shape(NAME, f"{rule} in {chosen!r} is better than that in {rejected!r}", own, read)


def turns_of(cell: str, role: Role) -> list[Message]:
    """The turns of a transcript; any other text is one turn, of this role."""
    template = _template(cell)
    if not template:
        return [Message(role, _bare(cell))] if cell else []
    _, *parts = template.split(cell)
    return [Message(_role(mark), _bare(text)) for mark, text in zip(parts[::2], parts[1::2], strict=True)]


def pieces(cell: str) -> tuple[str, ...]:
    """The text in pieces, of which those without white space around them may be texts of a record."""
    template = _template(cell)
    if not template:
        return _spaced(cell)
    _, *parts = template.split(cell)
    return tuple(
        piece for mark, text in zip(parts[::2], parts[1::2], strict=True) for piece in (mark, *_spaced(text))
    )


def _template(cell: str) -> re.Pattern[str] | None:
    """The template of a text that begins as a turn does."""
    return next((template for template in _TEMPLATES if template.match(cell)), None)


def _role(mark: str) -> Role:
    found = _ROLE.search(mark)
    return _ROLES[found[0].casefold()] if found else "user"


def _bare(text: str) -> str:
    """A text without the mark of a turn's end and the blanks around it."""
    return canonical_text(_END.sub("", text))


def _spaced(text: str) -> tuple[str, ...]:
    core = _END.sub("", text).strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return tuple(piece for piece in (before, core, after) if piece)
