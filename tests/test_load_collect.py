"""``load``, ``collect``, ``status`` and ``team`` as commands, on the real server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from exports.measure.edits import edit_rates
from exports.merging.approved import approved_texts
from exports.review.collect import collect
from loaders.loading.send import Policy, load_records
from tests.reviews import connection_to, options, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.settings import METADATA, answer_text
from workspace.argilla.team import invite
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import ArgillaError
from workspace.files.jsonl import write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.records import Record
from workspace.model.slots import batch_of, slot_order
from workspace.server.process import running_server


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def run(connection: Connection, *arguments: str) -> Result:
    command, *rest = arguments
    subcommand = [rest.pop(0)] if command == "team" else []
    return CliRunner().invoke(main, [command, *subcommand, *rest, *options(connection)])


def counts(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def source(folder: Path, records: list[Record]) -> str:
    path = folder / "records.jsonl"
    write_jsonl(path, [r.to_json() for r in sorted(records, key=lambda r: r.id)])
    return str(path)


def load(connection: Connection, file: str, *arguments: str) -> dict[str, Any]:
    return counts(run(connection, "load", file, "--translator", "none", "--json", *arguments))


def respond(
    connection: Connection,
    record_id: str,
    status: str = "submitted",
    api_key: str | None = None,
    ranks: Sequence[int | None] = (3, 1, 1),
) -> None:
    own = replace(connection, api_key=api_key or connection.api_key)
    with Gateway(connection) as gateway, Gateway(own) as reviewer:
        remote = next(r for r in gateway.records(gateway.dataset()) if r.external_id == record_id)
        ranking = [{"value": letter, "rank": rank} for letter, rank in zip("abc", ranks, strict=True)]
        texts = {name: {"value": f"texto de {name}"} for name in remote.suggestions if name != "ranking"}
        reviewer.respond(remote.id, status, {"ranking": {"value": ranking}, **texts})


def test_loading_twice_changes_nothing_and_says_so(connection: Connection, tmp_path: Path) -> None:
    file = source(tmp_path, [record(n) for n in range(1, 8)])
    dry = run(connection, "load", file, "--translator", "none", "--dry-run")
    assert "would change 7 records" in dry.output
    first = load(connection, file)
    assert (first["new"], first["unchanged"]) == (7, 0)
    assert sum(first["new_by_mode"].values()) == 7
    respond(connection, "h4rmony-3")
    respond(connection, "h4rmony-4", "draft")
    with Gateway(connection) as gateway:
        before = list(gateway.records(gateway.dataset()))
    again = run(connection, "load", file, "--translator", "none")
    assert again.exit_code == 0
    assert again.output.splitlines()[0] == (
        f"{connection.workspace}/{connection.dataset} at {connection.api_url}: unchanged"
    )
    assert re.search(r"^  unchanged +7$", again.output, re.MULTILINE)
    with Gateway(connection) as gateway:
        assert list(gateway.records(gateway.dataset())) == before


def test_a_text_that_is_sure_to_be_wrong_is_shown_and_not_filled_in(connection: Connection, tmp_path: Path) -> None:
    bad = "Los rivers de los wetlands."
    made = record(1, spanish=("¿Por qué importan los ríos?", bad, "Depende.", "Son útiles."))
    file = source(tmp_path, [made])
    box = answer_text("abc"[slot_order(made.id, 3).index(0)])
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, [made], Policy())  # as a version without this rule did
        assert box in next(gateway.records(dataset)).suggestions
        assert load(connection, file)["suggestions"] == 1
        assert box not in next(gateway.records(dataset)).suggestions
    assert load(connection, file)["unchanged"] == 1
    names = [f"{name}-{connection.dataset}" for name in ("ana", "berta")]
    given = [Ballot(made.id, name, ranks=(1, 2, 3), answers=(text, None, None)) for name, text in zip(
        names, (None, "Viven."), strict=True)]  # fmt: skip
    assert connection.post(given) == 2
    review = collect(connection)
    ((found, ballots),) = review
    assert found.translation == made.translation
    assert sorted(str(ballot.answers[0]) for ballot in ballots) == [bad, "Viven."]
    untouched = {name: rate.untouched.value for name, rate in edit_rates(review).reviewers.items()}
    assert untouched == dict(zip(names, (1.0, 0.75), strict=True))
    assert approved_texts(review).texts[made.answers[0].text].target == "Viven."
    assert load(connection, file)["unchanged"] == 1


@pytest.mark.slow
def test_a_killed_load_carries_on_with_no_record_missing_and_none_twice(
    connection: Connection, tmp_path: Path
) -> None:
    file = source(tmp_path, [record(n) for n in range(1000, 2200)])
    command = [sys.executable, "-m", "workspace.cli", "load", file, "--translator", "none", *options(connection)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Gateway(connection) as gateway:
        total = 0
        while not total and child.poll() is None:
            found = gateway.find_dataset()
            total = len(list(gateway.records(found, suggestions=False))) if found else 0
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert 0 < total < 1200, "the kill came too late, or too early, to show anything"
        rest = load(connection, file)
        assert rest["new"] + rest["unchanged"] == 1200
        assert 0 < rest["new"] < 1200
        ids = [r.external_id for r in gateway.records(gateway.dataset())]
    assert len(ids) == len(set(ids)) == 1200


def test_what_changed_is_told_apart_and_no_answer_is_touched(connection: Connection, tmp_path: Path) -> None:
    spanish = ("¿Otra?", "Uno.", "Dos.", "Tres.")
    load(connection, source(tmp_path, [record(n) for n in range(1, 7)]))
    respond(connection, "h4rmony-1")
    respond(connection, "h4rmony-2", "discarded")
    with Gateway(connection) as gateway:
        before = {r.external_id: r for r in gateway.records(gateway.dataset())}
    changed = [
        record(1, prompt="Another prompt?"),
        record(2, spanish=spanish),
        record(3, prompt="Another prompt?"),
        record(4, spanish=spanish),
        record(5, answers=("It depends.", "They are useful.", "They live."), ranks=(None, None, None)),
        record(6, spanish=None),
        record(7),
        record(8, answers=("a", "b"), spanish=None, ranks=(1, 2)),
    ]
    file = source(tmp_path, changed)
    expected = {"new": 1, "unchanged": 1, "suggestions": 1, "kept": 1, "metadata": 0, "conflict": 3, "left_out": 1}
    dry = load(connection, file, "--dry-run", "--allow-conflicts")
    assert {name: dry[name] for name in expected} == expected
    result = run(connection, "load", file, "--translator", "none")
    assert result.exit_code == 1, "cron is to hear of it; the rest is loaded all the same"
    assert result.stderr.splitlines() == [
        "h4rmony-1: conflict, its prompt, answers or ranks are not those of the dataset; somebody has answered it, "
        "so --new-versions would load it as h4rmony-1-v2",
        "h4rmony-2: kept as it was translated before, since somebody has answered it",
        "h4rmony-3: conflict, its prompt, answers or ranks are not those of the dataset; nobody has answered it, so "
        "--replace-changed would replace it",
        "h4rmony-5: conflict, its prompt, answers or ranks are not those of the dataset; nobody has answered it, so "
        "--replace-changed would replace it",
        "h4rmony-8: left out, it has 2 answers and the dataset shows 3; --answers all makes one for it",
        "Error: 3 conflicts with the dataset, named above, and not sent; the rest is not affected; --source-name "
        "keeps two sources apart, and --allow-conflicts ends with status 0",
    ]
    with Gateway(connection) as gateway:
        after = {r.external_id: r for r in gateway.records(gateway.dataset())}
    assert {name for name in before if before[name] != after[name]} == {"h4rmony-4"}
    assert after["h4rmony-4"].fields["prompt"]["es"] == "¿Otra?"
    assert after["h4rmony-4"].suggestions["prompt_text"].value == "¿Otra?"

    replaced = load(connection, file, "--replace-changed", "--allow-conflicts")
    assert (replaced["replaced"], replaced["conflict"], replaced["unchanged"]) == (2, 1, 3)
    review = {r.id: r for r in _collected(connection, tmp_path)}
    assert review["h4rmony-3"] == changed[2]
    assert review["h4rmony-5"] == changed[4]
    assert review["h4rmony-1"] == record(1)
    with Gateway(connection) as gateway:
        five = next(r for r in gateway.records(gateway.dataset()) if r.external_id == "h4rmony-5")
    assert "ranking" not in five.suggestions, "the ranking of the old text would anchor the reviewer"
    assert five.metadata["mode"] == "blind"


def _collected(connection: Connection, folder: Path) -> list[Record]:
    return list(collect(connection).records)


def test_changed_metadata_is_replaced_even_where_somebody_answered(connection: Connection, tmp_path: Path) -> None:
    load(connection, source(tmp_path, [record(1)]))
    respond(connection, "h4rmony-1")
    data = record(1).to_json()
    data["metadata"]["comments"] = "new"
    again = load(connection, source(tmp_path, [Record.from_json(data)]))
    assert again["metadata"] == 1
    review = collect(connection)
    assert review.records[0].metadata["comments"] == "new"
    assert len(review.ballots) == 1


def test_batches_are_kept_until_other_ones_are_asked_for(connection: Connection, tmp_path: Path) -> None:
    file = source(tmp_path, [record(n) for n in range(1, 9)])
    load(connection, file, "--batches", "3")
    assert batches(connection) == [batch_of(f"h4rmony-{n}", 3) for n in range(1, 9)]
    assert load(connection, file)["unchanged"] == 8
    assert counts(run(connection, "settings", "--json"))["records"] == 0
    assert load(connection, file, "--batches", "2")["metadata"] > 0
    assert set(batches(connection)) == {"1", "2"}


def batches(connection: Connection) -> list[str]:
    """The batch of each record, by id; reviewers can filter by it."""
    with Gateway(connection) as gateway:
        titles = {part["name"]: part["title"] for part in gateway.parts(gateway.dataset(), "metadata-properties")}
        assert titles["batch"] == "Lote"
        found = {remote.external_id: remote.metadata["batch"] for remote in gateway.records(gateway.dataset())}
    return [found[name] for name in sorted(found)]


def test_bad_sources_are_named_and_load_nothing(connection: Connection, tmp_path: Path) -> None:
    twice = tmp_path / "twice.jsonl"
    write_jsonl(twice, [record(1).to_json(), record(1).to_json()])
    result = run(connection, "load", str(twice), "--translator", "none")
    assert result.exit_code == 1
    assert "h4rmony-1" in result.output
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(record(1).to_json()) + '\n{"id": "x"}\n')
    result = run(connection, "load", str(broken), "--translator", "none")
    assert result.exit_code == 1
    assert f"{broken}, line 2" in result.output
    assert run(connection, "load", str(tmp_path / "none.csv")).exit_code == 1
    assert run(connection, "load", str(broken), "--blind-share", "2").exit_code == 2


def test_collect_writes_the_contract_and_says_unchanged(connection: Connection, tmp_path: Path) -> None:
    file = source(tmp_path, [record(n) for n in (1, 2)])
    load(connection, file)
    respond(connection, "h4rmony-1")
    out = tmp_path / "review"
    first = run(connection, "collect", "-o", str(out))
    assert first.exit_code == 0
    assert first.output == (
        f"wrote {out}\n  records    2\n  ballots    1\n  status     submitted 1\n  reviewers  1\n  gone       0\n"
    )
    assert run(connection, "collect", "-o", str(out)).output.splitlines()[0] == f"{out} is unchanged"
    assert (out / "records.jsonl").read_bytes() == Path(file).read_bytes()
    (line,) = (out / "ballots.jsonl").read_text(encoding="utf-8").splitlines()
    ballot = json.loads(line)
    order = slot_order("h4rmony-1", 3)
    ranks = {order[0]: 2, order[1]: 1, order[2]: 1}
    stamp = ballot.pop("updated_at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", stamp)
    letters = {index: "abc"[position] for position, index in enumerate(order)}
    assert ballot == {
        "record_id": "h4rmony-1",
        "reviewer": "owner",
        "status": "submitted",
        "ranks": [ranks[index] for index in range(3)],
        "prompt": "texto de prompt_text",
        "answers": [f"texto de answer_{letters[index]}_text" for index in range(3)],
        "problems": [],
        "comment": None,
        "mode": ballot["mode"],
    }


def test_collect_keeps_ballots_that_argilla_no_longer_has(connection: Connection, tmp_path: Path) -> None:
    load(connection, source(tmp_path, [record(n) for n in (1, 2)]))
    name, out = f"r2.{connection.dataset}", tmp_path / "review"
    with Gateway(connection) as gateway:
        key = gateway.add_reviewer(name, "Rita", "contraseña-larga").api_key
    for record_id in ("h4rmony-1", "h4rmony-2"):
        respond(connection, record_id, api_key=key)
    respond(connection, "h4rmony-1")
    assert run(connection, "collect", "-o", str(out)).exit_code == 0
    before = (out / "ballots.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    with Gateway(connection) as gateway:
        (user,) = [user for user in gateway.users() if user.username == name]
    headers = {"X-Argilla-Api-Key": connection.api_key}
    httpx.delete(f"{connection.api_url}/api/v1/users/{user.id}", headers=headers).raise_for_status()

    warning = (
        f"Warning: 2 ballots of {name} are no longer in Argilla; they {{}} kept in {out / 'ballots-gone.jsonl'}\n"
    )
    dry = run(connection, "collect", "-o", str(out), "--dry-run")
    assert dry.stderr == warning.format("would be")
    assert not (out / "ballots-gone.jsonl").exists()
    result = run(connection, "collect", "-o", str(out), "--json")
    assert (result.stderr, counts(result)["gone"], counts(result)["ballots"]) == (warning.format("are"), 2, 1)
    gone = "".join(line for line in before if name in line)
    assert (out / "ballots-gone.jsonl").read_text(encoding="utf-8") == gone
    again = run(connection, "collect", "-o", str(out))
    assert (again.stderr, again.stdout.splitlines()[0]) == ("", f"{out} is unchanged")
    assert re.search("^  gone +2$", again.stdout, re.MULTILINE)
    assert (out / "ballots-gone.jsonl").read_text(encoding="utf-8") == gone


def test_status_says_how_far_the_review_is(connection: Connection, tmp_path: Path) -> None:
    load(connection, source(tmp_path, [record(n) for n in (1, 2, 3)]), "--min-submitted", "1")
    respond(connection, "h4rmony-1")
    respond(connection, "h4rmony-2", "draft")
    with pytest.raises(ArgillaError, match="422"):  # Argilla takes no part of a ranking for a vote
        respond(connection, "h4rmony-3", ranks=(None, 1, None))
    respond(connection, "h4rmony-3", "draft", ranks=(None, 1, None))
    assert counts(run(connection, "status", "--json")) == {
        "records": 3,
        "completed": 1,
        "pending": 2,
        "complete_after": 1,
        "responses": {"draft": 2, "submitted": 1},
        "partial_rankings": 1,
        "submitted_by": {"owner": 1},
    }


def test_team_makes_accounts_whose_passwords_are_in_files_only(connection: Connection) -> None:
    name = f"ana.{connection.dataset}"
    assert counts(run(connection, "team", "add", name, "--dry-run", "--json")) == {"new": [name], "known": []}
    result = run(connection, "team", "add", name)
    assert result.exit_code == 0
    note = connection.home / "invitations" / f"{name}.txt"
    assert note.stat().st_mode & 0o777 == 0o600
    text = note.read_text(encoding="utf-8")
    password = re.search(r"Contraseña: (\S+)", text)
    assert password
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", password[1]), "nothing like I, l, 1, O or 0"
    assert password[1] not in result.output
    assert f"Dirección:  {connection.api_url}\n" in text, "there is no dataset yet"
    assert "which only this machine reaches; give --address" in result.stderr
    assert run(connection, "team", "add", name).stdout.startswith("nothing was written: they have accounts already")
    assert counts(run(connection, "team", "add", name, "--json")) == {"new": [], "known": [name]}
    assert note.read_text(encoding="utf-8") == text
    assert counts(run(connection, "team", "list", "--json")) == {name: f"{name} (annotator)"}
    bad = run(connection, "team", "add", "a b")
    assert (bad.exit_code, bad.output) == (
        1,
        "Error: 'a b' cannot be a username: letters, digits and . _ @ + - only\n",
    )


@pytest.mark.parametrize("homes", [1, 2], ids=["one home", "two homes"])
def test_every_note_holds_the_password_of_its_account_whoever_adds_at_once(
    connection: Connection, homes: int, tmp_path: Path
) -> None:
    names = [f"eva{n}.{connection.dataset}.{homes}" for n in range(3)]
    places = [replace(connection, home=tmp_path / f"home-{n % homes}") for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        new = [name for invited in pool.map(lambda place: invite(place, names), places) for name in invited.new]
    assert sorted(new) == names, "each is new once"
    notes = [note for n in range(homes) for note in (tmp_path / f"home-{n}" / "invitations").iterdir()]
    assert sorted(note.stem for note in notes) == names
    for note in notes:
        password = re.search(r"Contraseña: (\S+)", note.read_text(encoding="utf-8"))
        assert password
        form = {"username": note.stem, "password": password[1]}
        assert httpx.post(f"{connection.api_url}/api/v1/token", data=form, trust_env=False).status_code == 201


@pytest.mark.parametrize("option", ["--workspace", "--dataset"])
@pytest.mark.parametrize("name", [" ", "a\x1bb", "a\nb", "x" * 191, "\udcff"])
def test_a_name_that_cannot_be_one_is_refused_before_anything_is_made(
    connection: Connection, tmp_path: Path, option: str, name: str
) -> None:
    url, key = f"{connection.api_url}/api/v1/me/workspaces", {"X-Argilla-Api-Key": connection.api_key}
    before = httpx.get(url, headers=key).json()
    asked = [*options(connection), option, name]
    result = CliRunner().invoke(main, ["load", source(tmp_path, [record(1)]), "--translator", "none", *asked])
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: '[^\n\x1b]*' cannot be the name of a (workspace|dataset): [^\n]*\n", result.output)
    assert httpx.get(url, headers=key).json() == before


@pytest.fixture
def own_connection(tmp_path: Path) -> Iterator[Connection]:
    """A server of its own: Argilla's SDK, which other tests use, fails on a server with odd names."""
    with running_server(tmp_path / "own") as credentials:
        yield connection_to(credentials, tmp_path)


def test_an_odd_name_that_is_there_hurts_nobody_else(own_connection: Connection, tmp_path: Path) -> None:
    connection = own_connection
    with httpx.Client(base_url=connection.api_url, headers={"X-Argilla-Api-Key": connection.api_key}) as owner:
        for number, name in enumerate(("Mi equipo", "a\x00b", "\ud800", "/", "</script>", "x" * 10_000)):
            body = json.dumps({"name": f"{name}{connection.dataset}"})
            made = owner.post("/api/v1/workspaces", content=body, headers={"Content-Type": "application/json"})
            if made.is_success:
                datasets = {"name": f"{name}{number}", "workspace_id": made.json()["id"]}
                assert owner.post("/api/v1/datasets", json=datasets).status_code in (201, 422)
    assert load(connection, source(tmp_path, [record(1)]))["new"] == 1
    spaced = replace(connection, workspace=f"Mi equipo {connection.workspace}", dataset="Los ríos")
    assert load(spaced, source(tmp_path, [record(1)]))["new"] == 1


def test_notes_link_to_the_dataset_at_the_address_that_reviewers_use(connection: Connection, tmp_path: Path) -> None:
    load(connection, source(tmp_path, [record(1)]))
    decomposed, composed = "mari\u0301a", "mar\u00eda"
    result = run(connection, "team", "add", decomposed, "--address", "https://revisa.example.org/")
    assert (result.exit_code, result.stderr) == (0, "")
    note = (connection.home / "invitations" / f"{composed}.txt").read_text(encoding="utf-8")
    with Gateway(connection) as gateway:
        link = f"https://revisa.example.org/dataset/{gateway.dataset().id}/annotation-mode?page=1&status=pending"
    assert f"Dirección:  {link}\n" in note


def test_two_loads_at_once_make_one_dataset(connection: Connection, tmp_path: Path) -> None:
    file = source(tmp_path, [record(n) for n in range(1, 31)])
    command = [
        sys.executable,
        "-m",
        "workspace.cli",
        "load",
        file,
        "--translator",
        "none",
        "--json",
        *options(connection),
    ]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for child in both:
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
    with Gateway(connection) as gateway:
        assert len(list(gateway.records(gateway.dataset()))) == 30


def test_commands_name_the_dataset_that_is_missing(connection: Connection, tmp_path: Path) -> None:
    for arguments in (("collect", "-o", str(tmp_path / "x")), ("status",)):
        result = run(connection, *arguments)
        assert result.exit_code == 1
        assert f"no dataset '{connection.dataset}' in workspace '{connection.workspace}'" in result.output


def test_loads_at_once_declare_the_same_filters(connection: Connection) -> None:
    """Argilla looks whether a filter exists and inserts it afterwards: of two at once, one gets a 500."""
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 1)

        def declare(_: int) -> None:
            with Gateway(connection) as own:
                own.declare(dataset, list(METADATA))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(declare, range(4)))
        assert {part["name"] for part in gateway.parts(dataset, "metadata-properties")} == set(METADATA)
