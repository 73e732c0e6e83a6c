"""Write the page of a review's report."""

from __future__ import annotations

from importlib.metadata import version

from exports.measure.anchoring import LEAST_EXPECTED, Anchoring, PositionBias
from exports.measure.estimates import RESAMPLES
from exports.reporting import figures
from exports.reporting.contents import Contents, RecordGroup
from exports.reporting.html import filled
from exports.words import MOST_LINES, Wording
from exports.words.giveaways import giveaway_sentences

P_LEVEL = 0.05


def render(report: Contents, wording: Wording) -> str:
    """The whole page."""
    return filled(
        "page.html.j2",
        wording,
        report=report,
        figures=figures,
        overall=report.agreement.overall,
        issue_groups=[(_issue(group, wording), group) for group in report.issues],
        type_groups=[(_type(group, wording), group) for group in report.types],
        sources=sorted(report.sources, key=lambda line: -line.records)[:MOST_LINES],
        other_sources=max(0, len(report.sources) - MOST_LINES),
        anchoring_reading=anchoring_reading(report.anchoring),
        position_reading=position_reading(report.position),
        giveaways=giveaway_sentences(report.giveaways, wording),
        resamples=RESAMPLES,
        least_expected=LEAST_EXPECTED,
        sacrebleu=version("sacrebleu"),
    )


def anchoring_reading(anchoring: Anchoring) -> str:
    """The key of the sentence that interprets the difference in tau."""
    found = anchoring.tau_difference
    if found.low is None or found.high is None:
        return "anchoring_na"
    if found.low > 0:
        return "anchoring_yes"
    return "anchoring_negative" if found.high < 0 else "anchoring_no"


def position_reading(position: PositionBias) -> str:
    """The key of the sentence that interprets the test, or says why there is none."""
    if position.p is None:
        return f"reason_{position.reason}"
    return "position_yes" if position.p < P_LEVEL else "position_no"


def _type(group: RecordGroup, wording: Wording) -> str:
    return wording("others", n=group.others) if group.others else wording.type(group.name)


def _issue(group: RecordGroup, wording: Wording) -> str:
    if group.others:
        return wording("others", n=group.others)
    name = wording.issue(group.name)
    return name if name == group.name or not group.name else f"{name} ({group.name})"
