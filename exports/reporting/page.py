"""Write the report's page from Jinja templates: every text is escaped, and there is neither script nor download."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Template

from exports.measure.anchoring import LEAST_EXPECTED, Anchoring, PositionBias
from exports.measure.estimates import RESAMPLES
from exports.reporting import figures
from exports.reporting.contents import Contents, RecordGroup
from exports.reporting.plots import picture, printable
from exports.words import Wording, environment
from exports.words.giveaways import giveaway_sentences

P_LEVEL = 0.05


def render(report: Contents, wording: Wording) -> str:
    """The whole page."""
    return _template().render(
        t=wording,
        report=report,
        style=(files("exports") / "reporting" / "style.css").read_text(encoding="utf-8"),
        overall=report.agreement.overall,
        issue_groups=[(_issue(group, wording), group) for group in report.issues],
        type_groups=[(wording.type(group.name), group) for group in report.types],
        anchoring_reading=anchoring_reading(report.anchoring),
        position_reading=position_reading(report.position),
        giveaways=giveaway_sentences(report.giveaways, wording),
        resamples=RESAMPLES,
        least_expected=LEAST_EXPECTED,
        sacrebleu=version("sacrebleu"),
    )


@cache
def _template() -> Template:
    """The page's template, compiled once."""
    templates = environment("reporting", lambda value: printable(value) if type(value) is str else value)
    templates.globals.update(figures=figures, picture=picture)
    return templates.get_template("page.html.j2")


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


def _issue(group: RecordGroup, wording: Wording) -> str:
    name = wording.issue(group.name)
    return name if name == group.name or not group.name else f"{name} ({group.name})"
