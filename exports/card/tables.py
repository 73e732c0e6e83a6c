"""The tables of a dataset card, in one language: each a header and rows of foreign text, written as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from exports.card import words
from exports.card.fields import FIELDS
from exports.card.words import Words

if TYPE_CHECKING:
    from exports.card import CardFacts, Figure, Portion
    from exports.measure.estimates import Estimate

# What means something inside a line of Markdown or in HTML; "_" does not between two letters or digits.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$&@]|(?<![^\W_])_|_(?![^\W_])")
_MANY, _FEW = 4, 2  # a list of so many names is long; so few missing ones are shorter
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


def one_line(text: object) -> str:
    """Text on one line, without what cannot be printed or written as UTF-8."""
    return " ".join(_UNPRINTABLE.sub(" ", str(text)).split()).encode("utf-8", "replace").decode()


def escaped(text: object) -> str:
    """Text for a place in Markdown, on one line: no character of it means anything to Markdown or to HTML.

    ``Markup`` is our own, and stays as it is.
    """
    if isinstance(text, Markup):
        return str(text)
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", one_line(text))


def decimal(value: float, language: str, digits: int = 2) -> str:
    """A number with a decimal comma in Spanish, a point in English; never "-0"."""
    text = f"{round(value, digits) + 0.0:.{digits}f}"
    return text.replace(".", ",") if language == "es" else text


def percent(share: float, language: str) -> str:
    """A share as a percentage with one decimal."""
    return decimal(100 * share, language, 1) + (" %" if language == "es" else "%")


def say(name: str, language: str, table: Mapping[str, Words]) -> str:
    """What a table says of a name in one language; the name itself if it says nothing."""
    known = table.get(name)
    return name if known is None else known.es if language == "es" else known.en


def measured(estimate: Estimate, language: str) -> str:
    """A figure with its 95% interval, or "n/a" ("n/d") with the reason; a missing interval has its reason too."""
    reason = say(estimate.reason, language, words.NOT_AVAILABLE) if estimate.reason else ""
    if estimate.value is None:
        return f"{'n/d' if language == 'es' else 'n/a'} ({reason})"
    value = decimal(estimate.value, language)
    if estimate.low is None or estimate.high is None:
        return f"{value} ({reason})"
    interval = f"[{decimal(estimate.low, language)}; {decimal(estimate.high, language)}]"
    return Markup(f"{value} {interval}")  # digits, signs and brackets of our own


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the header is our own words, every other cell is escaped."""
    lines = [header, *(map(escaped, row) for row in rows)]
    written = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(header), *written[1:]])


@dataclass(frozen=True)
class Tables:
    """The tables of one card in one language ("es" or "en")."""

    facts: CardFacts
    language: str

    def configs(self) -> str:
        """The rows of each configuration and split; 0 for a split that is left out because it is empty."""
        header = self._pick(
            ("configuración", "train", "test", "contenido"), ("configuration", "train", "test", "content")
        )
        every = (*self.facts.configs, *((self.facts.ballots,) if self.facts.ballots else ()))
        return markdown(
            header,
            (
                (c.name, c.rows.get("train", "–"), c.rows.get("test", "–"), self._say(c.name, words.CONFIGS))
                for c in every
            ),
        )

    def ballots(self) -> str:
        """The ballots by status."""
        header = self._pick(("estado", "papeletas", "qué es"), ("status", "ballots", "what it is"))
        count = self.facts.weightless
        more = [(self._pick(*words.WEIGHTLESS), count, self._pick(*words.WEIGHTLESS_IS))] if count else []
        return self._counts(header, "ballots", words.STATUSES, more)

    def dropped(self) -> str:
        """The pairs that were not written, by reason."""
        header = self._pick(("motivo", "pares", "qué es"), ("reason", "pairs", "what it is"))
        return self._counts(header, "dropped", words.REASONS)

    def left_out(self) -> str:
        """What formats could not hold of the pairs, by format and reason."""
        header = self._pick(("formato/motivo", "número", "qué es"), ("format/reason", "number", "what it is"))
        counts: Mapping[str, int] = self.facts.counts.get("left_out") or {}
        rows = [(key, n, self._say(key.rpartition("/")[2], words.LEFT_OUT)) for key, n in sorted(counts.items())]
        return markdown(header, rows) if rows else ""

    def texts(self) -> str:
        """How the texts of records with a submitted ballot were settled."""
        header = self._pick(("elección", "textos", "qué es"), ("choice", "texts", "what it is"))
        return self._counts(header, "texts", words.CHOICES)

    def problems(self) -> str:
        """The problems that submitted ballots report."""
        header = self._pick(("problema", "papeletas", "qué es"), ("problem", "ballots", "what it is"))
        return self._counts(header, "problems", words.PROBLEMS)

    def issues(self) -> str:
        """The published prompts by issue code."""
        return self._portions(self._pick("tema", "issue"), self.facts.issues, "prompts", words.ISSUES)

    def types(self) -> str:
        """The published prompts by type."""
        return self._portions(self._pick("tipo", "type"), self.facts.types, "prompts")

    def engines(self) -> str:
        """The records of the review by machine translator."""
        return self._portions(
            self._pick("traductor", "translator"), self.facts.engines, self._pick("registros", "records")
        )

    def licences(self) -> str:
        """The records whose translation is published, by the licence of the model that made it."""
        return self._portions(
            self._pick("licencia", "licence"), self.facts.licences, self._pick("registros", "records")
        )

    def sources(self) -> str:
        """The records of the review by the source that they or their ids name."""
        return self._portions(self._pick("fuente", "source"), self.facts.sources, self._pick("registros", "records"))

    def agreement(self) -> str:
        """The agreement between reviewers and with the source."""
        return self._figures(self.facts.agreement)

    def anchoring(self) -> str:
        """The agreement with the source with and without the known ranking filled in."""
        return self._figures(self.facts.anchoring)

    def settings(self) -> str:
        """The settings of the merge that shape the data, in words."""
        header = self._pick(("ajuste", "valor"), ("setting", "value"))
        given = self.facts.settings
        return markdown(
            header,
            (
                (self._say(name, words.SETTINGS), self._setting(name, given[name]))
                for name in words.SETTINGS
                if name in given
            ),
        )

    def _setting(self, name: str, value: Any) -> str:
        if name == "weights":
            count = value["reviewers"] if value else 0
            people = self._pick("revisor" if count == 1 else "revisores", "reviewer" if count == 1 else "reviewers")
            return self._pick(f"sí, de {count} {people}", f"yes, of {count} {people}") if value else "no"
        if name == "languages":
            return ", ".join(self._say(language, words.LANGUAGES) for language in value)
        if name == "test_share":
            return percent(value, self.language)
        if isinstance(value, bool):
            return self._pick("sí", "yes") if value else "no"
        if isinstance(value, float):
            return f"{value:g}".replace(".", self._pick(",", "."))
        return self._say(str(value), words.METHODS)

    def fields(self) -> str:
        """Each column of the configurations, its type, where it stands and what it is; equal names in a row."""
        header = self._pick(
            ("columna", "tipo", "configuraciones", "qué es"), ("column", "type", "configurations", "what it is")
        )
        places: dict[str, dict[str, list[str]]] = {}
        for config in self.facts.published:
            for column, kind in config.columns.items():
                places.setdefault(column, {}).setdefault(kind, []).append(config.name)
        return markdown(
            header,
            (
                (column, self._say(kind, words.KINDS), self._where(names), self._meaning(column))
                for column, kinds in places.items()
                for kind, names in kinds.items()
            ),
        )

    def _where(self, names: Sequence[str]) -> str:
        """Names of configurations; many of them by those that are missing."""
        missing = [config.name for config in self.facts.published if config.name not in names]
        if len(names) < _MANY or len(missing) > _FEW:
            return ", ".join(names)
        if not missing:
            return str(self._pick("todas", "all"))
        return str(self._pick("todas menos ", "all but ") + self._pick(" y ", " and ").join(missing))

    def _meaning(self, column: str) -> str:
        if column in self.facts.constants:
            return f"{self._pick('valor constante', 'constant value')}: {self.facts.constants[column]}"
        if column == "comment" and not self.facts.comments:
            return str(self._pick(*words.NO_COMMENTS))
        return self._say(column, FIELDS)

    def _counts(
        self,
        header: Sequence[str],
        name: str,
        table: Mapping[str, Words],
        more: Sequence[tuple[str, int, str]] = (),
    ) -> str:
        counts: Mapping[str, int] = self.facts.counts.get(name) or {}
        rows = [(key, count, self._say(key, table)) for key, count in sorted(counts.items()) if count]
        rows += more
        return markdown(header, rows) if rows else self._pick("No hay.", "None.")

    def _portions(
        self, title: str, portions: Sequence[Portion], counted: str, table: Mapping[str, Words] | None = None
    ) -> str:
        header = (title, counted, "%")
        nothing = self._pick("(sin dato)", "(not given)")
        rows = []
        for portion in portions:
            name = portion.name or nothing
            if table and portion.name in table:
                name = f"{name}: {self._say(portion.name, table)}"
            rows.append((name, portion.count, percent(portion.share, self.language)))
        return markdown(header, rows) if rows else self._pick("No hay.", "None.")

    def _figures(self, figures: Sequence[Figure]) -> str:
        header = self._pick(("medida", "valor [IC 95 %]", "registros"), ("figure", "value [95% CI]", "records"))
        return markdown(
            header,
            (
                (
                    self._say(figure.name, words.FIGURES),
                    measured(figure.estimate, self.language),
                    figure.estimate.records,
                )
                for figure in figures
            ),
        )

    def _say(self, name: str, table: Mapping[str, Words]) -> str:
        return say(name, self.language, table)

    def _pick(self, es: Any, en: Any) -> Any:
        return es if self.language == "es" else en
