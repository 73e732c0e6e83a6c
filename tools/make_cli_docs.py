"""Write docs/cli.md from the commands' own help; a test compares the two.

Run: python tools/make_cli_docs.py
"""

from __future__ import annotations

from pathlib import Path

import click

from workspace.cli import COMMANDS, main

DOCS = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100


def command_docs() -> str:
    """The whole page."""
    parts = ["# Commands\n\nMade from `--help` by `tools/make_cli_docs.py`.\n"]
    root = click.Context(main, info_name="h4rmony", **main.context_settings)
    for name in COMMANDS:
        command = main.get_command(root, name)
        assert command
        context = click.Context(command, info_name=name, parent=root, max_content_width=WIDTH, terminal_width=WIDTH)
        parts.append(section(context, command))
        if isinstance(command, click.Group):
            for child_name, child in command.commands.items():
                parts.append(
                    section(click.Context(child, info_name=child_name, parent=context, terminal_width=WIDTH), child)
                )
    return "\n".join(parts)


def section(context: click.Context, command: click.Command) -> str:
    """One command: its name and its help."""
    return f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    DOCS.parent.mkdir(exist_ok=True)
    DOCS.write_text(command_docs(), encoding="utf-8")
