"""The dataset card of a publication: the Hub's metadata, and a text in Spanish and English, made of computed facts.

The rules (no I/O but reading the template):

- Every number in the card is counted or measured; what cannot be computed is "n/a" with the reason.
- It holds no user name, and no time but the day of the newest ballot, so that the same review makes the same bytes.
- What comes from outside (engines, types, names of columns, ...) is *foreign*: every interpolated text is escaped so
  that it means nothing to Markdown or HTML, unless the template marks it as our own.
- A configuration lists only splits that have rows: ``datasets`` cannot load one with an empty split.
- The name and the text follow from the languages of the trainable texts; the metadata's languages are those of all
  configurations, and reviewers' ballots are in Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Template
from markupsafe import Markup

from exports.card.licences import Terms, binding, binding_models, binding_sources, terms
from exports.card.tables import Tables
from exports.merging.settings import SPANISH
from exports.merging.split import SPLITS, Split
from exports.review.made import Made
from exports.words import Wording, environment
from exports.words.markdown import escaped
from workspace.hub import check_endpoint
from workspace.model.h4rmony import ISSUES
from workspace.model.sources import is_h4rmony

if TYPE_CHECKING:
    from exports.measure.estimates import Estimate
    from exports.measure.stories import Story
    from exports.measure.varieties import VarietyLine
    from workspace.giveaways import GiveAways

WRITTEN = ("by_model", "by_people", "in_spanish")
MARK = "<!-- h4rmony publish -->"
CARD = "README.md"
# the title in Spanish, which is the card's name on the Hub, and in English
_TITLES = {
    ("es",): ("H4rmony en español", "H4rmony in Spanish"),
    ("en",): ("H4rmony en inglés, ordenado de nuevo", "H4rmony in English, re-ranked"),
    ("en", "es"): ("H4rmony en español y en inglés", "H4rmony in Spanish and English"),
}
# where no record is of H4rmony
_OTHER_TITLES = {
    ("es",): ("Preferencias en español", "Preferences in Spanish"),
    ("en",): ("Preferencias en inglés", "Preferences in English"),
    ("en", "es"): ("Preferencias en español y en inglés", "Preferences in Spanish and English"),
}
_TRAINERS = {"dpo": "DPO", "dpo-standard": "DPO", "kto": "KTO", "reward": "Reward", "sft": "SFT"}
_TAGS = ("dpo", "preference", "rlhf", "argilla", "human-feedback")
_STEPS = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")


@dataclass(frozen=True)
class ConfigFacts:
    """One configuration: its splits with their rows, and its columns with their types."""

    name: str
    rows: Mapping[Split, int]
    columns: Mapping[str, str]

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that have rows, in their order."""
        return tuple(split for split in SPLITS if self.rows.get(split))

    @property
    def empty_splits(self) -> tuple[Split, ...]:
        """The splits that were left out because they have no rows."""
        return tuple(split for split in SPLITS if split in self.rows and not self.rows[split])


@dataclass(frozen=True)
class Portion:
    """How many have a name (an issue code, an engine, ...), and their share of what ``CardFacts`` says."""

    name: str
    count: int
    share: float


@dataclass(frozen=True)
class SourceFacts:
    """One source: its records, how they came to be, the licences they state, and its pairs by language.

    ``own`` counts the records whose texts came with the source, by its licence; the empty one where nobody states it.
    """

    name: str
    records: int
    made: Mapping[str, int]
    licences: tuple[str, ...]
    pairs: Mapping[str, int]
    own: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelFacts:
    """A model that wrote texts: under which licence (None if nobody states it), how many, how many were changed."""

    model: str
    licence: str | None
    texts: int
    changed: int


@dataclass(frozen=True)
class CardFacts:
    """All that a card says. ``counts`` and ``settings`` are those of ``summary.json``.

    ``engines`` and ``sources`` are over all records of the review, ``licences`` over those whose translation is
    published, ``models`` over those of which anything is, ``issues`` and ``types`` over the ``prompts`` that have a
    pair. ``from_source`` counts the prompts whose pairs are the source's, unreviewed; ``machine_prompts`` the
    reviewed ones with one of the ``machine_pairs``, which hold a text that no reviewer submitted. ``agreement`` and
    ``anchoring`` are figures by their names in the catalogue, ``giveaways`` those of the pairs, ``stories``
    those of the twins that are reviewed. Reviewers ``changed`` so many of the ``translated`` texts that they
    submitted. ``varieties`` count the prompts with pairs, ``unread_varieties`` what they say that names none.
    ``example`` is a row: the prompt, the preferred and the other answer; None without a pair.
    """

    repo_id: str
    configs: tuple[ConfigFacts, ...]
    ballots: ConfigFacts
    counts: Mapping[str, Any]
    settings: Mapping[str, Any]
    prompts: int
    from_source: int
    machine_prompts: int
    machine_pairs: int
    engines: tuple[Portion, ...]
    sources: tuple[SourceFacts, ...]
    licences: tuple[Portion, ...]
    issues: tuple[Portion, ...]
    types: tuple[Portion, ...]
    agreement: Mapping[str, Estimate]
    anchoring: Mapping[str, Estimate]
    languages: tuple[str, ...]
    constants: Mapping[str, str]
    comments: bool
    made: Made
    giveaways: GiveAways
    stories: tuple[Story, ...] = ()
    changed: int = 0
    translated: int = 0
    example: tuple[str, str, str] | None = None
    models: tuple[ModelFacts, ...] = ()
    varieties: tuple[VarietyLine, ...] = ()
    unread_varieties: tuple[str, ...] = ()

    @property
    def all_configs(self) -> tuple[ConfigFacts, ...]:
        """All configurations, the ballots last."""
        return (*self.configs, self.ballots)

    @property
    def published(self) -> tuple[ConfigFacts, ...]:
        """The configurations that have rows, the ballots last."""
        return tuple(config for config in self.all_configs if config.splits)

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The languages of all configurations, those of the trainable texts first."""
        reviewed = (SPANISH,) if self.ballots.splits else ()
        return tuple(dict.fromkeys((*self.languages, *reviewed)))

    @property
    def made_as(self) -> frozenset[str]:
        """In which ways records came to be (``exports.merging.provenance.making``)."""
        return frozenset(name for source in self.sources for name in source.made)

    @property
    def has_translated(self) -> bool:
        """True if a machine translated a record."""
        return "translated" in self.made_as

    @property
    def has_spanish(self) -> bool:
        """True if a record is Spanish from the start."""
        return not self.made_as.isdisjoint(WRITTEN)

    @property
    def is_all_spanish(self) -> bool:
        """True if every record is Spanish from the start."""
        return bool(self.made_as) and self.made_as <= set(WRITTEN)

    @property
    def is_written_by_model(self) -> bool:
        """True if a model wrote answers in Spanish."""
        return "by_model" in self.made_as

    @property
    def is_derived(self) -> bool:
        """True if a record of H4rmony's is in it."""
        return any(is_h4rmony(source.name) for source in self.sources)

    @property
    def is_ecolinguistic(self) -> bool:
        """True if it is made as H4rmony is: from it, on its issues, or by a model in its roles."""
        return self.is_derived or self.is_written_by_model or any(one.name in ISSUES for one in self.issues)

    @property
    def other_sources(self) -> tuple[str, ...]:
        """The names of the sources that are not H4rmony, those with the most records first."""
        others = sorted(self.sources, key=lambda one: (-one.records, one.name))
        return tuple(one.name for one in others if one.name and not is_h4rmony(one.name))

    @property
    def binders(self) -> tuple[str, ...]:
        """Whose licences bind the data: "sources", "translations", "texts"."""
        bound = (binding_sources(self.sources), binding(self.licences), binding_models(self.models))
        return tuple(name for name, found in zip(("sources", "translations", "texts"), bound, strict=True) if found)

    @property
    def citation_key(self) -> str:
        """The key of the data in BibTeX."""
        if self.is_ecolinguistic:
            return "h4rmony_es"
        return re.sub(r"[^a-z0-9]+", "_", self.repo_id.partition("/")[2].lower()).strip("_") or "data"

    @property
    def unlicensed(self) -> int:
        """How many records are of a source whose licence nobody states."""
        return sum(source.own.get("", 0) for source in self.sources)

    @property
    def titles(self) -> tuple[str, str]:
        """What the data is called in Spanish and in English."""
        titles = _TITLES if self.is_derived else _OTHER_TITLES
        return titles[tuple(sorted(set(self.languages)))]

    @property
    def pretty_name(self) -> str:
        """The card's name on the Hub: the Spanish title, with the repository's name where it is not H4rmony's."""
        return self.titles[0] if self.is_derived else f"{self.titles[0]}: {self.repo_id.partition('/')[2]}"

    @property
    def terms(self) -> Terms:
        """The licence of the data."""
        return terms(self.licences, self.models, self.sources, derived=self.is_derived)

    @property
    def trainer(self) -> str | None:
        """TRL's trainer for the first configuration, without "Trainer"; None if it has none, or no rows in train."""
        first = self.published[0]
        return _TRAINERS.get(first.name) if "train" in first.splits else None

    @property
    def same_tables(self) -> bool:
        """Whether ``dpo`` and ``orpo``, two names of one table, are both published."""
        return {"dpo", "orpo"} <= {config.name for config in self.published}


def card_metadata(facts: CardFacts) -> dict[str, Any]:
    """The YAML block of the card, as the Hub reads it; the first configuration is the default one."""
    configs: list[dict[str, Any]] = [
        {
            "config_name": config.name,
            "data_files": [{"split": split, "path": f"{config.name}/{split}.parquet"} for split in config.splits],
        }
        for config in facts.published
    ]
    configs[0]["default"] = True
    own = facts.terms
    origin = [
        *(["extended|neovalle/H4rmony"] if facts.is_derived else []),
        *(["original"] if facts.has_spanish else []),
    ]
    named = {"license_name": own.name, "license_details": own.details} if own.name else {}
    tags = [line.code for line in facts.varieties if line.code and (line.prompts or line.answers)]
    return {
        "language": list(facts.all_languages),
        **({"language_bcp47": tags} if tags and "es" in facts.languages else {}),
        "license": own.licence,
        **named,
        "pretty_name": facts.pretty_name,
        "size_categories": [size_category(max(sum(config.rows.values()) for config in facts.published))],
        **({"source_datasets": origin} if origin else {}),
        "tags": [
            *(["h4rmony"] if facts.is_derived else []),
            *_TAGS,
            *(["ecolinguistics"] if facts.is_ecolinguistic else []),
            *(["synthetic"] if facts.models else []),
        ],
        "task_categories": ["text-generation", "reinforcement-learning"],
        "configs": configs,
    }


def render_card(facts: CardFacts) -> str:
    """The whole card: metadata and text."""
    check_endpoint()
    from huggingface_hub import DatasetCardData

    metadata = DatasetCardData(**card_metadata(facts)).to_yaml(line_break="\n")
    body = _template().render(
        facts=facts,
        es=Tables(facts, Wording("es")),
        en=Tables(facts, Wording("en")),
        mark=MARK,
    )
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    return f"---\n{metadata}\n---\n\n{body}\n"


@cache
def _template() -> Template:
    """The card's template, compiled once."""
    templates = environment("card", escaped)
    templates.filters |= {"own": Markup, "anchor": anchor, "many": many}
    return templates.get_template("card.md.j2")


def size_category(rows: int) -> str:
    """The Hub's category for a number of rows."""
    place = len(str(rows)) - 3  # every step has a digit more
    if place <= 0:
        return "n<1K"
    return f"{_STEPS[place - 1]}<n<{_STEPS[place]}" if place < len(_STEPS) else "n>1T"


def anchor(title: str) -> str:
    """The anchor that the Hub gives a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def many(count: int, one: str, more: str) -> str:
    """A number with the word that goes with it."""
    return f"{count} {one if count == 1 else more}"
