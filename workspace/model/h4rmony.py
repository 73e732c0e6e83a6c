"""The columns of H4rmony, and their keys in a record's metadata.

H4rmony (neovalle/H4rmony, CC BY 4.0, doi 10.57967/hf/1148) is one table of pairs. Columns that this project knows
get their own key in ``metadata``; all others keep their name.

Every string in a record's ``metadata`` is a source column, and so is every column of its comparisons; what other
parts add to ``metadata`` is not a string, or has one of ``RESERVED_KEYS``. The five issue codes become the list
``issues`` if all rows of the prompt have all five, equal and "0" or "1"; otherwise they stay as they are.
``metadata["schema"]`` is absent if the source has H4rmony's columns, "pairs" if it has ``PAIR_COLUMNS``, and else the
name of its shape (``loaders/shapes``); ``metadata["source_rows"]`` are then the source's rows
(``workspace/model/shapes.py``).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from workspace.model.languages import language_code
from workspace.model.prompts import GROUP_KEY
from workspace.model.shapes import ROWS_KEY
from workspace.model.twins import FEATURE_KEY, TWIN_OF_KEY
from workspace.model.versions import FOLLOWS_KEY

Item = TypeVar("Item", bound=Hashable)
COLUMNS = (
    "Id", "PromptID", "Prompt", "BetterCompletion", "WorseCompletion", "Reward", "PWM", "CCEU", "NRMB", "WA", "SC",
    "CognitiveStructure", "Type", "Language", "PromptOriginator", "BetterCompletionOrigin",
    "WorseCompletionOrigin", "ComparedRanks", "Contributor", "Comments",
)  # fmt: skip
TEXT_COLUMNS = ("Prompt", "BetterCompletion", "WorseCompletion")
ISSUES = {
    "PWM": "Pollution and Waste Management",
    "CCEU": "Climate Change and Energy Use",
    "NRMB": "Natural Resource Management and Biodiversity",
    "WA": "Wildlife and Agriculture",
    "SC": "Societal Challenges",
}
# source column -> key in a record's metadata
METADATA_NAMES = {
    "PromptID": "prompt_id",
    "Reward": "reward",
    "CognitiveStructure": "cognitive_structure",
    "Type": "type",
    "Language": "language",
    "PromptOriginator": "prompt_originator",
    "Contributor": "contributor",
    "Comments": "comments",
}
SOURCE_NAMES = {key: column for column, key in METADATA_NAMES.items()}

PAIR_COLUMNS = ("prompt", "chosen", "rejected")
# Columns that always belong to a row: they are kept in its comparison even if all rows agree.
ROW_COLUMNS = ("Id", "ComparedRanks")
# Keys of a record's metadata that are never a source column.
LICENCE_KEY = "translation_licence"
UNSUGGESTED_KEY = "unsuggested"
SUPPORT_KEY = "issues_support"  # of codes that reviewers chose: how many ballots each has, and how many answered
ORIGINS_KEY = "origins"  # who wrote each text, the prompt's first: ``exports/merging/provenance.py``
RESERVED_KEYS = frozenset(
    {
        "issues",
        SUPPORT_KEY,
        "schema",
        ROWS_KEY,
        "adequacy",
        "flags",
        "mode",
        "slots",
        "source_hash",
        "translation_hash",
        LICENCE_KEY,
        UNSUGGESTED_KEY,
        ORIGINS_KEY,
        GROUP_KEY,
        FOLLOWS_KEY,
        TWIN_OF_KEY,
        FEATURE_KEY,
    }
)
LANGUAGE_COLUMNS = ("language", "lang", "idioma")
SCHEMA_KEY = "schema"
PAIRS_SCHEMA = "pairs"
_ESCAPE = "source:"
_LABEL = r"\s*R([1-9]|1\d|2[0-6])\s*"
_LABELS = re.compile(
    f"{_LABEL}[-\u2010-\u2015\u2212>]{_LABEL}", re.ASCII
)  # any dash: office programs write their own


def stated_issues(metadata: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The issue codes that a record states, in H4rmony's order; None if it says nothing of them."""
    codes = metadata.get("issues")
    return tuple(code for code in ISSUES if code in codes) if isinstance(codes, list | tuple) else None


def metadata_key(column: str) -> str:
    """The key of a source column in ``metadata``; no two columns share one.

    Columns of ``METADATA_NAMES`` get their name there, and all others keep their own. A foreign column whose name is
    taken gets the prefix ``source:``.
    """
    if column in METADATA_NAMES:
        return METADATA_NAMES[column]
    taken = column in SOURCE_NAMES or column in RESERVED_KEYS or column.startswith(_ESCAPE)
    return _ESCAPE + column if taken else column


def metadata_column(key: str) -> str | None:
    """The source column of a key in ``metadata``; None if the key is not a source column."""
    if key in RESERVED_KEYS:
        return None
    return SOURCE_NAMES.get(key) or key.removeprefix(_ESCAPE)


def is_language_column(column: str) -> bool:
    """True if the column says which language a row is in."""
    return column.strip().casefold() in LANGUAGE_COLUMNS


def stated_language(columns: Mapping[str, Any]) -> str | None:
    """The code of the language that a row, or a record's metadata, says it is in; None if it says none that is known.

    It is in the column ``language``, else ``lang``, else ``idioma``, in any case.
    """
    said = {(metadata_column(name) or "").strip().casefold(): cell for name, cell in columns.items()}
    return next(filter(None, (language_code(str(said.get(name) or "")) for name in LANGUAGE_COLUMNS)), None)


def comparison_key(column: str) -> str:
    """The key of a source column in a comparison: its name, escaped if a comparison uses that key for itself."""
    return _ESCAPE + column if column in ("better", "worse") or column.startswith(_ESCAPE) else column


def comparison_column(key: str) -> str:
    """The source column of a key in a comparison."""
    return key.removeprefix(_ESCAPE)


def column_order(columns: Iterable[str], *, pairs: bool = False) -> list[str]:
    """Each column once: H4rmony's in its order, then all others by name; with ``pairs`` first ``PAIR_COLUMNS``."""
    return list(_ordered(tuple(columns), pairs))


@lru_cache(maxsize=64)  # nearly all rows of a source have the same columns
def _ordered(columns: tuple[str, ...], pairs: bool) -> tuple[str, ...]:
    known = {column: place for place, column in enumerate((*(PAIR_COLUMNS if pairs else ()), *COLUMNS))}
    return tuple(sorted(set(columns), key=lambda column: (known.get(column, len(known)), column)))


def compared_labels(text: str) -> tuple[int, int] | None:
    """The labels of the better and the worse answer in ``ComparedRanks``: ``"R1-R3"`` is ``(1, 3)``.

    None if the text is not two labels from R1 to R26.
    """
    match = _LABELS.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def everything_below(edges: Iterable[tuple[Item, Item]]) -> dict[Item, set[Item]]:
    """The transitive closure of ``(above, below)`` edges: each item with all that are below it.

    An item of a cycle is below itself.
    """
    closure: dict[Item, set[Item]] = {}
    for above, below in edges:
        closure.setdefault(above, set()).add(below)
        closure.setdefault(below, set())
    for middle, lower in closure.items():  # Warshall's algorithm: what is above ``middle`` is above all below it
        for reached in closure.values():
            if middle in reached:
                reached |= lower
    return closure
