"""The report's plots: marks stand where their figures say, texts are texts, the page's colours, the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from exports.measure.anchoring import PositionBias, SlotShare
from exports.measure.estimates import Estimate
from exports.reporting import Wording, contents
from exports.reporting.contents import Group
from exports.reporting.figures import (
    anchoring_figure,
    edits_figures,
    groups_plot,
    issues_figure,
    overall_figure,
    position_figure,
    progress_bar,
    reviewers_figure,
)
from exports.reporting.plots import (
    PROPERTIES,
    WIDTH,
    BarLine,
    ForestLine,
    Part,
    Scale,
    bars,
    coefficients,
    forest,
    shares,
    stacked,
)
from exports.review.files import Review
from tests.exports.cases import TRANSLATED, record, vote

STYLE = Path(__file__).parents[3] / "exports" / "reporting" / "style.css"
UNIT = Scale(0, 1, (0, 0.5, 1))


def line(of: float | None, low: float | None = None, high: float | None = None, **changes: Any) -> ForestLine:
    values = {"name": "ana", "count": "n = 9", "value": "0,50", "interval": "[0,25; 0,75]", **changes}
    return ForestLine(estimate=Estimate(of, low, high), **values)


def drawn(*lines: ForestLine, scale: Scale = UNIT) -> Any:
    return etree.fromstring(forest("title", lines, scale, str))


def texts(plot: Any) -> list[str]:
    return [text.text for text in plot.iter("text")]


def shapes(plot: Any, colour: str, kind: str = "fill") -> list[Any]:
    return [path for path in plot.iter("path") if f"{kind}: var(--{colour})" in path.get("style")]


def xs(path: Any) -> list[float]:
    return [float(x) for x in re.findall(r"[ML] (-?[\d.]+) ", path.get("d") + " ")]


def dot(plot: Any) -> float:
    (path,) = [path for path in shapes(plot, "green") if path.get("transform")]
    return float(re.fullmatch(r"translate\(([\d.]+) [\d.]+\)", path.get("transform"))[1])  # type: ignore[index]


def interval(plot: Any) -> tuple[float, float]:
    (path,) = shapes(plot, "leaf", "stroke")
    low, high = xs(path)
    return low, high


def ticks(plot: Any) -> list[float]:
    return [xs(path)[0] for path in shapes(plot, "line", "stroke")]


def test_marks_stand_where_their_figures_say() -> None:
    plot = drawn(line(0.5, 0.25, 0.75))
    left, middle, right = ticks(plot)
    assert dot(plot) == pytest.approx(middle)
    assert interval(plot) == pytest.approx((left + (right - left) / 4, left + (right - left) * 3 / 4), abs=0.01)
    assert right - left > 0.45 * WIDTH


def test_what_is_off_the_axis_stands_at_its_end() -> None:
    plot = drawn(line(1.5, -3, 2))
    left, _, right = ticks(plot)
    assert dot(plot) == right
    assert interval(plot) == (left, right)


def test_a_line_without_an_interval_has_a_dot_alone() -> None:
    plot = drawn(line(0.5, interval=""))
    assert shapes(plot, "leaf", "stroke") == []
    assert dot(plot) == ticks(plot)[1]


def test_a_line_without_a_value_says_why() -> None:
    plot = drawn(line(None, count="", value="", interval="", note="n/d: sin votos"))
    assert "n/d: sin votos" in texts(plot)
    assert shapes(plot, "green") == []


def test_a_total_is_a_diamond_with_a_line_through_the_others() -> None:
    plot = drawn(line(0.2), line(0.5, 0.25, 0.75, is_total=True))
    left, middle, right = ticks(plot)[:3]
    (diamond,) = [path for path in shapes(plot, "green") if not path.get("transform")]
    quarter = (right - left) / 4
    assert xs(diamond) == pytest.approx([left + quarter, middle, right - quarter, middle], abs=0.01)
    (through,) = shapes(plot, "soft", "stroke")
    assert xs(through) == [middle, middle]


def test_marks_of_the_axis_and_of_a_line() -> None:
    plot = drawn(line(0.5), line(0.5, expected=0.25), scale=Scale(0, 1, (0, 1), marks=(0.75,)))
    left, right = ticks(plot)
    through, one = shapes(plot, "clay", "stroke")
    assert {xs(path)[0] for path in (through, one)} == {left + (right - left) * 3 / 4, left + (right - left) / 4}


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


def test_parts_of_bars_are_as_wide_as_they_are_large() -> None:
    plot = etree.fromstring(
        bars("t", [BarLine("PWM", "40", (Part("disputed", 10, "10"), Part("open", 30, "30"))), BarLine("SC", "", ())])
    )
    (disputed,), (open_,) = shapes(plot, "disputed"), shapes(plot, "open")
    assert (min(xs(disputed)), max(xs(disputed))) == pytest.approx((0, WIDTH / 4))
    assert (min(xs(open_)), max(xs(open_))) == pytest.approx((WIDTH / 4, WIDTH))
    assert {"PWM", "40", "10", "30", "SC"} <= set(texts(plot))


def test_a_part_without_room_has_no_label_and_an_empty_one_is_not_drawn() -> None:
    plot = etree.fromstring(
        bars(
            "t", [BarLine("x", "1001", (Part("disputed", 1, "1"), Part("done", 1000, "1000"), Part("open", 0, "0")))]
        )
    )
    assert "1" not in texts(plot)
    assert "1000" in texts(plot)
    assert shapes(plot, "open") == []


def test_stacked_parts_fill_the_plot() -> None:
    plot = etree.fromstring(stacked("t", [Part("done", 1), Part("begun", 3)]))
    assert max(xs(shapes(plot, "done")[0])) == pytest.approx(WIDTH / 4)
    assert max(xs(shapes(plot, "begun")[0])) == pytest.approx(WIDTH)
    assert list(etree.fromstring(stacked("t", [])).iter("path")) == []


HOSTILE = "</text></svg><script>x</script> $\\frac{1}{2}$ & \" ' {{ 7 }} 你好 🌍"


@pytest.mark.parametrize(("value", "interval"), [("100,0\u00a0%", "[100,0; 100,0]"), ("+100,0", "[+100,0; +100,0]")])
def test_a_value_and_its_interval_have_room_beside_each_other(value: str, interval: str) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    plot = drawn(line(1, 1, 1, value=value, interval=interval))
    ends = {}
    for text in plot.iter("text"):
        style = dict(part.split(": ") for part in text.get("style").split("; "))
        font = FontProperties(family="DejaVu Sans", weight=int(style.get("font-weight", "400")))
        width = TextPath((0, 0), text.text, float(style["font-size"].removesuffix("px")), prop=font).get_extents().x1
        x = float(text.get("x"))
        ends[text.text] = (x - width, x) if style.get("text-anchor") == "end" else (x, x + width)
    assert ends[value][1] + 2 < ends[interval][0]


def test_foreign_names_are_text_and_too_long_ones_are_cut() -> None:
    svg = forest(HOSTILE, [line(0.5, name=HOSTILE), line(0.5, name="un nombre " * 20), line(0.5, name="")], UNIT, str)
    plot = etree.fromstring(svg)
    assert plot.get("aria-label") == HOSTILE
    cut = sorted(text.removesuffix("…") for text in texts(plot) if text.endswith("…"))
    assert len(cut) == 2
    assert HOSTILE.startswith(cut[0]) and len(cut[0]) > 20
    assert ("un nombre " * 20).startswith(cut[1]) and len(cut[1]) > 20
    assert "<script" not in svg


def test_control_characters_in_a_name_do_not_break_the_plot() -> None:
    assert any("ana" in text for text in texts(drawn(line(0.5, name="ana\x00\x1b\ud800"))))


def test_nothing_refers_anywhere_and_colours_are_the_page_s() -> None:
    svg = forest("t", [line(0.5, 0.2, 0.8, expected=0.3), line(0.5, 0.2, 0.8, is_total=True)], UNIT, str)
    svg += bars("t", [BarLine("x", "4", (Part("disputed", 4, "4"),))])
    assert not re.search(r"\bid=|href|url\(|http|font-family|clip|<defs|<g\b|<style|#[0-9a-f]{3}", svg)
    used = set(re.findall(r"var\(--([\w-]+)\)", svg))
    assert used <= set(PROPERTIES)
    light, dark, _ = themes()
    assert set(PROPERTIES) <= set(light) and set(PROPERTIES) <= set(dark)
    assert all(
        value.startswith("var(") or value == "none" for value in re.findall(r"(?:fill|stroke): ([^;\"]+)", svg)
    )


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


@pytest.mark.parametrize("own", [{}, {"MPLBACKEND": "module://nowhere"}, {"MPLCONFIGDIR": "/proc/nowhere"}])
def test_a_user_s_own_settings_of_matplotlib_change_nothing(tmp_path: Path, own: dict[str, str]) -> None:
    (tmp_path / "matplotlibrc").write_text(
        "backend: nonsense\nsvg.fonttype: path\nfont.size: 30\ntext.parse_math: True\naxes.facecolor: red\n"
        "font.family: serif\nnonsense: 7\n"
    )
    program = (
        "from tests.exports.reporting.test_report_plots import line, UNIT\n"
        "from exports.reporting.plots import forest\n"
        "print(forest('t', [line(0.5, 0.2, 0.8, name='$a$')], UNIT, str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"MPLCONFIGDIR": str(tmp_path), "PYTHONHASHSEED": "7", "PYTHONPATH": str(STYLE.parents[2]), **own},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == forest("t", [line(0.5, 0.2, 0.8, name="$a$")], UNIT, str)
    assert done.stderr == ""


# -- figures ---------------------------------------------------------------------------------------------------------

ES = Wording("es")


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
    assert "90,0\u00a0%" in texts(etree.fromstring(panel.plot(ES)))


def test_values_are_written_beside_their_marks(review: Review) -> None:
    found = contents(review, 2)
    written = texts(etree.fromstring(overall_figure(found.agreement.overall, ES).panels[1].plot(ES)))
    tau = found.agreement.overall.tau_reviewers
    assert tau.value is not None
    assert {ES.decimal(tau.value), ES.interval(tau, "coefficient"), "n = 2"} <= set(written)
    difference = anchoring_figure(found.anchoring, ES).panels[1]
    value = found.anchoring.exact_difference.value
    assert value is not None
    assert ES.decimal(100 * value, 1, signed=True) in texts(etree.fromstring(difference.plot(ES)))


def test_groups_and_progress_are_bars_of_their_counts() -> None:
    plot = etree.fromstring(groups_plot("t", [("PWM", Group("PWM", 10, 8, 5))], ES))
    assert {"PWM", "10", "5", "3", "2"} == set(texts(plot))
    bar = etree.fromstring(progress_bar("t", [1, 1, 2]))
    assert [max(xs(shapes(bar, colour)[0])) for colour in ("done", "begun", "open")] == pytest.approx(
        [WIDTH / 4, WIDTH / 2, WIDTH]
    )
