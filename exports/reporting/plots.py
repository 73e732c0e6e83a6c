"""Forest plots, drawn by Matplotlib: one SVG for light pages and one for dark ones.

A plot is ``WIDTH`` points wide, about what a phone shows, so its texts have the size of the page's. It is drawn with
Matplotlib's defaults and its own font, whatever ``matplotlibrc`` says: the same panel gives the same bytes.
"""

from __future__ import annotations

import re
import warnings
from base64 import b64encode
from bisect import bisect_right
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from exports.reporting.panels import Line, Panel
from exports.words import Wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

WIDTH = 340
Theme = Literal["light", "dark"]
THEMES: dict[Theme, dict[str, str]] = {
    "light": {
        "paper": "#fbfaf6", "ink": "#1f2a24", "soft": "#5b6a61", "line": "#dcdfd6",
        "green": "#1f6b4a", "leaf": "#8db9a5", "clay": "#b8542b",
    },
    "dark": {
        "paper": "#141a17", "ink": "#e6ece7", "soft": "#9fb0a6", "line": "#33403a",
        "green": "#7fd0a5", "leaf": "#356d54", "clay": "#f0905f",
    },
}  # fmt: skip
"""The colours of each theme; those that ``style.css`` has too are the same there."""

_STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "h4rmony", "savefig.transparent": True,
    "font.size": 11, "xtick.major.size": 0, "lines.solid_capstyle": "round",
}  # fmt: skip
_ROW, _AXIS = 43, 18  # heights
_LEFT, _PLOT, _VALUE = 20, 150, 184  # where the plot begins, its width, where values begin
_NAME_ROOM = 265
_MOST_LETTERS = 100
_DARK = {colour: THEMES["dark"][name] for name, colour in THEMES["light"].items()}
_LIGHT = re.compile("|".join(_DARK))
_TAG = re.compile(r"<\w[^>]*>")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(panel: Panel, words: Wording) -> dict[Theme, str]:
    """The forest plot of a panel as the address (``data:``) of an SVG image, for each theme."""
    svg = drawn(panel, words, "svg").decode()
    return {"light": _address(svg), "dark": _address(_TAG.sub(_darkened, svg))}


def drawn(panel: Panel, words: Wording, form: Literal["svg", "png"]) -> bytes:
    """The forest plot of a panel in light colours as an image; as PNG on its own paper and twice as large."""
    from matplotlib import style

    with style.context(_STYLE, after_reset=True), warnings.catch_warnings():
        # Matplotlib measures texts with its own font; the browser has others for the characters that it lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        file = BytesIO()
        paper = {"dpi": 144, "transparent": False, "facecolor": THEMES["light"]["paper"]}
        more: dict[str, Any] = paper if form == "png" else {"metadata": {"Date": None}}
        forest(panel, words).savefig(file, format=form, **more)
    return file.getvalue()


def _darkened(tag: re.Match[str]) -> str:
    """A tag with the colours of the dark theme; what people wrote is never in one."""
    return _LIGHT.sub(lambda colour: _DARK[colour[0]], tag[0])


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def forest(panel: Panel, words: Wording) -> Figure:
    """The forest plot of a panel in light colours: for each line its name, value, 95% interval, number of items."""
    from matplotlib.figure import Figure

    rows, scale, colours = len(panel.lines), panel.scale, THEMES["light"]
    height = _ROW * rows + _AXIS
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    axes = figure.add_axes((_LEFT / WIDTH, _AXIS / height, _PLOT / WIDTH, _ROW * rows / height), frame_on=False)
    axes.set(xlim=(scale.low, scale.high), ylim=(rows, 0), yticks=[])
    axes.set_xticks(scale.ticks, [words.tick(value, panel.kind) for value in scale.ticks], color=colours["soft"])
    for row, line in enumerate(panel.lines):
        _name(axes, row + 0.36, line, words, colours)
        if line.estimate.value is None:
            reason = f"{words('na')}: {words(f'reason_{line.estimate.reason}')}"
            _fit(_text(axes, 0, row + 0.72, reason, color=colours["soft"]), WIDTH)
        else:
            _mark(axes, row, line, panel, colours)
            _numbers(axes, row + 0.76, line, panel, words, colours)
    return figure


def printable(text: str) -> str:
    """A text in which U+FFFD replaces each character that neither XML nor HTML may hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


def _mark(axes: Axes, row: int, line: Line, panel: Panel, colours: dict[str, str]) -> None:
    """Draw the value and the interval over the lines that they are compared with.

    What lies off the axis is drawn at its end.
    """

    def within(value: float) -> float:
        return min(panel.scale.high, max(panel.scale.low, value))

    found, lane, middle = line.estimate, (row + 0.46, row + 0.86), row + 0.66
    axes.vlines(panel.scale.ticks, *lane, colors=colours["line"], linewidth=1, clip_on=False)
    axes.vlines(panel.scale.marks, *lane, colors=colours["clay"], linewidth=1.2, linestyles="dashed")
    totals = [within(one.estimate.value) for one in panel.lines if one.is_total and one.estimate.value is not None]
    axes.vlines(totals, *lane, colors=colours["soft"], linewidth=1, linestyles="dotted")
    if line.expected is not None:
        axes.vlines(within(line.expected), *lane, colors=colours["clay"], linewidth=1.5, linestyles="dashed")
    if found.low is not None and found.high is not None:
        axes.plot([within(found.low), within(found.high)], [middle, middle], color=colours["leaf"], linewidth=4,
                  clip_on=False)  # fmt: skip
    assert found.value is not None
    axes.plot(within(found.value), middle, "D" if line.is_total else "o", markersize=9, color=colours["green"],
              markeredgecolor=colours["paper"], clip_on=False)  # fmt: skip


def _name(axes: Axes, y: float, line: Line, words: Wording, colours: dict[str, str]) -> None:
    weight = "bold" if line.is_total else "normal"
    _fit(_text(axes, 0, y, line.name, color=colours["ink"], fontsize=13, fontweight=weight), _NAME_ROOM)
    if line.estimate.value is not None and line.estimate.items:
        _text(axes, WIDTH, y, f"n = {words.whole(line.estimate.items)}", color=colours["soft"], ha="right")


def _numbers(axes: Axes, y: float, line: Line, panel: Panel, words: Wording, colours: dict[str, str]) -> None:
    one = line.estimate
    assert one.value is not None
    value = words.figure(one.value, panel.kind, signed=line.is_signed, unit=False)
    _text(axes, _VALUE, y, value, color=colours["ink"], fontsize=13, fontweight="bold")
    _text(axes, WIDTH, y, words.interval(one, panel.kind, signed=line.is_signed), color=colours["soft"], ha="right")


def _text(axes: Axes, x: float, y: float, text: str, **style: Any) -> Text:
    """Write a text on one line; ``x`` is in points from the left of the plot, ``y`` in rows."""
    style |= {"xycoords": ("figure points", "data"), "annotation_clip": False, "parse_math": False}
    return axes.annotate(printable(" ".join(text.split())), (x, y), **style)


def _fit(text: Text, room: float) -> None:
    """Cut a text that is wider than ``room``; it then ends in an ellipsis."""
    letters = text.get_text()[:_MOST_LETTERS]

    def width_of(count: int) -> float:
        text.set_text(f"{letters[:count].rstrip()}…")
        return float(text.get_window_extent().width)

    if text.get_window_extent().width > room:
        width_of(bisect_right(range(len(letters)), room, key=width_of) - 1)
