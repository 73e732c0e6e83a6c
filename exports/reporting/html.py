"""Fill in the templates of the pages: every text is escaped, and there is neither script nor download."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Template

from exports.reporting.plots import picture, printable
from exports.words import Wording, environment
from workspace.errors import ConfigError
from workspace.files.jsonl import file_digest, replacing

_PAGE = b"<!doctype html>"


def filled(name: str, wording: Wording, **values: Any) -> str:
    """A page from its template, in one language."""
    style = (files("exports") / "reporting" / "style.css").read_text(encoding="utf-8")
    return _template(name).render(t=wording, style=style, **values)


@cache
def _template(name: str) -> Template:
    """A template, compiled once."""
    templates = environment("reporting", lambda value: printable(value) if type(value) is str else value)
    templates.globals.update(picture=picture)
    return templates.get_template(name)


def check_page(path: str | Path) -> None:
    """Refuse a file that is there and is no page, so that no file of grades or ballots is written over.

    Raises:
        ConfigError: there is something else in it.
    """
    path = Path(path)
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(64).lstrip().lower()
        if begins and not begins.startswith(_PAGE):
            raise ConfigError(f"{path}: is there, and is no page; give -o another file")


def write_page(path: Path, page: bytes, *, dry_run: bool) -> bool:
    """Write a page in one step; returns False if the file was the same before."""
    if file_digest(path) == hashlib.sha256(page).hexdigest():
        return False
    if not dry_run:
        with replacing(path) as file:
            file.write(page)
    return True
