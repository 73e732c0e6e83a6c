"""What a hackathon asks of a dataset before it is published, and what of that is missing (pure, no I/O).

The rules of ``somosnlp``, by their names in ``RULES``:

- ``card``: nothing in the card is "not stated": the licences of sources, of the models that translated and of those
  that wrote; and somebody has reviewed the data.
- ``name``: the repository's name says ``dpo`` or ``kto``, as a format that is published with rows does, and none that
  is not.
- ``licence``: the data have a licence that says what others may do.
- ``reviewed``: a person has reviewed every text that a machine wrote or translated.
- ``varieties``: every prompt and its answers state a variety of Spanish, every text in those columns names one, and a
  reviewer has said theirs.
- ``language``: the data are in Spanish, and the metadata say so, by ISO 639 and, with a region, by BCP 47.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from exports.card.licences import binding, licence_of
from exports.measure.varieties import UNSTATED
from exports.merging.settings import SPANISH
from workspace.errors import ConfigError, count_of
from workspace.licences import NOASSERTION
from workspace.model.varieties import EXAMPLES

if TYPE_CHECKING:
    from exports.card.page import CardFacts

Profile = Literal["somosnlp"]
PROFILES: tuple[Profile, ...] = ("somosnlp",)
_NAMED = {"dpo": "dpo", "dpo-standard": "dpo", "kto": "kto"}  # format -> what a name says of it


@dataclass(frozen=True)
class Missing:
    """A rule that does not hold: its name, what is missing, and what to do about it."""

    rule: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.rule}: {self.what}; {self.remedy}"


def missing(facts: CardFacts, profile: str) -> tuple[Missing, ...]:
    """What a publication lacks of a profile's rules, in the order of the rules.

    Raises:
        ConfigError: there is no such profile.
    """
    check_profile(profile)
    return tuple(Missing(rule, what, remedy) for rule, check in RULES.items() for what, remedy in check(facts))


def check_profile(profile: str) -> None:
    """Check that there is a profile of this name.

    Raises:
        ConfigError: there is none.
    """
    if profile not in PROFILES:
        raise ConfigError(f"profile {profile!r} is unknown; choose from {', '.join(PROFILES)}")


Found = Iterator[tuple[str, str]]


def _card(facts: CardFacts) -> Found:
    for source in facts.sources:
        if unknown := source.own.get("", 0):
            name = source.name or "NAME"
            yield (
                f"the licence of {count_of(unknown, 'record')} of the source {name} is not stated",
                f"find it out and add --source-licence {name}=LICENCE",
            )
    for model in facts.models:
        if licence_of(model) == NOASSERTION:
            yield (
                f"the licence of what {model.model} wrote is not stated",
                "put it into `licence` of its entries in metadata.origins",
            )
    for licence in binding(facts.licences):
        if licence.name.partition(" (")[0].upper() == NOASSERTION:
            yield (
                f"the licence of the translation of {count_of(licence.count, 'record')} is not stated",
                "put it into metadata.translation_licence, or translate with another engine",
            )
    if not facts.counts["reviewers"]:
        yield "nobody has reviewed the data", "let people review them in Argilla, and collect again"


def _name(facts: CardFacts) -> Found:
    owner, _, name = facts.repo_id.partition("/")
    published = {_NAMED[one.name] for one in facts.configs if one.splits and one.name in _NAMED}
    said = {each for each in ("dpo", "kto") if each in name.lower()}
    if not published:
        yield "neither the format dpo nor kto is published with rows", "add --format dpo or --format kto"
    elif not said:
        wanted = "-".join((name, *sorted(published)[:1]))
        yield f"the name {name} says neither dpo nor kto", f"call it {owner}/{wanted}"
    elif wrong := sorted(said - published):
        yield f"the name {name} says {wrong[0]}, which is not published", f"add --format {wrong[0]}, or rename it"


def _licence(facts: CardFacts) -> Found:
    own = facts.terms
    if NOASSERTION.lower() in (own.name or "") or (own.name and NOASSERTION in (own.details or "")):
        yield f"the data have no licence that holds ({own.label})", "state the licences that the rule card names"


def _reviewed(facts: CardFacts) -> Found:
    if facts.machine_pairs:
        yield (
            f"{count_of(facts.machine_pairs, 'pair has', 'pairs have')} a machine's text that no reviewer submitted",
            "let somebody submit those texts in Argilla (rows whose `reviewed` is false)",
        )
    if facts.from_source and (facts.has_translated or facts.is_written_by_model or facts.models):
        yield (
            f"nobody has reviewed {count_of(facts.from_source, 'prompt')} with machine texts",
            "review them, or publish without --unreviewed",
        )


def _varieties(facts: CardFacts) -> Found:
    without = next((line for line in facts.varieties if line.code == UNSTATED), None)
    prompts = without.prompts if without else 0 if facts.varieties else facts.prompts
    answers = without.answers if without else 0 if facts.varieties else facts.prompts
    if prompts or answers:
        yield (
            f"{count_of(max(prompts, answers), 'prompt states', 'prompts state')} no variety, or its answers do not",
            f"add a column variety or country to the source ({EXAMPLES}) and load it again, or add --variety",
        )
    for said in facts.unread_varieties[:3]:
        yield f"{said[:40]!r} names no variety", f"write it as {EXAMPLES}"
    if not any(line.code and line.reviewers for line in facts.varieties):
        yield (
            "no reviewer's variety is stated",
            "ask them, and give --reviewers FILE, a CSV with the columns reviewer and variety",
        )


def _language(facts: CardFacts) -> Found:
    if SPANISH not in facts.languages:
        yield "the data are not in Spanish", "publish with --language es or both"
    elif not any(line.code and (line.prompts or line.answers) for line in facts.varieties):
        yield "no language tag has a region, such as es-MX", "state the varieties of prompts and answers"


RULES: dict[str, Callable[[CardFacts], Found]] = {
    "card": _card,
    "name": _name,
    "licence": _licence,
    "reviewed": _reviewed,
    "varieties": _varieties,
    "language": _language,
}
