"""The figures of a review's report: its estimates as panels (``panels``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exports.measure.agreement import Agreement, ReviewAgreement
from exports.measure.anchoring import Anchoring, PositionBias, SlotShare, SourceAgreement
from exports.measure.edits import EditRate, EditRates
from exports.measure.estimates import Estimate
from exports.measure.stories import Story
from exports.reporting.panels import Figure, Items, Line, Panel, Scale, coefficients, shares
from exports.words import MOST_LINES, Unit, Wording

ALPHA_LEVELS = (0.667, 0.8)  # Krippendorff 2004, Content Analysis, 2nd ed., p. 241


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
    frequent = sorted(found.issues, key=lambda name: -found.issues[name].records)[:MOST_LINES]
    rows = [
        *(
            _Subject(words.issue(name), _made_of(one, words), _agreement(one))
            for name, one in found.issues.items()
            if name in frequent
        ),
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
