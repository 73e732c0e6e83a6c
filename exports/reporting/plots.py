"""The report's plots, drawn by Matplotlib: forest plots and stacked bars, as SVG that stands inside the page.

A plot is ``WIDTH`` units wide, which is about what a phone and a third of a desk's screen show: its texts have the
page's own size on both. Its colours are the page's custom properties (``PROPERTIES``), so plots follow light, dark
and print with the text around them. The same lines give the same bytes on every machine: Matplotlib's own defaults
and its own font measure the texts, whatever ``matplotlibrc`` says.
"""

from __future__ import annotations

import io
import logging
import math
import os
import re
import warnings
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from exports.measure.estimates import Estimate

WIDTH = 340.0
PROPERTIES = (
    "ink", "soft", "line", "paper", "green", "leaf", "clay",
    "disputed", "done", "begun", "open", "on-disputed", "on-done", "on-begun", "on-open",
)  # fmt: skip
"""The custom properties of ``style.css`` that plots are coloured with."""

COLOURS = {name: f"#{number:06x}" for number, name in enumerate(PROPERTIES, start=1)}
"""What stands for each of them while Matplotlib draws: a colour that nothing else has."""

_NAMES = {colour: name for name, colour in COLOURS.items()}
_SETTINGS = {
    "svg.fonttype": "none", "svg.hashsalt": "h4rmony", "text.parse_math": False, "font.family": "DejaVu Sans",
    "path.simplify": False,
}  # fmt: skip
_PLOT, _ROW, _TOP, _AXIS, _MARGIN, _GAP = 166.0, 43.0, 2.0, 18.0, 5.0, 10.0
_BAR_ROW, _BAR = 40.0, 15.0
_NAME, _VALUE, _SMALL = 13.0, 13.5, 11.0
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_BREAKS = re.compile(r"[\t\r\n]+")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class Scale:
    """The axis of a forest plot: from ``low`` to ``high``, labelled at ``ticks``, dashed lines at ``marks``."""

    low: float
    high: float
    ticks: tuple[float, ...]
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class ForestLine:
    """One line of a forest plot: its name, how many items it is made of, its figure and the words for it.

    ``note`` stands for the figure where there is none. ``expected`` is dashed on this line alone; a ``total`` line is
    a diamond below the others, and a dotted line through them.
    """

    name: str
    count: str
    estimate: Estimate
    value: str
    interval: str
    note: str = ""
    expected: float | None = None
    is_total: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar: what it is and its size; its label is left out where it has no room."""

    kind: Literal["disputed", "done", "begun", "open"]
    size: float
    label: str = ""


@dataclass(frozen=True)
class BarLine:
    """One stacked bar under its name, with its total at the right."""

    name: str
    total: str
    parts: tuple[Part, ...]


def coefficients(estimates: Iterable[Estimate], marks: tuple[float, ...] = ()) -> Scale:
    """The scale of coefficients and their differences: from 0 to 1, and from -2 or to 2 if an estimate needs that."""
    ends = _ends(estimates)
    lowest, highest = min(ends, default=0.0), max(ends, default=1.0)
    low = next(end for end in (0.0, -0.5, -1.0, -2.0) if lowest >= end or end == -2)
    high = 1.0 if highest <= 1 else 2.0
    ticks = (-2.0, -1.0, 0.0, 1.0, 2.0) if high - low > 2 else (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    return Scale(low, high, tuple(tick for tick in ticks if low <= tick <= high), marks)


def shares(estimates: Iterable[Estimate], *, whole: bool = False) -> Scale:
    """The scale of shares: from 0 (or as far below as needed) to the next 20 %; ``whole`` always goes to 100 %."""
    ends = _ends(estimates)
    high = 1.0 if whole else max(0.2, math.ceil(max(ends, default=0.2) * 5) / 5)
    low = min(0.0, math.floor(min(ends, default=0.0) * 5) / 5)
    return Scale(low, high, (0.0, high) if low < 0 else (0.0, high / 2, high))


def forest(title: str, lines: Sequence[ForestLine], scale: Scale, tick: Callable[[float], str]) -> str:
    """A forest plot: for each line its value, its 95% interval and how many items it is made of.

    Args:
        title: what the plot is called where it cannot be seen.
        lines: from the top; total lines last.
        scale: the axis; what lies outside it is drawn at its end.
        tick: writes a tick's value.
    """
    with _drawing("forest", _TOP + _ROW * len(lines) + _AXIS) as (figure, svg):
        height = figure.bbox.height
        axes = figure.add_axes(
            (_MARGIN / WIDTH, _AXIS / height, _PLOT / WIDTH, _ROW * len(lines) / height), frame_on=False
        )
        axes.set(xlim=(scale.low, scale.high), ylim=(len(lines), 0))
        axes.set_yticks([])
        axes.set_xticks(scale.ticks, labels=[tick(value) for value in scale.ticks])
        axes.tick_params(length=0, labelsize=_SMALL, labelcolor=COLOURS["soft"])
        if scale.ticks[0] == scale.low:
            axes.get_xticklabels()[0].set_horizontalalignment("left")
        axes.get_xticklabels()[-1].set_horizontalalignment("right")
        axes.grid(axis="x", color=COLOURS["line"], linewidth=1)
        for mark in scale.marks:
            axes.axvline(mark, color=COLOURS["clay"], linewidth=1.2, dashes=(3, 3))
        for line in lines:
            if line.is_total and line.estimate.value is not None:
                axes.axvline(_within(scale, line.estimate.value), color=COLOURS["soft"], linewidth=1, dashes=(1, 2.5))
        for row, line in enumerate(lines):
            _forest_line(axes, row, line, scale)
        return svg(title)


def bars(title: str, lines: Sequence[BarLine]) -> str:
    """Stacked bars under each other, on one scale: the longest is as wide as the plot."""
    most = max((sum(part.size for part in line.parts) for line in lines), default=0) or 1
    with _drawing("bars", _BAR_ROW * len(lines)) as (figure, svg):
        axes = figure.add_axes((0, 0, 1, 1), frame_on=False)
        axes.set(xlim=(0, most), ylim=(len(lines), 0), xticks=[], yticks=[])
        for row, line in enumerate(lines):
            above = row + 13 / _BAR_ROW
            _text(axes, 0, above, line.name, room=WIDTH - 34, size=_NAME)
            _text(axes, 1, above, line.total, size=_VALUE, weight="bold", align="right")
            _stack(axes, row + (18 + _BAR / 2) / _BAR_ROW, _BAR / _BAR_ROW, line.parts, most)
        return svg(title)


def stacked(title: str, parts: Sequence[Part]) -> str:
    """One bar of the parts of a whole, as wide as the plot."""
    with _drawing("stacked", _BAR) as (figure, svg):
        whole = sum(part.size for part in parts) or 1
        axes = figure.add_axes((0, 0, 1, 1), frame_on=False)
        axes.set(xlim=(0, whole), ylim=(1, 0), xticks=[], yticks=[])
        _stack(axes, 0.5, 1, parts, whole)
        return svg(title)


def printable(text: str) -> str:
    """A text without the characters that neither XML nor HTML may hold; U+FFFD stands for each."""
    return _NOT_IN_XML.sub("\ufffd", text)


# -- marks -----------------------------------------------------------------------------------------------------------


def _forest_line(axes: Any, row: int, line: ForestLine, scale: Scale) -> None:
    above, at = row + 15 / _ROW, row + 28 / _ROW
    right = (WIDTH - _MARGIN) / _PLOT
    weight = "bold" if line.is_total else "normal"
    if line.is_total:
        axes.plot((0, right), (row, row), color=COLOURS["line"], transform=axes.get_yaxis_transform(), clip_on=False)
    _text(axes, 0, above, line.name, room=WIDTH - 75, size=_NAME, weight=weight)
    if line.count:
        _text(axes, right, above, line.count, size=_SMALL, colour="soft", align="right")
    found = line.estimate
    if found.value is None:
        _text(axes, 0, at + 4 / _ROW, line.note, room=WIDTH - 2 * _MARGIN, size=_SMALL, colour="soft")
        return
    value = _within(scale, found.value)
    ends = [_within(scale, end) for end in (found.low, found.high) if end is not None and found.has_interval]
    if line.expected is not None:
        expected = _within(scale, line.expected)
        axes.plot(
            (expected, expected), (at - 14 / _ROW, at + 12 / _ROW), color=COLOURS["clay"], linewidth=1.5,
            dashes=(2, 1.5), clip_on=False,
        )  # fmt: skip
    if line.is_total and ends:
        half = 5.5 / _ROW
        axes.fill(
            (ends[0], value, ends[1], value), (at, at - half, at, at + half), color=COLOURS["green"], clip_on=False
        )
    else:
        if ends:
            axes.plot(ends, (at, at), color=COLOURS["leaf"], linewidth=4, alpha=0.55, clip_on=False,
                      solid_capstyle="round")  # fmt: skip
        axes.plot(value, at, "o", markersize=9.5, color=COLOURS["green"], markeredgecolor=COLOURS["paper"],
                  markeredgewidth=1.5, clip_on=False)  # fmt: skip
    taken = _text(axes, 1, at + 4.5 / _ROW, line.value, dx=_GAP, size=_VALUE, weight="bold")
    room = WIDTH - 2 * _MARGIN - _PLOT - _GAP - taken - 5
    _text(axes, right, at + 4.5 / _ROW, line.interval, size=_SMALL, colour="soft", align="right", shrink=room)


def _stack(axes: Any, at: float, height: float, parts: Iterable[Part], most: float) -> None:
    start = 0.0
    for part in parts:
        if part.size:
            edge = "soft" if part.kind == "open" else "paper"  # parts are told apart without their colours too
            axes.barh(
                at, part.size, height, left=start, color=COLOURS[part.kind], edgecolor=COLOURS[edge], linewidth=1,
                clip_on=False,
            )  # fmt: skip
            if part.label and part.size / most * WIDTH > 8 * len(part.label) + 4:
                axes.annotate(
                    part.label, (start + part.size / 2, at), (0, -3.9), textcoords="offset points", ha="center",
                    fontsize=_SMALL, color=COLOURS[f"on-{part.kind}"],
                )  # fmt: skip
        start += part.size


def _text(
    axes: Any,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    weight: str = "normal",
    colour: str = "ink",
    align: str = "left",
    dx: float = 0.0,
    room: float | None = None,
    shrink: float | None = None,
) -> float:
    """Write a text on the baseline ``y`` (data); ``x`` is a share of the axes, ``dx`` is in units of the plot.

    A text that is wider than ``room`` is cut and ends in an ellipsis; one that is wider than ``shrink`` gets smaller
    letters. Returns its width.
    """
    text = printable(_BREAKS.sub(" ", text))
    shown = axes.annotate(
        text, (x, y), (dx, 0), xycoords=("axes fraction", "data"), textcoords="offset points", ha=align,
        fontsize=size, fontweight=weight, color=COLOURS[colour], annotation_clip=False,
    )  # fmt: skip
    width = float(shown.get_window_extent().width) if text else 0.0
    if shrink is not None and width > shrink:
        shown.set_fontsize(size * shrink / width)
        return shrink
    if room is None or width <= room:
        return width

    def is_too_wide(length: int) -> bool:
        shown.set_text(f"{text[:length].rstrip()}…")
        return bool(shown.get_window_extent().width > room)

    fits = bisect(range(1, len(text)), False, key=is_too_wide)
    is_too_wide(max(1, fits))
    return room


def _within(scale: Scale, value: float) -> float:
    return min(scale.high, max(scale.low, value))


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for one in estimates for end in (one.value, one.low, one.high) if end is not None]


# -- SVG -------------------------------------------------------------------------------------------------------------


@contextmanager
def _drawing(kind: str, height: float) -> Iterator[tuple[Any, Callable[[str], str]]]:
    """An empty figure of ``WIDTH`` by ``height``, and what writes it as an SVG of class ``kind`` under a title."""
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure

    with matplotlib.style.context(["default", _SETTINGS]), warnings.catch_warnings():
        # Matplotlib measures with one font; the browser has others for what that lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)

        def svg(title: str) -> str:
            file = io.BytesIO()
            figure.savefig(
                file, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
            )
            return _inline(file.getvalue(), title, kind)

        yield figure, svg


@cache
def _matplotlib() -> Any:
    """Matplotlib with its own settings alone.

    A notebook's ``MPLBACKEND`` names a package that need not be there, a ``matplotlibrc`` may be wrong, and where the
    home folder cannot be written it says so on every run; nothing of that matters to a figure that is written as SVG.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    changed = {"MPLBACKEND": "svg", "MATPLOTLIBRC": os.devnull}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        import matplotlib.style
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return matplotlib


def _inline(svg: bytes, title: str, kind: str) -> str:
    """Matplotlib's SVG as an element of the page: no ids, no fonts, no references, the page's colours."""
    from lxml import etree

    root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    marks = {mark.get("id"): mark for mark in root.iter(f"{_SVG}path") if mark.get("id")}
    for use in list(root.iter(f"{_SVG}use")):
        mark = deepcopy(marks[use.get(_XLINK)[1:]])
        mark.set("transform", f"translate({use.get('x')} {use.get('y')})")
        mark.set("style", use.get("style"))
        use.getparent().replace(use, mark)
    for unwanted in [
        *root.iter(f"{_SVG}defs"),
        *root.iter(f"{_SVG}metadata"),
        root.find(f".//{_SVG}g[@id='patch_1']"),
    ]:
        unwanted.getparent().remove(unwanted)
    shapes = "".join(_element(shape) for shape in root.iter(f"{_SVG}path", f"{_SVG}text"))
    attributes = f'class="plot {kind}" viewBox="{root.get("viewBox")}" role="img" aria-label="{_escaped(title)}"'
    if kind == "stacked":
        attributes += ' preserveAspectRatio="none"'
    return f"<svg {attributes}>{shapes}</svg>"


def _element(shape: Any) -> str:
    """One path or text with its style in the page's colours; numbers to two decimals."""
    style = {name: value for name, value in _style(shape.get("style") or "") if name != "font-family"}
    for name in ("fill", "stroke"):
        if style.get(name) in _NAMES:
            style[name] = f"var(--{_NAMES[style[name]]})"
    kept = {
        name: _NUMBER.sub(lambda number: f"{float(number[0]):.2f}", " ".join(value.split()))
        for name in ("d", "x", "y", "transform")
        if (value := shape.get(name)) and not value.startswith("rotate(-0")
    }
    kept["style"] = "; ".join(f"{name}: {value}" for name, value in style.items())
    written = "".join(f' {name}="{_escaped(value)}"' for name, value in kept.items())
    tag = shape.tag.removeprefix(_SVG)
    return f"<{tag}{written}>{_escaped(shape.text or '')}</{tag}>" if tag == "text" else f"<{tag}{written}/>"


def _style(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        if value:
            yield name.strip(), value.strip()


def _escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(text))
