"""``make install-cells``: what the install cell of each notebook would change on a machine such as Colab's.

A fresh environment gets stand-ins, wheels of nothing but metadata: a torch that is not ours, and other packages that
Colab has. Then each cell runs there as it stands, with pip's dry run and the registry that pip is set up for; the
repository is this working tree. The exit status is 1 if a cell would touch torch and its like.

    python -m tools.install_cells [--install] [NUMBER ...]

With ``--install`` pip really installs, some hundred MB, and says what no longer fits together; NUMBER is that of a
notebook.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jupytext

from tools.make_notebooks import FOLDER, REPOSITORY, ROOT

# as Colab has them: google-genai stands for what needs a newer httpx, google-colab for what pins pandas
COLAB: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "torch": ("2.11.0+cu130", ()),
    "torchvision": ("0.26.0+cu130", ("torch==2.11.0",)),
    "numpy": ("2.0.2", ()),
    "pandas": ("2.2.2", ("numpy>=1.26",)),
    "httpx": ("0.28.1", ()),
    "google-genai": ("1.16.1", ("httpx>=0.28.1",)),
    "google-colab": ("1.0.0", ("pandas==2.2.2",)),
}
KEPT = frozenset({"numpy", "torch", "torchvision"})  # of which no cell may touch the version
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
BACKEND = """\
import shutil

def build_wheel(folder, *_):
    shutil.copy({wheel!r}, folder)
    return {wheel!r}
"""


def write_wheel(
    folder: str | Path, name: str, version: str, requires: Iterable[str] = (), extras: Iterable[str] = ()
) -> Path:
    """Write a wheel of nothing but metadata."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = Path(folder) / f"{stem}-py3-none-any.whl"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [*(f"Provides-Extra: {extra}" for extra in extras), *(f"Requires-Dist: {each}" for each in requires)]
    files = {
        "METADATA": "\n".join(metadata) + "\n",
        "WHEEL": WHEEL,
    }
    record = []
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{stem}.dist-info/{file},sha256={digest},{len(text.encode())}")
            wheel.writestr(f"{stem}.dist-info/{file}", text)
        wheel.writestr(f"{stem}.dist-info/RECORD", "\n".join([*record, f"{stem}.dist-info/RECORD,,", ""]))
    return path


@dataclass(frozen=True)
class Machine:
    """A fresh environment with stand-ins, and the repository that the cells ask for."""

    python: Path
    environment: Mapping[str, str]
    folder: Path

    def run(self, cell: str, **options: str) -> tuple[str, list[str]]:
        """Run an install cell; returns what it printed, and what pip would install (or has), as ``name==version``.

        Args:
            cell: the code.
            options: pip's options, as its environment variables have them.
        """
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        environment = {**self.environment, "PIP_REPORT": str(report), **options}
        command = [str(self.python), "-c", cell]
        done = subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the cell failed:\n{done.stdout}{done.stderr}")
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"] if report.exists() else []
        return done.stdout, sorted(f"{each['metadata']['name']}=={each['metadata']['version']}" for each in chosen)

    def check(self) -> str:
        """What does not fit together, in pip's words."""
        command = [str(self.python), "-m", "pip", "check"]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False).stdout


def machine(folder: Path, *, index: Path | None = None, dry_run: bool = True) -> Machine:
    """Make a machine with Colab's stand-ins.

    Args:
        folder: an empty folder.
        index: a folder, so that pip finds what lies in it and nothing else.
        dry_run: whether pip only says what it would install.
    """
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    spec = find_spec("pip")
    assert spec and spec.origin
    shutil.copytree(Path(spec.origin).parent, site / "pip")
    repository = _repository(folder / "repository", dry_run=dry_run)
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": "",
    }
    if index:
        settings |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.as_uri(), "PIP_FIND_LINKS": ""}
        settings |= {"PIP_EXTRA_INDEX_URL": ""}
    if dry_run:
        settings |= {"PIP_DRY_RUN": "1"}
    environment = {name: value for name, value in (os.environ | settings).items() if value}
    (folder / "stand-ins").mkdir()
    wheels = [write_wheel(folder / "stand-ins", name, *what) for name, what in COLAB.items()]
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", *map(str, wheels)]
    subprocess.run(command, env={**environment, "PIP_DRY_RUN": "0"}, check=True)
    return Machine(python, environment, folder)


def _repository(folder: Path, *, dry_run: bool) -> Path:
    """A repository with this working tree; for a dry run, which builds nothing, with its metadata alone."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder)
    if dry_run:
        _without_setuptools(folder)
    else:
        for name in ("workspace", "loaders", "exports"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    for command in (("init", "--quiet"), ("add", "."), (*author, "commit", "--quiet", "--message", "all")):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def _without_setuptools(folder: Path) -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    requires = [*project["dependencies"]]
    requires += [f'{each} ; extra == "{extra}"' for extra, listed in extras.items() for each in listed]
    wheel = write_wheel(folder, project["name"], project["version"], requires, extras)
    (folder / "backend.py").write_text(BACKEND.format(wheel=wheel.name), encoding="utf-8")
    lines = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (folder / "pyproject.toml").write_text(lines, encoding="utf-8")


def install_cell(stem: str) -> str:
    """The code of a notebook's install cell."""
    cells = jupytext.read(FOLDER / f"{stem}.py", fmt="py:percent").cells
    (found,) = [cell.source for cell in cells if "install" in cell.metadata.get("tags", [])]
    return str(found)


def main() -> None:
    """Run every install cell, each on a machine of its own."""
    install, failed = "--install" in sys.argv[1:], False
    numbers = tuple(each for each in sys.argv[1:] if each.isdecimal())
    for path in sorted(FOLDER.glob("*.py")):
        if not path.name.startswith(numbers or ""):
            continue
        with tempfile.TemporaryDirectory() as folder:
            colab = machine(Path(folder), dry_run=not install)
            began = time.perf_counter()
            said, chosen = colab.run(install_cell(path.stem))
            seconds = time.perf_counter() - began
            broken = colab.check() if install else ""
        own = [each for each in chosen if each.partition("==")[0] in COLAB]
        failed = failed or bool({each.partition("==")[0] for each in own} & KEPT)
        done = f"{'installed' if install else 'would install'} {len(chosen)} packages in {seconds:.0f} s"
        sys.stdout.write(f"{path.stem}: {done}; of those that Colab has: {', '.join(own) or 'none'}\n")
        sys.stdout.write(f"{said.splitlines()[-1]}\n{broken}" if install else "")
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()
