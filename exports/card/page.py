"""The dataset card of a publication: the Hub's metadata, and a text in Spanish and English, made of computed facts.

The rules (no I/O but reading the template):

- Every number in the card is counted or measured; what cannot be computed is "n/a" with the reason.
- It holds no time and no user name, so that the same review makes the same bytes.
- What comes from outside (engines, types, names of columns, ...) is *foreign*: every interpolated text is escaped so
  that it means nothing to Markdown or HTML, unless the template marks it as our own.
- A configuration lists only splits that have rows: ``datasets`` cannot load one with an empty split.
- The name and the text follow from the languages of the trainable texts; the metadata's languages are those of all
  configurations, and reviewers' ballots are in Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports.card.licences import Terms, terms
from exports.card.tables import Tables, escaped
from exports.merging.split import SPLITS, Split
from exports.words import Wording
from workspace.hub import check_endpoint

if TYPE_CHECKING:
    from exports.measure.estimates import Estimate

MARK = "<!-- h4rmony publish -->"
CARD = "README.md"
# the title in Spanish, which is the card's name on the Hub, and in English
_TITLES = {
    ("es",): ("H4rmony en español", "H4rmony in Spanish"),
    ("en",): ("H4rmony en inglés, ordenado de nuevo", "H4rmony in English, re-ranked"),
    ("en", "es"): ("H4rmony en español y en inglés", "H4rmony in Spanish and English"),
}
_BALLOTS_LANGUAGE = "es"
TASKS = ("text-generation", "reinforcement-learning")
TAGS = ("h4rmony", "dpo", "preference", "rlhf", "ecolinguistics", "argilla", "human-feedback")
SOURCE = "neovalle/H4rmony"
_STEPS = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
_SIZES = (
    (1000, "n<1K"),
    *((10 ** (place + 4), f"{low}<n<{high}") for place, (low, high) in enumerate(pairwise(_STEPS))),
)
_TEMPLATES = Path(__file__).parent


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
class Figure:
    """A measured figure; ``name`` is that of a ``figure_...`` in the catalogue."""

    name: str
    estimate: Estimate


@dataclass(frozen=True)
class CardFacts:
    """All that a card says. ``counts`` and ``settings`` are those of ``summary.json``.

    ``engines`` and ``sources`` are over all records of the review, ``licences`` over those whose translation is
    published, ``issues`` and ``types`` over the ``prompts`` that have a pair. ``from_source`` counts the prompts
    whose pairs are the source's, unreviewed; ``machine_prompts`` the reviewed ones with one of the ``machine_pairs``,
    which hold a text that no reviewer submitted. ``year`` is that of the newest ballot; None if there is none.
    """

    repo_id: str
    configs: tuple[ConfigFacts, ...]
    ballots: ConfigFacts | None
    counts: Mapping[str, Any]
    settings: Mapping[str, Any]
    prompts: int
    from_source: int
    machine_prompts: int
    machine_pairs: int
    engines: tuple[Portion, ...]
    sources: tuple[Portion, ...]
    licences: tuple[Portion, ...]
    issues: tuple[Portion, ...]
    types: tuple[Portion, ...]
    agreement: tuple[Figure, ...]
    anchoring: tuple[Figure, ...]
    languages: tuple[str, ...]
    constants: Mapping[str, str]
    comments: bool
    version: str
    year: str | None

    @property
    def weightless(self) -> int:
        """How many submitted ballots count nowhere, because their reviewers have weight 0."""
        return int(self.counts.get("ballots_of_weight_0", 0))

    @property
    def on_both_sides(self) -> int:
        """How many final prompts are in train and in test."""
        return int(self.counts.get("prompts_on_both_sides", 0))

    @property
    def published(self) -> tuple[ConfigFacts, ...]:
        """The configurations that have rows, the ballots last."""
        return tuple(c for c in (*self.configs, *((self.ballots,) if self.ballots else ())) if c.splits)

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The languages of all configurations, those of the trainable texts first."""
        reviewed = (_BALLOTS_LANGUAGE,) if self.ballots and self.ballots.splits else ()
        return tuple(dict.fromkeys((*self.languages, *reviewed)))

    @property
    def titles(self) -> tuple[str, str]:
        """What the data is called in Spanish and in English."""
        return _TITLES[tuple(sorted(set(self.languages)))]

    @property
    def terms(self) -> Terms:
        """The licence of the data."""
        return terms(self.licences)

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
    if configs:
        configs[0]["default"] = True
    own = facts.terms
    named = {"license_name": own.name, "license_details": own.details} if own.name else {}
    return {
        "language": list(facts.all_languages),
        "license": own.licence,
        **named,
        "pretty_name": facts.titles[0],
        "size_categories": [size_category(max((sum(c.rows.values()) for c in facts.published), default=0))],
        "source_datasets": [f"extended|{SOURCE}"],
        "tags": list(TAGS),
        "task_categories": list(TASKS),
        "configs": configs,
    }


def render_card(facts: CardFacts) -> str:
    """The whole card: metadata and text."""
    check_endpoint()
    from huggingface_hub import DatasetCardData

    metadata = DatasetCardData(**card_metadata(facts)).to_yaml(line_break="\n")
    template = _environment().get_template("card.md.j2")
    title_es, title_en = facts.titles
    body = template.render(
        facts=facts,
        es=Tables(facts, Wording("es")),
        en=Tables(facts, Wording("en")),
        mark=MARK,
        title_es=title_es,
        title_en=title_en,
        first=first(facts),
    )
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    return f"---\n{metadata}\n---\n\n{body}\n"


def first(facts: CardFacts) -> ConfigFacts | None:
    """The configuration that the card loads in its example, which is the default one."""
    return next(iter(facts.published), None)


def size_category(rows: int) -> str:
    """The Hub's category for a number of rows."""
    return next((name for limit, name in _SIZES if rows < limit), "n>1T")


def anchor(title: str) -> str:
    """The anchor that the Hub gives a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def many(count: int, one: str, more: str) -> str:
    """A number with the word that goes with it."""
    return f"{count} {one if count == 1 else more}"


def _environment() -> Any:
    """Jinja2 with every interpolated text escaped, except what the template says is its ``own``."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    own: Any = Markup

    def finalize(value: object) -> object:
        return value if isinstance(value, Markup) else own(escaped(value))

    environment = Environment(
        autoescape=True,
        finalize=finalize,  # escapes for Markdown as well
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"own": own, "anchor": anchor, "many": many}
    return environment
