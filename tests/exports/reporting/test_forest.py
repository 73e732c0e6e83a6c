"""A forest plot for notebooks: of figures of one unit, the same bytes each time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from exports import forest
from exports.evaluation.scores.compare import Difference
from exports.evaluation.scores.score import Scored
from exports.measure.estimates import Estimate
from workspace import ConfigError
from workspace.giveaways import Share

pytestmark = pytest.mark.extras


def test_a_line_for_each_figure_and_the_same_bytes(tmp_path: Path) -> None:
    one = {"antes": Scored(40, 20, 60, 30, 20)}
    both = {**one, "después": Scored(None, 0, 100, 0, 0), "nadie": None}
    path = tmp_path / "forest.png"
    forest(both).save(path)
    assert path.read_bytes() == forest(both)._repr_png_()
    first, second = (Image.open(io.BytesIO(forest(figures).png)).height for figures in (one, both))
    assert second > first * 1.3


def test_shares_and_estimates_may_stand_together() -> None:
    figures = {"gana la más larga": Share(0.9, 0.8, 0.95), "un modelo": Estimate(0.5, 0.4, 0.6, 12, 6)}
    assert forest(figures, marks=(0.4, 0.6)).png != forest(figures).png != forest(figures, language="en").png


@pytest.mark.parametrize(
    "figures", [{}, {"nada": None}, {"a": Scored(1, 0, 2, 3, 3), "b": Difference(1, 0, 2, 3, 3)}]
)
def test_what_has_no_common_axis_is_one_line(figures: dict[str, Scored | Difference | None]) -> None:
    with pytest.raises(ConfigError, match=r"no figure to draw|an axis of their own"):
        forest(figures)
