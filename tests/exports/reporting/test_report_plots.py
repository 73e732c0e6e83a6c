"""The report's plots: marks where their figures say, texts that fit, the page's colours, the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64decode
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from exports.measure.anchoring import PositionBias, SlotShare
from exports.measure.estimates import Estimate
from exports.reporting.contents import contents
from exports.reporting.figures import (
    anchoring_figure,
    edits_figures,
    issues_figure,
    overall_figure,
    position_figure,
    reviewers_figure,
)
from exports.reporting.panels import Line, Panel, Scale, coefficients, shares
from exports.reporting.plots import THEMES, WIDTH, Theme, forest, picture
from exports.review.files import Review
from exports.words import Wording
from tests.exports.cases import TRANSLATED, record, vote

pytestmark = pytest.mark.extras

STYLE = Path(__file__).parents[3] / "exports" / "reporting" / "style.css"
ES = Wording("es")
UNIT = Scale(0, 1, (0, 0.5, 1))


def line(of: float | None, low: float | None = None, high: float | None = None, **changes: Any) -> Line:
    found = Estimate(of, low, high, items=9, records=3, reason="no_votes" if of is None else None)
    return Line(**{"name": "ana", "sub": "", "estimate": found, "items": "votes", **changes})


def panel(*lines: Line, scale: Scale = UNIT) -> Panel:
    return Panel("title", "", "coefficient", scale, lines)


def drawn(*lines: Line, scale: Scale = UNIT) -> Any:
    return forest(panel(*lines, scale=scale), ES).axes[0]


def marks(axes: Any) -> list[list[float]]:
    """Where intervals and values are on the axis, in the order in which they are drawn."""
    return [[float(x) for x in mark.get_xdata()] for mark in axes.lines]


def across(axes: Any, colour: str) -> list[float]:
    """Where the lines of a colour cross the axis, row by row."""
    shown = [one for one in axes.collections if len(one.get_segments()) and hex_of(one) == THEMES["light"][colour]]
    return [float(segment[0][0]) for one in shown for segment in one.get_segments()]


def hex_of(lines: Any) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in lines.get_colors()[0][:3])


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def svg(*lines: Line) -> bytes:
    head, _, data = picture(panel(*lines), ES)["light"].partition(",")
    assert head == "data:image/svg+xml;base64"
    return b64decode(data)


def test_the_dark_plot_is_the_light_one_in_dark_colours_and_a_name_stays_as_it_is() -> None:
    name = f'{THEMES["light"]["ink"]} <text style="fill: {THEMES["light"]["ink"]}">'
    plots = picture(panel(line(0.5, 0.25, 0.75, expected=0.2, name=name)), ES)
    light, dark = (b64decode(plots[theme].partition(",")[2]).decode() for theme in THEMES)
    written = escape(name, quote=False)
    assert written in light and written in dark
    light, dark = light.replace(written, ""), dark.replace(written, "")
    for of, colour in THEMES["light"].items():
        assert (dark.count(THEMES["dark"][of]), dark.count(colour)) == (light.count(colour), 0)
        light = light.replace(colour, THEMES["dark"][of])
    assert dark == light
    assert THEMES["dark"]["green"] in dark


def test_marks_are_where_their_figures_say() -> None:
    axes = drawn(line(0.5, 0.25, 0.75))
    assert axes.get_xlim() == (0, 1)
    assert marks(axes) == [[0.25, 0.75], [0.5]]
    assert across(axes, "line") == [0, 0.5, 1]


def test_what_is_off_the_axis_is_at_its_end() -> None:
    assert marks(drawn(line(1.5, -3, 2))) == [[0, 1], [1]]


def test_a_line_without_an_interval_has_a_dot_alone() -> None:
    assert marks(drawn(line(0.5))) == [[0.5]]


def test_a_line_without_a_value_says_why() -> None:
    axes = drawn(line(None))
    assert texts(axes) == ["ana", "n/d: no hay votos"]
    assert marks(axes) == []


def test_a_total_is_a_diamond_with_a_line_through_the_others() -> None:
    axes = drawn(line(0.2), line(0.5, 0.25, 0.75, is_total=True))
    assert [mark.get_marker() for mark in axes.lines if len(mark.get_xdata()) == 1] == ["o", "D"]
    assert across(axes, "soft") == [0.5, 0.5]


def test_marks_of_the_axis_and_of_a_line() -> None:
    axes = drawn(line(0.5), line(0.5, expected=0.25), scale=Scale(0, 1, (0, 1), marks=(0.75,)))
    assert across(axes, "clay") == [0.75, 0.75, 0.25]


def test_values_are_written_beside_their_marks() -> None:
    assert texts(drawn(line(0.5, 0.25, 0.75, is_signed=True))) == ["ana", "n = 9", "+0,50", "[+0,25; +0,75]"]
    exact = Panel("t", "", "share", UNIT, (line(-1, -1, -1, is_signed=True),))
    axes = forest(exact, ES).axes[0]
    assert texts(axes)[2:] == ["−100,0", "[−100,0; −100,0]"]
    value, interval = (text.get_window_extent() for text in axes.texts[2:])
    assert value.x1 + 2 < interval.x0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0\u00a0%", "50\u00a0%", "100\u00a0%"]


def test_scales_hold_their_figures() -> None:
    assert coefficients([Estimate(0.5, 0.2, 0.7)]).ticks == (0, 0.5, 1)
    assert coefficients([Estimate(0.5, -0.2, 0.7)]).low == -0.5
    assert coefficients([Estimate(-0.6)], (0.8,)) == Scale(-1, 1, (-1, -0.5, 0, 0.5, 1), (0.8,))
    assert coefficients([Estimate(None)]).ticks == (0, 0.5, 1)
    assert coefficients([Estimate(1.5, 0.5, 2)]) == Scale(0, 2, (0, 0.5, 1, 1.5, 2))
    assert coefficients([Estimate(-2.0), Estimate(2.0)]) == Scale(-2, 2, (-2, -1, 0, 1, 2))
    assert shares([Estimate(0.31, 0.2, 0.41)]).high == pytest.approx(0.6)
    assert shares([Estimate(1.31)]).high == pytest.approx(1.4)
    assert shares([Estimate(-0.1)]).low == pytest.approx(-0.2)
    assert shares([Estimate(0.1)], whole=True).ticks == (0, 0.5, 1)
    assert shares([]).high == 0.2


HOSTILE = "</text></svg><script>x</script> $\\frac{1}{2}$ & \" ' {{ 7 }} 你好 🌍"


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
def test_foreign_names_are_text_and_too_long_ones_are_cut() -> None:
    axes = drawn(line(0.5, name=HOSTILE), line(0.5, name="un nombre " * 20), line(None, name="W" * 2000))
    names = [text for text in axes.texts if text.get_text().endswith("…")]
    for name, whole in zip(names, (HOSTILE, "un nombre " * 20, "W" * 2000), strict=True):
        assert whole.startswith(name.get_text()[:-1]) and len(name.get_text()) > 15
        assert name.get_window_extent().x1 < WIDTH - 70
    root = ElementTree.fromstring(svg(line(0.5, name="<b>$a$ & 你好")))
    assert "<b>$a$ & 你好" in ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_control_characters_in_a_name_do_not_break_the_plot() -> None:
    assert "ana\ufffd\ufffd\ufffd" in svg(line(0.5, name="ana\x00\x1b\ud800")).decode()


def themes() -> list[dict[str, str]]:
    """The colours of the page: light, dark, and in print where they are others than in light."""
    blocks = re.findall(r":root {([^{}]*--paper:[^}]*)}", STYLE.read_text(encoding="utf-8"))
    return [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in blocks]


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_texts_and_the_parts_of_bars_can_be_told_apart(theme: str) -> None:
    light, dark, print_ = themes()
    of = {"light": light, "dark": dark, "print": {**light, **print_}}[theme]
    for text, ground in (("ink", "paper"), ("soft", "paper"), ("soft", "faint"), ("link", "paper"), ("ink", "card")):
        assert contrast(of[text], of[ground]) >= 4.5, (text, ground)
    for part in ("disputed", "done", "begun", "open"):
        assert contrast(of[f"on-{part}"], of[part]) >= 4.5, part
    for one, other in (("disputed", "done"), ("done", "begun"), ("done", "open"), ("soft", "paper")):
        assert contrast(of[one], of[other]) >= 2, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plots_have_the_page_s_colours(theme: Theme) -> None:
    of, page = THEMES[theme], themes()[theme == "dark"]
    assert {name: of[name] for name in ("paper", "ink", "soft", "line", "green")}.items() <= page.items()
    for mark, least in (("ink", 4.5), ("soft", 4.5), ("green", 4.5), ("clay", 3), ("leaf", 2)):
        assert contrast(of[mark], of["paper"]) >= least, mark


@pytest.mark.parametrize("own", [{}, {"MPLBACKEND": "module://nowhere"}])
def test_a_user_s_own_settings_of_matplotlib_change_nothing(tmp_path: Path, own: dict[str, str]) -> None:
    (tmp_path / "matplotlibrc").write_text(
        "svg.fonttype: path\nfont.size: 30\ntext.parse_math: True\naxes.facecolor: red\nfont.family: serif\n"
    )
    program = "from tests.exports.reporting.test_report_plots import *; print(svg(line(0.5, 0.2, 0.8)).decode())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"MPLCONFIGDIR": str(tmp_path), "PYTHONHASHSEED": "7", "PYTHONPATH": str(STYLE.parents[2]), **own},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == svg(line(0.5, 0.2, 0.8)).decode() + "\n"


# -- figures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def review() -> Review:
    return Review(
        (record(1), record(2, metadata={"issues": ["PWM"]})),
        tuple(
            vote(
                *ranks,
                reviewer=name,
                record_id=f"h4rmony-{number}",
                prompt="¿Qué?",
                answers=TRANSLATED,
                mode="blind" if number == 2 else "verify",
            )
            for number, name, ranks in [
                (1, "ana", (1, 2, 3)),
                (1, "eva", (1, 3, 2)),
                (2, "ana", (1, 2, 3)),
                (2, "eva", (1, 2, 3)),
            ]
        ),
    )


def test_the_figures_hold_the_estimates(review: Review) -> None:
    found = contents(review, 2)
    overall = found.agreement.overall
    alphas, taus = overall_figure(overall, ES).panels
    assert [one.estimate for one in (*alphas.lines, *taus.lines)] == [
        overall.alpha_ranks, overall.alpha_pairs, overall.tau_reviewers, overall.tau_source,
    ]  # fmt: skip
    assert alphas.scale.marks == (0.667, 0.8)

    figure = reviewers_figure(found.agreement, ES)
    assert [one.name for one in figure.panels[0].lines] == ["ana", "eva", "Toda la revisión"]
    ana = found.agreement.reviewers["ana"]
    assert [one.estimate for one in figure.rows[0]] == [ana.tau_others, ana.tau_source, ana.alpha_without]
    assert [one.estimate for one in figure.rows[2]] == [
        overall.tau_reviewers, overall.tau_source, overall.alpha_ranks,
    ]  # fmt: skip
    assert [one.is_total for one in figure.panels[0].lines] == [False, False, True]

    figure = issues_figure(found.agreement, ES)
    pwm = found.agreement.issues["PWM"]
    assert figure.rows[0][0].name == ES.issue("PWM")
    assert [one.estimate for one in figure.rows[0]] == [
        pwm.alpha_ranks, pwm.alpha_pairs, pwm.tau_reviewers, pwm.tau_source,
    ]  # fmt: skip

    figure = anchoring_figure(found.anchoring, ES)
    assert [one.estimate for one in figure.panels[0].lines] == [
        found.anchoring.verify.tau, found.anchoring.blind.tau, found.anchoring.tau_difference,
    ]  # fmt: skip
    assert [one.estimate for one in figure.panels[1].lines] == [
        found.anchoring.verify.exact, found.anchoring.blind.exact, found.anchoring.exact_difference,
    ]  # fmt: skip

    engines, reviewers = edits_figures(found.edits, ES)
    rate = found.edits.engines["apertium 3.8"]
    assert [one.estimate for one in engines.rows[0]] == [rate.untouched, rate.ter, rate.chrf]
    assert [row[0].name for row in reviewers.rows] == ["ana", "eva"]


def test_the_overall_figure_has_a_row_a_measure_and_the_others_a_column(review: Review) -> None:
    found = contents(review, 2)
    assert not overall_figure(found.agreement.overall, ES).has_columns
    assert issues_figure(found.agreement, ES).has_columns


def test_slots_share_one_axis_and_show_what_is_expected() -> None:
    side = PositionBias(
        (SlotShare("a", Estimate(0.9, 0.7, 0.95), 0.5), SlotShare("b", Estimate(0.1), 0.5)), 4, 5, 0, 1, 1
    )
    figure = position_figure(
        [("Todos", side), ("A ciegas", PositionBias((), 0, 0, None, None, None, "no_votes"))], ES
    )
    (panel,) = figure.panels
    assert [(one.name, one.expected) for one in panel.lines] == [("A", 0.5), ("B", 0.5)]
    assert panel.scale == shares([Estimate(0.95)])
