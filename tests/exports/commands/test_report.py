"""``h4rmony report`` as users call it: on a folder, and on the real server, with links that a browser follows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exports import read_review
from exports import report as write_report
from exports.review.files import Review, write_review
from loaders.loading.send import Policy, load_records
from tests.browser import FRAMES_READY, ReviewerPage, browser_page
from tests.exports.cases import record as case
from tests.exports.cases import small_review, spanish_vote
from tests.reviews import connection_to, options, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import ConfigError, DataError
from workspace.model.ballots import Ballot

pytestmark = pytest.mark.extras

PASSWORD = "contraseña-larga"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review(tmp_path / "review", spanish_vote(2, 2, 1, 2, reviewer="eva"))


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def test_counts_at_the_end(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "report.html"
    result = report("-o", out, "--review", folder)
    assert result.exit_code == 0, result.output
    assert (
        result.stdout
        == f"""wrote {out}
  records        4
  completed      2
  ballots        submitted 5
  reviewers      2
  votes          5
  alpha ranks    0.618
  alpha pairs    0.233
  tau reviewers  0.25
  tau source     0.4
  disagreements  1
  pairs          7
  missing        reviewers, overlap, agreement
"""
    )
    assert result.stderr == ""
    page = out.read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="es">')
    assert "http://" not in page
    assert "\r" not in page


def test_a_second_run_says_unchanged_and_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    first = report("-o", out, "--review", folder)
    page = out.read_bytes()
    second = report("-o", out, "--review", folder)
    assert (first.stdout.splitlines()[0], second.stdout.splitlines()[0]) == (f"wrote {out}", f"{out} is unchanged")
    assert out.read_bytes() == page


def test_the_bytes_are_the_same_in_another_process(folder: Path, tmp_path: Path) -> None:
    assert report("-o", tmp_path / "one", "--review", folder).exit_code == 0
    command = [sys.executable, "-m", "workspace.cli", "report", "--review", folder, "-o", tmp_path / "two"]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_dry_run_writes_nothing(folder: Path, tmp_path: Path) -> None:
    result = report("-o", tmp_path / "report.html", "--review", folder, "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"would write {tmp_path / 'report.html'}")
    assert not (tmp_path / "report.html").exists()


def test_json_for_machines(folder: Path, tmp_path: Path) -> None:
    counts = json.loads(
        report("-o", tmp_path / "r.html", "--review", folder, "--json", "--min-submitted", "1").stdout
    )
    assert counts == {
        "records": 4, "completed": 3, "ballots": {"submitted": 5}, "reviewers": 2, "votes": 5, "alpha_ranks": 0.618,
        "alpha_pairs": 0.233, "tau_reviewers": 0.25, "tau_source": 0.4, "disagreements": 1, "pairs": 7,
        "missing": ["reviewers", "overlap", "agreement"], "changed": True, "dry_run": False,
    }  # fmt: skip


def test_what_cannot_be_computed_is_null(tmp_path: Path) -> None:
    write_review(Review((case(1),), ()), tmp_path / "empty")
    counts = json.loads(report("-o", tmp_path / "r.html", "--review", tmp_path / "empty", "--json").stdout)
    assert counts["alpha_ranks"] is None
    assert counts["tau_source"] is None
    assert counts["votes"] == 0


def test_pseudonyms_unless_names_are_asked_for(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    home = str(tmp_path / "home")
    assert report("-o", out, "--review", folder, "--language", "en", "--home", home).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert len(set(re.findall(r"reviewer-[0-9a-f]{6}", page))) == 2
    assert not re.search(r"\b(ana|eva)\b", page)
    assert report("-o", out, "--review", folder, "--names", "--home", home).exit_code == 0
    named = out.read_text(encoding="utf-8")
    assert re.search(r"\bana\b", named) and re.search(r"\beva\b", named) and "reviewer-" not in named


def test_wrong_usage_and_stated_errors(folder: Path, tmp_path: Path) -> None:
    assert report("-o", tmp_path / "r.html", "--review", folder, "--language", "fr").exit_code == 2
    assert report("--review", folder).exit_code == 2
    lost = report("-o", tmp_path / "r.html", "--review", tmp_path)
    assert (lost.exit_code, lost.output.count("\n")) == (1, 1)
    assert "records.jsonl" in lost.output
    assert report("-o", tmp_path / "r.html").exit_code == 1


def test_from_python_too(folder: Path, tmp_path: Path) -> None:
    review = read_review(folder)
    out = tmp_path / "report.html"
    assert write_report(review, out, language="en", min_submitted=1, dry_run=True).completed == 3
    assert not out.exists()
    done = write_report(review, str(out), home=tmp_path)
    assert (done.changed, done.completed, done.ballots) == (True, 2, {"submitted": 5})
    assert not re.search(r"\b(ana|eva)\b", out.read_text(encoding="utf-8"))
    with pytest.raises(ConfigError, match="min_submitted is 0; give a number of at least 1"):
        write_report(review, out, min_submitted=0)
    with pytest.raises(DataError, match=r"^.*/report\.html/x: .*\w$"):
        write_report(review, out / "x")


def test_the_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from workspace.cli import main; main(['report', '--help'], standalone_mode=False); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {
        "scipy",
        "numpy",
        "matplotlib",
        "krippendorff",
        "sacrebleu",
        "jinja2",
        "pandas",
        "datasets",
        "argilla",
        "httpx",
    }
    assert not heavy & set(done.stdout.splitlines()[-1].split())


def test_a_missing_package_is_named_with_its_remedy(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, importlib.abc\n"
        "class Gone(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        return None\n"
        "sys.meta_path[:] = [type('Some', (), {'find_spec': staticmethod(lambda n, *a, f=f: None if n.split('.')[0]"
        " in ('scipy', 'matplotlib') else f.find_spec(n, *a))})() for f in sys.meta_path]\n"
        "from workspace.cli import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, "report", "--review", str(folder), "-o", str(tmp_path / "r.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: the report needs scipy, matplotlib, which are not installed: pip install 'h4rmony-es[report]'\n"
    )


def test_the_links_show_their_record_in_argilla(server: Credentials, tmp_path: Path) -> None:
    """One record is complete and linked among the submitted ones; the other is not, and is linked among both."""
    connection = connection_to(server, tmp_path)
    words = ("rivers", "forests", "soils", "whales")
    records = [record(n, prompt=f'Why do "{word}" & <i>seas</i> matter?\nTo {word}') for n, word in enumerate(words)]
    names = [f"{name}-{connection.dataset}" for name in ("ana", "eva", "leo")]
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 3)
        load_records(gateway, {3: dataset}, records, Policy(blind_share=0.0))
        for place, name in enumerate(names):
            gateway.add_reviewer(name, name, PASSWORD)
            answer(connection, name, ("h4rmony-1", "h4rmony-2") if place < 2 else ("h4rmony-1",), best=place)
    out = tmp_path / "report.html"
    counts = json.loads(report("-o", out, *options(connection), "--json").stdout)
    assert (counts["disagreements"], counts["completed"], counts["votes"]) == (2, 1, 5)
    links = re.findall(r'href="([^"]+)"[^>]*aria-label="Ver (h4rmony-.) en Argilla, mis (\w+)"', out.read_text())
    found = {(name, status): unescape(link) for link, name, status in links}
    assert sorted(found) == [("h4rmony-1", "enviadas"), ("h4rmony-2", "enviadas"), ("h4rmony-2", "pendientes")]
    sent = [found["h4rmony-1", "enviadas"], found["h4rmony-2", "enviadas"]]
    assert shown(server, names[0], sent) == [records[1].prompt, records[2].prompt]
    pending = [found["h4rmony-2", "pendientes"]]
    assert shown(server, names[2], pending) == [records[2].prompt]
    assert shown(server, server.username, pending, server.password) == [records[2].prompt]


def answer(connection: Connection, name: str, record_ids: Sequence[str], best: int) -> None:
    """Submit ballots that put another answer first for each reviewer."""
    ranks = tuple(1 if place == best else 2 for place in range(3))
    connection.post(Ballot(record_id, name, ranks=ranks) for record_id in record_ids)


def shown(server: Credentials, username: str, links: Sequence[str], password: str = PASSWORD) -> list[str]:
    """The prompts that a user sees behind links that show one record each."""
    prompts = []
    with browser_page() as tab:
        me = ReviewerPage(tab, server.api_url)
        me.sign_in(username, password)
        for link in links:
            tab.goto(link)
            tab.wait_for_function(FRAMES_READY)
            text = tab.locator("body").inner_text()
            assert re.search(r"\b1\s*(of|de)\s*1\b", text), text[:400]
            prompts.append(me.texts(".en")[0])
    return prompts
