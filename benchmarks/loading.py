"""What ``h4rmony load`` costs, against Argilla's SDK, on our server and on one without our changes.

CPU seconds of the client's process and of the server's, not wall time: what else the machine does counts less. The
client's are those of whole processes, with their imports. Linux only.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import table
from workspace.argilla.codec import encode
from workspace.argilla.settings import RANKING, question_names
from workspace.config import Credentials
from workspace.files.jsonl import write_jsonl
from workspace.model.records import Answer, Record, Translation
from workspace.server.home import ServerHome
from workspace.server.process import PROGRAM, start_child, stop_child, wait_until_ready

RECORDS = int(os.environ.get("BENCH_LOAD_RECORDS", "2000"))
ENGLISH = ("rivers", "soils", "forests", "people", "bread", "winter", "cattle", "pasture", "rain", "birds", "meadows")
SPANISH = ("ríos", "suelos", "bosques", "gente", "pan", "invierno", "ganado", "pastos", "lluvia", "pájaros", "prados")
# Argilla with our search engine and jobs, which it cannot do without here, and without tuning.py and bulk_loading.py
UNCHANGED = (
    "-c",
    """
import gc, sys, types
from workspace.server import tuning
tuning.tune = gc.enable
sys.modules["workspace.server.bulk_loading"] = types.SimpleNamespace(add_route=lambda api: None)
from workspace.cli import main
main()
""",
)
SDK = """
import json, sys, warnings
warnings.simplefilter("ignore")
import argilla as rg
url, key, path = sys.argv[1:]
client = rg.Argilla(api_url=url, api_key=key)
settings = client.datasets("bench", workspace="bench").settings
other = rg.Dataset("bench-sdk", workspace="bench", settings=settings, client=client).create()
with open(path, encoding="utf-8") as lines:
    found = [json.loads(line) for line in lines]
other.records.log([
    rg.Record(
        id=each["external_id"], fields=each["fields"], metadata=each["metadata"],
        suggestions=[rg.Suggestion(s.pop("question_id"), **s) for s in each["suggestions"]],
    )
    for each in found
])
"""


def records(count: int) -> Iterator[Record]:
    """Translated records of H4rmony's size, no two texts alike."""
    chance = random.Random(0)

    def told(words: Sequence[str], end: str) -> str:
        return " ".join(" ".join(chance.choices(words, k=9)).capitalize() + end for _ in range(5))

    for number in range(count):
        answers = [told(ENGLISH, " are alive and matter to us all.") for _ in range(3)]
        spanish = [told(SPANISH, " están vivos y nos importan a todos.") for _ in range(3)]
        yield Record(
            id=f"bench-{number:06}",
            prompt=f"Why do rivers matter, question {number}?",
            answers=tuple(Answer(text, rank) for rank, text in enumerate(answers, start=1)),
            metadata={"issues": ["NRMB"], "type": "Question"},
            translation=Translation("es", "bench", f"¿Por qué importan los ríos, pregunta {number}?", tuple(spanish)),
        )


@contextmanager
def server(home: Path, program: Sequence[str]) -> Iterator[tuple[Credentials, int]]:
    """A server, and its process."""
    place = ServerHome(home)
    place.create()
    child = start_child(place, 0, program)
    try:
        yield wait_until_ready(child, place, 60), child.pid
    finally:
        stop_child(child)


def cpu(process: int) -> float:
    """CPU seconds that a process has taken."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def spent(process: int, command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds of a command, and of the server meanwhile."""

    def children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = children(), cpu(process)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return children() - before[0], cpu(process) - before[1]


def measured(
    folder: Path, source: Path, payloads: Path, program: Sequence[str], name: str
) -> list[tuple[str, float, float]]:
    """The rows of one server: load, load again, ``records.log``."""
    with server(folder / name, program) as (credentials, process):
        address = ("--api-url", credentials.api_url, "--home", str(folder / name))
        place = ("--workspace", "bench", "--dataset", "bench")
        load = [*PROGRAM, "load", str(source), *address, *place, "--translator", "none", "--embedding-model", "none"]
        sdk = ["-c", SDK, credentials.api_url, credentials.api_key, str(payloads)]
        steps = (("load", load), ("load again", load), ("SDK `records.log`", sdk))
        return [(f"{step}, {name}", *spent(process, command)) for step, command in steps]


def main() -> str:
    """Load on both servers; the table."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        source, payloads = folder / "records.jsonl", folder / "payloads.jsonl"
        write_jsonl(source, (record.to_json() for record in records(RECORDS)))
        names = {name: name for name in question_names(3)}
        write_jsonl(payloads, (logged(encode(record, "verify", names)) for record in records(RECORDS)))
        programs = {"our server": PROGRAM, "server without our changes": UNCHANGED}
        found = [
            row for name, program in programs.items() for row in measured(folder, source, payloads, program, name)
        ]
    load = sum(found[0][1:])
    rows = [
        [step, client, serving, 1000 * (client + serving) / RECORDS, (client + serving) / load]
        for step, client, serving in found
    ]
    header = ["step", "client CPU s", "server CPU s", "both, ms a record", "times load"]
    return table(f"{RECORDS} translated records; load {os.getloadavg()[0]:.1f} at the end", header, rows)


def logged(payload: dict[str, object]) -> dict[str, object]:
    """What the SDK is given: it cannot write a ranking with its ranks."""
    suggestions = json.loads(json.dumps(payload["suggestions"]))
    return payload | {"suggestions": [each for each in suggestions if each["question_id"] != RANKING]}
