"""Any figures with their intervals side by side, as the picture of a forest plot: for notebooks and slides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from exports.evaluation.scores.compare import Difference
from exports.evaluation.scores.score import Scored
from exports.measure.estimates import Estimate
from exports.reporting.panels import Line, Panel, coefficients, points, shares
from exports.reporting.plots import drawn
from exports.reporting.score_figures import difference_of
from exports.reporting.score_words import estimate_of
from exports.words import Language, Unit, Wording
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.files.jsonl import replacing
from workspace.giveaways import Share

Shown: TypeAlias = Scored | Difference | Estimate | Share | None


@dataclass(frozen=True)
class Forest:
    """A forest plot, as a PNG picture that notebooks show."""

    png: bytes = field(repr=False)

    def _repr_png_(self) -> bytes:
        """The picture, for notebooks."""
        return self.png

    def save(self, path: str | Path) -> None:
        """Write the picture to a file."""
        with replacing(Path(path)) as file:
            file.write(self.png)


def forest(
    figures: Mapping[str, Shown],
    *,
    kind: Unit | None = None,
    marks: Iterable[float] = (),
    language: Language = "es",
) -> Forest:
    """Draw figures with their 95% intervals under each other, on one axis.

    Args:
        figures: under their names: scores, differences of scores, shares or estimates, of one unit; None is left out.
        kind: "points", "share" or "coefficient"; by default points for scores and their differences, and else shares.
        marks: where to draw dashed lines.
        language: "es" or "en", for numbers.

    Raises:
        ConfigError: there is nothing to draw, or differences stand beside other figures.
        ValueError: there is no such language.
        MissingPartError: the packages of ``h4rmony-es[report]`` are not installed.

    >>> from exports import compare
    >>> from exports.evaluation.grades.files import Grade
    >>> one = [Grade(f"p-{n}", "es", "good" if n % 4 else "bad", judge="j") for n in range(40)]
    >>> two = [Grade(f"p-{n}", "es", "good" if n % 2 else "bad", judge="j") for n in range(40)]
    >>> found = compare(one, two)
    >>> forest({"antes": found.second, "después": found.first}).png[1:4]
    b'PNG'
    """
    require_packages("a picture", ("matplotlib",), "report")
    given = {name: each for name, each in figures.items() if each is not None}
    signed = {isinstance(each, Difference) for each in given.values()}
    if len(signed) != 1:
        raise ConfigError("differences are on an axis of their own" if given else "there is no figure to draw")
    scores = any(isinstance(each, Scored | Difference) for each in given.values())
    unit: Unit = kind or ("points" if scores else "share")
    lines = tuple(
        Line(name, "", _estimate(each), "answers", is_signed=signed == {True}) for name, each in given.items()
    )
    estimates = [line.estimate for line in lines]
    scale = {
        "points": lambda: points(estimates, signed=signed == {True}),
        "share": lambda: shares(estimates, whole=True),
        "coefficient": lambda: coefficients(estimates),
    }[unit]()
    scale = replace(scale, marks=(*scale.marks, *marks))
    return Forest(drawn(Panel("", "", unit, scale, lines), Wording(language), "png"))


def _estimate(found: Scored | Difference | Estimate | Share) -> Estimate:
    match found:
        case Scored():
            return estimate_of(found)
        case Difference():
            return difference_of(found)
        case Share():
            return Estimate(found.value, found.low, found.high)
        case _:
            return found
