"""``make notebooks``: write notebooks/*.ipynb from the scripts beside them.

The scripts (Jupytext's py:percent) are what people edit. The badge of each and its way to install what is missing are
written here. The notebooks have no outputs, and the same script gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import jupytext
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
REPOSITORY: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]
INSTALL = """\
import importlib
import tempfile
from importlib import metadata, util
from subprocess import run
from sys import executable


def versiones():
    return {paquete.name: paquete.version for paquete in metadata.distributions()}


if all(util.find_spec(modulo) for modulo in MODULOS):
    print("Todo está instalado: no se instala nada.")
else:
    print("Se instala lo que falta; puede tardar unos minutos.")
    antes = versiones()
    # pip no toca estos paquetes si ya están, porque su versión depende de la máquina y de la tarjeta gráfica
    fijos = {"numpy", "torch", "torchaudio", "torchvision"} & antes.keys()
    direccion = " @ git+REPOSITORY"
    pedidos = [nombre + direccion if nombre.startswith("h4rmony-es") else nombre for nombre in PAQUETES]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as archivo:
        archivo.write("\\n".join(f"{nombre}=={antes[nombre]}" for nombre in sorted(fijos)))
        archivo.flush()
        run([executable, "-m", "pip", "install", "--quiet", "--constraint", archivo.name, *pedidos], check=True)
    importlib.invalidate_caches()
    despues = versiones()
    cambios = [f"{uno} {antes[uno]} → {despues.get(uno)}" for uno in antes if antes[uno] != despues.get(uno)]
    print(f"Cambió de versión: {', '.join(cambios)}. Reinicia la sesión y sigue." if cambios else "Instalado.")
"""


def badge(stem: str) -> str:
    """The picture that opens a notebook in Colab, as Markdown."""
    address = f"{REPOSITORY.removeprefix('https://')}/blob/main/notebooks/{stem}.ipynb"
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    opened = address.replace("github.com/", "https://colab.research.google.com/github/")
    return f"[![Abrir en Colab]({picture})]({opened})"


def complete(script: str, stem: str) -> str:
    """The script with its badge, and with what stands after PAQUETES and MODULOS in the cell ``install``."""
    script = re.sub(r"^# \[!\[Abrir en Colab\].*$", lambda _: f"# {badge(stem)}", script, flags=re.MULTILINE)
    cell = r'(^# %% tags=\["install"\]\nPAQUETES = [^\n]*\nMODULOS = [^\n]*\n).*?(?=^# %%)'
    install = INSTALL.replace("REPOSITORY", REPOSITORY)
    return re.sub(cell, lambda found: f"{found[1]}\n{install}\n", script, flags=re.MULTILINE | re.DOTALL)


def notebook(script: str) -> NotebookNode:
    """The notebook of a script, without outputs; each cell has an id made from its text."""
    made = jupytext.reads(script, fmt="py:percent")
    made.nbformat_minor = 5
    taken: set[str] = set()
    for cell in made.cells:
        text, number = f"{cell.cell_type}\n{cell.source}", 0
        while (name := hashlib.sha256(f"{text}{number or ''}".encode()).hexdigest()[:8]) in taken:
            number += 1
        taken.add(name)
        cell.id = name
    return made


def written(script: str) -> str:
    """The text of the notebook's file."""
    return jupytext.writes(notebook(script), fmt="ipynb") + "\n"


def main() -> None:
    """Complete all scripts and write all notebooks."""
    for path in sorted(FOLDER.glob("*.py")):
        script = complete(path.read_text("utf-8"), path.stem)
        path.write_text(script, "utf-8")
        path.with_suffix(".ipynb").write_text(written(script), "utf-8")


if __name__ == "__main__":
    main()
