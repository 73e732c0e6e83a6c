"""Run a notebook as a person would: all cells from top to bottom, in a clean kernel and an empty folder, offline."""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tools.make_notebooks import FOLDER, ROOT

OFFLINE = Path(__file__).parent / "offline"
SECONDS = 200  # a cell that takes longer is interrupted


@dataclass(frozen=True)
class Run:
    """A notebook with its outputs.

    Attributes:
        notebook: all cells.
        folder: where it ran; what it wrote is there.
        seconds: how long it took, with the start of the kernel.
    """

    notebook: NotebookNode
    folder: Path
    seconds: float

    def outputs(self, tag: str | None = None) -> list[NotebookNode]:
        """All outputs in their order; those of the cells with a tag."""
        cells = [cell for cell in self.notebook.cells if tag is None or tag in cell.metadata.get("tags", [])]
        return [output for cell in cells for output in cell.get("outputs", [])]

    def text(self, tag: str | None = None) -> str:
        """What a reader sees of the outputs as text: what was printed, and tables as they print."""
        outputs = self.outputs(tag)
        return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)

    def html(self) -> str:
        """The tables as they are shown."""
        return "\n".join(output.get("data", {}).get("text/html", "") for output in self.outputs())

    def pictures(self) -> list[str]:
        """The PNG pictures, in Base64."""
        found = [output.get("data", {}).get("image/png") for output in self.outputs()]
        return [picture for picture in found if picture]


def run_notebook(stem: str, folder: Path, *, edit: Callable[[str], str] = str, **parameters: Any) -> Run:
    """Run a notebook of ``notebooks/`` with these values in the place of its own parameters.

    ``edit`` changes the script before it runs, as a person might; a cell may fail that has the tag
    ``raises-exception``.

    Nothing of the caller's Jupyter is read: the kernel is this Python, with a home of its own in ``folder``.

    Raises:
        AssertionError: the notebook has no such parameter.
        CellExecutionError: a cell failed.
    """
    return run_script(edit((FOLDER / f"{stem}.py").read_text("utf-8")), folder, **parameters)


def run_script(script: str, folder: Path, **parameters: Any) -> Run:
    """``run_notebook`` for the text of a script."""
    notebook = jupytext.reads(script, fmt="py:percent")
    if parameters:
        set_parameters(notebook, parameters)
    manager = AsyncKernelManager(kernel_name="python3")
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        km=manager,
        coalesce_streams=True,  # what a cell prints is one text, however it arrives
        resources={"metadata": {"path": str(folder)}},
    )
    begin = time.perf_counter()
    client.execute(env=environment(folder), cwd=str(folder), cleanup_kc=True)  # ends the kernel too
    return Run(notebook, folder, time.perf_counter() - begin)


def set_parameters(notebook: NotebookNode, parameters: dict[str, Any]) -> None:
    """Put a cell with the values after the one that has the tag ``parameters``, as Papermill does."""
    (place,) = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    assert parameters.keys() <= parameter_names(notebook.cells[place].source)
    lines = [f"{name} = {str(value) if isinstance(value, Path) else value!r}" for name, value in parameters.items()]
    notebook.cells.insert(place + 1, new_code_cell("\n".join(lines)))


def constant(stem: str, name: str) -> Any:
    """The plain value that a notebook gives to a name."""
    cells = jupytext.read(FOLDER / f"{stem}.py").cells
    nodes = [node for cell in cells if cell.cell_type == "code" for node in ast.parse(cell.source).body]
    given = [node for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name]
    return ast.literal_eval(given[0].value)


def parameter_names(source: str) -> set[str]:
    """The names that a cell assigns."""
    targets = [target for node in ast.parse(source).body if isinstance(node, ast.Assign) for target in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def environment(folder: Path) -> dict[str, str]:
    """What the kernel and all that it starts see: this project, homes in a folder beside ``folder``, no network."""
    home = folder.parent / f"{folder.name}-home"
    homes = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    for name in homes:
        (home / name.lower()).mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        **{name: str(home / name.lower()) for name in homes},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{OFFLINE}{os.pathsep}{ROOT}",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
