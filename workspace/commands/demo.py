"""``h4rmony demo``: each step is the command that a person would type, over HTTP, on a server of its own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from workspace.argilla.gateway import Gateway, sign_in
from workspace.argilla.team import invitation_path, invite, read_password
from workspace.config import Credentials, default_home, resolve_connection
from workspace.demo.reviewers import answer, read_script
from workspace.errors import H4rmonyError
from workspace.server import running_server

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

    Loads a sample of 24 prompts, lets two scripted reviewers answer over HTTP, collects their ballots and exports
    every format to OUTPUT. Run again, it keeps all answers, yours too, and exports them.

    \b
    Example:
      h4rmony demo --keep -o demo-output
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the server too
    click.echo(f"1. Argilla starts on this machine, with its data in {home} ...")
    with running_server(home) as credentials:
        click.echo(f"   it answers at {credentials.api_url}")
        load_sample(home)
        dataset_url = review_sample(credentials, home)
        export_review(home, output)
        if keep:
            wait(credentials, home, dataset_url)
    if not keep:
        click.echo(f"To look at it in the browser: h4rmony demo --keep --home {home} -o {output}")


def load_sample(home: Path) -> None:
    """Step 2: load the sample, with Apertium where it is installed."""
    sample = files("workspace") / "demo" / "sample.csv"
    if has_apertium():
        translator = ["--translator", "apertium"]
        click.echo("2. The sample is translated with Apertium and loaded ...")
    else:
        memory = files("workspace") / "demo" / "memory.jsonl"
        translator = ["--translator", "memory", "--memory", str(memory)]
        click.echo(
            "2. No translation engine is installed, so the sample's own translation memory (made with Apertium)"
        )
        click.echo("   is used; the sample is loaded ...")
    # no embedding model, so that the demo is the same on every machine
    counts = run_command("load", str(sample), *translator, "--embedding-model", "none", "--home", str(home))
    click.echo(
        f"   {counts['records']} records: {counts['new']} new, {counts['unchanged']} unchanged; "
        f"{counts['translated']} texts translated, {counts['from_memory']} from the memory"
    )


def has_apertium() -> bool:
    """True if Apertium and its English-Spanish pair are installed."""
    program = shutil.which("apertium")
    if program is None:
        return False
    listed = subprocess.run([program, "-l"], capture_output=True, text=True, check=False, timeout=60)
    return "eng-spa" in listed.stdout.split()


def review_sample(credentials: Credentials, home: Path) -> str:
    """Step 3: the scripted reviewers answer, each with an account of their own; returns the dataset's address."""
    connection = resolve_connection(home=home, api_url=credentials.api_url, api_key=credentials.api_key)
    script = read_script()
    with Gateway(connection) as gateway:
        invite(gateway, [reviewer.username for reviewer in script])
        dataset = gateway.dataset()
        records = {str(remote.external_id): remote for remote in gateway.records(dataset)}
        click.echo("3. Two scripted reviewers rank the answers and correct the Spanish ...")
        for reviewer in script:
            password = read_password(home, reviewer.username)
            key = sign_in(connection.api_url, reviewer.username, password)
            with Gateway(replace(connection, api_key=key)) as own:
                new = answer(reviewer, own, dataset, records)
            click.echo(f"   {reviewer.username}: {len(reviewer.reviews)} answers, {new} of them new")
    return f"{credentials.api_url}/dataset/{dataset.id}/annotation-mode"


def export_review(home: Path, output: Path) -> None:
    """Step 4: collect and export."""
    review = output / "review"
    collected = run_command("collect", "-o", str(review), "--home", str(home))
    click.echo(f"4. {collected['ballots']} ballots on {collected['records']} records are collected and merged ...")
    formats = [argument for name in FORMATS for argument in ("--format", name)]
    run_command("export", "--review", str(review), "-o", str(output), *formats)
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    click.echo(f"   {describe(summary)}")
    for name in FORMATS:
        click.echo(f"   {output / name}: train.parquet, test.parquet")
    click.echo(f"   {output}: ballots.jsonl, dropped.jsonl, left_out.jsonl and summary.json; review/ as collected")


def describe(summary: dict[str, Any]) -> str:
    """What the export wrote and left out, in a line."""
    pairs, dropped = summary["pairs"], summary["dropped"]
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(dropped.items())) or "none"
    return f"{pairs['train']} pairs to train with, {pairs['test']} to test with; pairs not written: {reasons}"


def wait(credentials: Credentials, home: Path, dataset_url: str) -> None:
    """Keep the server until Ctrl+C."""
    click.echo(f"Open {dataset_url}")
    click.echo(f"   sign in as ana, with the password in {invitation_path(home, 'ana')},")
    click.echo(f"   or as {credentials.username}, with the password in {home / 'credentials.json'}. Ctrl+C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("\nThe server ends; all answers are kept.")


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
