"""The page "Una tarde", line by line: its commands from a clone to a published dataset, an adapter and a score.

Every line of its ``console`` blocks runs, in the order of the page. What a line asks of the world outside is given by
``GIVEN`` and ``INSTEAD``; a line that cannot be run fails the test. What the page says that one should see after a
block is in what its commands have printed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from huggingface_hub import constants

from exports import collect, post_grades
from exports.evaluation.grades.files import Grade, read_answers
from tests.exports.evaluation.judging.models import WORDS, judge, system
from tests.fake_openai import Answer, running_fake
from tests.hub import TOKEN, Hub, local_hub
from tests.loaders.extending.writer import whole
from tests.test_docs import ROOT, read
from tests.tiny_models import make_scripted
from tests.workspace.server.conftest import wait_for
from workspace import Ballot, connect, samples
from workspace.cli import main

pytestmark = [
    *(pytest.mark.apertium, pytest.mark.extras, pytest.mark.slow),
    # TRL 1.16 uses names that transformers 5.23 has renamed
    pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in v6:FutureWarning"),
]
SPANISH, ENGLISH = "docs/es/hackaton.md", "docs/guides/hackathon.md"
BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```\n(.*?)(?=^```(?:console|sh)\n|\Z)", re.MULTILINE | re.DOTALL)
SEEN = re.compile(r"\*\*(?:Debes ver|You should see)\*\*(.*?)[.:]", re.DOTALL)
QUESTIONS = (
    "¿Qué hago con las hojas secas del patio?",
    "¿Cómo ahuyento a las palomas del balcón?",
    "¿Vale la pena arreglar una licuadora vieja?",
    "¿Qué árbol planto en una vereda angosta?",
    "¿Cómo convenzo a mi papá de no quemar el rastrojo?",
    "¿Está mal matar las arañas de la casa?",
)

# What the test gives in the place of what the page has people write into tarde.sh
GIVEN: dict[str, Callable[[Afternoon], str]] = {
    "DIRECCION": lambda here: "http://localhost:6900",
    "OPENAI_API_KEY": lambda here: "sk-secret",
    "OPENAI_BASE_URL": lambda here: here.endpoint,  # a server that speaks OpenAI's protocol
    "OPENAI_MODEL": lambda here: "escritor",
    "LICENCIA": lambda here: "condiciones-de-prueba",
    "JUEZ": lambda here: "juez",
    "MODELO": lambda here: str(here.model),  # a model of random weights
    "ORIGEN": lambda here: str(samples().english),  # 24 prompts
    "REPO": lambda here: "equipo/una-tarde",
    "REPO_MODELO": lambda here: "equipo/una-tarde-modelo",
    "HF_TOKEN": lambda here: TOKEN,
}
# What the test runs in the place of a line of the page
INSTEAD: dict[str, Callable[[Afternoon, str], str]] = {
    r"git clone \S+ (\S+) && cd \1|git clone \S+/(\S+) && cd \2": lambda here, line: here.clone(),
    r"make demo": lambda here, line: here.shell("make --dry-run demo"),  # tests/workspace/test_demo.py runs it
    r"\.venv/bin/pip install -c constraints\.txt -e '\.\[[\w,]+\]'": lambda here, line: here.has_extras(line),
    r"\. \./tarde\.sh": lambda here, line: here.source(),
    r"h4rmony serve --host 0\.0\.0\.0": lambda here, line: here.serve("h4rmony serve --port 0"),  # a free port
    # what the page says to do without downloads
    r'h4rmony load "\$ORIGEN"': lambda here, line: here.command(f"{line} --translator apertium"),
    r"h4rmony publish .*": lambda here, line: here.at_the_hub(line),  # a Hub on loopback
    # the same Hub, and the whole model, because an adapter of a folder of this machine is of no use elsewhere
    r"h4rmony train .* --push .*": lambda here, line: here.at_the_hub(f"{line} --merge"),
}
# what the files of the page are called in the English one
NAMES = dict(
    pair.split("=")
    for pair in """
    tarde=afternoon preguntas=questions nuevas=new revision=review datos=data modelo=model antes=before despues=after
    notas=grades personas=people puntuacion=score informe=report DIRECCION=ADDRESS LICENCIA=LICENCE JUEZ=JUDGE
    MODELO=MODEL ORIGEN=SOURCE REPO_MODELO=MODEL_REPO USUARIO=OWNER CONJUNTO=DATASET
    """.split()  # noqa: SIM905
)
# what people do after a command that begins like this
PEOPLE: dict[str, Callable[[Afternoon], None]] = {
    "h4rmony status": lambda here: None,
    "h4rmony load": lambda here: here.review(),
    "h4rmony evaluate sample": lambda here: here.grade(),
}


@dataclass
class Afternoon:
    """Where the page is run, and what has come of it.

    Attributes:
        folder: the current directory.
        model: the model that is trained.
        endpoint: the address of who writes and judges.
        hub: where the dataset is published.
        done: the lines that were run.
    """

    folder: Path
    model: Path
    endpoint: str
    hub: Hub
    patch: pytest.MonkeyPatch
    stack: ExitStack
    done: list[str] = field(default_factory=list)

    def run(self, line: str) -> str:
        """Run a line of the page; what it printed."""
        self.done.append(line)
        instead = (act for pattern, act in INSTEAD.items() if re.fullmatch(pattern, line))
        said = next(instead, Afternoon.command)(self, line)
        for beginning, act in PEOPLE.items():
            if line.startswith(beginning):
                act(self)
        return said

    def command(self, line: str) -> str:
        """Run a command of ours in this process."""
        words = shlex.split(os.path.expandvars(line), comments=True)
        assert words[0] == "h4rmony", f"the test cannot run this line: {line}"
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"
        return str(result.output)

    def shell(self, line: str) -> str:
        done = subprocess.run(["bash", "-ec", line], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def clone(self) -> str:
        """Clone this project as it is here, and make the folder that ``make demo`` would have made."""
        said = self.shell(f"git clone --quiet {ROOT} clone")
        self.folder /= "clone"
        binaries = self.folder / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "activate").write_text("")
        (self.folder / "preguntas.txt").write_text("\n".join(QUESTIONS), encoding="utf-8")  # what people wrote
        shutil.copy(ROOT / ".gitignore", self.folder)
        self.patch.chdir(self.folder)
        return said

    def has_extras(self, line: str) -> str:
        """Check that there are such extras; the machine of the tests has them all."""
        extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
        named = re.search(r"\[(.*)\]", line)
        assert named and set(named[1].split(",")) <= set(extras)
        return ""

    def write(self, script: str) -> None:
        """Write tarde.sh as people do: the page's block with their own values."""
        given = {name: value(self) for name, value in GIVEN.items()}
        for name, value in given.items():
            script, count = re.subn(rf"^(export {name}=).*$", rf"\1'{value}'", script, flags=re.MULTILINE)
            assert count == 1, name
        (self.folder / "tarde.sh").write_text(script, encoding="utf-8")

    def source(self) -> str:
        """Take the variables of tarde.sh, as the shell does."""
        said = self.shell("set -a; . ./tarde.sh; env -0")
        for each in said.split("\0"):
            name, _, value = each.partition("=")
            if name in GIVEN or name == "H4RMONY_HOME":
                self.patch.setenv(name, value)
        return ""

    def serve(self, line: str) -> str:
        """Start the server in a process of its own, and wait as people do."""
        log = self.folder.parent / "server.log"
        with log.open("w") as output:
            command = [sys.executable, "-m", "workspace.cli", *shlex.split(line)[1:]]
            server = self.stack.enter_context(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))
        self.stack.callback(server.terminate)
        wait_for(lambda: "is ready" in log.read_text() or server.poll() is not None)
        return log.read_text()

    def review(self) -> None:
        """Both reviewers put in order what is there, as suggested but for one record in five."""
        connection = connect()
        records = collect(connection).records
        connection.post(
            Ballot(
                record.id,
                name,
                ranks=(2, 1, 3) if name == "joao" and number % 5 == 0 else (1, 2, 3),
                prompt=record.translation.prompt,
                answers=record.translation.answers,
            )
            for number, record in enumerate(records)
            for name in ("maria", "joao")
            if record.translation
        )

    def grade(self) -> None:
        """Both grade what was drawn."""
        levels: tuple[Any, ...] = ("good", "bad", "regular")
        post_grades(
            connect(dataset="h4rmony-es-grades"),
            [
                Grade(answer.id, answer.language, levels[len(answer.id + name) % 3], reviewer=name)
                for answer in read_answers("despues.jsonl")
                for name in ("maria", "joao")
            ],
        )

    def at_the_hub(self, line: str) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HF_ENDPOINT", self.hub.url)
            patch.delenv("HF_HUB_OFFLINE")
            for name, value in (("HF_HUB_OFFLINE", False), ("ENDPOINT", self.hub.url)):
                patch.setattr(constants, name, value)  # the Hub's client read them when it was imported
            return self.command(line)


def written_or_judged(body: dict[str, Any]) -> Answer:
    """The writer of answers and the judge, at one address."""
    return judge(body) if "cannot_judge" in system(body) else whole(body)


@contextmanager
def afternoon(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Afternoon]:
    with ExitStack() as stack:
        fake, hub = stack.enter_context(running_fake()), stack.enter_context(local_hub())
        fake.otherwise = written_or_judged
        script = [
            ([{"role": "user", "content": QUESTIONS[n]}], f"Pienso en {w}.") for n, w in enumerate(WORDS.values())
        ]
        model = make_scripted(folder / "model", script)
        settings = json.loads((model / "config.json").read_text("utf-8"))
        settings["max_position_embeddings"] = 2048  # room for a long answer
        (model / "config.json").write_text(json.dumps(settings), "utf-8")
        yield Afternoon(folder, model, fake.url, hub, patch, stack)


def test_the_page_leads_to_a_dataset_a_model_a_score_and_their_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with afternoon(tmp_path, monkeypatch) as here:
        for language, block, text in BLOCK.findall(read(SPANISH)):
            if language == "sh":
                here.write(block)
                continue
            said = "\n".join([here.run(line) for line in block.splitlines()])
            for told in SEEN.findall(text):
                missing = [word for word in re.findall(r"`([^`]+)`", told) if word not in said]
                assert not missing, f"{missing} after {block}\n{said}"
        dataset, model = (
            here.hub.repos[f"equipo/{name}"].branches["main"] for name in ("una-tarde", "una-tarde-modelo")
        )
    assert dataset["README.md"] == (here.folder / "hub" / "README.md").read_bytes()
    assert b"condiciones-de-prueba" in dataset["README.md"] and dataset["dpo/train.parquet"]
    assert b"DPO" in model["README.md"] and model["model.safetensors"]
    assert (here.folder / "modelo" / "adapter_model.safetensors").is_file()
    assert (here.folder / "puntuacion.html").read_text("utf-8").count("PPI++")
    status = here.shell("git status --porcelain").splitlines()
    assert set(status) <= {" M .gitignore"}, "what the page writes is nothing to git"
    assert not any(TOKEN.encode() in data or b"sk-secret" in data for data in (*dataset.values(), *model.values()))


def test_both_pages_have_the_same_commands() -> None:
    spanish, english = (
        "".join(block for _, block, _ in BLOCK.findall(re.sub(r" +#.*", "", read(page))))
        for page in (SPANISH, ENGLISH)
    )
    for name, other in NAMES.items():
        spanish = re.sub(rf"\b{name}\b", other, spanish)
    assert spanish == english


def test_a_line_that_the_test_cannot_run_fails_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Afternoon(tmp_path, tmp_path, "", Hub(), monkeypatch, ExitStack())
    for line in ("curl http://192.0.2.1", "h4rmony nothing", "h4rmony status --nothing"):
        with pytest.raises(AssertionError):
            here.run(line)
