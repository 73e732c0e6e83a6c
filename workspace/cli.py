"""The root of the ``h4rmony`` command: it loads each command by name, only when that command is called."""

from __future__ import annotations

import sys
import warnings
from io import TextIOWrapper
from typing import Any, TextIO

import click

from workspace import __version__
from workspace.commands.lazy import LazyGroup
from workspace.errors import H4rmonyError, H4rmonyWarning, visible

# name -> (where the click command is, its one-line help)
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("workspace.commands.serve:serve", "Run Argilla, server and web UI, in this process."),
    "implode": ("loaders.commands.implode:implode", "Turn preference data into one record per prompt."),
    "explode": ("exports.commands.explode:explode", "Turn imploded records back into pairs."),
    "extend": ("loaders.commands.extend:extend", "Have a model write three ranked answers to each new prompt."),
    "translate": ("loaders.commands.translate:translate", "Translate a source, each text once."),
    "load": ("loaders.commands.load:load", "Load a source into Argilla for review."),
    "settings": ("workspace.commands.settings:settings", "Bring the screen of a dataset under review up to date."),
    "status": ("workspace.commands.status:status", "Say how far the review is."),
    "team": ("workspace.commands.team:team", "Add reviewers to the workspace and list them."),
    "collect": ("exports.commands.collect:collect", "Fetch every record and every ballot from Argilla."),
    "export": ("exports.commands.export:export", "Merge the ballots and write training data."),
    "memory": ("exports.commands.memory:memory", "Learn approved texts, import, export and count translations."),
    "report": ("exports.commands.report:report", "Write one HTML page that says how the review went."),
    "train": ("exports.commands.train:train", "Train an adapter on an export, with TRL and LoRA."),
    "evaluate": ("exports.commands.evaluate:evaluate", "Score a model by a judge that is itself measured by people."),
    "publish": ("exports.commands.publish:publish", "Publish the review on the Hugging Face Hub."),
    "demo": ("workspace.commands.demo:demo", "Run the whole path on a server of its own."),
}


class Root(LazyGroup):
    """The group of all commands, which states errors."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every ``H4rmonyError`` becomes one line on stderr and exit status 1."""
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 lacks many characters
        with warnings.catch_warnings(action="always", category=H4rmonyWarning):
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except H4rmonyError as error:
                raise click.ClickException(visible(str(error))) from error


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print one of ours as a line, any other as Python does."""
    ours = issubclass(category, H4rmonyWarning)
    text = (
        visible(f"Warning: {message}\n")
        if ours
        else warnings.formatwarning(message, category, filename, lineno, line)
    )
    click.echo(text, file=file or sys.stderr, nl=False)


@click.group(cls=Root, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="h4rmony")
def main() -> None:
    """Curate H4rmony in Spanish: load, review in Argilla, export for training."""


if __name__ == "__main__":
    sys.exit(main())
