"""Put the report's contents into its page: Jinja templates, everything escaped, no script, no address of an asset.

Plots are SVG drawn by the templates (``macros.html.j2``) in percentages of their cell: they follow the reader's
colours and any width, and need no plotting library. A ``Scale`` is the axis that the plots of one column share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from exports.anchoring import LEAST_EXPECTED, Anchoring, PositionBias
from exports.estimates import RESAMPLES, Estimate
from exports.report.contents import Contents
from exports.report.wording import Kind, Wording
from workspace.errors import MissingPartError

PACKAGES = ("jinja2", "krippendorff", "scipy")
ALPHA_LEVELS = (0.667, 0.8)  # Krippendorff 2004, Content Analysis, 2nd ed., p. 241
P_LEVEL = 0.05


@dataclass(frozen=True)
class Scale:
    """The axis of plots: from ``low`` to ``high``, labelled at ``ticks``, dashed lines at ``marks``."""

    low: float
    high: float
    ticks: tuple[float, ...]
    kind: Kind
    marks: tuple[float, ...] = ()

    def place(self, value: float) -> str:
        """Where a value stands, in percent of the plot's width: 2 to 98, so that no mark is cut off."""
        share = (value - self.low) / (self.high - self.low)
        return f"{2 + 96 * min(1.0, max(0.0, share)):.2f}%"


def coefficients(estimates: Iterable[Estimate], marks: tuple[float, ...] = ()) -> Scale:
    """The scale of coefficients: from 0 to 1, or from -0.5 or -1 if an estimate needs that."""
    lowest = min(_ends(estimates), default=0.0)
    low = -1.0 if lowest < -0.5 else -0.5 if lowest < 0 else 0.0
    return Scale(low, 1.0, (0.0, 0.5, 1.0) if low > -1 else (-1.0, 0.0, 1.0), "coefficient", marks)


def shares(estimates: Iterable[Estimate], marks: tuple[float, ...] = (), *, whole: bool = False) -> Scale:
    """The scale of shares: from 0 (or as far below as needed) to the next 20 %; ``whole`` always goes to 100 %."""
    ends = [*_ends(estimates), *marks]
    high = 1.0 if whole else max(0.2, math.ceil(max(ends, default=0.2) * 5) / 5)
    low = min(0.0, math.floor(min(ends, default=0.0) * 5) / 5)
    return Scale(low, high, (low, 0.0, high) if low < 0 else (0.0, high / 2, high), "share", marks)


def render(report: Contents, wording: Wording) -> str:
    """The whole page.

    Raises:
        MissingPartError: a package that the report needs is not installed.
    """
    require_packages()
    page = _environment(wording).get_template("page.html.j2")
    text: str = page.render(
        report=report,
        lang=wording.language,
        style=_read("style.css"),
        overall=report.agreement.overall,
        anchoring_reading=anchoring_reading(report.anchoring),
        position_reading=position_reading(report.position),
        resamples=RESAMPLES,
        least_expected=LEAST_EXPECTED,
        sacrebleu=version("sacrebleu"),
        alpha_levels=ALPHA_LEVELS,
    )
    return text


def require_packages() -> None:
    """Check that the packages of the ``report`` extra are there.

    Raises:
        MissingPartError: one of them is not installed.
    """
    from importlib.util import find_spec

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"the report needs {', '.join(missing)}, which is not installed: pip install 'h4rmony-es[report]'"
        )


def anchoring_reading(anchoring: Anchoring) -> str:
    """The key of the sentence that says what the difference in tau means."""
    found = anchoring.tau_difference
    if found.low is None or found.high is None:
        return "anchoring_na"
    if found.low > 0:
        return "anchoring_yes"
    return "anchoring_negative" if found.high < 0 else "anchoring_no"


def position_reading(position: PositionBias) -> str:
    """The key of the sentence that says what the test means; the reason's if there is no test."""
    if position.p is None:
        return f"reason_{position.reason}"
    return "position_yes" if position.p < P_LEVEL else "position_no"


def _environment(wording: Wording) -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(t=wording, coefficients=coefficients, shares=shares)
    return environment


def _read(name: str) -> str:
    return (files("exports") / "report" / name).read_text(encoding="utf-8")


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for one in estimates for end in (one.value, one.low, one.high) if end is not None]
