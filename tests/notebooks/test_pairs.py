"""Each notebook is what its script makes, without outputs, and stands alone."""

from __future__ import annotations

import ast
import json

import jupytext
import pytest

from tests.notebooks.running import parameter_names
from tools.make_notebooks import FOLDER, INSTALL, REPOSITORY, ROOT, badge, complete, written

STEMS = sorted(path.stem for path in FOLDER.glob("*.py"))
PAGES = ("docs/how-to/notebooks.md", "docs/es/cuadernos.md")


def script_of(stem: str) -> str:
    return (FOLDER / f"{stem}.py").read_text("utf-8")


def test_each_script_has_a_notebook_and_each_notebook_a_script() -> None:
    assert STEMS
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_the_pair_agrees(stem: str) -> None:
    script = script_of(stem)
    assert complete(script, stem) == script, "make notebooks"
    assert (FOLDER / f"{stem}.ipynb").read_text("utf-8") == written(script), "make notebooks"
    assert jupytext.reads(written(script), fmt="ipynb").cells  # and a reader of notebooks can read it


@pytest.mark.parametrize("stem", STEMS)
def test_outputs_are_empty(stem: str) -> None:
    notebook = json.loads((FOLDER / f"{stem}.ipynb").read_text("utf-8"))
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in codes)


@pytest.mark.parametrize("stem", STEMS)
def test_each_begins_with_its_badge_its_parameters_and_what_it_installs(stem: str) -> None:
    title, *cells = jupytext.reads(script_of(stem), fmt="py:percent").cells
    assert title.source.startswith(f"# {int(stem[:2])}. ")
    assert f"{REPOSITORY.removeprefix('https://github.com/')}/blob/main/notebooks/{stem}.ipynb" in title.source
    first, second = [cell for cell in cells if cell.cell_type == "code"][:2]
    assert first.metadata.tags == ["parameters"]
    assert parameter_names(first.source)
    assert second.metadata.tags == ["install"]
    assert INSTALL.strip().splitlines()[-1] in second.source


@pytest.mark.parametrize("stem", STEMS)
def test_cells_are_python_that_papermill_could_set(stem: str) -> None:
    """No magics: the script can be checked, and the parameters are plain values."""
    cells = jupytext.reads(script_of(stem), fmt="py:percent").cells
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    for node in trees[0].body:
        assert isinstance(node, ast.Assign)
        ast.literal_eval(node.value)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("stem", STEMS)
def test_both_pages_lead_to_each_notebook(stem: str, page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert f"({REPOSITORY}/blob/main/notebooks/{stem}.ipynb)" in text
    assert badge(stem).rpartition("]")[2] in text  # where Colab opens it
