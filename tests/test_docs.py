"""The documentation holds: the site builds, links lead somewhere, and the commands that it prints are there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from lxml import html

from tests.browser import LOCAL, browser_page
from tests.loopback import serving
from tests.workspace.server.conftest import wait_for
from workspace.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.es.md")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
OUTSIDE = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "benchmarks/README.md")
CODE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
ASSETS = '//script/@src | //link[@rel!="canonical"]/@href | //img/@src | //iframe/@src | //source/@src'
LOADED_BY_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?\s*(?:https?:)?//")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_of(page: str, language: str) -> list[str]:
    """The fenced code of a page in one language."""
    return [found["code"] for found in CODE.finditer(read(page)) if found["language"] == language]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy as `make docs` builds it: strictly."""
    copy = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", copy)
    for folder in ("docs", "tools"):
        shutil.copytree(ROOT / folder, copy / folder)
    for package in ("workspace", "loaders", "exports"):
        (copy / package).symlink_to(ROOT / package)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "site"


@pytest.mark.extras
def test_the_site_loads_nothing_from_other_hosts(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(PAGES)  # and the page for addresses that are not there
    for page in pages:
        loaded = html.parse(page).xpath(ASSETS)
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    for sheet in site.rglob("*.css"):
        assert not LOADED_BY_CSS.search(sheet.read_text(encoding="utf-8"))


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.extras
@pytest.mark.browser
def test_pages_fit_a_phone_and_ask_no_other_host(site: Path) -> None:
    with serving(partial(Quiet, directory=site)) as address, browser_page(390, 844) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in ("index.html", "es/revision.html", "formats.html", "architecture.html", "reference/cli.html"):
            page.goto(f"{address}/{name}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
            assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), name
        assert [url for url in asked if not url.startswith((address, *LOCAL))] == []


@pytest.mark.extras
def test_spanish_pages_say_that_they_are_spanish(site: Path) -> None:
    for page in site.rglob("*.html"):
        language = "es" if page.parent.name == "es" else "en"
        assert html.parse(page).xpath("//div[@lang]/@lang") in ([language], []), page
    assert html.parse(site / "es" / "revision.html").xpath("//div[@lang]/@lang") == ["es"]


@pytest.mark.extras
def test_every_command_is_in_the_reference(site: Path) -> None:
    text = html.parse(site / "reference" / "cli.html").getroot().text_content()
    for path, _ in commands():
        assert f"Usage:{path} [OPTIONS]" in re.sub(r"\s+", " ", text).replace("Usage: ", "Usage:")


@pytest.mark.extras
@pytest.mark.parametrize("package", ["workspace", "loaders", "exports"])
def test_every_public_name_is_in_the_reference(package: str, site: Path) -> None:
    headings = html.parse(site / "reference" / f"{package}.html").xpath("//h2/@id | //h3/@id")
    named = {heading.rpartition(".")[2] for heading in headings}
    assert set(import_module(package).__all__) <= named


@pytest.mark.extras
def test_examples_of_docstrings_are_code(site: Path) -> None:
    for page in (site / "reference").glob("*.html"):
        prompts = html.parse(page).xpath("//*[contains(text(), '>>>')]")
        assert all(element.xpath("ancestor::pre") for element in prompts), page
        assert prompts or page.name == "cli.html"
        assert not html.parse(page).xpath("//blockquote"), page  # what Markdown makes of a bare >>>


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = yaml.safe_load(text)["nav"]
    assert sorted(f"docs/{page}" for page in leaves(nav)) == PAGES


def leaves(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for item in nav.values() if isinstance(nav, dict) else nav:  # type: ignore[attr-defined]
            yield from leaves(item)


@pytest.mark.parametrize("package", ["workspace", "loaders", "exports"])
def test_the_architecture_has_the_rooms_in_their_order(package: str) -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["name"] == f"the rooms of {package}")
    section = read("docs/architecture.md").partition(f"### {package}:")[2].partition("\n#")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    rooms = [room for row in rows for room in re.findall(r"`(\w+)(?:/|\.py)`", row)]
    assert rooms == [room for layer in layers for room in layer.split(" | ")]


@pytest.mark.parametrize("page", [*READMES, *OUTSIDE, *PAGES])
def test_links_lead_somewhere(page: str) -> None:
    root = ROOT / "docs" if page in PAGES else ROOT  # a page of the site links to nothing outside it
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", read(page)):
        address = "".join(target)
        if not address.startswith(("http:", "https:", "mailto:")):
            path = ((ROOT / page).parent / address).resolve()
            assert path.exists(), address
            assert path.is_relative_to(root), address


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand, by the words that call it."""
    root = click.Context(main, info_name="h4rmony")
    for name in COMMANDS:
        command = main.get_command(root, name)
        assert command
        yield f"h4rmony {name}", command
        if isinstance(command, click.Group):
            inside = click.Context(command)
            for child_name in command.list_commands(inside):
                child = command.get_command(inside, child_name)
                assert child
                yield f"h4rmony {name} {child_name}", child


@pytest.mark.parametrize("page", [*READMES, *PAGES])
def test_printed_commands_can_be_typed(page: str) -> None:
    known = dict(commands())
    for block in [*code_of(page, "console"), *code_of(page, "bash")]:
        for line in block.splitlines():
            words = shlex.split(re.sub(r"[|>].*", "", line), comments=True)
            if words[:1] == ["make"]:
                assert re.search(rf"^{words[1]}:", read("Makefile"), re.MULTILINE), line
            if words and words[0].endswith("h4rmony"):
                parse(words[1:], known)


def parse(words: list[str], known: dict[str, click.Command]) -> None:
    """Parse a command's arguments as click does, and run nothing."""
    length = 2 if f"h4rmony {' '.join(words[:2])}" in known else 1
    command = known[f"h4rmony {' '.join(words[:length])}"]
    context = click.Context(command, info_name=command.name)
    given, _, order = command.make_parser(context).parse_args(words[length:])
    for parameter in order:
        if not isinstance(parameter.type, click.Path):  # the files of an example are not there
            parameter.process_value(context, parameter.consume_value(context, given)[0])
    for parameter in command.params:
        assert not parameter.required or given.get(parameter.name), f"{parameter.name} is missing"


@pytest.mark.parametrize(
    "line", ["h4rmony load", "h4rmony status --nothing", "h4rmony load x --translator klingon", "h4rmony nothing"]
)
def test_a_wrong_command_would_be_noticed(line: str) -> None:
    with pytest.raises((click.UsageError, AssertionError, KeyError)):
        parse(line.split()[1:], dict(commands()))


@pytest.mark.parametrize("page", [*READMES, *PAGES])
def test_printed_python_can_be_read(page: str) -> None:
    for code in code_of(page, "python"):
        compile(code, page, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/how-to/python.md"])
def test_printed_python_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for code in code_of(page, "python"):
        exec(compile(code, page, "exec"), names)


@pytest.mark.slow
def test_one_short_script_goes_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a DataFrame to training data, in public names and pandas alone; a second run changes nothing."""
    script = code_of("docs/how-to/python.md", "python")[0]
    tree = ast.parse(script)
    assert len(script.splitlines()) <= 25
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {ast.unparse(node) for node in imports if isinstance(node, ast.Import)} == {"import pandas as pd"}
    for node in imports:
        if isinstance(node, ast.ImportFrom):
            assert {alias.name for alias in node.names} <= set(import_module(str(node.module)).__all__)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        names: dict[str, Any] = {}
        exec(compile(script, "python.md", "exec"), names)
        assert sorted(ballot.reviewer for ballot in names["review"].ballots) == ["ana", "luis"]
        (pair,) = names["pairs"](names["merged"]).to_dict("records")
        assert (pair["chosen"], pair["rejected"]) == ("Están vivos.", "Se venden bien.")
        assert (tmp_path / "data" / "dpo" / "train.parquet").is_file()


@pytest.mark.slow
def test_the_blocks_of_both_readmes_can_be_pasted_and_git_sees_nothing_of_it(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    shutil.copy(ROOT / ".gitignore", clone)
    binaries = clone / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(f'PATH="{binaries}:$PATH"\n')
    # a free port, because somebody's own review may have the usual one
    program = f'[ "$1" != serve ] || set -- serve --port 0\nexec "{sys.executable}" -m workspace.cli "$@"\n'
    (binaries / "h4rmony").write_text(f"#!/bin/sh\n{program}")
    (binaries / "h4rmony").chmod(0o755)
    blocks = {name: [block for block in code_of(name, "bash") if ".venv" in block] for name in READMES}
    assert blocks["README.md"][0] == blocks["README.es.md"][0]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            ["bash", "-ec", blocks["README.md"][0]], cwd=clone, stdout=output, start_new_session=True
        )
    try:
        wait_for(lambda: "is ready" in log.read_text() or server.poll() is not None)
        for name in READMES:
            done = subprocess.run(
                ["bash", "-ec", blocks[name][1]], cwd=clone, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout in ("", " M .gitignore\n")


def test_the_python_of_both_readmes_is_the_same() -> None:
    english, spanish = ([ast.dump(ast.parse(code)) for code in code_of(page, "python")] for page in READMES)
    assert english == spanish


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_both_readmes_name_every_command(readme: str, command: str) -> None:
    assert f"h4rmony {command}" in read(readme)


def test_the_first_screen_of_both_readmes_has_a_picture_and_the_two_commands() -> None:
    for name in READMES:
        top = read(name).splitlines()[:25]
        assert any("docs/pictures/" in line for line in top)
        assert any(line.startswith("make demo") for line in top)
        assert any(line.startswith("make test") for line in top)


def test_both_readmes_show_the_same_commands() -> None:
    english, spanish = (first_words(name) for name in READMES)
    assert english == spanish


def first_words(page: str) -> list[list[str]]:
    """The first two words of each line in a console, comments aside."""
    lines = [line.partition("#")[0].split() for code in code_of(page, "console") for line in code.splitlines()]
    return [line[:2] for line in lines if line]


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert all(path.stat().st_size < 100_000 for path in pictures)


def test_citation_names_the_version() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    assert f'version = "{citation["version"]}"' in read("pyproject.toml")
