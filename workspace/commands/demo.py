"""``h4rmony demo``: the whole path on its own server; each step is the command that a person would type."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.team import invitation_path
from workspace.commands.output import say
from workspace.config import CREDENTIALS, default_home
from workspace.demo.reviewers import scripted_ballots
from workspace.demo.samples import samples
from workspace.errors import H4rmonyError, count_of
from workspace.server.process import serve

FORMATS = ("dpo", "dpo-standard", "kto", "reward", "sft", "orpo", "h4rmony", "lm-eval")


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to."
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: default_home() / "demo",
    show_default="H4RMONY_HOME/demo, else ~/.h4rmony/demo",
    help="Folder of the demo's server; it keeps what you review in it.",
)
@click.option("--keep", is_flag=True, help="Keep the server running, to look at it in the browser.")
def demo(output: Path, home: Path, keep: bool) -> None:
    """Run the whole path on a server of its own.

    Loads 24 prompts in English with their translation, and 24 in Spanish; lets two scripted reviewers answer over
    HTTP, collects their ballots and exports every format to OUTPUT. Run again, it keeps all answers, yours too, and
    exports them.

    \b
    Example:
      h4rmony demo --keep -o demo-output
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the server too
    say(f"1. Argilla starts on this machine, with its data in {home} ...")
    with serve(home) as connection:
        say(f"   it answers at {connection.api_url}")
        load_samples(home)
        review_sample(connection)
        export_review(home, output)
        if keep:
            wait(connection)
    if not keep:
        say(f"To look at it in the browser: h4rmony demo --keep --home {home} -o {output}")


def load_samples(home: Path) -> None:
    """Step 2: load the sample in English, with Apertium where it is installed, and then the one in Spanish."""
    sample = samples()
    if has_apertium():
        translator = ["--translator", "apertium"]
        say("2. The sample in English is translated with Apertium and loaded, then the one in Spanish ...")
    else:
        translator = ["--translator", "memory", "--memory", str(sample.memory)]
        say(
            "2. No translation engine is installed: the sample in English is loaded with its own memory, made by "
            "Apertium, then the one in Spanish ..."
        )
    english = load_sample(sample.english, home, *translator)
    say(
        f"   {counted(english)}; {count_of(english['translated'], 'text')} translated, "
        f"{english['from_memory']} from the memory"
    )
    spanish = load_sample(sample.spanish, home, "--translator", "none")
    say(f"   {counted(spanish)}; in Spanish from the start")


def load_sample(sample: Path, home: Path, *translator: str) -> dict[str, Any]:
    """Load one sample; without an embedding model, so that the demo is the same on every machine."""
    return run_command("load", str(sample), *translator, "--embedding-model", "none", "--home", str(home))


def counted(counts: dict[str, Any]) -> str:
    """How many records a load found, and how many of them were new."""
    return f"{count_of(counts['records'], 'record')}: {counts['new']} new, {counts['unchanged']} unchanged"


def has_apertium() -> bool:
    """True if Apertium and its English-Spanish pair are installed."""
    program = shutil.which("apertium")
    if program is None:
        return False
    listed = subprocess.run([program, "-l"], capture_output=True, text=True, check=False, timeout=60)
    return "eng-spa" in listed.stdout.split()


def review_sample(connection: Connection) -> None:
    """Step 3: the scripted reviewers answer, each with an account of their own."""
    say("3. Two scripted reviewers rank the answers and correct the Spanish ...")
    for reviewer, ballots in scripted_ballots().items():
        new = connection.post(ballots)
        say(f"   {reviewer}: {count_of(len(ballots), 'answer')}, {new} of them new")


def export_review(home: Path, output: Path) -> None:
    """Step 4: collect and export."""
    review = output / "review"
    collected = run_command("collect", "-o", str(review), "--home", str(home))
    ballots, records = (count_of(collected[name], name[:-1]) for name in ("ballots", "records"))
    say(f"4. Collecting and merging {ballots} on {records} ...")
    formats = [argument for name in FORMATS for argument in ("--format", name)]
    run_command("export", "--review", str(review), "-o", str(output), *formats)
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    say(f"   {describe(summary)}")
    for name in FORMATS:
        say(f"   {output / name}: train.parquet, test.parquet")
    say(f"   {output}: ballots.jsonl, dropped.jsonl, left_out.jsonl and summary.json; review/ as collected")


def describe(summary: dict[str, Any]) -> str:
    """What the export wrote and left out, in a line."""
    pairs, dropped = summary["pairs"], summary["dropped"]
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(dropped.items())) or "none"
    train = count_of(pairs["train"], "pair")
    return f"{train} to train with, {pairs['test']} to test with; pairs not written: {reasons}"


def wait(connection: Connection) -> None:
    """Keep the server until Ctrl+C."""
    say(f"Open {connection.link()}")
    with Gateway(connection) as gateway:
        owner = gateway.me().username
    say(f"   sign in as ana, with the password in {invitation_path(connection.home, 'ana')},")
    say(f"   or as {owner}, with the password in {connection.home / CREDENTIALS}. Ctrl+C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nThe server ends; all answers are kept.")


def run_command(*arguments: str) -> dict[str, Any]:
    """Run one ``h4rmony`` command as a person would, and read its summary.

    Raises:
        H4rmonyError: the command failed; with what it said.
    """
    command = [sys.executable, "-m", "workspace.cli", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise H4rmonyError(f"h4rmony {arguments[0]}: {said[-1] if said else f'exit status {done.returncode}'}")
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary
