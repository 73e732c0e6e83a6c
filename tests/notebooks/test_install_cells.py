"""The install cells leave torch alone: run as they stand in a fresh environment that has another torch than ours.

pip is real, and its dry run resolves the real dependencies of everything that the tests have, from wheels that are
nothing but their metadata. ``make install-cells`` does the same with the registry.
"""

from __future__ import annotations

import ast
import re
from importlib.metadata import distributions

import pytest

from tests.notebooks.test_pairs import STEMS
from tools.install_cells import COLAB, KEPT, Machine, install_cell, machine, write_wheel

pytestmark = pytest.mark.extras
TRAINING = "05_ajustar_con_dpo"


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine such as Colab's, beside an index of what the tests have, our torch among it."""
    folder = tmp_path_factory.mktemp("colab")
    found = {re.sub(r"[-_.]+", "-", each.name).lower(): each for each in distributions()}
    requirements = [one for each in found.values() for one in each.requires or ()]
    extras = [each[1] for one in requirements if (each := re.match(r"[\w.-]+ *\[([^]]+)]", one))]
    asked = {extra.strip() for listed in extras for extra in listed.split(",")}
    for name, each in found.items():
        if name == "h4rmony-es":
            continue
        page = folder / "index" / name
        page.mkdir(parents=True)
        # what no extra is asked for would only be read
        requires = [one for one in each.requires or () if not (extra := extra_of(one)) or extra in asked]
        wheel = write_wheel(page, each.name, each.version, requires, asked)
        (page / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return machine(folder, index=folder / "index")


def extra_of(requirement: str) -> str | None:
    """The extra that a requirement belongs to."""
    found = re.search(r"extra == ['\"]([^'\"]+)", requirement)
    return found[1] if found else None


def names_of(chosen: list[str]) -> set[str]:
    return {each.partition("==")[0].lower() for each in chosen}


def test_the_training_cell_installs_what_is_missing_and_changes_nothing_that_is_there(colab: Machine) -> None:
    said, chosen = colab.run(install_cell(TRAINING))
    names = names_of(chosen)
    assert {"h4rmony-es", "trl", "peft", "lm_eval", "transformers", "datasets"} <= names
    assert not names & COLAB.keys()  # neither torch nor numpy, pandas and httpx
    assert not {name for name in names if "argilla" in name}
    assert said.splitlines() == ["Se instala lo que falta; puede tardar unos minutos.", "Instalado."]


def test_what_all_notebooks_ask_for_together_leaves_torch_and_numpy(colab: Machine) -> None:
    asked: set[str] = set()
    for stem in STEMS:
        (line,) = re.findall(r"^PAQUETES = (.*)$", install_cell(stem), re.MULTILINE)
        asked |= set(ast.literal_eval(line))
    cell = re.sub(r"^PAQUETES = .*$", f"PAQUETES = {sorted(asked)}", install_cell(TRAINING), flags=re.MULTILINE)
    names = names_of(colab.run(cell)[1])
    assert {"h4rmony-es", "argilla-server", "trl"} <= names
    assert not names & KEPT


def test_without_its_constraint_the_cell_would_have_replaced_torch(colab: Machine) -> None:
    """So the tests above can fail: a pip that upgrades takes our torch, unless the cell forbids it."""
    cell = re.sub(r"^PAQUETES = .*$", 'PAQUETES = ["torch"]', install_cell(TRAINING), flags=re.MULTILINE)
    assert names_of(colab.run(cell, PIP_UPGRADE="1")[1]) == set()
    free = re.sub(r"fijos = \{.*\} & antes\.keys\(\)", "fijos = set()", cell)
    assert free != cell
    assert "torch" in names_of(colab.run(free, PIP_UPGRADE="1")[1])
