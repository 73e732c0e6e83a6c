"""The licence of a publication: CC BY 4.0, unless that of a source, a translator or a model that wrote binds it too.

The rules (pure, no I/O):

- H4rmony and what reviewers made of it are CC BY 4.0. Any other source states its licence in a column (``license``,
  ``licence`` or ``licencia``), or who publishes does; a text that is Spanish from the start may have it in
  ``metadata.translation_licence``. Where nobody states it, it is ``NOASSERTION``. What ``extend`` or its users wrote
  has no source (``metadata.origins``).
- ``metadata.translation_licence`` of a record is the
  licence of its translation, and ``metadata.origins`` says under which licence a model wrote a text of it; both are
  foreign text. A model whose licence nobody has stated is ``NOASSERTION``.
- ``FREE`` are the licences that ask no more of the data than CC BY 4.0 does, in the spelling of
  ``workspace/licences.py``. If every published translation and every model's text has one of them or none (people's
  own, the source's own), the data is ``cc-by-4.0``.
- Every other licence binds: those that forbid commercial use, those that must be passed on (share-alike), and
  ``NOASSERTION``, which means that nobody has stated a licence. The data is then ``other``, and each licence is named
  once.
- The case of SPDX ids does not matter (SPDX specification 2.3, annex D.2).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.merging.provenance import origins, own_language
from exports.words.markdown import one_line
from workspace.errors import count_of
from workspace.licences import NOASSERTION
from workspace.model.h4rmony import LICENCE_KEY, ORIGINS_KEY, metadata_column
from workspace.model.records import Record
from workspace.model.sources import is_h4rmony, source_of

if TYPE_CHECKING:
    from exports.card.page import CardFacts, ModelFacts, Portion, SourceFacts

LICENCE = "cc-by-4.0"
FREE = frozenset({"Apache-2.0", "CC-BY-4.0", "CC0-1.0", "GPL-2.0-or-later (program; no claim on output)", "MIT"})
_FREE = {licence.casefold(): licence for licence in FREE}
_ADVICE = (
    f"where it is {NOASSERTION}, put the licence of the engine or of its model in metadata.{LICENCE_KEY}, or "
    "translate with another engine"
)
_ADVICE_WRITTEN = f"where it is {NOASSERTION}, put the licence of the model in metadata.{ORIGINS_KEY}"
_ADVICE_SOURCE = (
    f"where it is {NOASSERTION}, find out the source's licence and say it, such as "
    "--source-licence {name}=CC-BY-4.0"
)
_COLUMNS = ("license", "licence", "licencia")
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


def source_licence(record: Record, given: Mapping[str, str]) -> str | None:
    """The licence of the source that a record's texts came with; empty if nobody states it, None if there is none.

    Args:
        record: the record.
        given: what who publishes says, by the source's name; what the record states itself goes before it.
    """
    name = source_of(record)
    if is_h4rmony(name):
        return LICENCE.upper()
    said = {(metadata_column(key) or "").strip().casefold(): cell for key, cell in record.metadata.items()}
    columns = [one_line(said.get(column) or "") for column in _COLUMNS]
    if own_language(record):
        columns.append(", ".join(licences_of(record)))
    stated = next((one for one in columns if one and not one.upper().startswith(NOASSERTION)), "")
    if not stated and all(origin.by in ("human", "model") for origin in origins(record)):
        return None
    stated = stated or given.get(name, "")
    return _FREE.get(stated.casefold(), stated)


def binding_sources(sources: Sequence[SourceFacts]) -> Counter[str]:
    """The sources' licences under which the data cannot be passed on as CC BY 4.0 alone, by number of records."""
    bound: Counter[str] = Counter()
    for source in sources:
        for name, records in source.own.items():
            if name.casefold() not in _FREE:
                bound[name or NOASSERTION] += records
    return bound


def binding(licences: Sequence[Portion]) -> tuple[Portion, ...]:
    """The licences under which the data cannot be passed on as CC BY 4.0 alone."""
    return tuple(licence for licence in licences if licence.name and licence.name.casefold() not in _FREE)


def licence_of(model: ModelFacts) -> str:
    """The licence of what a model wrote, in the spelling of ``FREE``; ``NOASSERTION`` if nobody has stated it."""
    name = one_line(model.licence or "") or NOASSERTION
    return _FREE.get(name.casefold(), name)


def binding_models(models: Sequence[ModelFacts]) -> tuple[ModelFacts, ...]:
    """The models that wrote texts which cannot be passed on as CC BY 4.0 alone."""
    return tuple(model for model in models if licence_of(model).casefold() not in _FREE)


def terms(
    licences: Sequence[Portion],
    models: Sequence[ModelFacts] = (),
    sources: Sequence[SourceFacts] = (),
    *,
    derived: bool = True,
) -> Terms:
    """The licence of a publication.

    Args:
        licences: those of its translations.
        models: those that wrote some of its texts.
        sources: where its records are from.
        derived: whether H4rmony is one of them.
    """
    bound = [*(licence.name for licence in binding(licences)), *map(licence_of, binding_models(models))]
    bound += binding_sources(sources)
    if not bound:
        return Terms(LICENCE)
    ids = sorted({*map(_id, bound)} - {LICENCE})
    name = "-and-".join([LICENCE, *ids])
    parts = [
        ("Sources", counted_sources(sources) if binding_sources(sources) else ""),
        ("Machine translations", counted(licences)),
        ("Texts that models wrote", counted_models(models)),
    ]
    told = "".join(f" {what}: {_NO_TEXT.sub(' ', said)}." for what, said in parts if said)
    details = f"{'H4rmony and the' if derived else 'The'} reviewers' work: CC BY 4.0.{told}"
    return Terms("other", name if ids and len(name) <= _MAX_NAME else f"{LICENCE}-and-others", details)


def counted_sources(sources: Sequence[SourceFacts]) -> str:
    """The sources' licences, with their numbers of records, on one line."""
    counts: Counter[str] = Counter()
    for source in sources:
        counts.update({name or NOASSERTION: records for name, records in source.own.items()})
    return "; ".join(f"{one_line(name)}: {count_of(n, 'record')}" for name, n in sorted(counts.items()))


def counted(licences: Sequence[Portion]) -> str:
    """The licences that are stated, with their numbers of records, on one line."""
    return "; ".join(f"{licence.name}: {count_of(licence.count, 'record')}" for licence in licences if licence.name)


def counted_models(models: Sequence[ModelFacts]) -> str:
    """The models with their licences and their numbers of texts, on one line."""
    return "; ".join(f"{one_line(each.model)}, {licence_of(each)}: {count_of(each.texts, 'text')}" for each in models)


def stated(bound: Sequence[Portion]) -> str:
    """The licences of translations that bind, as ``counted``; if one is not stated, also what to do about it."""
    return _with_advice(counted(bound), [licence.name for licence in bound], _ADVICE)


def what_binds(facts: CardFacts) -> tuple[str, ...]:
    """Whose licences bind the data, with the licences; and where one is not stated, what to do about it."""
    translated, written = binding(facts.licences), binding_models(facts.models)
    sources = binding_sources(facts.sources)
    said = []
    if sources:
        told = "; ".join(f"{one_line(name)}: {count_of(n, 'record')}" for name, n in sorted(sources.items()))
        names = sorted(one.name for one in facts.sources if "" in one.own)
        advice = _ADVICE_SOURCE.format(name=names[0] if names and names[0] else "NAME")
        said.append(f"the licences of the sources bind the data ({told}{f'; {advice}' if names else ''})")
    said += [f"the licences of the translations bind the data ({stated(translated)})"] if translated else []
    if written:
        told = _with_advice(counted_models(written), [licence_of(model) for model in written], _ADVICE_WRITTEN)
        said.append(f"the licences of the models that wrote texts bind the data ({told})")
    return tuple(said)


def _with_advice(told: str, names: Sequence[str], advice: str) -> str:
    unknown = any(_id(name) == NOASSERTION.lower() for name in names)
    return f"{told}; {advice}" if unknown else told


def _id(licence: str) -> str:
    """A licence as an id of the Hub: "CC-BY-NC-4.0" becomes "cc-by-nc-4.0"; notes in brackets are left out."""
    return _NO_ID.sub("-", licence.partition(" (")[0].lower()).strip("-.") or "unnamed"
