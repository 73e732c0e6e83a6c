"""The documentation follows the commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.make_cli_docs import command_docs
from workspace.cli import COMMANDS

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.es.md")


def test_the_command_page_is_what_the_commands_say() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == command_docs(), "run: python tools/make_cli_docs.py"


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_both_readmes_name_every_command(readme: str, command: str) -> None:
    assert f"h4rmony {command}" in (ROOT / readme).read_text(encoding="utf-8")


def test_both_readmes_show_the_same_commands_and_code() -> None:
    english, spanish = (
        re.findall(
            r"^(?:make|h4rmony|pip|git|from|import|data) [^#\n]*", (ROOT / name).read_text("utf-8"), re.MULTILINE
        )
        for name in READMES
    )
    assert len(english) == len(spanish)
    for one, other in zip(english, spanish, strict=True):
        assert one.split()[:2] == other.split()[:2]


@pytest.mark.parametrize(
    "page", [*READMES, "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_to_files_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    for name in READMES:
        top = (ROOT / name).read_text(encoding="utf-8").splitlines()[:25]
        assert any(line.startswith("make demo") for line in top)
        assert any(line.startswith("make test") for line in top)
