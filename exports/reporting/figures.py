"""The report's figures: estimates that belong together under one caption.

A ``Figure`` has a panel for each measure, and a panel has a line for each reviewer, issue, engine ... The page shows
each panel as a forest plot (``plots``), and all of them together as one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from exports.measure.agreement import Agreement, ReviewAgreement
from exports.measure.anchoring import Anchoring, PositionBias, SlotShare, SourceAgreement
from exports.measure.edits import EditRate, EditRates
from exports.measure.estimates import Estimate
from exports.measure.stories import Story
from exports.words import Unit, Wording

ALPHA_LEVELS = (0.667, 0.8)  # Krippendorff 2004, Content Analysis, 2nd ed., p. 241
Items = Literal["units", "pairs", "vote_pairs", "votes", "texts", "twin_votes", "records"]


@dataclass(frozen=True)
class Scale:
    """The axis of a panel: from ``low`` to ``high``, labelled at ``ticks``, with dashed lines at ``marks``."""

    low: float
    high: float
    ticks: tuple[float, ...]
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Line:
    """One estimate under its name.

    Attributes:
        name: whose or what estimate it is.
        sub: what it is made of, in words.
        estimate: the estimate.
        items: what the estimate counts.
        is_signed: whether it is a difference.
        is_total: whether it is that of all lines together.
        expected: the value without bias.
    """

    name: str
    sub: str
    estimate: Estimate
    items: Items
    is_signed: bool = False
    is_total: bool = False
    expected: float | None = None


@dataclass(frozen=True)
class Panel:
    """The lines of one measure on one axis; ``sub`` says what their ``n`` counts."""

    title: str
    sub: str
    kind: Unit
    scale: Scale
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Figure:
    """Panels under one caption; ``first`` heads the column of their lines' names."""

    caption: str
    first: str
    panels: tuple[Panel, ...]

    @property
    def has_columns(self) -> bool:
        """Whether all panels have lines of the same names, so that the table has a column for each panel."""
        return len({tuple(line.name for line in panel.lines) for panel in self.panels}) == 1

    @property
    def rows(self) -> list[tuple[Line, ...]]:
        """The lines of the same name side by side."""
        return list(zip(*(panel.lines for panel in self.panels), strict=True))


@dataclass(frozen=True)
class _Subject:
    """A reviewer, issue, engine ... and its estimates, one for each panel."""

    name: str
    sub: str
    estimates: Sequence[Estimate]
    is_signed: bool = False
    is_total: bool = False


@dataclass(frozen=True)
class _Measure:
    """What a panel shows: its key in the catalogue, its kind, what it counts, and the marks on its axis."""

    key: str
    items: Items
    kind: Unit = "coefficient"
    marks: tuple[float, ...] = ()
    whole: bool = False

    def scale(self, estimates: Sequence[Estimate]) -> Scale:
        """The axis for these estimates."""
        is_share = self.kind == "share"
        return shares(estimates, whole=self.whole) if is_share else coefficients(estimates, self.marks)


_ALPHA_RANKS = _Measure("alpha_ranks", "units", marks=ALPHA_LEVELS)
_ALPHA_PAIRS = _Measure("alpha_pairs", "pairs", marks=ALPHA_LEVELS)
_TAU_REVIEWERS = _Measure("tau_reviewers", "vote_pairs")
_TAU_SOURCE = _Measure("tau_source", "votes")
_EDITS = (
    _Measure("untouched", "texts", "share", whole=True),
    _Measure("ter", "texts", "share"),
    _Measure("chrf", "texts", "share", whole=True),
)


def coefficients(estimates: Iterable[Estimate], marks: tuple[float, ...] = ()) -> Scale:
    """The scale of coefficients and their differences: from 0 to 1, and down to -2 or up to 2 where needed."""
    ends = _ends(estimates)
    lowest, highest = min(ends, default=0.0), max(ends, default=1.0)
    low = next(end for end in (0.0, -0.5, -1.0, -2.0) if lowest >= end or end == -2)
    high = 1.0 if highest <= 1 else 2.0
    ticks = (-2.0, -1.0, 0.0, 1.0, 2.0) if high - low > 2 else (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    return Scale(low, high, tuple(tick for tick in ticks if low <= tick <= high), marks)


def shares(estimates: Iterable[Estimate], *, whole: bool = False) -> Scale:
    """The scale of shares: from 0, or below where needed, to the next 20 %, or to 100 % if ``whole``."""
    ends = _ends(estimates)
    high = 1.0 if whole else max(0.2, math.ceil(max(ends, default=0.2) * 5) / 5)
    low = min(0.0, math.floor(min(ends, default=0.0) * 5) / 5)
    return Scale(low, high, (0.0, high) if low < 0 else (0.0, high / 2, high))


def overall_figure(found: Agreement, words: Wording) -> Figure:
    """The agreement of the whole review: the alphas and the taus, each on an axis of their own."""
    alphas = ((_ALPHA_RANKS, found.alpha_ranks), (_ALPHA_PAIRS, found.alpha_pairs))
    taus = ((_TAU_REVIEWERS, found.tau_reviewers), (_TAU_SOURCE, found.tau_source))
    panels = tuple(
        Panel(
            words(key),
            words("counts", items=words("and").join(words(f"n_{measure.items}") for measure, _ in group)),
            "coefficient",
            group[0][0].scale([one for _, one in group]),
            tuple(Line(words(m.key), words(f"{m.key}_sub"), one, m.items) for m, one in group),
        )
        for key, group in (("alpha", alphas), ("tau", taus))
    )
    return Figure(words("agreement_overall"), words("figure"), panels)


def reviewers_figure(found: ReviewAgreement, words: Wording) -> Figure:
    """Each reviewer against the others and the source; the whole review below."""
    rows = [
        _Subject(name, words("group_votes", votes=one.votes), (one.tau_others, one.tau_source, one.alpha_without))
        for name, one in found.reviewers.items()
    ]
    whole = found.overall
    estimates = (whole.tau_reviewers, whole.tau_source, whole.alpha_ranks)
    rows.append(_Subject(words("whole_review"), _made_of(whole, words), estimates, is_total=True))
    measures = (
        _Measure("tau_others", "vote_pairs"),
        _TAU_SOURCE,
        _Measure("alpha_without", "units", marks=ALPHA_LEVELS),
    )
    return _figure("agreement_reviewers", "reviewer", measures, rows, words)


def issues_figure(found: ReviewAgreement, words: Wording) -> Figure:
    """The agreement on the records of each issue code; the whole review below."""
    rows = [
        *(_Subject(words.issue(name), _made_of(one, words), _agreement(one)) for name, one in found.issues.items()),
        _Subject(words("whole_review"), _made_of(found.overall, words), _agreement(found.overall), is_total=True),
    ]
    return _figure(
        "agreement_issues", "issue", (_ALPHA_RANKS, _ALPHA_PAIRS, _TAU_REVIEWERS, _TAU_SOURCE), rows, words
    )


def topics_figure(found: Mapping[str, Estimate], words: Wording) -> Figure:
    """The agreement on which records have an issue code, for each code."""
    rows = [_Subject(words.issue(code), "", (one,)) for code, one in found.items()]
    return _figure(
        "agreement_topics", "issue", (_Measure("alpha_topics", "records", marks=ALPHA_LEVELS),), rows, words
    )


def anchoring_figure(found: Anchoring, words: Wording) -> Figure:
    """The agreement with the source where its ranking was filled in, where it was not, and the difference."""
    rows = [
        _Subject(words(mode), _made_of(side, words), (side.tau, side.exact))
        for mode, side in (("verify", found.verify), ("blind", found.blind))
    ]
    rows.append(_Subject(words("difference"), "", (found.tau_difference, found.exact_difference), is_signed=True))
    return _figure(
        "anchoring_caption", "mode", (_TAU_SOURCE, _Measure("exact", "votes", "share", whole=True)), rows, words
    )


def position_figure(sides: Iterable[tuple[str, PositionBias]], words: Wording) -> Figure:
    """The first places of each slot, a panel for each of some (title, votes); those without votes are left out."""

    def line(slot: SlotShare) -> Line:
        sub = words("expected", share=words.percent(slot.expected))
        return Line(slot.slot.upper(), sub, slot.share, "votes", expected=slot.expected)

    given = [(title, side) for title, side in sides if side.slots]
    slots = [slot for _, side in given for slot in side.slots]
    scale = shares([*(slot.share for slot in slots), *(Estimate(slot.expected) for slot in slots)])
    panels = tuple(
        Panel(title, _made_of(side, words), "share", scale, tuple(map(line, side.slots))) for title, side in given
    )
    return Figure(words("position_caption"), words("slot"), panels)


def stories_figure(found: Iterable[Story], words: Wording) -> Figure:
    """How often the bases are preferred to their twins, by feature; all features together below."""
    rows = [
        _Subject(
            words.named("story", one.feature) if one.feature else words("all_features"),
            words("group_twins", pairs=one.pairs),
            (one.preference,),
            is_total=not one.feature,
        )
        for one in found
    ]
    measure = _Measure("base_preferred", "twin_votes", "share", whole=True)
    return _figure("stories_caption", "story", (measure,), rows, words)


def edits_figures(found: EditRates, words: Wording) -> tuple[Figure, ...]:
    """How much was changed of the suggestions, by engine and by reviewer."""

    def subject(name: str, rate: EditRate) -> _Subject:
        sub = words("items_texts", items=rate.texts, records=rate.records)
        return _Subject(name or words("no_name"), sub, (rate.untouched, rate.ter, rate.chrf))

    return tuple(
        _figure(caption, first, _EDITS, [subject(*each) for each in rates.items()], words)
        for caption, first, rates in (
            ("edits_engines", "engine", found.engines),
            ("edits_reviewers", "reviewer", found.reviewers),
        )
    )


def _figure(
    caption: str, first: str, measures: Sequence[_Measure], rows: Sequence[_Subject], words: Wording
) -> Figure:
    return Figure(
        words(caption),
        words(first),
        tuple(_panel(measure, column, rows, words) for column, measure in enumerate(measures)),
    )


def _panel(measure: _Measure, column: int, rows: Sequence[_Subject], words: Wording) -> Panel:
    estimates = [row.estimates[column] for row in rows]
    return Panel(
        words(measure.key),
        words("counts", items=words(f"n_{measure.items}")),
        measure.kind,
        measure.scale(estimates),
        tuple(
            Line(row.name, row.sub, one, measure.items, row.is_signed, row.is_total)
            for row, one in zip(rows, estimates, strict=True)
        ),
    )


def _agreement(found: Agreement) -> tuple[Estimate, ...]:
    return found.alpha_ranks, found.alpha_pairs, found.tau_reviewers, found.tau_source


def _made_of(found: Agreement | SourceAgreement | PositionBias, words: Wording) -> str:
    return words("group_records", votes=found.votes, records=found.records)


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for one in estimates for end in (one.value, one.low, one.high) if end is not None]
