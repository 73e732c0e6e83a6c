"""The licence of a publication: H4rmony's own, unless a model's licence binds the translations in it.

The rules (pure, no I/O):

- H4rmony and what reviewers made of it are CC BY 4.0. ``metadata.translation_licence`` of a record is the
  licence of its translation; it is foreign text.
- ``FREE`` are the licences that ask no more of the data than CC BY 4.0 does, in the spelling of
  ``loaders/translation/engines/licences.py``. If every published translation has one of them or none (people's own,
  the source's own), the data is ``cc-by-4.0``.
- Every other licence binds: those that forbid commercial use, those that must be passed on (share-alike), and
  ``NOASSERTION``, which means that nobody has stated a licence. The data is then ``other``, and each licence is named
  once.
- The case of SPDX ids does not matter (SPDX specification 2.3, annex D.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.card.tables import one_line
from workspace.model.h4rmony import LICENCE_KEY
from workspace.model.records import Record

if TYPE_CHECKING:
    from exports.card.page import Portion

LICENCE = "cc-by-4.0"
FREE = frozenset({"Apache-2.0", "CC-BY-4.0", "CC0-1.0", "GPL-2.0-or-later (program; no claim on output)", "MIT"})
NOASSERTION = "NOASSERTION"
_FREE = {licence.casefold(): licence for licence in FREE}
_ADVICE = (
    f"where it is {NOASSERTION}, put the licence of the engine or of its model in metadata.{LICENCE_KEY}, or "
    "translate with another engine"
)
_NO_ID = re.compile(r"[^a-z0-9.]+")
_NO_TEXT = re.compile(r"[^a-zA-Z0-9 .,;:()'+/-]+")  # Markdown and HTML cannot be escaped in the metadata
_MAX_NAME = 96


@dataclass(frozen=True)
class Terms:
    """Fields of the Hub's metadata: ``license``, and with "other" its ``license_name`` and ``license_details``."""

    licence: str
    name: str | None = None
    details: str | None = None

    @property
    def label(self) -> str:
        """The licence on one line: "cc-by-4.0", or "other" with its name."""
        return f"{self.licence} ({self.name})" if self.name else self.licence


def licences_of(record: Record) -> tuple[str, ...]:
    """The licences of a record's translation, each once; one empty name if it states none."""
    names = (name.strip() for name in one_line(record.metadata.get(LICENCE_KEY) or "").split(", "))
    return tuple(sorted({_FREE.get(name.casefold(), name) for name in names if name})) or ("",)


def binding(licences: Sequence[Portion]) -> tuple[Portion, ...]:
    """The licences under which the data cannot be passed on as CC BY 4.0 alone."""
    return tuple(licence for licence in licences if licence.name and licence.name.casefold() not in _FREE)


def terms(licences: Sequence[Portion]) -> Terms:
    """The licence of a publication whose translations have these licences."""
    bound = binding(licences)
    if not bound:
        return Terms(LICENCE)
    ids = sorted({_id(licence.name) for licence in bound} - {LICENCE})
    name = "-and-".join([LICENCE, *ids])
    details = (
        f"H4rmony and the reviewers' work: CC BY 4.0. Machine translations: {_NO_TEXT.sub(' ', counted(licences))}."
    )
    return Terms("other", name if ids and len(name) <= _MAX_NAME else f"{LICENCE}-and-others", details)


def counted(licences: Sequence[Portion]) -> str:
    """The licences that are stated, with their numbers of records, on one line."""
    return "; ".join(
        f"{licence.name}: {licence.count} record{'' if licence.count == 1 else 's'}"
        for licence in licences
        if licence.name
    )


def stated(bound: Sequence[Portion]) -> str:
    """The licences that bind, as ``counted``; if one is not stated, also what to do about it."""
    unknown = any(_id(licence.name) == NOASSERTION.lower() for licence in bound)
    return "; ".join([counted(bound), *([_ADVICE] if unknown else [])])


def _id(licence: str) -> str:
    """A licence as an id of the Hub: "CC-BY-NC-4.0" becomes "cc-by-nc-4.0"; notes in brackets are left out."""
    return _NO_ID.sub("-", licence.partition(" (")[0].lower()).strip("-.") or "unnamed"
