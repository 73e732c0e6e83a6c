"""The tables of a dataset card, in one language: each a header and rows of foreign text, written as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from exports.words import MOST_LINES, Unit, Wording
from exports.words.giveaways import giveaway_sentences
from exports.words.markdown import escaped, markdown, one_line
from workspace.model.h4rmony import ISSUES

if TYPE_CHECKING:
    from exports.card.page import CardFacts, Portion, SourceFacts
    from exports.measure.estimates import Estimate

_LONGEST = 400  # letters of a text of the example
_MOST_NAMED = 3  # sources that the first lines of the card name
_MANY, _FEW = 4, 2  # from so many names on, a list of at most so few missing ones is shorter


def measured(estimate: Estimate, wording: Wording, kind: Unit = "coefficient") -> str:
    """A figure with its 95% interval, or "n/a" ("n/d") with the reason; a missing interval has its reason too."""
    said = wording.measured(estimate, kind)
    return said if estimate.reason else Markup(said)  # digits, signs and brackets of ours


def merged_sources(name: str, sources: Sequence[SourceFacts]) -> SourceFacts:
    """Several sources as one of this name."""

    def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
        total: Counter[str] = Counter()
        for each in counts:
            total.update(each)
        return dict(sorted(total.items()))

    return replace(
        sources[0],
        name=name,
        records=sum(one.records for one in sources),
        made=added(one.made for one in sources),
        licences=tuple(sorted({licence for one in sources for licence in one.licences})),
        pairs=added(one.pairs for one in sources),
        own=added(one.own for one in sources),
    )


@dataclass(frozen=True)
class Tables:
    """The tables of one card in one language."""

    facts: CardFacts
    wording: Wording

    def configs(self) -> str:
        """The rows of each configuration and split; 0 for a split that is left out because it is empty."""
        rows = [
            (c.name, c.rows.get("train", "–"), c.rows.get("test", "–"), self.wording.named("config", c.name))
            for c in self.facts.all_configs
        ]
        return self._table("configs", rows)

    def example(self) -> str:
        """The example's prompt and answers; a long text is cut."""
        shown = (shorten(one_line(text), _LONGEST, placeholder=" …") for text in self.facts.example or ())
        return self._table("example", list(zip(("prompt", "chosen", "rejected"), shown, strict=True)))

    def alpha(self) -> str:
        """Krippendorff's alpha over ranks with its interval, or why there is none."""
        return escaped(measured(self.facts.agreement["alpha_ranks"], self.wording))

    def ballots(self) -> str:
        """The ballots by status."""
        count = self.facts.counts["ballots_of_weight_0"]
        more = [(self.wording("weightless"), count, self.wording("weightless_is"))] if count else []
        return self.counts("ballots", "status", more)

    def left_out(self) -> str:
        """The pairs that a format could not hold, by format and reason."""
        counts = sorted(self.facts.counts["left_out"].items())
        rows = [(key, n, self.wording.named("left_out", key.rpartition("/")[2])) for key, n in counts]
        return self._table("left_out", rows) if rows else ""

    def counts(self, name: str, table: str, more: Sequence[tuple[str, int, str]] = ()) -> str:
        """What the export counted under a name, with what ``table`` of the catalogue says of each."""
        counts = sorted(self.facts.counts[name].items())
        rows = [(key, count, self.wording.named(table, key)) for key, count in counts if count]
        return self._table(name, [*rows, *more]) if rows or more else self.wording("none")

    def portions(self, name: str) -> str:
        """The portions that ``CardFacts`` has under a name."""
        portions: Sequence[Portion] = getattr(self.facts, name)
        rows = [
            (self._portion(name, each.name), each.count, self.wording.percent(each.share))
            for each in portions[:MOST_LINES]
        ]
        if rest := portions[MOST_LINES:]:
            share = sum(each.share for each in rest)
            rows.append((self.wording("others", n=len(rest)), sum(each.count for each in rest),
                         self.wording.percent(share)))  # fmt: skip
        return self._table(name, rows) if rows else self.wording("none")

    def named_sources(self) -> str:
        """The names of the largest sources that are not H4rmony, in a sentence."""
        names = [escaped(name) for name in self.facts.other_sources]
        shown = names[:_MOST_NAMED]
        rest = len(names) - len(shown)
        last = self.wording("more_sources", n=rest) if rest else shown.pop()
        return ", ".join(shown) + self.wording("and") + last if shown else str(last)

    def sources(self) -> str:
        """The sources: how each came to be, its licences, its records, and its pairs by language."""
        shown = list(self.facts.sources)
        if len(shown) > MOST_LINES:
            shown.sort(key=lambda one: -one.records)
            rest = shown[MOST_LINES:]
            shown = [*shown[:MOST_LINES], merged_sources(self.wording("others", n=len(rest)), rest)]
        rows = [
            (
                one.name or self.wording("not_given"),
                "; ".join(f"{self.wording.named('made', name)}: {count}" for name, count in one.made.items()),
                self._licences(one),
                one.records,
                "; ".join(f"{self.wording.named('language', name)}: {count}" for name, count in one.pairs.items())
                or 0,
            )
            for one in shown
        ]
        return self._table("sources", rows)

    def _licences(self, source: SourceFacts) -> str:
        """The licences of a source; how many of its records have none that anybody states, if that is not all."""
        unknown = source.own.get("", 0)
        said = [self.wording("not_stated") + (f": {unknown}" if unknown < source.records else "")] if unknown else []
        return ", ".join((*source.licences, *said)) or self.wording("not_given")

    def binders(self) -> str:
        """Whose licences bind the data, in a sentence."""
        return self.wording("and").join(self.wording(f"binds_{name}") for name in self.facts.binders)

    def models(self) -> str:
        """The models that wrote texts, with what binds those texts, or that nobody states it."""
        return self._table(
            "models",
            [
                (each.model, each.licence or self.wording("not_stated"), each.texts, each.changed)
                for each in self.facts.models
            ],
        )

    def figures(self, figures: Mapping[str, Estimate]) -> str:
        """Measured figures, by their names in the catalogue."""
        rows = [
            (self.wording.named("figure", name), measured(estimate, self.wording), estimate.records)
            for name, estimate in figures.items()
        ]
        return self._table("figures", rows)

    def varieties(self) -> str:
        """What each variety has: prompts, answers, reviewers, agreement and edits."""
        rows = [
            (
                self.wording.variety(one.code),
                one.prompts,
                one.answers,
                one.reviewers,
                measured(one.agreement, self.wording),
                measured(one.reviewers_agreement, self.wording),
                self.wording("part_of", part=one.changed, whole=one.texts) if one.texts else self.wording("na"),
            )
            for one in self.facts.varieties
        ]
        return self._table("varieties", rows)

    def represented(self) -> str:
        """Which varieties there are of prompts, answers and reviewers, in a sentence."""
        said = []
        for of in ("prompts", "answers", "reviewers"):
            counts = [(one.code, getattr(one, of)) for one in self.facts.varieties]
            listed = ", ".join(f"{code or self.wording('not_stated')} ({n})" for code, n in counts if n)
            if listed:
                said.append(self.wording(f"varieties_of_{of}", listed=listed))
        return escaped("; ".join(said))

    def giveaways(self) -> str:
        """What gives the ranks away, in sentences of ours."""
        return " ".join(giveaway_sentences(self.facts.giveaways, self.wording))

    def stories(self) -> str:
        """How often reviewers prefer an answer to its twin, by the feature that is flipped in it."""
        rows = [
            (
                self.wording.named("story", one.feature) if one.feature else self.wording("all_features"),
                one.pairs,
                one.preference.items,
                measured(one.preference, self.wording, "share"),
            )
            for one in self.facts.stories
        ]
        return self._table("stories", rows)

    def settings(self) -> str:
        """The settings of the merge; those of the written files are left out."""
        given = self.facts.settings
        names = [key.removeprefix("setting_") for key in self.wording.strings if key.startswith("setting_")]
        rows = [(self.wording(f"setting_{one}"), self._setting(one, given[one])) for one in names if one in given]
        return self._table("settings", rows)

    def _setting(self, name: str, value: Any) -> str:
        if name == "weights":
            return self.wording("weights_given", reviewers=value["reviewers"]) if value else self.wording("no")
        if name == "languages":
            return ", ".join(self.wording.named("language", language) for language in value)
        if name == "sources":
            return ", ".join(value) or self.wording("all")
        if name == "test_share":
            return self.wording.percent(value)
        if isinstance(value, bool):
            return self.wording("yes" if value else "no")
        if isinstance(value, float):
            return self.wording.short(value)
        return self.wording.named("merge", str(value))

    def fields(self) -> str:
        """Each column of the configurations: its type, which configurations have it, and what it is."""
        places: dict[str, dict[str, list[str]]] = {}
        for config in self.facts.published:
            for column, kind in config.columns.items():
                places.setdefault(column, {}).setdefault(kind, []).append(config.name)
        rows = [
            (column, self.wording.named("datatype", kind), self._where(names), self._meaning(column))
            for column, kinds in places.items()
            for kind, names in kinds.items()
        ]
        return self._table("fields", rows)

    def _where(self, names: Sequence[str]) -> str:
        """List configurations; a long list by the few that are missing."""
        missing = [config.name for config in self.facts.published if config.name not in names]
        if len(names) < _MANY or len(missing) > _FEW:
            return ", ".join(names)
        return self.wording("all_but", names=self.wording("and").join(missing)) if missing else self.wording("all")

    def _meaning(self, column: str) -> str:
        if column in self.facts.constants:
            return self.wording("constant_value", value=self.facts.constants[column])
        if column == "comment" and not self.facts.comments:
            return self.wording("no_comments")
        if column in ISSUES:
            return self.wording("about_issue", issue=self.wording.named("issue", column))
        return self.wording.named("column", column)

    def _table(self, name: str, rows: Sequence[Sequence[object]]) -> str:
        return markdown(self.wording(f"table_{name}").split("|"), rows)

    def _portion(self, table: str, name: str) -> str:
        if table == "issues" and name in ISSUES:
            return f"{name}: {self.wording.named('issue', name)}"
        return name or self.wording("not_given")
